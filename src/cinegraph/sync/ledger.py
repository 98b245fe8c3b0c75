"""One row per source and thing: what we know of its state there and when to look again."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import policy


class LedgerState(StrEnum):
    """What is known; equal to the stored text."""

    WANTED = "wanted"
    QUEUED = "queued"
    FRESH = "fresh"
    EMPTY = "empty"
    ABSENT = "absent"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class LedgerEntry(msgspec.Struct, frozen=True):
    """A row of the ledger."""

    source: str
    kind: str
    external_id: int
    state: str
    reason: str
    due_at: datetime | None
    checked_at: datetime | None
    changed_at: datetime | None
    attempts: int
    error_code: str | None
    error: str | None


async def queue(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    reason: str,
    now: datetime,
) -> None:
    """
    Note that jobs are being made for *ids*; what is fresh keeps its state until the job ends.

    Locks: the rows, in order of id.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "queue_ledger.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": sorted(ids),
            "reason": reason,
            "now": now,
        },
    )


async def lock(
    conn: AsyncConnection[Any], ids: Sequence[int], *, source: str, kind: str
) -> None:
    """
    Keep the rows of *ids* as they are until the end of the transaction.

    For who settles items of runs first: storing a film locks its ledger row and then its items.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "lock_ledger.sql"),
        {"source": source, "kind": kind, "ids": list(ids)},
    )


async def want_again(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Note that the jobs of *ids* were cancelled: queued things that no run waits for are wanted, and due at once."""
    await conn.execute(
        sql.load("cinegraph.sync", "want_again.sql"),
        {"source": source, "kind": kind, "ids": list(ids), "now": now},
    )


async def touch_found(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """
    Stamp things that the source answered for: all checked now, those in *changed_ids* changed now too.

    Locks: the rows, in order of id.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "touch_found.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "changed_ids": list(changed_ids),
            "now": now,
            "due_at": policy.due_after_found(now),
        },
    )


async def touch_absent(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a thing that the source definitively does not have."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.ABSENT,
        due_at=policy.due_after_absent(now),
        source=source,
        kind=kind,
        now=now,
    )


async def touch_quarantined(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """Stamp a thing whose body was put into quarantine."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.QUARANTINED,
        due_at=policy.due_after_quarantined(now),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        now=now,
    )


async def touch_failed(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """
    Stamp a thing that could not be fetched and that no run gives a further round.

    It comes due again, later each time, and keeps what it had.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "count_failures.sql"),
        {"source": source, "kind": kind, "external_id": external_id},
    )
    row = await cursor.fetchone()
    failures = (row[0] if row else 0) + 1
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.FAILED,
        due_at=policy.due_after_failed(now, failures),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        attempts=failures,
        now=now,
    )


async def find_entries(
    conn: AsyncConnection[Any], kind: str, external_id: int
) -> list[LedgerEntry]:
    """Return what every source knows of a thing, by source."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_ledger_entries.sql"),
        {"kind": kind, "external_id": external_id},
    )
    return [LedgerEntry(*row) for row in await cursor.fetchall()]


async def _touch_ended(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    state: LedgerState,
    due_at: datetime,
    source: str,
    kind: str,
    now: datetime,
    error_code: str | None = None,
    error: str | None = None,
    attempts: int = 0,
) -> None:
    await conn.execute(
        sql.load("cinegraph.sync", "touch_ended.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "state": state.value,
            "due_at": due_at,
            # Only a definitive answer is a check.
            "checked_at": now if state is LedgerState.ABSENT else None,
            "error_code": error_code,
            "error": error,
            "attempts": attempts,
            "now": now,
        },
    )
