"""Bodies that could not become rows: kept with a sample and a reason, so nothing is lost and nothing is blocked."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from cinegraph.db import sql

SAMPLE_BYTES = 64 * 1024
"""Enough of a body to see what is wrong with it; the largest recorded film has 350 kB."""

PASSING_FAULTS = 2
"""The same undecodable body this many times may still be a passing fault; the next time, hours apart, is not."""

PASSING_SPAN = timedelta(hours=2)
"""Faults of a cache or a deployment upstream pass within this time."""


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
