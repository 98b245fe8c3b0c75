"""Asking halted sources whether they answer again: when every job is asleep, nobody else does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from cinegraph.jobs.outcome import code_of, text_of

PATIENCE_SECONDS = 30.0
"""An answer that takes longer is none."""

type Probe = Callable[[], Awaitable[object]]

_log = structlog.get_logger(__name__)


class Prober:
    """
    Asks each source something cheap, in a task of its own.

    The budget of a source lets one request a minute through while it is halted, and lifts the halt when that succeeds.

    Args:
        probes: By source.
        patience_seconds: What takes longer is given up.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._probes = probes
        self._patience_seconds = patience_seconds
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._troubles: dict[str, str] = {}

    def ask(self, sources: Iterable[str]) -> None:
        """Begin to ask those of *sources* that can be probed and are not being asked already."""
        for source in sources:
            task = self._tasks.get(source)
            if source in self._probes and (task is None or task.done()):
                self._tasks[source] = asyncio.create_task(
                    self._ask(source), name=f"probe of {source}"
                )

    async def stop(self) -> None:
        """Give up what is being asked."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _ask(self, source: str) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._probes[source]()
        except Exception as error:  # noqa: BLE001 - whatever it is, the halt stands and the next probe tells more
            self._report(source, error)
        else:
            self._troubles.pop(source, None)

    def _report(self, source: str, error: Exception) -> None:
        code = code_of(error)
        if self._troubles.get(source) == code:
            return
        self._troubles[source] = code
        _log.warning(
            "a halted source does not answer", source=source, error=text_of(error)
        )
