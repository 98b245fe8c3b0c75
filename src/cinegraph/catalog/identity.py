"""
Which film an IMDb id belongs to: each has one owner, the film whose document stated it last.

TMDB moves ids between films, and two of its films may state the same one. An answer without an id takes none away: only
another film's later statement does. All of it follows from stored documents, so a rebuild finds the same owners.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph.catalog.storing import Film
from cinegraph.catalog.titles import lock_titles
from cinegraph.db import sql


async def lock_ids(conn: AsyncConnection[Any], films: Sequence[Film]) -> None:
    """
    Let nobody else give or take the IMDb ids that *films* have, or state, until the transaction ends.

    Call it before the first row is locked.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_imdb_ids.sql"),
        {"tmdb_ids": [film.record.tmdb_id for film in films]},
    )
    held = [row[0] for row in await cursor.fetchall()]
    stated = [film.record.imdb_id for film in films if film.record.imdb_id]
    await lock_titles(conn, [*held, *stated])


def first_stating(film: Film, partials: Iterable[tuple[Film, tuple[str, ...]]]) -> Film:
    """Return of a film and what newer bodies tell the first that states the IMDb id which is stated now."""
    first = film
    for told, _ in partials:
        if told.record.imdb_id and told.record.imdb_id != first.record.imdb_id:
            first = told
    return first


async def settle_ids(
    conn: AsyncConnection[Any], films: Sequence[Film], *, now: datetime
) -> list[int]:
    """
    Give every IMDb id that *films*, just stored, have or state to its owner.

    Args:
        films: Those whose document is new: it states the id since it came.
        now: For `updated_at`.

    Returns:
        TMDB's ids of films that got or lost one by it, ascending; their titles have to be attached anew.

    Locks: these films, in order of id; `lock_ids` was called before.
    """
    if not films:
        return []
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_imdb_ids.sql"),
        {"tmdb_ids": [film.record.tmdb_id for film in films]},
    )
    ids = {row[0] for row in await cursor.fetchall()}
    stating = [film for film in films if film.record.imdb_id]
    if stating:
        await conn.execute(
            sql.load("cinegraph.catalog", "claim_imdb_ids.sql"),
            {
                "tmdb_ids": [film.record.tmdb_id for film in stating],
                "imdb_ids": [film.record.imdb_id for film in stating],
                "stated_ats": [film.document.fetched_at for film in stating],
            },
        )
    ids.update(film.record.imdb_id for film in stating if film.record.imdb_id)
    if not ids:
        return []
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "settle_imdb_ids.sql"),
        {"imdb_ids": sorted(ids), "now": now},
    )
    return sorted(row[0] for row in await cursor.fetchall())
