"""
Taking back all that a source said of a festival, on a person's word: a file that was wrong, a source nobody trusts.

What it said is kept as withdrawn, and its bodies stay; what a person decided stays, too. Whoever imports the source
again means it. The caller owns the transaction.
"""

from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.festivals.storing import StoredEdition, withdraw_source
from cinegraph.records.awards import NominationStatement

_MOST_EXAMPLES: Final = 5


class SaidEdition(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of an edition."""

    ceremony_id: int
    year: int
    part: int
    statements: int
    alone: int
    """Nominations that no other source says, and of which nobody decided anything: they go with it."""
    decided: int
    """Nominations that no other source says, and that stay: a person decided a film or nominee of theirs."""


class Example(msgspec.Struct, frozen=True):
    """One statement."""

    year: int
    """Of its edition."""
    statement: NominationStatement


class Saying(msgspec.Struct, frozen=True):
    """What a source says of a festival."""

    editions: tuple[SaidEdition, ...]
    """The newest first; none: it says nothing."""
    examples: tuple[Example, ...]
    """A few statements of the newest editions."""
    sources: tuple[str, ...]
    """That say anything of these editions."""


async def find_said(
    conn: AsyncConnection[Any], organization: str, source: str, *, year: int | None
) -> Saying:
    """
    Return what a source says of a festival.

    Args:
        organization: The festival's key.
        year: Of editions held then alone; None: of all.
    """
    values = {
        "organization": organization,
        "source": source,
        "year": year,
        "limit": _MOST_EXAMPLES,
    }
    async with conn.cursor(row_factory=class_row(SaidEdition)) as cursor:
        await cursor.execute(_load("list_said_editions.sql"), values)
        editions = await cursor.fetchall()
    told = await conn.execute(_load("list_said_examples.sql"), values)
    examples = [
        Example(held, msgspec.convert(body, NominationStatement))
        for held, body in await told.fetchall()
    ]
    saying = await conn.execute(_load("list_saying.sql"), values)
    sources = [row[0] for row in await saying.fetchall()]
    return Saying(tuple(editions), tuple(examples), tuple(sources))


async def withdraw(
    conn: AsyncConnection[Any], ceremony_id: int, source: str, *, now: datetime
) -> StoredEdition:
    """
    Let a source say nothing of an edition any more, also when rows are made again from its bodies.

    What is read of it by itself counts again once it says something else than it did; an import on a person's word
    does at once.

    Locks: as storing an edition.
    """
    stored = await withdraw_source(conn, ceremony_id, source, now=now)
    await conn.execute(
        _load("note_withdrawn.sql"), {"ceremony_id": ceremony_id, "source": source}
    )
    return stored


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
