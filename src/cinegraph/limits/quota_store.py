"""The quota row of one source and key: taken in one statement as a rule, in a small transaction where it changes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import psycopg
from psycopg.rows import class_row

from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.limits.connections import borrow
from cinegraph.limits.quota_days import DAY, Quota, QuotaDay

_PACKAGE = "cinegraph.limits"


class LockedQuota:
    """A quota row that nobody else changes meanwhile; `quota` is as it was read."""

    def __init__(
        self, connection: psycopg.AsyncConnection, key: Mapping[str, str], quota: Quota
    ) -> None:
        self.quota = quota
        self._connection = connection
        self._key = key

    async def write(self, quota: Quota) -> None:
        """Make the row *quota*."""
        await self._connection.execute(
            load(_PACKAGE, "write_quota.sql"),
            {**self._key, **msgspec.structs.asdict(quota)},
        )

    async def add_day(self, day: QuotaDay) -> None:
        """Keep a day that is over."""
        await self._connection.execute(
            load(_PACKAGE, "add_quota_day.sql"),
            {**self._key, **msgspec.structs.asdict(day)},
        )

    async def find_day(self, started_at: datetime) -> QuotaDay | None:
        """The day that began at *started_at*, where it was over once already."""
        days = await self._find(since=started_at, until=started_at + DAY)
        return next((day for day in days if day.day_started_at == started_at), None)

    async def find_day_before(self, started_at: datetime) -> QuotaDay | None:
        """The last day that was over when that of *started_at* began; it may have been longer ago."""
        days = await self._find(since=started_at - DAY, until=started_at)
        return days[0] if days else None

    async def _find(self, *, since: datetime, until: datetime) -> list[QuotaDay]:
        async with self._connection.cursor(row_factory=class_row(QuotaDay)) as cursor:
            await cursor.execute(
                load(_PACKAGE, "find_quota_days.sql"),
                {**self._key, "since": since, "until": until},
            )
            return await cursor.fetchall()


class QuotaStore:
    """
    Reads and changes the row of one source and key.

    Every method raises DatabaseUnreachableError when the database cannot be asked in time.
    """

    def __init__(self, pool: Pool, source: str, *, key_fingerprint: str) -> None:
        self._pool = pool
        self._what = f"the quota of {source}"
        self._key = {"source": source, "key_fingerprint": key_fingerprint}

    async def configure(self, quota: Quota) -> None:
        """Make the row *quota* where there is none; give it the limit of *quota* otherwise."""
        await self._run("configure_quota.sql", msgspec.structs.asdict(quota))

    async def take(self, now: datetime, *, is_background: bool, share: float) -> bool:
        """Count one request, if that is plainly in order; False: not, or it takes a closer look."""
        parameters = {"now": now, "is_background": is_background, "share": share}
        return await self._run("take_request.sql", parameters) > 0

    async def give_back(self, asked_at: datetime, *, is_background: bool) -> None:
        """Take back one request that was counted at *asked_at*."""
        parameters = {"asked_at": asked_at, "is_background": is_background}
        await self._run("return_request.sql", parameters)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[LockedQuota | None]:
        """Lock the row within the block, whose changes are kept together; None when there is no row."""
        async with (
            borrow(self._pool, what=self._what) as connection,
            connection.transaction(),
            connection.cursor(row_factory=class_row(Quota)) as cursor,
        ):
            await cursor.execute(load(_PACKAGE, "lock_quota.sql"), self._key)
            quota = await cursor.fetchone()
            yield LockedQuota(connection, self._key, quota) if quota else None

    async def _run(self, name: str, parameters: Mapping[str, object]) -> int:
        async with borrow(self._pool, what=self._what) as connection:
            cursor = await connection.execute(
                load(_PACKAGE, name), {**self._key, **parameters}
            )
            return cursor.rowcount
