"""
Store what a source says of people themselves, beyond what credits of films repeat of them.

A person is known by credits or by this; the names that credits use stay as they are (`update_people.sql`), so that the
order in which both come does not matter. The caller owns the transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog.documents import touch_or_replace
from cinegraph.db import sql
from cinegraph.records.document import DocumentRecord
from cinegraph.records.person import PersonDetailsRecord

KIND: Final = "person"
"""Of their documents; the external id is TMDB's."""


class Person(msgspec.Struct, frozen=True):
    """A body, and what it says."""

    document: DocumentRecord
    record: PersonDetailsRecord


async def store_people(
    conn: AsyncConnection[Any], people: Sequence[Person], *, now: datetime
) -> int:
    """
    Keep bodies of people, and make their rows of those that are new; return how many were.

    Locks: their documents, then their rows, each in order of id.
    """
    changed = await touch_or_replace(conn, [person.document for person in people])
    fresh = [each for each in people if each.document.external_id in changed]
    await write_people(conn, fresh, now=now)
    return len(fresh)


async def write_people(
    conn: AsyncConnection[Any], people: Sequence[Person], *, now: datetime
) -> None:
    """Make the rows of people as their bodies say; rows that are right are not touched."""
    if not people:
        return
    ranked = sorted(people, key=lambda person: person.record.person.tmdb_id)
    statements = [
        {
            "stated_on": each.document.fetched_at.date().isoformat(),
            "rows": [each.record.person],
        }
        for each in ranked
    ]
    await conn.execute(
        sql.load("cinegraph.catalog", "insert_people.sql"),
        {"statements": _json(statements), "now": now},
    )
    details = [
        {
            "tmdb_id": each.record.person.tmdb_id,
            "imdb_id": each.record.imdb_id,
            "also_known_as": each.record.also_known_as,
            "born_on": each.record.born_on,
            "died_on": each.record.died_on,
            "birthplace": each.record.birthplace,
            "biography": each.record.biography,
            "homepage": each.record.homepage,
            "stated_at": each.document.fetched_at,
        }
        for each in ranked
    ]
    parameters = {"details": _json(details), "now": now}
    for name in ("set_people_imdb_ids.sql", "upsert_person_details.sql"):
        await conn.execute(sql.load("cinegraph.catalog", name), parameters)


async def cut_details(conn: AsyncConnection[Any], *, before: datetime) -> int:
    """Forget what a source said of people themselves and has not repeated since then; return of how many."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "cut_person_details.sql"),
        {"kind": KIND, "before": before},
    )
    return cursor.rowcount


async def find_person_id(conn: AsyncConnection[Any], reference: str) -> int | None:
    """Return TMDB's id of a stored person named by it, or by IMDb's (`nm…`); None: they are not stored."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_person.sql"),
        {
            "imdb_id": None if reference.isdecimal() else reference,
            "tmdb_id": int(reference) if reference.isdecimal() else None,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


def _json(rows: Sequence[object]) -> str:
    return msgspec.json.encode(rows).decode()
