"""Reading recommendations as a person or a program sees them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql
from cinegraph.enrichment.recommendations.diversity import choose
from cinegraph.enrichment.recommendations.kinds import (
    COUNT,
    CREW_VALUES,
    DIRECTORS,
    DIVERSITY,
    MOST_CAST,
)
from cinegraph.enrichment.recommendations.reasons import (
    Reason,
    find_reasons,
    find_shared_words,
    tell,
)
from cinegraph.enrichment.recommendations.taste import add_up

NOT_COMPUTED: Final = "recommendations of this film were not computed yet"


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A film that is like another, and why."""

    movie_id: int
    """Ours."""
    tmdb_id: int | None
    imdb_id: str | None
    title: str
    year: int | None
    score: float
    """Above 0; of films that have nearly everything in common and are well known it is beyond 1."""
    tmdb_position: int | None
    """Where TMDB recommends it, too; None: it does not."""
    why: str
    reasons: tuple[Reason, ...]


class TasteRecommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A film for somebody who likes some films."""

    movie_id: int
    """Ours."""
    tmdb_id: int | None
    imdb_id: str | None
    title: str
    year: int | None
    score: float
    because: tuple[str, ...]
    """Titles of films they like, for which it is recommended, the most strongly first."""


class TmdbRecommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A film that TMDB itself recommends."""

    tmdb_id: int
    position: int
    title: str | None
    """None: the film is not stored."""
    year: int | None


class Recommendations(msgspec.Struct, frozen=True, kw_only=True):
    """What is recommended for a film."""

    tmdb_id: int
    title: str
    recommendations: tuple[Recommendation, ...]
    """The best first."""
    tmdb: tuple[TmdbRecommendation, ...]
    """What TMDB itself recommends, in its order."""
    impossible: str | None
    """Why nothing is recommended; None: something is."""


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    movie_id: int
    tmdb_id: int | None
    imdb_id: str | None
    title: str
    year: int | None
    score: float
    parts: bytes
    tmdb_position: int | None


async def list_recommendations(
    conn: AsyncConnection[Any],
    movie_id: int,
    *,
    limit: int = 20,
    diversity: float = DIVERSITY,
    include_adult: bool = False,
) -> list[Recommendation]:
    """
    Return the films most like a film, the best first; never one that is gone.

    Args:
        conn: To the database.
        movie_id: Ours.
        limit: At most so many; some 50 are stored.
        diversity: 0: the most alike; 1: as different from one another as can be.
        include_adult: Whether films for adults may be among them.
    """
    async with conn.cursor(row_factory=class_row(_Stored)) as cursor:
        await cursor.execute(
            _load("list_recommendations.sql"),
            {"movie_id": movie_id, "with_adult": include_adult, "kinds": COUNT},
        )
        stored = await cursor.fetchall()
    chosen = await _diversify(conn, stored, limit=limit, diversity=diversity)
    shared = await _read_shared(conn, movie_id, [one.movie_id for one in chosen])
    return [_explain(one, shared.get(one.movie_id, {})) for one in chosen]


async def recommend_for_films(
    conn: AsyncConnection[Any],
    movie_ids: Sequence[int],
    *,
    limit: int = 20,
    include_adult: bool = False,
) -> list[TasteRecommendation]:
    """Return films for somebody who likes some films (our ids), the best first; never one that is gone."""
    cursor = await conn.execute(
        _load("read_shown_lists.sql"),
        {"movie_ids": list(movie_ids), "with_adult": include_adult},
    )
    lists = {film: (others, scores) for film, others, scores in await cursor.fetchall()}
    ids = {*movie_ids, *(one for others, _ in lists.values() for one in others)}
    async with conn.cursor(row_factory=dict_row) as rows:
        await rows.execute(_load("read_films_shown.sql"), {"movie_ids": sorted(ids)})
        films = {row.pop("id"): row for row in await rows.fetchall()}
    votes = {film: row.pop("votes") for film, row in films.items()}
    fits = add_up(lists, votes, movie_ids, seen=(), limit=limit)
    return [
        TasteRecommendation(
            movie_id=fit.movie_id,
            score=round(fit.score, 4),
            because=tuple(films[one]["title"] for one in fit.because),
            **films[fit.movie_id],
        )
        for fit in fits
    ]


async def list_tmdb_recommendations(
    conn: AsyncConnection[Any], movie_id: int, *, include_adult: bool = False
) -> list[TmdbRecommendation]:
    """Return what TMDB recommends for a film (our id), in its order."""
    async with conn.cursor(row_factory=class_row(TmdbRecommendation)) as cursor:
        await cursor.execute(
            _load("list_tmdb_recommendations.sql"),
            {"movie_id": movie_id, "with_adult": include_adult},
        )
        return await cursor.fetchall()


async def find_impossible(conn: AsyncConnection[Any], movie_id: int) -> str | None:
    """Return why a film (our id) has no recommendations; None: it has some."""
    cursor = await conn.execute(_load("find_impossible.sql"), {"movie_id": movie_id})
    row = await cursor.fetchone()
    if row is None:
        return NOT_COMPUTED
    impossible: str | None = row[0]
    return impossible


async def _diversify(
    conn: AsyncConnection[Any],
    stored: Sequence[_Stored],
    *,
    limit: int,
    diversity: float,
) -> list[_Stored]:
    if not diversity or not stored:
        return list(stored[:limit])
    cursor = await conn.execute(
        _load("read_lists.sql"), {"movie_ids": [one.movie_id for one in stored]}
    )
    # Of two films the list of either may name the other.
    pairs: dict[tuple[int, int], float] = {}
    for movie_id, others, theirs in await cursor.fetchall():
        for other, score in zip(others, theirs, strict=True):
            pair = (min(movie_id, other), max(movie_id, other))
            pairs[pair] = max(score, pairs.get(pair, 0.0))

    scores = [one.score for one in stored]
    # What little is known makes all scores small: alike is what is as near as anything here.
    most = max([*scores, *pairs.values()])

    def likeness(a: int, b: int) -> float:
        ids = stored[a].movie_id, stored[b].movie_id
        return pairs.get((min(ids), max(ids)), 0.0) / most

    places = choose(scores, likeness, limit=limit, diversity=diversity)
    return [stored[place] for place in places]


async def _read_shared(
    conn: AsyncConnection[Any], movie_id: int, others: Sequence[int]
) -> dict[int, dict[str, list[str]]]:
    """Return by film and kind what it shares with *movie_id*."""
    shared: dict[int, dict[str, list[str]]] = {one: {} for one in others}
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("read_shared.sql"),
            {
                "movie_id": movie_id,
                "movie_ids": list(others),
                "most_cast": MOST_CAST,
                "jobs": list(CREW_VALUES),
                "director": DIRECTORS,
            },
        )
        for row in await cursor.fetchall():
            shared[row["movie_id"]][row["kind"]] = row["names"]
    cursor_ = await conn.execute(
        _load("read_texts.sql"), {"movie_ids": [movie_id, *others]}
    )
    texts = {row[0]: row[1:] for row in await cursor_.fetchall()}
    for other in others:
        shared[other]["words"] = find_shared_words(texts[movie_id], texts[other])
    return shared


def _explain(one: _Stored, shared: dict[str, list[str]]) -> Recommendation:
    reasons = find_reasons(one.parts, shared)
    return Recommendation(
        movie_id=one.movie_id,
        tmdb_id=one.tmdb_id,
        imdb_id=one.imdb_id,
        title=one.title,
        year=one.year,
        score=round(one.score, 4),
        tmdb_position=one.tmdb_position,
        why=tell(reasons),
        reasons=reasons,
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.recommendations", name)
