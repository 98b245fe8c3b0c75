"""The service levels the product reports about itself: the one query behind commands, and later pages."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.limits import browse
from cinegraph.limits.browse import BudgetState, Load, Period
from cinegraph.sync import policy

TARGET_FILMS_PER_HOUR = 1000
TARGET_SUCCESS = 0.99
TARGET_LIMIT_SHARE = 0.8
TARGET_FRESHNESS = 0.95
TARGET_LATENCY = timedelta(hours=1)
TARGET_BUDGET_SHARE = 0.98
"""While a film waits that was never fetched."""
PARAMETERS: Mapping[str, object] = MappingProxyType(
    {"latency_goal": TARGET_LATENCY, "popular_from": policy.POPULAR}
)
"""Of `levels.sql`, beside source and time."""
_SPEED_MINUTES = 5
"""Whole minutes over which the budget's use is looked at, after one that tells that there was work before them."""


class Verdict(StrEnum):
    """Whether a level is kept."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"
    """There is nothing to measure."""


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One service level, held against its target."""

    name: str
    target: str
    value: float | None
    verdict: Verdict
    as_of: datetime | None
    """Of the newest thing it was computed from; None: there was none. Efficiency has real time."""


class Efficiency(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a source's own limit was used; real time."""

    source: str
    requests_last_hour: int
    requests_last_day: int
    worst_minute_share: float | None
    """Requests of the busiest minute of the last day / what the upstream allows in a minute."""
    worst_second: int
    upstream_per_second: float | None
    worst_day_share: float | None = None
    """Requests of the busiest day (UTC) of the last 7 / what the upstream allows in a day."""
    budget_share: float | None = None
    """Requests of the last 5 whole minutes / what the budget allows in them; None: no limit, or no work before them."""


class ServiceLevels(msgspec.Struct, frozen=True, kw_only=True):
    """The levels at `read_at`; a share is `None` while there is nothing to measure."""

    films_last_hour: int
    """Stored in the last 60 minutes of the clock, the present one among them: 59 to 60 minutes."""
    films_per_second_last_minute: float
    success: float | None
    """
    Films asked for in the last 7 days and found or absent / all asked for, whoever asked; each counts once, as it ended
    last. Those that are asked for again because it failed, and those open for over 24 h, count as failed.
    """
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
    update_p95_seconds: float | None
    """
    Of popular films, in the last 7 days: stored - last reading of the feed that did not show the change.

    Those that wait for longer than an hour count by how long they have waited.
    """
    updates_measured: int
    updates_late: int
    """Of them, those that still wait."""
    last_update_at: datetime | None
    has_backlog: bool
    """Whether a film is wanted now that was never fetched."""
    efficiency: list[Efficiency]
    read_at: datetime
    levels: list[Level] = []
    """Each level held against its target; from the numbers above."""


async def get_levels(
    conn: AsyncConnection[Any], *, source: str, now: datetime
) -> ServiceLevels:
    """Return the service levels as of *now*."""
    row = await read_row(conn, source=source, now=now)
    found = ServiceLevels(
        films_last_hour=row["films_last_hour"],
        films_per_second_last_minute=row["films_last_minute"] / 60,
        success=_share(row["succeeded"], row["succeeded"] + row["failed"]),
        asked_last_week=row["succeeded"] + row["failed"],
        freshness=_share(row["films_fresh"], row["films"]),
        films_live=row["films"],
        films_fresh=row["films_fresh"],
        films_fetched_last_week=row["fetched_last_week"],
        feed_watermark=row["feed_watermark"],
        feed_read_at=row["feed_read_at"],
        update_p95_seconds=row["update_p95_seconds"],
        updates_measured=row["updates_measured"],
        updates_late=row["updates_late"],
        last_update_at=row["last_update_at"],
        has_backlog=row["has_backlog"],
        efficiency=await _efficiency(conn),
        read_at=now,
    )
    return msgspec.structs.replace(found, levels=judge(found, source=source))


async def read_row(
    conn: AsyncConnection[Any], *, source: str, now: datetime
) -> dict[str, Any]:
    """Return the row of `levels.sql`."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "levels.sql"),
            {"source": source, "now": now, **PARAMETERS},
        )
        [row] = await cursor.fetchall()
    return row


def judge(found: ServiceLevels, *, source: str) -> list[Level]:
    """Hold the numbers against their targets; pure."""
    return [
        _speed(found, source),
        Level(
            name="update_latency",
            target="popular films within an hour of the feed, p95",
            value=found.update_p95_seconds,
            verdict=_verdict(
                found.update_p95_seconds,
                lambda p95: p95 < TARGET_LATENCY.total_seconds(),
            ),
            as_of=found.last_update_at,
        ),
        Level(
            name="success",
            target="99 % of what was asked",
            value=found.success,
            verdict=_verdict(found.success, lambda share: share > TARGET_SUCCESS),
            as_of=found.read_at if found.asked_last_week else None,
        ),
        *(_thrift(one, found.read_at) for one in found.efficiency),
        Level(
            name="freshness",
            target="95 % of films fetched or proven unchanged within 7 days",
            value=found.freshness,
            verdict=_verdict(found.freshness, lambda share: share >= TARGET_FRESHNESS),
            as_of=found.feed_read_at or (found.read_at if found.films_live else None),
        ),
    ]


def _speed(found: ServiceLevels, source: str) -> Level:
    """Judge the speed while there is something to fetch: a thousand an hour, and the budget used."""
    budgets = {one.source: one.budget_share for one in found.efficiency}
    share = budgets.get(source)
    # Of an import that has begun within the hour the pace tells.
    pace = max(found.films_last_hour, found.films_per_second_last_minute * 3600)
    is_fast = pace >= TARGET_FILMS_PER_HOUR and (
        share is None or share >= TARGET_BUDGET_SHARE
    )
    verdict = Verdict.MET if is_fast else Verdict.MISSED
    return Level(
        name="import_speed",
        target="1,000 films an hour and 98 % of the budget, while a run's films wait",
        value=float(found.films_last_hour),
        verdict=verdict if found.has_backlog else Verdict.UNKNOWN,
        as_of=found.read_at,
    )


def _thrift(one: Efficiency, read_at: datetime) -> Level:
    """Judge the worst minute and the worst day; the worst second stays within the limit itself."""
    shares = [
        share
        for share in (one.worst_minute_share, one.worst_day_share)
        if share is not None
    ]
    is_within = one.worst_second <= (one.upstream_per_second or math.inf)
    worst = max(shares, default=None)
    return Level(
        name=f"api_efficiency_{one.source}",
        target="under 80 % of the limit in the worst minute and day, no second above it",
        value=worst,
        verdict=_verdict(worst, lambda share: share < TARGET_LIMIT_SHARE and is_within),
        as_of=read_at if shares else None,
    )


def _verdict(value: float | None, is_kept: Callable[[float], bool]) -> Verdict:
    if value is None:
        return Verdict.UNKNOWN
    return Verdict.MET if is_kept(value) else Verdict.MISSED


async def _efficiency(conn: AsyncConnection[Any]) -> list[Efficiency]:
    real = clock.real_now()
    minutes = await browse.list_load(
        conn, real - timedelta(days=1), period=Period.MINUTE
    )
    days = await browse.list_load(conn, real - timedelta(days=7), period=Period.DAY)
    return [
        _sum_up(
            budget,
            [one for one in minutes if one.source == budget.source],
            [one for one in days if one.source == budget.source],
            now=real,
        )
        for budget in await browse.list_budgets(conn)
    ]


def _sum_up(
    budget: BudgetState, minutes: list[Load], days: list[Load], *, now: datetime
) -> Efficiency:
    hour_ago = now - timedelta(hours=1)
    return Efficiency(
        source=budget.source,
        requests_last_hour=sum(
            one.requests for one in minutes if one.period_at >= hour_ago
        ),
        requests_last_day=sum(one.requests for one in minutes),
        worst_minute_share=_worst(minutes),
        worst_day_share=_worst(days),
        budget_share=budget_share(budget.configured_per_second, minutes, now=now),
        worst_second=max((one.worst_second for one in minutes), default=0),
        upstream_per_second=budget.upstream_per_second,
    )


def _worst(loads: list[Load]) -> float | None:
    shares = (one.share_of_limit for one in loads if one.share_of_limit is not None)
    return max(shares, default=None)


def budget_share(
    per_second: float, minutes: list[Load], *, now: datetime
) -> float | None:
    """
    Return how much of a source's budget is used while there is work; `Efficiency.budget_share`.

    Args:
        per_second: What the budget allows; 0: no limit.
        minutes: Its load, by minute.
    """
    end = now.replace(second=0, microsecond=0)
    start = end - timedelta(minutes=_SPEED_MINUTES)
    sent = sum(one.requests for one in minutes if start <= one.period_at < end)
    allowed = per_second * 60 * _SPEED_MINUTES
    before = start - timedelta(minutes=1)
    had_begun = any(before <= one.period_at < start for one in minutes)
    return sent / allowed if had_begun and allowed else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
