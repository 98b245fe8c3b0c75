"""People by name, and with whom they worked most."""

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may be meant."""

    id: int
    """Ours."""
    tmdb_id: int
    name: str
    department: str | None
    """For which TMDB knows them."""
    films: int
    """In which they count as having worked with others."""
    known_for: str | None
    """The most popular of these films."""


class Collaborator(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who made films with a person, and what these come to."""

    tmdb_id: int
    name: str
    films: int
    first_year: int | None
    latest_year: int | None
    mean_rating: float | None
    """Of TMDB's user scores, 0 to 10."""
    revenue_usd: int | None
    """The sum of what is known."""
    roles: tuple[str, ...]
    """What they did in these films, the most frequent first."""


class SharedFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A film that two people made."""

    movie_id: int
    title: str
    year: int | None


class FilmPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two people of a film who made others together."""

    a_id: int
    a_name: str
    b_id: int
    b_name: str
    films: int
    first_year: int | None
    latest_year: int | None


async def find_people(
    conn: AsyncConnection[Any], *, name: str | None = None, tmdb_id: int | None = None
) -> list[Person]:
    """Return everybody of that name, whatever its case and accents, or of that id; those with most films first."""
    async with conn.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            _load("find_people.sql"), {"name": name, "tmdb_id": tmdb_id}
        )
        return await cursor.fetchall()


async def list_collaborators(
    conn: AsyncConnection[Any], person_id: int, *, limit: int
) -> list[Collaborator]:
    """Return with whom a person (our id) made most films."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_collaborators.sql"), {"person_id": person_id, "most": limit}
        )
        return msgspec.convert(await cursor.fetchall(), list[Collaborator])


async def list_film_pairs(
    conn: AsyncConnection[Any], movie_id: int, *, limit: int = 10
) -> list[FilmPair]:
    """Return who of a film (our id) made most films with one another, at least two."""
    async with conn.cursor(row_factory=class_row(FilmPair)) as cursor:
        await cursor.execute(
            _load("list_film_pairs.sql"), {"movie_id": movie_id, "most": limit}
        )
        return await cursor.fetchall()


async def list_shared_films(
    conn: AsyncConnection[Any],
    person_id: int,
    tmdb_ids: Sequence[int],
    *,
    limit: int = 5,
) -> dict[int, list[SharedFilm]]:
    """Return by TMDB's id of others the films that a person (our id) made with each, the newest first."""
    cursor = await conn.execute(
        _load("list_shared_films.sql"),
        {"person_id": person_id, "tmdb_ids": list(tmdb_ids), "most": limit},
    )
    shared: dict[int, list[SharedFilm]] = {one: [] for one in tmdb_ids}
    for tmdb_id, movie_id, title, year in await cursor.fetchall():
        shared[tmdb_id].append(SharedFilm(movie_id=movie_id, title=title, year=year))
    return shared


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.collaborations", name)
