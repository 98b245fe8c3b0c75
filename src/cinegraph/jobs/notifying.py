"""Telling people of alerts who do not look: a loop of the leading node."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import structlog

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.monitoring import notices, sending
from cinegraph.monitoring.notices import DueMessage
from cinegraph.monitoring.targets import Target

NOTIFY_SECONDS = 5.0
"""Between two looks, of real time: an alert is found within 15 s and told within 5 more."""
PATIENCE_SECONDS = 30.0
"""With one address: Apprise itself waits for 4 s each to connect and to read, e-mail for 15."""
_MOST_A_TURN = 50
_log = structlog.get_logger(__name__)

type Send = Callable[[str, str, str], str | None]
"""With address, title and body; returns why it was not sent."""


class Notifier:
    """
    Turns of telling.

    Args:
        pool: One connection is taken for a moment, none while a message is on its way.
        targets: Where messages go; without any nothing is told, nor taken for told.
        send: Blocks until it is known.
        patience: Seconds after which a message counts as not sent.
    """

    def __init__(
        self,
        pool: Pool,
        targets: Sequence[Target],
        *,
        send: Send = sending.send,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._targets = {target.fingerprint: target for target in targets}
        self._send = send
        self._patience = patience
        self._is_ready = False

    async def turn(self) -> int:
        """Make the messages that are due and send them; return how many were sent."""
        if self._targets:
            async with self._pool.connection() as conn, conn.transaction():
                await notices.make_due(
                    conn, list(self._targets.values()), real_now=clock.real_now()
                )
        sent = 0
        for _ in range(_MOST_A_TURN):
            async with self._pool.connection() as conn, conn.transaction():
                message = await notices.claim(conn, real_now=clock.real_now())
            if message is None:
                break
            if not self._is_ready:
                await _in_thread(_prepare)
                self._is_ready = True
            sent += await self._deliver(message)
        return sent

    async def _deliver(self, message: DueMessage) -> bool:
        target = self._targets.get(message.target)
        if target is None:
            problem: str | None = (
                "the leading node has no such address (CINEGRAPH_ALERT_URLS)"
            )
        else:
            problem = await self._try(target, message)
        async with self._pool.connection() as conn, conn.transaction():
            await notices.note_try(
                conn,
                message,
                problem,
                gives_up=target is None,
                real_now=clock.real_now(),
            )
        if problem is not None:
            name = target.name if target else message.target
            _log.warning("a message about alerts was not sent", to=name, why=problem)
        return problem is None

    async def _try(self, target: Target, message: DueMessage) -> str | None:
        url = target.url.get_secret_value()
        try:
            async with asyncio.timeout(self._patience):
                return await _in_thread(self._send, url, message.title, message.body)
        except TimeoutError:
            return f"no answer within {self._patience:g} s"


def _prepare() -> str | None:
    """Load Apprise before anybody's patience counts."""
    sending.prepare()
    return None


async def _in_thread(send: Callable[..., str | None], *arguments: str) -> str | None:
    """Call *send* in a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[str | None] = loop.create_future()

    def settle(problem: str | None) -> None:
        if not done.done():
            done.set_result(problem)

    def run() -> None:
        try:
            problem = send(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a hundred plug-ins raise: it was not sent
            problem = f"{type(error).__name__}: {error}"
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, problem)

    threading.Thread(target=run, name="cinegraph-message", daemon=True).start()
    return await done
