"""
Handing out what is due: to a job of its own while it is little, to a pass over what is due where it is more.

Whoever computes films takes their rows away before it reads what it computes from, in the same transaction: a change
that commits later finds no row and makes the film due again.

While a pass over all films is under way rows stay: it may write what follows from rows that it read before a film
changed, over what was computed since. That is asked by the statement that takes, so that no pass begins in between.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.due.kinds import FOLLOWED, Enrichment, Kind
from cinegraph.enrichment.due.passes import PassState

LOST_AFTER: Final = timedelta(minutes=10)
"""A job that was made so long ago and has not computed its film is taken for lost; a live one is not made twice."""
SLACK: Final = timedelta(hours=1)
"""By so much what is put off may be later than it can be: clocks of machines differ a little."""
TOLD_AFTER: Final = timedelta(minutes=1)
"""What is beside a film is marked milliseconds after the film was computed, or whoever computed it has died."""
FIRST_PAUSE: Final = timedelta(hours=1)
"""After a job failed for good; it doubles, up to a week: what fails on a film's own data fails again."""
LONGEST_PAUSE: Final = timedelta(days=7)
REST: Final = 3
"""After a pass over all films comes no other for so many times what it took, however many are due meanwhile."""
QUIET: Final = timedelta(seconds=10)
"""While a film changed so lately, more are coming."""
PATIENCE: Final = timedelta(minutes=15)
"""So long what is due first is left for that: an import of the whole catalogue takes hours."""


class How(StrEnum):
    """How due films are computed."""

    NOT = "not"
    ALONE = "alone"
    """By a job a film."""
    DUE = "due"
    """In a pass over those that are due."""
    ALL = "all"
    """In a pass over all films."""


class DueCount(msgspec.Struct, frozen=True):
    """Films of one kind that are due now and never failed."""

    films: int
    """Counted up to one more than `most_matter`."""
    first_at: datetime | None
    """When the first of them became due; None: there are none."""
    last_at: datetime | None
    """When the last film becomes due that has changed, be it in some seconds; not of one that was put off."""


def choose(
    kind: Kind, state: PassState, due: DueCount, *, films: int, now: datetime
) -> How:
    """
    Return how to go on; pure.

    Args:
        films: In the catalogue, about.
    """
    is_wanted = state.wanted_at is not None and state.wanted_at <= now
    is_many = due.films > kind.most_alone
    if (is_wanted or is_many) and kind.waits_for_quiet and _is_busy(kind, due, now):
        return How.NOT
    if is_wanted:
        return How.ALL
    if kind.all_share is not None and due.films > most_matter(kind, films):
        return _choose_for_most(state, due, now)
    if is_many:
        return How.DUE
    return How.ALONE if due.films else How.NOT


def _choose_for_most(state: PassState, due: DueCount, now: datetime) -> How:
    """Return how to go on where so many are due that a pass over all films ends sooner."""
    if state.wanted_at is not None:
        # It failed, or a person cancelled it, and is wanted later: many due films do not bring it back sooner.
        return How.NOT
    if _has_rested(state, now):
        return How.ALL
    # One after the other, until a pass may begin: slow, but what is due comes on. While an import goes on it waits.
    is_growing = due.last_at is not None and due.last_at > now - QUIET
    return How.NOT if is_growing else How.DUE


def _is_busy(kind: Kind, due: DueCount, now: datetime) -> bool:
    """Whether more films become due all the time, and not for long yet."""
    if due.first_at is None or due.last_at is None:
        return False
    changed_at = due.last_at - timedelta(seconds=kind.settle_seconds)
    return changed_at > now - QUIET and due.first_at > now - PATIENCE


def _has_rested(state: PassState, now: datetime) -> bool:
    if state.finished_at is None or state.finished_in is None:
        return True
    return now >= state.finished_at + REST * state.finished_in


def most_matter(kind: Kind, films: int) -> int:
    """Return up to how many due films the choice may hang on: those of jobs of their own, or of a pass over few."""
    return max(kind.most_alone, int((kind.all_share or 0.0) * films))


def is_outdated(kind: Kind, state: PassState) -> bool:
    """Whether another version computed the films, and nobody has wanted them computed anew yet."""
    is_coming = state.wanted_at is not None or state.began_at is not None
    return not is_coming and state.version != kind.version


def is_old(kind: Kind, state: PassState, now: datetime) -> bool:
    """Whether it is time to compute all films anew; they never were, or days ago."""
    if kind.all_days is None or state.wanted_at is not None:
        return False
    # An hour less: what took its time yesterday is not a day old at the same hour.
    interval = timedelta(days=kind.all_days) - timedelta(hours=1)
    return state.finished_at is None or now - state.finished_at >= interval


class DueFilm(msgspec.Struct, frozen=True):
    """A film for a job of its own."""

    movie_id: int
    tmdb_id: int
    reason: str


async def count_due(
    conn: AsyncConnection[Any], enrichment: Enrichment, *, limit: int, now: datetime
) -> DueCount:
    """Return how many films are due now and never failed, counted up to *limit*, and since when."""
    settles = timedelta(seconds=FOLLOWED[enrichment].settle_seconds)
    cursor = await conn.execute(
        _load("count_due.sql"),
        {
            "enrichment": enrichment,
            "limit": limit,
            "now": now,
            "settled_at": now + settles,
        },
    )
    [row] = await cursor.fetchall()
    return DueCount(*row)


async def list_due(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    *,
    only_failed: bool,
    limit: int,
    now: datetime,
) -> list[DueFilm]:
    """Lock and return films that are due and have no job, the longest due first; call `note_queued` for them."""
    cursor = await conn.execute(
        _load("list_due.sql"),
        {
            "enrichment": enrichment,
            "only_failed": only_failed,
            "lost_before": now - LOST_AFTER,
            "limit": limit,
            "now": now,
        },
    )
    return [DueFilm(*row) for row in await cursor.fetchall()]


async def note_queued(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    movie_ids: Sequence[int],
    *,
    now: datetime,
) -> None:
    """Note that jobs were made for films."""
    await conn.execute(
        _load("note_queued.sql"),
        {"enrichment": enrichment, "movie_ids": list(movie_ids), "now": now},
    )


class Taken(msgspec.Struct, frozen=True):
    """A film whose row was taken away."""

    movie_id: int
    is_spread: bool
    """Whether only something beside the film changed."""
    untold: Sequence[int]
    """Films beside it that whoever computed it before did not live to mark."""


def find_untold(taken: Sequence[Taken], beside: Sequence[int]) -> list[int]:
    """
    Return which films are to be marked for what was computed; pure.

    Args:
        taken: What was computed.
        beside: What it concerns beside them; of films that are due for a neighbour's sake alone it goes no further.
    """
    films = {film for one in taken for film in one.untold}
    if not all(one.is_spread for one in taken):
        films.update(beside)
    return sorted(films.difference(one.movie_id for one in taken))


async def take(
    conn: AsyncConnection[Any], enrichment: Enrichment, movie_id: int
) -> Taken | None:
    """Take one film's row away, if it has one and no pass is under way; before what is computed from is read."""
    cursor = await conn.execute(
        _load("take_one.sql"), {"enrichment": enrichment, "movie_id": movie_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Taken(*row)


async def take_batch(
    conn: AsyncConnection[Any], enrichment: Enrichment, *, limit: int, now: datetime
) -> list[Taken]:
    """
    Take the rows of the films that are due longest and never failed; none while a pass is under way.

    What another transaction holds is left.
    """
    cursor = await conn.execute(
        _load("take_batch.sql"), {"enrichment": enrichment, "limit": limit, "now": now}
    )
    return [Taken(*row) for row in await cursor.fetchall()]


async def keep_untold(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    movie_ids: Sequence[int],
    beside: Sequence[int],
    *,
    now: datetime,
) -> None:
    """Leave films due that were taken in this transaction; call `forget_told` when *beside* are marked."""
    await conn.execute(
        _load("keep_untold.sql"),
        {
            "enrichment": enrichment,
            "movie_ids": list(movie_ids),
            "untold": list(beside),
            "due_at": now + TOLD_AFTER,
            "now": now,
        },
    )


async def forget_told(
    conn: AsyncConnection[Any], enrichment: Enrichment, movie_ids: Sequence[int]
) -> None:
    """Take away films that `keep_untold` left; who has changed since stays due."""
    await conn.execute(
        _load("forget_told.sql"),
        {"enrichment": enrichment, "movie_ids": list(movie_ids)},
    )


async def put_off(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    tmdb_ids: Sequence[int],
    *,
    until: datetime,
) -> None:
    """Let due films (TMDB's ids) wait whose jobs a person cancelled."""
    await conn.execute(
        _load("put_off_films.sql"),
        {"enrichment": enrichment, "tmdb_ids": list(tmdb_ids), "until": until},
    )


async def bring_back(
    conn: AsyncConnection[Any], *, longest: timedelta, now: datetime
) -> None:
    """
    Make due now what is due later than it can be, as after the clock was set back: it would wait till that day.

    Args:
        longest: For how long what never failed is put off at most.
    """
    until = {"put_off_until": now + longest + SLACK, "now": now}
    await conn.execute(
        _load("bring_back_films.sql"),
        {**until, "failed_until": now + LONGEST_PAUSE + SLACK},
    )
    await conn.execute(_load("bring_back_passes.sql"), until)


async def note_failed(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    movie_ids: Sequence[int],
    *,
    error_code: str,
    now: datetime,
    pause: timedelta = FIRST_PAUSE,
) -> None:
    """Note that films could not be computed: they are due again after a pause that doubles, by jobs of their own."""
    await conn.execute(
        _load("note_failed.sql"),
        {
            "enrichment": enrichment,
            "movie_ids": sorted(movie_ids),
            "error_code": error_code,
            "pause": pause,
            "longest": LONGEST_PAUSE,
            "now": now,
        },
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.due", name)
