"""What screens and the feeder read about quotas a day; nothing here changes a quota."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row, dict_row

from cinegraph.db.sql import load
from cinegraph.limits.quota_days import (
    BACKGROUND_SHARE,
    Quota,
    begin_day,
    is_over,
    is_probe_due,
    next_probe_at,
    resumes_at,
)

KEEP_QUOTA_DAYS = timedelta(days=400)
"""A year and a month: to compare with the same season."""

_PACKAGE = "cinegraph.limits"


class QuotaState(msgspec.Struct, frozen=True):
    """One quota now. Times are Cinegraph's."""

    source: str
    key_fingerprint: str
    limit: int
    """In force: as configured, or as learned."""
    configured_limit: int
    learned_limit: int | None
    """What the source let through when it said "used up" before the configured limit; None: no less."""
    used: int
    background_used: int
    left: int
    """For whoever waits. While the source says "used up": 1 when it is to be asked again, else 0."""
    background_left: int
    """For work that nobody waits for; likewise."""
    day_started_at: datetime
    resets_at: datetime
    """When there is something left again, as far as is known."""
    is_reset_known: bool
    """False: the hour is hearsay."""
    exhausted_at: datetime | None
    """Since when the source says "used up"; None: it does not."""
    next_probe_at: datetime | None
    """When it is asked again, to see; None: it is not used up."""


class QuotaDayRow(msgspec.Struct, frozen=True):
    """A day that is over, all keys together. Times are Cinegraph's."""

    source: str
    day_started_at: datetime
    day_ended_at: datetime
    daily_limit: int
    """In force at its end."""
    used: int
    background_used: int
    exhausted_at: datetime | None


def to_state(
    source: str, key_fingerprint: str, quota: Quota, *, now: datetime, share: float
) -> QuotaState:
    """The state of a row at *now*, also when nobody has asked since its day ended."""
    if is_over(quota, now=now):
        quota = begin_day(quota, now=now)
    if quota.exhausted_at is not None:
        left = background_left = int(is_probe_due(quota, now=now))
    else:
        left = max(0, quota.limit - quota.used)
        unused = quota.background_limit(share) - quota.background_used
        background_left = min(left, max(0, unused))
    return QuotaState(
        source=source,
        key_fingerprint=key_fingerprint,
        limit=quota.limit,
        configured_limit=quota.daily_limit,
        learned_limit=quota.learned_limit,
        used=quota.used,
        background_used=quota.background_used,
        left=left,
        background_left=background_left,
        day_started_at=quota.day_started_at,
        resets_at=resumes_at(quota, now=now),
        is_reset_known=quota.is_reset_known,
        exhausted_at=quota.exhausted_at,
        next_probe_at=next_probe_at(quota, now=now),
    )


async def read_quotas(
    connection: psycopg.AsyncConnection[Any],
    *,
    now: datetime,
    background_share: float = BACKGROUND_SHARE,
) -> list[QuotaState]:
    """Return the quota of every source that has one, by source; of the key that was configured last."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(load(_PACKAGE, "list_quotas.sql"))
        rows = await cursor.fetchall()
    return [
        to_state(
            row.pop("source"),
            row.pop("key_fingerprint"),
            Quota(**row),
            now=now,
            share=background_share,
        )
        for row in rows
    ]


async def list_quota_days(
    connection: psycopg.AsyncConnection[Any], since: datetime
) -> list[QuotaDayRow]:
    """Return the days that ended after *since* (Cinegraph's time), by source, the last first; silent days have none."""
    async with connection.cursor(row_factory=class_row(QuotaDayRow)) as cursor:
        await cursor.execute(load(_PACKAGE, "list_quota_days.sql"), {"since": since})
        return await cursor.fetchall()


async def prune_quota_days(
    connection: psycopg.AsyncConnection[Any], *, before: datetime
) -> int:
    """Delete the days that ended before *before* (Cinegraph's time) and return how many. Idempotent."""
    cursor = await connection.execute(
        load(_PACKAGE, "prune_quota_days.sql"), {"before": before}
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
