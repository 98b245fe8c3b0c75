"""Bodies that could not become rows: kept with a sample and a reason, so nothing is lost and nothing is blocked."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql

SAMPLE_BYTES = 64 * 1024
"""Enough of a body to see what is wrong with it; the largest recorded film has 350 kB."""

PASSING_FAULTS = 2
"""The same undecodable body this many times may still be a passing fault; the next time, hours apart, is not."""

PASSING_SPAN = timedelta(hours=2)
"""Faults of a cache or a deployment upstream pass within this time."""


SHOWN_BYTES = 600
"""Of a sample, where many are shown."""


class QuarantineCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many bodies of one kind cannot be read, for one reason."""

    source: str
    kind: str
    reason: str
    """The error's code."""
    is_confirmed: bool
    """Whether they are quarantined, not only suspected."""
    things: int
    last_seen_at: datetime


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A body that cannot be read."""

    id: int
    source: str
    kind: str
    external_id: str
    """Of the thing at its source."""
    reason: str
    detail: str
    sample: str
    """The beginning of the body; what is no text stands as question marks."""
    is_confirmed: bool
    seen_count: int
    first_seen_at: datetime
    last_seen_at: datetime


async def count_quarantine(conn: AsyncConnection[Any]) -> list[QuarantineCount]:
    """Return how many bodies cannot be read, by source, kind and reason, the most first."""
    async with conn.cursor(row_factory=class_row(QuarantineCount)) as cursor:
        await cursor.execute(sql.load("cinegraph.catalog", "count_quarantine.sql"))
        return await cursor.fetchall()


async def list_quarantine(
    conn: AsyncConnection[Any],
    *,
    source: str | None,
    reason: str | None,
    before: int | None,
    limit: int,
) -> list[Quarantined]:
    """Return bodies that cannot be read, the latest first; *before* is the id of the last one of the page before."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "list_quarantine.sql"),
            {
                "source": source,
                "reason": reason,
                "before": before,
                "sample_bytes": SHOWN_BYTES,
                "limit": limit,
            },
        )
        rows = await cursor.fetchall()
    return [
        Quarantined(**row | {"sample": row["sample"].decode("utf-8", "replace")})
        for row in rows
    ]


async def note_unreadable(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    external_id: str,
    body: bytes,
    reason: str,
    detail: str,
    is_schema_broken: bool,
    now: datetime,
) -> bool:
    """
    Keep a sample of a body that could not become rows.

    Args:
        body: As decoded from the transfer, however broken.
        reason: The error's code.
        is_schema_broken: Valid JSON that breaks the schema is quarantined at once; anything else only when the very
            same body came more than `PASSING_FAULTS` times over `PASSING_SPAN`.

    Returns:
        Whether the body is now quarantined rather than suspected.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "note_unreadable.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "sha256": hashlib.sha256(body).digest(),
            "sample": body[:SAMPLE_BYTES],
            "reason": reason,
            "detail": detail,
            "is_confirmed": is_schema_broken,
            "passing_faults": PASSING_FAULTS,
            "passing_span": PASSING_SPAN,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def resolve(
    conn: AsyncConnection[Any],
    external_ids: Sequence[str],
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Note that things can be read again; their samples stay."""
    await conn.execute(
        sql.load("cinegraph.catalog", "resolve_quarantine.sql"),
        {
            "source": source,
            "kind": kind,
            "external_ids": list(external_ids),
            "now": now,
        },
    )


async def forget_old(
    conn: AsyncConnection[Any], *, source: str, before: datetime
) -> int:
    """Delete samples of bodies that have not come since *before*; return how many."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "forget_quarantined.sql"),
        {"source": source, "before": before},
    )
    return cursor.rowcount
