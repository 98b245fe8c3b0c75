"""Evaluating the stored recommendations by ratings that users gave."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.recommendations.evaluating import (
    Case,
    Catalogue,
    Evaluation,
    Ranker,
    make_cases,
    make_rankers,
    measure,
)
from cinegraph.enrichment.recommendations.ratings import (
    LEAST_LIKED,
    Ratings,
    RatingsError,
)
from cinegraph.enrichment.recommendations.taste import Lists

_BATCH: Final = 20_000


class _Known:
    """The films that may be recommended, and their ids elsewhere."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.by_tmdb = {row[1]: row[0] for row in rows if row[1] is not None}
        # Of films that share an IMDb id, which happens by mistake, the one with more votes is meant.
        named = sorted((row for row in rows if row[2]), key=lambda row: row[4])
        self.by_imdb = {row[2]: row[0] for row in named}
        self.catalogue = Catalogue(
            ids=np.array([row[0] for row in rows], np.int64),
            popularity=np.array([row[3] for row in rows], np.float64),
            votes=np.array([row[4] for row in rows], np.float64),
            genres=[tuple(row[5]) for row in rows],
        )


class _Read(NamedTuple):
    """What an evaluation takes from the database."""

    cases: list[Case]
    not_stored: int
    """Ratings of films that are not stored."""
    films: int
    rankers: dict[str, Ranker]


async def evaluate(pool: Pool, given: Ratings) -> Evaluation:
    """
    Return how well what is stored finds again what users liked, beside simpler ways to recommend.

    Raises:
        RatingsError: Nobody likes enough films that are stored.
    """
    async with pool.connection() as conn:
        read = await _read(conn, given)
    # With no transaction open, and beside the event loop: of many users it takes minutes.
    methods = await asyncio.to_thread(
        measure, read.cases, read.rankers, films=read.films
    )
    return Evaluation(
        users=len(read.cases),
        users_left_out=len({one.user for one in given.ratings}) - len(read.cases),
        ratings=len(given.ratings),
        ratings_not_stored=read.not_stored,
        rows_without_film=given.without_film,
        liked_from=given.liked_from,
        films=read.films,
        methods=methods,
    )


async def _read(conn: AsyncConnection[Any], given: Ratings) -> _Read:
    known = _Known(await _read_catalogue(conn))
    rated: dict[str, dict[int, float]] = {}
    not_stored = 0
    for rating in given.ratings:
        film = known.by_tmdb.get(rating.tmdb_id) or known.by_imdb.get(rating.imdb_id)
        if film is None:
            not_stored += 1
        else:
            rated.setdefault(rating.user, {})[film] = rating.value
    cases = make_cases(rated, liked_from=given.liked_from)
    if not cases:
        raise RatingsError(
            f"nobody likes {LEAST_LIKED} stored films or more: {not_stored:,} of"
            f" {len(given.ratings):,} ratings are of films that are not stored",
            hint=f"A film counts as liked from {given.liked_from:g} on.",
        )
    rankers = make_rankers(
        known.catalogue, await _read_lists(conn, cases), await _read_tmdb(conn, cases)
    )
    return _Read(cases, not_stored, len(known.catalogue.ids), rankers)


async def _read_catalogue(conn: AsyncConnection[Any]) -> list[Any]:
    rows: list[Any] = []
    while True:
        cursor = await conn.execute(
            _load("read_catalogue.sql"),
            {"after": rows[-1][0] if rows else 0, "limit": _BATCH},
        )
        batch = await cursor.fetchall()
        rows += batch
        if len(batch) < _BATCH:
            return rows


async def _read_lists(conn: AsyncConnection[Any], cases: Sequence[Case]) -> Lists:
    """Return what is recommended for every liked film, without what may not be shown."""
    found: dict[int, tuple[list[int], list[float]]] = {}
    for ids in _batches(cases):
        cursor = await conn.execute(
            _load("read_shown_lists.sql"), {"movie_ids": ids, "with_adult": False}
        )
        for movie_id, others, scores in await cursor.fetchall():
            found[movie_id] = (others, scores)
    return found


async def _read_tmdb(
    conn: AsyncConnection[Any], cases: Sequence[Case]
) -> dict[int, list[int]]:
    """Return what TMDB recommends for every liked film."""
    found: dict[int, list[int]] = {}
    for ids in _batches(cases):
        cursor = await conn.execute(_load("read_tmdb_lists.sql"), {"movie_ids": ids})
        found.update(await cursor.fetchall())
    return found


def _batches(cases: Sequence[Case]) -> Iterable[list[int]]:
    liked = sorted({film for case in cases for film in case.liked})
    return (liked[at : at + _BATCH] for at in range(0, len(liked), _BATCH))


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.recommendations", name)
