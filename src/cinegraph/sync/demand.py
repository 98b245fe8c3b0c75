"""
What keeping the catalogue fresh asks of the budget, by strategy, beside what the budget allows.

To be seen before anyone promises. Each is the most it can ask: a film that is fetched because it changed is also looked
at. Pure but for reading the counts.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.sync import looks, strategies, sweeping
from cinegraph.sync.pacing import Looks
from cinegraph.sync.strategies import Strategy

READINGS_A_DAY = timedelta(days=1) / timedelta(minutes=15)
"""Of the day of the feed that lasts, which has half its pages on average."""
FEED = Strategy(
    "feed",
    "following the changes feed",
    "today's pages every 15 minutes: what they do not name needs no request",
)
LISTS = Strategy(
    "lists",
    "following lists of new and popular films",
    "new films within minutes, what people look up this hour, and the votes of twenty popular films a page",
)
LISTED_SHARE = 0.975
"""Of popular films, on a pass through their list: 10,000 rows that drift while they are read held 9,752 films."""
ROOM_FOR_BACKLOG = 0.8
"""Upkeep that takes more of the budget leaves too little to catch up after a day offline."""
_DAY = timedelta(days=1)
_DAY_SECONDS = _DAY.total_seconds()


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What asks for films beside looks at votes."""

    films: int
    backlog: int
    """Wanted now and never fetched."""
    changed_a_day: float | None
    """Films that the feed names; None: no day of it is done."""
    pages_a_day: float | None


class Routine(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for whatever films do."""

    list_pages_a_day: float = 0.0
    is_popular_listed: bool = False
    """Whether the list of popular films tells their votes: then few looks at them alone are left."""
    is_proven: bool = True
    """Whether the feed is followed: else every film is fetched by its age."""


class Demand(msgspec.Struct, frozen=True):
    """What one strategy asks for."""

    strategy: str
    told: str
    requests_a_day: float
    why: str


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """Demand against capacity."""

    demands: list[Demand]
    requests_a_day: float
    """Of all of them."""
    capacity_a_day: float | None
    """None: no limit is set."""
    share: float | None
    """Of the capacity that is asked for."""
    backlog_films: int
    backlog_days: float | None
    """Until they are fetched, beside the rest; None: never, or at once where there is no limit."""
    is_met: bool
    verdict: str
    read_at: datetime


async def read_counts(
    conn: AsyncConnection[Any], *, source: str, kind: str, now: datetime
) -> Counts:
    """Return what asks for films beside looks at votes."""
    async with conn.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.sync", "read_demand.sql"),
            {"source": source, "kind": kind, "now": now},
        )
        [counts] = await cursor.fetchall()
    return counts


def weigh(
    counts: Counts,
    looked: Looks | None,
    *,
    routine: Routine,
    requests_per_second: float,
    now: datetime,
) -> Outlook:
    """
    Hold what is asked for against what may be asked; pure.

    Args:
        looked: Looks at votes, as they are planned now; None: nothing is stored.
        routine: What is asked for beside.
        requests_per_second: The budget; 0: no limit.
    """
    unproven_after = sweeping.unproven_after(counts.films, requests_per_second)
    unproven = 0.0 if routine.is_proven else counts.films / (unproven_after / _DAY)
    demands = [
        *_demands(counts, looked, routine),
        _demand(strategies.UNPROVEN, unproven),
        _demand(LISTS, routine.list_pages_a_day),
    ]
    total = sum(demand.requests_a_day for demand in demands)
    capacity = requests_per_second * _DAY_SECONDS if requests_per_second > 0 else None
    left = None if capacity is None else capacity - total
    is_met = left is None or left >= 0
    days = counts.backlog / left if left is not None and left > 0 else None
    share = None if capacity is None else total / capacity
    return Outlook(
        demands=demands,
        requests_a_day=total,
        capacity_a_day=capacity,
        share=share,
        backlog_films=counts.backlog,
        backlog_days=days,
        is_met=is_met,
        verdict=_verdict(share, counts.backlog, days),
        read_at=now,
    )


def _demands(counts: Counts, looked: Looks | None, routine: Routine) -> list[Demand]:
    unlisted = 1 - LISTED_SHARE if routine.is_popular_listed else 1.0
    mean_age = (looks.WHOLE_AFTER - looks.WHOLE_SPREAD / 2) / _DAY
    asked = (
        (strategies.CHANGED, counts.changed_a_day or 0.0),
        (strategies.POPULAR, looked.popular * unlisted if looked else 0.0),
        (strategies.RECENT, looked.recent if looked else 0.0),
        (strategies.VOTES, looked.others if looked else 0.0),
        (strategies.TERMS, counts.films / mean_age),
        (FEED, (counts.pages_a_day or 0.0) / 2 * READINGS_A_DAY),
    )
    return [_demand(each, times) for each, times in asked]


def _demand(of: Strategy, requests_a_day: float) -> Demand:
    return Demand(of.name, of.told, requests_a_day, of.why)


def _verdict(share: float | None, backlog: int, days: float | None) -> str:
    if share is None:
        return "no limit is set: TMDB_REQUESTS_PER_SECOND is 0"
    if share > 1:
        return (
            f"too much: {share:.0%} of the budget is asked for, films will be late;"
            " raise ratings_interval_days or update_interval_days"
        )
    if backlog and days is not None:
        told = f"{share:.0%} of the budget; {backlog:,} films never fetched take {days:.1f} days beside it"
    else:
        told = f"{share:.0%} of the budget"
    if share > ROOM_FOR_BACKLOG:
        return f"tight: {told}; a day offline is hard to catch up"
    return f"met: {told}"
