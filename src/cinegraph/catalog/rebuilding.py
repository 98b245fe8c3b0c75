"""Make the rows of films again from their stored documents, and find what no document says."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph.catalog import titles
from cinegraph.catalog.storing import Film, write_rows
from cinegraph.db import sql
from cinegraph.errors import ConfigError


async def rewrite_films(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    *,
    now: datetime,
    before: Mapping[int, Film] | None = None,
) -> None:
    """
    Make the rows of *films* again as if their bodies came for the first time; rows that are right are not touched.

    Args:
        films: What stored documents say, each at most once; the caller has locked these, and merged what they say
            about shared things (`storing.merge_statements`).
        before: By TMDB's id, what the rows of a film say now, where that is known.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_stored_movies.sql"),
        {"tmdb_ids": [film.record.tmdb_id for film in films]},
    )
    stored_ids = {row[0] for row in await cursor.fetchall()}
    known = {key: film for key, film in (before or {}).items() if key in stored_ids}
    await write_rows(conn, films, stored_ids=stored_ids, now=now, before=known)


async def list_undocumented(
    conn: AsyncConnection[Any], source: str, kind: str
) -> list[int]:
    """Return TMDB's ids of the films that no document of this source tells of, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_undocumented.sql"),
        {"source": source, "kind": kind},
    )
    return [row[0] for row in await cursor.fetchall()]


async def list_untitled(conn: AsyncConnection[Any]) -> list[int]:
    """Return TMDB's ids of the films that have rows of a second source and no title of it, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_untitled.sql"),
        {"source": titles.SOURCE, "kind": titles.KIND},
    )
    return [row[0] for row in await cursor.fetchall()]


async def require_counting(conn: AsyncConnection[Any]) -> None:
    """
    Refuse to prove anything by counts that the server does not keep.

    Raises:
        ConfigError: The server's track_counts is off.
    """
    cursor = await conn.execute(sql.load("cinegraph.catalog", "is_counting.sql"))
    [(is_counting,)] = await cursor.fetchall()
    if not is_counting:
        raise ConfigError(
            "the server does not count rows that are written",
            hint="Set track_counts = on, which is PostgreSQL's default.",
        )


async def count_writes(conn: AsyncConnection[Any]) -> Counter[str]:
    """Return rows written by table so far; subtract an earlier reading of the same transaction."""
    cursor = await conn.execute(sql.load("cinegraph.catalog", "count_writes.sql"))
    return Counter(dict(await cursor.fetchall()))
