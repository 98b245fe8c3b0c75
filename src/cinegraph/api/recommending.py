"""
Which films are like a film, and how well that fits what users liked.

What reckons with numpy is imported where it is called: it takes half a second of CPU to load, and every command imports
this.
"""

# ruff: noqa: PLC0415 - see above

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection

from cinegraph.api.connection import Connection
from cinegraph.api.references import MovieNotFoundError, check_limit, parse_reference
from cinegraph.catalog import browse as films
from cinegraph.enrichment.recommendations import ratings
from cinegraph.enrichment.recommendations.kinds import DIVERSITY
from cinegraph.errors import UsageError

if TYPE_CHECKING:
    from cinegraph.enrichment.recommendations.browse import (
        Recommendations,
        TasteRecommendation,
    )
    from cinegraph.enrichment.recommendations.evaluating import Evaluation


class Recommending(Connection):
    """Recommendations."""

    async def list_recommendations(
        self,
        reference: str | int,
        *,
        limit: int = 20,
        diversity: float = DIVERSITY,
        include_adult: bool = False,
    ) -> "Recommendations":
        """
        Return the films most like a film, each with the reason, and TMDB's own beside.

        Args:
            reference: A number is TMDB's id, tt… IMDb's, #n ours.
            limit: At most so many; some 50 are stored.
            diversity: 0: the most alike; 1: what is wholly like one of those before comes last.
            include_adult: Whether films for adults may be among them.

        Raises:
            MovieNotFoundError: The film is not stored.
            UsageError: An argument makes no sense.
        """
        from cinegraph.enrichment.recommendations import browse

        check_limit(limit)
        if not 0 <= diversity <= 1:
            raise UsageError(
                f"a diversity of {diversity:g} makes no sense",
                hint="Give a number from 0 (the most alike) to 1.",
            )
        async with self._app.pool.connection() as conn:
            film = await _find(conn, reference)
            found = await browse.list_recommendations(
                conn,
                film.id,
                limit=limit,
                diversity=diversity,
                include_adult=include_adult,
            )
            tmdb = await browse.list_tmdb_recommendations(
                conn, film.id, include_adult=include_adult
            )
            impossible = await browse.find_impossible(conn, film.id)
        return browse.Recommendations(
            tmdb_id=film.tmdb_id,
            title=film.title,
            recommendations=tuple(found),
            tmdb=tuple(tmdb),
            impossible=impossible,
        )

    async def recommend_for(
        self,
        references: Iterable[str | int],
        *,
        limit: int = 20,
        include_adult: bool = False,
    ) -> "list[TasteRecommendation]":
        """
        Return films for somebody who likes some films, the best first.

        Args:
            references: Films they like: a number is TMDB's id, tt… IMDb's, #n ours.
            limit: At most so many.
            include_adult: Whether films for adults may be among them.

        Raises:
            MovieNotFoundError: One of them is not stored.
            UsageError: An argument makes no sense.
        """
        from cinegraph.enrichment.recommendations import browse

        check_limit(limit)
        async with self._app.pool.connection() as conn:
            liked = [(await _find(conn, one)).id for one in references]
            return await browse.recommend_for_films(
                conn, liked, limit=limit, include_adult=include_adult
            )

    async def evaluate_recommendations(self, path: str | Path) -> "Evaluation":
        """
        Return how well the stored recommendations find again what users liked.

        Args:
            path: Of a CSV with a header: user, imdb_id or tmdb_id, rating.

        Raises:
            RatingsError: The file cannot be read (line and column are named), or says too little.
        """
        from cinegraph.enrichment.recommendations import judging

        given = await asyncio.to_thread(_read, Path(path))
        return await judging.evaluate(self._app.pool, given)


async def _find(conn: AsyncConnection[Any], reference: str | int) -> films.MovieDetails:
    kind, number = parse_reference(reference)
    film = await films.find_movie(conn, kind, number)
    if film is None:
        raise MovieNotFoundError(
            f"no film {reference} is stored",
            hint=f"`cinegraph import movie {reference} --wait` fetches it.",
        )
    return film


def _read(path: Path) -> ratings.Ratings:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return ratings.read(lines, name=path.name)
    except OSError as error:
        raise ratings.RatingsError(
            f"{path} cannot be read: {error.strerror}", hint="Name a CSV file."
        ) from error
