"""
Films that their source has no longer: marked, never deleted, and revived when they return.

After 180 days without the source only their ids are kept: TMDB's terms (https://www.themoviedb.org/api-terms-of-use).

What counts as evidence is decided by `sync.gone`; here it is only written down.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph.db import sql

FOUND: Final = "found"
"""Who revives a film that the source answers with again."""


class Burial(msgspec.Struct, frozen=True, kw_only=True):
    """A film that is gone, and by what evidence."""

    movie_id: int
    """Ours."""
    denied_at: datetime
    """The first 404 since it was last found."""
    last_denied_at: datetime
    denials: int
    """404s, each hours after the one before."""
    missing_since: date
    """The first complete daily list that did not name it."""
    exports: int
    """Complete daily lists in a row that did not name it."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A burial that took place."""

    id: int
    """Of the burial; a film may have several."""
    movie_id: int
    tmdb_id: int
    title: str
    denied_at: datetime
    last_denied_at: datetime
    denials: int
    missing_since: date
    exports: int
    buried_at: datetime
    revived_at: datetime | None
    """None: it is still gone."""
    revived_by: str | None
    cut_at: datetime | None
    """When all but its ids was deleted; None: all it had is there."""


async def bury(
    conn: AsyncConnection[Any], burials: Sequence[Burial], *, now: datetime
) -> int:
    """
    Mark films as gone; return how many.

    Locks: the films, in order of id; those that somebody is at are left for the next time.
    """
    if not burials:
        return 0
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "bury_movies.sql"),
        {"burials": Jsonb(msgspec.to_builtins(burials)), "now": now},
    )
    return cursor.rowcount


async def revive(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    *,
    who: str = FOUND,
    now: datetime,
) -> list[int]:
    """
    Let those of the films *tmdb_ids* live again that are gone; return which.

    Locks: the films, in order of id.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "revive_movies.sql"),
        {"tmdb_ids": sorted(tmdb_ids), "who": who, "now": now},
    )
    return sorted(row[0] for row in await cursor.fetchall())


async def cut(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    before: datetime,
    now: datetime,
    limit: int,
) -> int:
    """
    Cut films that are gone to their ids, at most *limit*; return how many.

    Args:
        before: Those that the source last sent before.

    Locks: documents and films, each in order of id; those that somebody is at are left for the next time.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "cut_movies.sql"),
        {"source": source, "kind": kind, "before": before, "now": now, "limit": limit},
    )
    return cursor.rowcount


async def cut_people(
    conn: AsyncConnection[Any], *, before: datetime, now: datetime
) -> int:
    """
    Cut people to their ids whom no film names, and of whom nothing was said since *before*; return how many.

    Locks: the people, in order of id; those that somebody is at are left for the next time.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "cut_people.sql"),
        {"before": before.date(), "now": now},
    )
    return cursor.rowcount


async def count_buried(conn: AsyncConnection[Any], *, since: datetime) -> int:
    """Return how many tombstones were set after *since*."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "count_buried.sql"), {"since": since}
    )
    [(buried,)] = await cursor.fetchall()
    return int(buried)


async def list_tombstones(
    conn: AsyncConnection[Any], *, limit: int, before: int | None = None
) -> list[Tombstone]:
    """Return the newest tombstones, the newest first; *before* is the id of the last one of the page before."""
    async with conn.cursor(row_factory=class_row(Tombstone)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "list_tombstones.sql"),
            {"limit": limit, "before": before},
        )
        return await cursor.fetchall()
