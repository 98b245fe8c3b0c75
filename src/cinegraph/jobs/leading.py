"""Loops of the leading node: one turn after the other, whatever a turn meets."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from cinegraph import clock

SHORTEST_SECONDS = 0.25
"""Between two turns where days are played in minutes: what comes due then is not late by hours."""

_log = structlog.get_logger(__name__)


class LeaderLoop:
    """
    Calls *turn* again and again while this node leads.

    Args:
        name: Of the task, and in the log.
        turn: One turn; what it raises is logged, and the next turn tries again.
        seconds: Between two turns, of Cinegraph's time.
        shortest: Between two turns, of real time.
        is_leader: Whether this node should do it now.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], Awaitable[object]],
        *,
        seconds: float,
        shortest: float = SHORTEST_SECONDS,
        is_leader: Callable[[], bool],
    ) -> None:
        self._name = name
        self._turn = turn
        self._seconds = seconds
        self._shortest = min(shortest, seconds)
        self._is_leader = is_leader
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin turning."""
        self._task = asyncio.create_task(self._loop(), name=self._name)

    async def stop(self) -> None:
        """Stop; a turn that is under way is given up, and its transaction with it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(max(clock.real_seconds(self._seconds), self._shortest))
            if not self._is_leader():
                continue
            try:
                await self._turn()
            except Exception:  # noqa: BLE001 - a loop outlives whatever a turn meets
                # The database may be gone for a while; the next turn tries again.
                _log.exception("a turn failed", loop=self._name)
