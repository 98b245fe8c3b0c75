"""
The pace of films' votes and the price of a look, found once a day from what looks have shown; what looks will cost.

The looks of all films meet a budget: what it would cost to look at popular and recent films every
`update_interval_days` and at all others every `ratings_interval_days`. How they share it is `freshness`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.sync import freshness, policy, rates
from cinegraph.sync.freshness import Bounds, Group
from cinegraph.sync.rates import Kin, Pace, Seen


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Films of a popularity and age of which much the same was seen."""

    octaves: int
    """Twice the popularity's logarithm to 2."""
    is_young: bool
    is_popular: bool
    films: int
    watched_days: float
    moves: float
    moved_days: float
    """The last three summed over the films."""

    @property
    def popularity(self) -> float:
        """About."""
        return float(2 ** (self.octaves / 2))

    @property
    def seen(self) -> Seen:
        """Of one of them, about."""
        return Seen(
            self.watched_days / self.films,
            self.moves / self.films,
            self.moved_days / self.films,
        )


class Intervals(msgspec.Struct, frozen=True):
    """What the operator says."""

    update_days: float
    ratings_days: float


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """How films are looked at from now on, and how many looks a day that makes."""

    pace: Pace
    price: float
    popular: float
    """Looks a day at popular films; then at recent ones, and at all others."""
    recent: float
    others: float

    @property
    def a_day(self) -> float:
        """Of all films."""
        return self.popular + self.recent + self.others


def budget(alike: Iterable[Alike], intervals: Intervals) -> float:
    """Return how many looks a day fixed intervals would cost."""
    watched = others = 0
    for group in alike:
        if group.is_popular or group.is_young:
            watched += group.films
        else:
            others += group.films
    return watched / intervals.update_days + others / intervals.ratings_days


def plan(alike: Sequence[Alike], intervals: Intervals) -> Looks:
    """Fit the pace and solve for the price; pure. Takes a second for a million films: give it a thread."""
    pace = rates.fit(_kin(alike))
    groups = [(each, _group(each, pace, intervals)) for each in alike]
    price = freshness.solve([group for _, group in groups], budget(alike, intervals))

    def looks(of: Iterable[tuple[Alike, Group]]) -> float:
        return freshness.looks_a_day([group for _, group in of], price)

    return Looks(
        pace=pace,
        price=price,
        popular=looks(pair for pair in groups if pair[0].is_popular),
        recent=looks(
            pair for pair in groups if pair[0].is_young and not pair[0].is_popular
        ),
        others=looks(
            pair for pair in groups if not pair[0].is_young and not pair[0].is_popular
        ),
    )


def _group(each: Alike, pace: Pace, intervals: Intervals) -> Group:
    expected = rates.prior(each.popularity, is_young=each.is_young, pace=pace)
    bounds: Bounds = freshness.bounds(
        is_popular=each.is_popular,
        is_recent=each.is_young,
        update_interval_days=intervals.update_days,
    )
    return Group(each.films, rates.learn(expected, each.seen), bounds)


def _kin(alike: Iterable[Alike]) -> list[Kin]:
    sums: dict[tuple[int, bool], list[Alike]] = defaultdict(list)
    for each in alike:
        sums[each.octaves, each.is_young].append(each)
    return [
        Kin(
            2 ** (octaves / 2),
            is_young,
            Seen(
                sum(one.watched_days for one in group),
                sum(one.moves for one in group),
                sum(one.moved_days for one in group),
            ),
        )
        for (octaves, is_young), group in sums.items()
    ]


async def count(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    popular_from: float,
    now: datetime,
) -> list[Alike]:
    """Return what is known of all stored films; seconds at a million: give the statement the time."""
    async with conn.cursor(row_factory=class_row(Alike)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.sync", "count_watched.sql"),
            {
                "source": source,
                "kind": kind,
                "popular_from": popular_from,
                "young": policy.YOUNG,
                "now": now,
            },
        )
        return await cursor.fetchall()


def first_price(ratings_days: float) -> float:
    """Return what looks cost before films were counted: an old film of popularity 1 is due after *ratings_days*."""
    expected = rates.prior(1.0, is_young=False, pace=rates.DEFAULT_PACE)
    return freshness.gain(expected, ratings_days)


async def expect(
    conn: AsyncConnection[Any], ratings_days: float, *, source: str, kind: str
) -> None:
    """
    Let the looks at films that are imported before the first `adjust` cost what the operator's interval makes likely.

    A catalogue is imported in its first days, and those intervals are up to months long.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "expect_pace.sql"),
        {"source": source, "kind": kind, "price": first_price(ratings_days)},
    )


async def adjust(
    conn: AsyncConnection[Any],
    intervals: Intervals,
    *,
    source: str,
    kind: str,
    popular_from: float,
    now: datetime,
) -> Looks | None:
    """Find pace and price anew and write them down; None: nothing is stored yet, and what was there stays."""
    alike = await count(
        conn, source=source, kind=kind, popular_from=popular_from, now=now
    )
    if not alike:
        return None
    found = await asyncio.to_thread(plan, alike, intervals)
    await conn.execute(
        sql.load("cinegraph.sync", "note_pace.sql"),
        {
            "source": source,
            "kind": kind,
            "base": found.pace.base,
            "by_popularity": found.pace.by_popularity,
            "young": found.pace.young,
            "price": found.price,
            "looks_a_day": found.a_day,
            "now": now,
        },
    )
    return found
