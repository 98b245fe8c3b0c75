"""Reading films back: what a person or a program sees of one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, kwargs_row

from cinegraph.db import sql

_BY_KIND: dict[str, LiteralString] = {
    "tmdb": "find_movie_by_tmdb_id.sql",
    "imdb": "find_movie_by_imdb_id.sql",
    "id": "find_movie_by_id.sql",
}


class Credit(msgspec.Struct, frozen=True):
    """Who did what."""

    name: str
    person_id: int
    kind: str
    job: str | None
    character: str | None


class Rating(msgspec.Struct, frozen=True):
    """What one source's users or critics say, on the scale of its kind."""

    source: str
    kind: str
    value: float
    votes: int | None
    as_of: datetime


class MovieDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A stored film as a person wants to see it."""

    id: int
    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str | None
    original_language: str | None
    release_date: date | None
    runtime_minutes: int | None
    status: str | None
    overview: str | None
    budget_usd: int | None
    revenue_usd: int | None
    popularity: float | None
    gone_at: datetime | None
    """Since when it counts as gone at its source; None: it is live."""
    collection: str | None
    genres: list[str]
    companies: list[str]
    countries: list[str]
    keywords: list[str]
    directors: list[str]
    cast: list[Credit]
    """The first ten of the billing."""
    cast_count: int
    crew_count: int
    ratings: list[Rating]
    fetched_at: datetime | None
    updated_at: datetime


class MovieSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A stored film as a list of many shows it."""

    id: int
    """Ours."""
    tmdb_id: int | None
    imdb_id: str | None
    title: str
    original_title: str | None
    release_date: date | None
    popularity: float | None
    gone_at: datetime | None
    """Since when it counts as gone at its source; None: it is live."""
    updated_at: datetime
    """When one of its facts last changed."""


async def list_movies(
    conn: AsyncConnection[Any], *, after: int | None = None, limit: int = 100
) -> list[MovieSummary]:
    """Return stored films in the order of our numbers; *after* is the last one of the page before."""
    async with conn.cursor(row_factory=class_row(MovieSummary)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "page_movies.sql"),
            {"after": after or 0, "limit": limit},
        )
        return await cursor.fetchall()


async def find_tmdb_id(
    conn: AsyncConnection[Any], kind: str, number: str
) -> int | None:
    """Return the TMDB id of a stored film named by `tmdb`, `imdb` or our own `id`."""
    movie_id = await find_id(conn, kind, number)
    if movie_id is None:
        return None
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "get_tmdb_id.sql"), {"movie_id": movie_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def find_movie(
    conn: AsyncConnection[Any], kind: str, number: str
) -> MovieDetails | None:
    """Return a stored film named by `tmdb`, `imdb` or our own `id`."""
    movie_id = await find_id(conn, kind, number)
    return None if movie_id is None else await find_details(conn, movie_id)


async def find_details(
    conn: AsyncConnection[Any], movie_id: int
) -> MovieDetails | None:
    """Return a stored film named by our own id."""
    async with conn.cursor(row_factory=kwargs_row(_details)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "get_movie.sql"), {"movie_id": movie_id}
        )
        return await cursor.fetchone()


async def find_id(conn: AsyncConnection[Any], kind: str, number: str) -> int | None:
    """Return our id of a stored film named by `tmdb`, `imdb` or our own `id`."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", _BY_KIND[kind]), {"number": number}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def list_movie_ids(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int]
) -> dict[int, int]:
    """Return by TMDB's id our id of each film that is stored."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_movie_ids.sql"),
        {"tmdb_ids": list(tmdb_ids)},
    )
    return dict(await cursor.fetchall())


def _details(**columns: Any) -> MovieDetails:
    return msgspec.convert(columns, MovieDetails)


class MovieIds(msgspec.Struct, frozen=True):
    """What a stored film is called elsewhere."""

    tmdb_id: int
    imdb_id: str | None


async def find_ids(conn: AsyncConnection[Any], movie_id: int) -> MovieIds | None:
    """Return the ids of a stored film named by our own."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_movie_ids.sql"), {"movie_id": movie_id}
    )
    row = await cursor.fetchone()
    return None if row is None else MovieIds(*row)
