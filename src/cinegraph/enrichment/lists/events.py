"""The members of a list that is an awards event: its films as our own tables have them; nothing is asked."""

from typing import Any

from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.reading import EmptyListError, ListFile


async def read_event(conn: AsyncConnection[Any], festival: str) -> ListFile:
    """
    Return the films that an event honoured: in editions that tell winners these alone, in others all.

    Args:
        festival: Its key, such as `registry`.

    Raises:
        EmptyListError: Nothing of it is stored.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.enrichment.lists", "read_event.sql"), {"key": festival}
    )
    entries: dict[str, Entry] = {}
    for imdb_id, tmdb_id, title, year in await cursor.fetchall():
        entry = Entry(imdb_id=imdb_id, tmdb_id=tmdb_id, title=title, year=year)
        if imdb_id or tmdb_id or entry.folded:
            entries.setdefault(entry.key, entry)
    if not entries:
        raise EmptyListError(
            f"no film of the festival {festival} is stored",
            hint=f"Import its awards first: cinegraph festivals import {festival} --all --wait",
        )
    return ListFile(tuple(entries.values()))
