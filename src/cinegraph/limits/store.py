"""The budget row of one source: short statements, each its own transaction, on a connection held for nothing else."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import msgspec
import psycopg
from psycopg.rows import class_row

from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.limits import rates
from cinegraph.limits.connections import borrow
from cinegraph.limits.pacing import Demand, Lease
from cinegraph.limits.rates import HORIZON_SECONDS, Priority, RateLimit

_PACKAGE = "cinegraph.limits"


class Pause(msgspec.Struct, frozen=True):
    """What the row says after a 429."""

    paused_seconds: float
    is_new: bool
    """False: the request was sent before the last pause ended, so it belongs to that event."""


class Outage(msgspec.Struct, frozen=True):
    """What the row says of the circuit after a failure."""

    paused_seconds: float
    is_down: bool
    """Open, or on trial after the pause."""
    is_new: bool
    """This failure opened it, for the first time or again."""


class _Closed(msgspec.Struct, frozen=True):
    is_closed: bool


class _Told(msgspec.Struct, frozen=True):
    db_now: float


class BudgetStore:
    """
    Reads and moves one budget row. `key_fingerprint` is that of our own key, "" when it is not known.

    Every method raises DatabaseUnreachableError when the database cannot be asked in time.
    """

    def __init__(self, pool: Pool, source: str, *, key_fingerprint: str = "") -> None:
        self.key_fingerprint = key_fingerprint
        self._pool = pool
        self._source = source

    async def configure(self, limit: RateLimit) -> float:
        """Make the row, or give it our rate; a halt of another key ends. Return the database's time."""
        parameters = {
            "rate": float(limit.rate_per_second),
            "burst": limit.burst,
            "upstream": limit.upstream_per_second,
        }
        told = await self._fetch(_Told, "configure_budget.sql", parameters)
        if told is None:
            raise AssertionError  # an upsert without a condition returns its row
        return told.db_now

    async def lease(
        self, demand: Demand, *, paced: bool, has_succeeded: bool
    ) -> Lease | None:
        """Lease up to *demand* slots; None when there is no row."""
        interactive, refresh, backfill = demand
        parameters = {
            "interactive": interactive,
            "refresh": refresh,
            "backfill": backfill,
            "paced": paced,
            "has_succeeded": has_succeeded,
            "interactive_horizon": HORIZON_SECONDS[Priority.INTERACTIVE],
            "refresh_horizon": HORIZON_SECONDS[Priority.REFRESH],
            "backfill_horizon": HORIZON_SECONDS[Priority.BACKFILL],
            "recovery": rates.RECOVERY_SECONDS,
            "probe_interval": rates.PROBE_INTERVAL_SECONDS,
            "longest_pause": rates.LONGEST_PAUSE_SECONDS,
            "trial_interval": rates.TRIAL_INTERVAL_SECONDS,
        }
        return await self._fetch(Lease, "lease_slots.sql", parameters)

    async def pause(
        self,
        *,
        retry_after_seconds: float | None,
        sent_at: float | None,
        has_succeeded: bool,
    ) -> Pause | None:
        """
        Note a 429; None when there is no row.

        Args:
            retry_after_seconds: As the upstream named it; None: it did not.
            sent_at: When the refused request was sent, by the database's clock; None: not known.
            has_succeeded: A request of this process, sent after the last pause, succeeded.
        """
        parameters = {
            "retry_after": retry_after_seconds,
            "sent_at": sent_at,
            "has_succeeded": has_succeeded,
            "shortest_pause": rates.SHORTEST_PAUSE_SECONDS,
            "longest_backoff": rates.LONGEST_BACKOFF_SECONDS,
            "longest_pause": rates.LONGEST_PAUSE_SECONDS,
            "recovery": rates.RECOVERY_SECONDS,
            "evidence": rates.REFUSALS_OF_A_REAL_LIMIT,
            "slow_by": rates.SLOW_BY,
            "slowest": rates.SLOWEST,
        }
        return await self._fetch(Pause, "pause_source.sql", parameters)

    async def note_failure(
        self, reason: str, *, sent_at: float | None, is_enough: bool, counts: bool
    ) -> Outage | None:
        """
        Note a request without an answer, and open the circuit where that shows an outage; None when there is no row.

        Args:
            reason: What the failure said, without any secret; shown to people.
            sent_at: When the request was sent, by the database's clock; None: not known.
            is_enough: This process takes the source for down.
            counts: On trial it is one of the failures that open the circuit again.
        """
        parameters = {
            "reason": reason,
            "sent_at": sent_at,
            "is_enough": is_enough,
            "counts": counts,
            "trial_failures": rates.TRIAL_FAILURES,
            "cooldown": rates.COOLDOWN_SECONDS,
            "longest_cooldown": rates.LONGEST_COOLDOWN_SECONDS,
            "slowest": rates.SLOWEST,
        }
        return await self._fetch(Outage, "note_failure.sql", parameters)

    async def close_circuit(self, *, sent_at: float | None) -> bool:
        """Let the source go on after an outage: it answered a request of then. Whether that closed it."""
        told = await self._fetch(_Closed, "close_circuit.sql", {"sent_at": sent_at})
        return told is not None

    async def halt(self, reason: str) -> None:
        """Stop the source for everyone with our key."""
        await self._run("halt_source.sql", {"reason": reason})

    async def lift(self) -> None:
        """Let the source go on: our key was accepted."""
        await self._run("lift_halt.sql", {})

    async def _run(self, name: str, parameters: Mapping[str, object]) -> None:
        async with self._borrow() as connection:
            await connection.execute(load(_PACKAGE, name), self._with_ids(parameters))

    async def _fetch[R](
        self, kind: type[R], name: str, parameters: Mapping[str, object]
    ) -> R | None:
        async with (
            self._borrow() as connection,
            connection.cursor(row_factory=class_row(kind)) as cursor,
        ):
            await cursor.execute(load(_PACKAGE, name), self._with_ids(parameters))
            return await cursor.fetchone()

    def _with_ids(self, parameters: Mapping[str, object]) -> dict[str, object]:
        return {
            "source": self._source,
            "key_fingerprint": self.key_fingerprint,
            **parameters,
        }

    def _borrow(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection]:
        # Outside of a transaction the row is locked for one statement, not for the journeys of BEGIN and COMMIT.
        return borrow(self._pool, what=f"the request budget of {self._source}")
