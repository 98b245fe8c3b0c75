"""
How each kind of enrichment is computed: for some films in a transaction, and for all of them.

The only place that knows all kinds. To add one: its value in `enrichment.due.kinds`, and a line in `COMPUTED`.

What reckons with numpy and scipy is imported where it is called: they take nearly a second of CPU to load, all commands
import this, and few compute.
"""

# ruff: noqa: PLC0415 - see above

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from psycopg import AsyncConnection

from cinegraph.catalog import counting
from cinegraph.db.pool import Pool
from cinegraph.enrichment.collaborations import storing as collaborations
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.lists import linking as lists

MOST_BESIDE: Final = 20
"""A new film may belong among what is recommended for the films that it is most like: so many as are shown of them."""

type Progress = Callable[[int], Awaitable[None]]
"""Told how many films are done; it may raise to stop the pass."""
type ComputeFilms = Callable[
    [AsyncConnection[Any], Sequence[int], datetime], Awaitable[list[int]]
]
"""Makes what is stored of films (our ids) equal to what it follows from; returns what is concerned beside them."""
type ComputeAll = Callable[[Pool, datetime, Progress], Awaitable[int]]
"""Does so for all films, in transactions of its own; returns how many."""


@dataclass(frozen=True, slots=True)
class Computing:
    """How one kind is computed."""

    films: ComputeFilms
    all: ComputeAll
    batch: int
    """Films a transaction, where many are due: a second or two."""


async def _count_pairs(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
) -> list[int]:
    await collaborations.rebuild(conn, movie_ids, now=now)
    return []


async def _count_all_pairs(pool: Pool, now: datetime, progress: Progress) -> int:
    done = await collaborations.rebuild_all(pool, now=now, progress=progress)
    return done.films


async def _link(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
) -> list[int]:
    await lists.link_films(conn, movie_ids, now=now)
    return []


async def _link_all(pool: Pool, now: datetime, progress: Progress) -> int:
    """Link the members of all lists; the films are all that are stored, for most of them stand on none."""
    await lists.link_all(pool, now=now)
    async with pool.connection() as conn:
        films = await counting.count_movies(conn)
    await progress(films)
    return films


async def _score(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
) -> list[int]:
    from cinegraph.enrichment.cri import storing as cri

    await cri.score_films(conn, movie_ids, now=now)
    return []


async def _score_all(pool: Pool, now: datetime, progress: Progress) -> int:
    from cinegraph.enrichment.cri import storing as cri

    return (await cri.score_all(pool, now=now, progress=progress)).films


async def _recommend(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
) -> list[int]:
    from cinegraph.enrichment.recommendations import storing as recommendations

    # Those, too, that are beside it no longer: a credit, list or nomination that went is told by nothing else.
    former = await recommendations.list_shown(conn, movie_ids, most=MOST_BESIDE)
    await recommendations.recommend_films(conn, movie_ids, now=now)
    shown = await recommendations.list_shown(conn, movie_ids, most=MOST_BESIDE)
    return sorted({*former, *shown})


async def _recommend_all(pool: Pool, now: datetime, progress: Progress) -> int:
    from cinegraph.enrichment.recommendations import storing as recommendations

    done = await recommendations.recommend_all(pool, now=now, progress=progress)
    return done.films


COMPUTED: Mapping[Enrichment, Computing] = MappingProxyType(
    {
        Enrichment.COLLABORATIONS: Computing(
            _count_pairs, _count_all_pairs, batch=collaborations.BATCH
        ),
        Enrichment.CULTURAL_LISTS: Computing(_link, _link_all, batch=1000),
        Enrichment.CRI_SCORE: Computing(_score, _score_all, batch=2000),
        Enrichment.RECOMMENDATIONS: Computing(_recommend, _recommend_all, batch=10),
    }
)
"""By kind."""
