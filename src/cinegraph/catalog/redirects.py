"""
Films that were there twice and are one now: a redirect with its evidence, which a person can undo.

The film that went keeps its rows and its tombstone. What hangs on an IMDb id (ratings of OMDb) follows by itself, as
the id has a new owner (`identity`). Whoever keeps rows that point at a film reads `merged_movies`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql

LATELY: Final = timedelta(days=30)
"""After a film went its heir is looked for so long."""
ASK_AGAIN: Final = timedelta(days=7)
FIND_CONFIDENCE: Final = 0.9
"""The source itself says so; but it answers with one film where several may have had the id."""


class Findable(msgspec.Struct, frozen=True):
    """A film that went, and the IMDb id by which its heir may be found."""

    movie_id: int
    tmdb_id: int
    imdb_id: str


class Redirect(msgspec.Struct, frozen=True, kw_only=True):
    """A film that is another one now."""

    id: int
    from_tmdb_id: int
    from_title: str
    to_tmdb_id: int
    to_title: str
    evidence: str
    detail: str
    confidence: float
    """Above 0, at most 1."""
    found_at: datetime
    undone_at: datetime | None
    """None: it stands."""
    undone_by: str | None


async def find_merges(
    conn: AsyncConnection[Any], *, now: datetime
) -> list[tuple[int, int]]:
    """Redirect films that went lately by the ids that live films have; return our ids, from and to."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_merges.sql"),
        {"since": now - LATELY, "now": now},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_findable(
    conn: AsyncConnection[Any], *, limit: int, now: datetime
) -> list[Findable]:
    """Return films that went and whose IMDb id the source may know for another one."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_findable.sql"),
        {"since": now - LATELY, "asked_before": now - ASK_AGAIN, "limit": limit},
    )
    return [Findable(*row) for row in await cursor.fetchall()]


async def note_found(
    conn: AsyncConnection[Any],
    film: Findable,
    heir_tmdb_id: int | None,
    *,
    now: datetime,
) -> int | None:
    """Write down which film the source finds by the id; return ours of it where a redirect was made."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "note_found.sql"),
        {
            "movie_id": film.movie_id,
            "heir_tmdb_id": heir_tmdb_id,
            "imdb_id": film.imdb_id,
            "confidence": FIND_CONFIDENCE,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def list_redirects(
    conn: AsyncConnection[Any], *, limit: int, before: int | None = None
) -> list[Redirect]:
    """
    Return redirects, the newest first, also those that were undone.

    *before* is the id of the last one of the page before.
    """
    async with conn.cursor(row_factory=class_row(Redirect)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "list_redirects.sql"),
            {"limit": limit, "before": before},
        )
        return await cursor.fetchall()


async def undo(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, who: str, now: datetime
) -> list[int]:
    """Undo the redirects of films, for good; return TMDB's ids of those that had one."""
    return await _change(conn, tmdb_ids, who=who, undone_at=now)


async def redo(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, who: str
) -> list[int]:
    """Let redirects stand again that were undone; return TMDB's ids of those that had one."""
    return await _change(conn, tmdb_ids, who=who, undone_at=None)


async def _change(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    *,
    who: str,
    undone_at: datetime | None,
) -> list[int]:
    changed = []
    for tmdb_id in sorted(set(tmdb_ids)):
        cursor = await conn.execute(
            sql.load("cinegraph.catalog", "undo_redirect.sql"),
            {"tmdb_id": tmdb_id, "undone_at": undone_at, "who": who},
        )
        if await cursor.fetchone() is not None:
            changed.append(tmdb_id)
    return changed
