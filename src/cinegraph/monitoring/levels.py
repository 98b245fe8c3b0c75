"""The service levels the product reports about itself: the one query behind commands, and later pages."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.limits import browse
from cinegraph.limits.browse import Load, Period

TARGET_FILMS_PER_HOUR = 1000
TARGET_SUCCESS = 0.99
TARGET_LIMIT_SHARE = 0.8
TARGET_FRESHNESS = 0.95


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a source's own limit was used; real time."""

    source: str
    requests_last_hour: int
    requests_last_day: int
    worst_minute_share: float | None
    """Requests of the busiest minute of the last day / what the upstream allows in a minute."""
    worst_second: int
    upstream_per_second: float | None


class ServiceLevels(msgspec.Struct, frozen=True, kw_only=True):
    """The levels at `read_at`; a share is `None` while there is nothing to measure."""

    films_last_hour: int
    """Stored in the last 60 minutes of the clock, the present one among them: 59 to 60 minutes."""
    films_per_second_last_minute: float
    success: float | None
    """Asked for in the last 7 days and ended found or absent / all asked for; open for over 24 h counts as failed."""
    asked_last_week: int
    freshness: float | None
    """
    Films fetched in the last 7 days, or proven unchanged by the changes feed / films that are live and to be here.

    The week is the UTC days that lie wholly within it; what is wanted and was never fetched is not fresh.
    """
    films_live: int
    """Films that are to be here; what the source denies is not among them."""
    films_fresh: int
    films_fetched_last_week: int
    """The part of `films_fresh` that was fetched whole."""
    feed_watermark: date | None
    """Until the start of this day the feed proves; None: it was never read."""
    feed_read_at: datetime | None
    efficiency: list[Efficiency]
    read_at: datetime


async def get_levels(
    conn: AsyncConnection[Any], *, source: str, now: datetime
) -> ServiceLevels:
    """Return the service levels as of *now*."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "levels.sql"),
            {"source": source, "now": now},
        )
        (row,) = await cursor.fetchall()
    return ServiceLevels(
        films_last_hour=row["films_last_hour"],
        films_per_second_last_minute=row["films_last_minute"] / 60,
        success=_share(row["succeeded"], row["succeeded"] + row["failed"]),
        asked_last_week=row["asked"],
        freshness=_share(row["films_fresh"], row["films"]),
        films_live=row["films"],
        films_fresh=row["films_fresh"],
        films_fetched_last_week=row["fetched_last_week"],
        feed_watermark=row["feed_watermark"],
        feed_read_at=row["feed_read_at"],
        efficiency=await _efficiency(conn),
        read_at=now,
    )


async def _efficiency(conn: AsyncConnection[Any]) -> list[Efficiency]:
    real = clock.real_now()
    minutes = await browse.list_load(
        conn, real - timedelta(days=1), period=Period.MINUTE
    )
    limits = {
        budget.source: budget.upstream_per_second
        for budget in await browse.list_budgets(conn)
    }
    return [
        _sum_up(
            source, [one for one in minutes if one.source == source], limit, now=real
        )
        for source, limit in limits.items()
    ]


def _sum_up(
    source: str, minutes: list[Load], limit: float | None, *, now: datetime
) -> Efficiency:
    hour_ago = now - timedelta(hours=1)
    return Efficiency(
        source=source,
        requests_last_hour=sum(
            one.requests for one in minutes if one.period_at >= hour_ago
        ),
        requests_last_day=sum(one.requests for one in minutes),
        worst_minute_share=max(
            (one.share_of_limit for one in minutes if one.share_of_limit is not None),
            default=None,
        ),
        worst_second=max((one.worst_second for one in minutes), default=0),
        upstream_per_second=limit,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
