"""What was asked of the sources: counted in memory, added to the minutes in the database every second."""

import asyncio
from datetime import datetime, timedelta

import msgspec
import psycopg
import structlog
from psycopg_pool import PoolClosed, PoolTimeout

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.errors import DatabaseUnreachableError
from cinegraph.limits.latency import empty_histogram, find_bucket

FLUSH_SECONDS = 1.0
"""What a killed process loses of its counts, and how old they are on a screen."""
_MOST_ROWS = 5_000
"""Kept while the database is away: hours of ordinary work. What is older than these is dropped, and said."""

_log = structlog.get_logger(__name__)


class Usage(msgspec.Struct):
    """Requests of one minute, source, endpoint and outcome."""

    minute: datetime
    source: str
    endpoint: str
    outcome: str
    requests: int = 0
    elapsed_seconds: float = 0.0
    latency: list[int] = msgspec.field(default_factory=empty_histogram)


class Seconds(msgspec.Struct):
    """Requests to one source sent in each second of one minute."""

    minute: datetime
    source: str
    sent: list[int] = msgspec.field(default_factory=lambda: [0] * 60)


class Tally:
    """Counts that are not yet in the database. Pure: the caller brings the time."""

    def __init__(self) -> None:
        self.usage: dict[tuple[datetime, str, str, str], Usage] = {}
        self.seconds: dict[tuple[datetime, str], Seconds] = {}

    def add(
        self,
        ended_at: datetime,
        *,
        source: str,
        endpoint: str,
        outcome: str,
        elapsed_seconds: float,
    ) -> None:
        """Count one request that ended at *ended_at*; it belongs to the second in which it was sent."""
        sent_at = ended_at - timedelta(seconds=elapsed_seconds)
        minute = sent_at.replace(second=0, microsecond=0)
        key = (minute, source, endpoint, outcome)
        usage = self.usage.get(key)
        if usage is None:
            usage = self.usage[key] = Usage(*key)
        usage.requests += 1
        usage.elapsed_seconds += elapsed_seconds
        usage.latency[find_bucket(elapsed_seconds)] += 1
        seconds = self.seconds.get((minute, source))
        if seconds is None:
            seconds = self.seconds[minute, source] = Seconds(minute, source)
        seconds.sent[sent_at.second] += 1

    def merge(self, other: "Tally") -> None:
        """Take in the counts of *other*, which could not be stored."""
        for key, usage in other.usage.items():
            mine = self.usage.setdefault(key, Usage(*key))
            mine.requests += usage.requests
            mine.elapsed_seconds += usage.elapsed_seconds
            mine.latency = _sum(mine.latency, usage.latency)
        for place, seconds in other.seconds.items():
            ours = self.seconds.setdefault(place, Seconds(*place))
            ours.sent = _sum(ours.sent, seconds.sent)

    def drop_oldest(self, most_rows: int) -> int:
        """Keep the newest *most_rows* of usage; return how many requests were dropped."""
        old = sorted(self.usage)[: max(0, len(self.usage) - most_rows)]
        return sum(self.usage.pop(key).requests for key in old)


class RequestMeter:
    """
    Counts requests per minute, source, endpoint and outcome, with their durations, for all sources of a process.

    `record` is cheap and starts the flushing when it is first called; `close` stores the rest. Minutes are of real
    time: they are compared with limits of real time. A killed process loses its last second of counts.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tally = Tally()
        self._flushing: asyncio.Task[None] | None = None
        self._is_flushing = asyncio.Lock()

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """
        Count one request that ended now.

        Args:
            source: Name of the upstream.
            endpoint: Which kind of question, without ids: `movie`, `list`.
            outcome: `ok`, `cancelled` or the code of the error; a small fixed set.
            elapsed_seconds: From sending to the whole body.
        """
        self._tally.add(
            clock.real_now(),
            source=source,
            endpoint=endpoint,
            outcome=outcome,
            elapsed_seconds=elapsed_seconds,
        )
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(
                self._keep_flushing(), name="flush request usage"
            )

    async def flush(self) -> None:
        """
        Store what was counted so far.

        Raises:
            DatabaseUnreachableError: Nothing was stored; the counts are kept for the next time.
        """
        async with self._is_flushing:
            tally, self._tally = self._tally, Tally()
            if not tally.usage:
                return
            try:
                await self._store(tally)
            except BaseException:
                self._keep(tally)
                raise

    async def close(self) -> None:
        """Stop flushing and store the rest; what cannot be stored is lost, and said."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        try:
            await self.flush()
        except DatabaseUnreachableError as error:
            _log.warning("request usage is lost", error=str(error))

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except DatabaseUnreachableError as error:
                _log.warning("request usage is kept in memory", error=str(error))

    async def _store(self, tally: Tally) -> None:
        usage = msgspec.json.encode(list(tally.usage.values())).decode()
        seconds = msgspec.json.encode(list(tally.seconds.values())).decode()
        try:
            async with self._pool.connection() as connection:
                await connection.execute(
                    load("cinegraph.limits", "add_usage.sql"), {"usage": usage}
                )
                await connection.execute(
                    load("cinegraph.limits", "add_seconds.sql"), {"seconds": seconds}
                )
        except (psycopg.OperationalError, PoolTimeout, PoolClosed) as error:
            raise DatabaseUnreachableError(
                f"request usage could not be stored: {type(error).__name__}",
                hint="The counts stay in memory and are stored when the database answers.",
            ) from error

    def _keep(self, tally: Tally) -> None:
        tally.merge(self._tally)
        self._tally = tally
        dropped = tally.drop_oldest(_MOST_ROWS)
        if dropped:
            _log.warning("request usage is lost", requests=dropped)


def _sum(one: list[int], other: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)]
