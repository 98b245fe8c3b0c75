"""One look a second at whether anything changed, however many pages are open, told to all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import structlog

_LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
"""Proxies end connections that are silent for a minute; half of that is not enough for all of them."""
MOST_STREAMS = 300
"""Open pages of one process; a hundred viewers with two windows each."""
_log = structlog.get_logger(__name__)


class TooManyStreamsError(Exception):
    """There is no room for one more open page; it asks again every few seconds instead."""


class Broadcaster:
    """
    Tells streams that something changed.

    Args:
        look: Returns what is compared: equal as long as nothing changed.
    """

    def __init__(self, look: Callable[[], Awaitable[object]]) -> None:
        self._look = look
        self._streams: set[asyncio.Event] = set()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look; nothing is read while nobody listens."""
        self._task = asyncio.create_task(self._run(), name="broadcaster")

    def end_streams(self) -> None:
        """Let every stream end now: the server waits for them before anything else ends."""
        self._stopping.set()
        for stream in self._streams:
            stream.set()

    async def stop(self) -> None:
        """End."""
        self.end_streams()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def listen(self) -> AsyncIterator[bytes]:
        """Give the lines of one stream of server-sent events, until we or the listener end."""
        if len(self._streams) >= MOST_STREAMS:
            raise TooManyStreamsError
        changed = asyncio.Event()
        self._streams.add(changed)
        try:
            yield b"retry: 2000\nevent: hello\ndata: \n\n"
            while not self._stopping.is_set():
                line = b": alive\n\n"
                with suppress(TimeoutError):
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await changed.wait()
                    line = b"event: changed\ndata: \n\n"
                # Whatever changes until the page reads again is told once.
                changed.clear()
                if not self._stopping.is_set():
                    yield line
            yield b"event: bye\ndata: \n\n"
        finally:
            self._streams.discard(changed)

    async def _run(self) -> None:
        before: object = None
        while True:
            if self._streams:
                try:
                    now = await self._look()
                except Exception as error:  # noqa: BLE001 - the database may be back the next time
                    _log.warning("cannot look for changes", error=type(error).__name__)
                    now = None
                if now is None or now != before:
                    for stream in self._streams:
                        stream.set()
                before = now
            await asyncio.sleep(_LOOK_SECONDS)
