"""How many requests of a source may be in flight at once, in all processes together."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from uuid import UUID, uuid4

import structlog

from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.errors import ConfigError, DatabaseUnreachableError
from cinegraph.limits.connections import borrow
from cinegraph.limits.rates import Priority

LEASE_SECONDS = 10.0
"""How long the place of a killed process is lost. A living one renews it, however long its request takes."""

_RENEWALS_PER_LEASE = 4
"""So that one that is late, or finds the database busy, has others after it."""

_WAIT_SECONDS = {
    Priority.INTERACTIVE: (0.01, 0.03),
    Priority.REFRESH: (0.02, 0.1),
    Priority.BACKFILL: (0.02, 0.1),
}
"""Between two looks, drawn anew each time so that no process is always a moment late."""

_TURN_SECONDS = 0.25
"""
So long a process hands its places on to its own waiters at once; then it lets the others look. Without handing on, a
place would be empty for most of `_WAIT_SECONDS` after each request; without an end to it, nobody else would find one.
"""

_log = structlog.get_logger(__name__)


class RequestSlots:
    """
    Places for requests in flight. Waiting holds no connection.

    Of one process only one background request at a time looks for a place; who waits for a person looks by itself, and
    more often. Belongs to one event loop.

    Args:
        pool: Where the slots are shared.
        source: Name of the upstream.
        slots: How many there are; the same in every process.
        lease_seconds: How long (real time) a place is kept for a process that neither gives it back nor renews it.
    """

    def __init__(
        self,
        pool: Pool,
        source: str,
        slots: int,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        if slots < 1:
            raise ConfigError(
                f"{slots} requests in flight let none through",
                hint="Give a whole number from 1 upwards.",
            )
        self._pool = pool
        self._source = source
        self._slots = slots
        self._lease_seconds = lease_seconds
        self._line = asyncio.Lock()
        self._freed = asyncio.Event()
        self._turn_ends_at = float("-inf")

    @asynccontextmanager
    async def hold(self, priority: Priority = Priority.BACKFILL) -> AsyncIterator[None]:
        """
        Hold a place within the block; wait until one is free.

        Raises:
            DatabaseUnreachableError: The places cannot be read, and nothing is asked without.
        """
        holder = uuid4()
        renewing = None
        try:
            await self._take(holder, priority)
            renewing = asyncio.create_task(self._renew(holder))
            yield
        finally:
            if renewing is not None:
                renewing.cancel()
            # Also when taking was cancelled: the place may have been given already.
            await self._free(holder)

    async def _take(self, holder: UUID, priority: Priority) -> None:
        line = nullcontext() if priority is Priority.INTERACTIVE else self._line
        async with line:
            while not await self._try(holder):
                await self._wait(random.uniform(*_WAIT_SECONDS[priority]))  # noqa: S311 - spreads load
        now = time.monotonic()
        if now >= self._turn_ends_at:
            self._turn_ends_at = now + _TURN_SECONDS

    async def _wait(self, seconds: float) -> None:
        """Wait so long, or until a place of this process is handed on."""
        self._freed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._freed.wait()

    async def _try(self, holder: UUID) -> bool:
        parameters = {
            "slots": self._slots,
            "holder": holder,
            "lease_seconds": self._lease_seconds,
        }
        return await self._run("take_request_slot.sql", parameters)

    async def _renew(self, holder: UUID) -> None:
        parameters = {"holder": holder, "lease_seconds": self._lease_seconds}
        while True:
            await asyncio.sleep(self._lease_seconds / _RENEWALS_PER_LEASE)
            # Without a database nobody else can take the place either.
            with suppress(DatabaseUnreachableError):
                await self._run("renew_request_slot.sql", parameters)

    async def _free(self, holder: UUID) -> None:
        try:
            await self._run("free_request_slot.sql", {"holder": holder})
        except DatabaseUnreachableError as error:
            # The lease gives it back; what was answered meanwhile is not lost for this.
            _log.warning("slot not given back", source=self._source, error=str(error))
        if time.monotonic() < self._turn_ends_at:
            self._freed.set()

    async def _run(self, name: str, parameters: Mapping[str, object]) -> bool:
        what = f"who of {self._source} is in flight"
        async with borrow(self._pool, what=what) as connection:
            cursor = await connection.execute(
                load("cinegraph.limits", name), {"source": self._source, **parameters}
            )
            return cursor.rowcount > 0
