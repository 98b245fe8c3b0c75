"""One row per source and thing: what we know of its state there and when to look again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import policy, strategies

MANY = 10_000
"""Rows entered at once from which the planner has to be told: it takes a minute until it notices by itself."""


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
    priority: float = 0.0
    """What asking is worth; see `policy`."""
    queued_at: datetime | None = None
    asked_for: str | None = None
    """The id that the source knows it by, where that is another one."""


class Taken(msgspec.Struct, frozen=True):
    """A thing whose job is to be made now."""

    external_id: int
    run_id: int
    """The run it is taken for; 0: for none."""
    is_again: bool
    """Whether it was answered or tried before."""
    is_listed: bool
    """Whether the newest export names it: then a first 404 is not believed."""
    checked_at: datetime | None = None
    """When it was last fetched whole."""
    changed_upstream_at: datetime | None = None
    """When the changes feed named it, if it was not fetched since."""
    reason: str = ""
    """Why it is asked for; see `strategies`."""


class Count(msgspec.Struct, frozen=True):
    """How many things of one kind are in one state at one source."""

    source: str
    kind: str
    state: str
    things: int


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


async def want(
    conn: AsyncConnection[Any],
    worth: Mapping[int, float],
    *,
    source: str,
    kind: str,
    reason: str,
    now: datetime,
    run_id: int = 0,
) -> None:
    """
    Note that things are wanted at once; what was answered or is queued keeps its state.

    Args:
        worth: By id, what asking is worth; see `policy`.
        run_id: The run they are wanted for; 0: for none.

    Locks: the rows, in order of id.
    """
    ids = sorted(worth)
    await conn.execute(
        sql.load("cinegraph.sync", "want.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": ids,
            "priorities": [worth[thing] for thing in ids],
            "reason": reason,
            "run_id": run_id,
            "due_at": now,
            "now": now,
        },
    )


async def want_listed(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    reason: str,
    run_id: int,
    due_at: datetime | None,
    with_adult: bool,
    now: datetime,
) -> int:
    """
    Let the ledger know every film of the export that is merged in this transaction; return how many are new to it.

    Args:
        run_id: The run that new films are wanted for; 0: for none.
        due_at: When new films are wanted; None: they are only known.
        with_adult: Whether adult ones are too.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "want_listed.sql"),
        {
            "source": source,
            "kind": kind,
            "reason": reason,
            "run_id": run_id,
            "due_at": due_at,
            "video_share": policy.VIDEO_SHARE,
            "with_adult": with_adult,
            "now": now,
        },
    )
    [(new_count,)] = await cursor.fetchall()
    if new_count >= MANY:
        await conn.execute(sql.load("cinegraph.sync", "analyze_ledger.sql"))
    return int(new_count)


async def list_unanswered(
    conn: AsyncConnection[Any], ids: Sequence[int], *, source: str, kind: str
) -> list[int]:
    """Return which of *ids* the source has not answered for yet, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_unanswered.sql"),
        {"source": source, "kind": kind, "ids": list(ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def take_due(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    run_ids: Sequence[int],
    limit: int,
    others_limit: int | None = None,
    now: datetime,
) -> list[Taken]:
    """
    Take the most valuable things that are due; the caller makes their jobs in this transaction.

    Args:
        run_ids: For which runs beside the routine.
        others_limit: How many of them may be others than those that changed upstream; None: all.

    Locks: the rows taken, in order of id; those that somebody else is at are left.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "take_due.sql"),
        {
            "source": source,
            "kind": kind,
            "run_ids": [0, *run_ids],
            "again_share": 1 / policy.NEVER_ASKED_FACTOR,
            "limit": limit,
            "others_limit": limit if others_limit is None else others_limit,
            "now": now,
            **strategies.parameters(),
        },
    )
    return [Taken(*row) for row in await cursor.fetchall()]


async def list_listable(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    unless_after: datetime,
) -> list[int]:
    """Return which of *ids* are fresh, stored and undoubted, and were not looked at after *unless_after*; ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_listable.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "unless_after": unless_after,
        },
    )
    return [row[0] for row in await cursor.fetchall()]


async def put_back(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    reason: str,
    due_at: datetime,
) -> None:
    """Put things back that could not be asked for now: as they were, for no run, due later, no attempt counted."""
    await conn.execute(
        sql.load("cinegraph.sync", "put_back.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "reason": reason,
            "due_at": due_at,
        },
    )


async def read_counts(conn: AsyncConnection[Any]) -> list[Count]:
    """Return how many things are in each state at each source; exact, whatever the size of the ledger."""
    cursor = await conn.execute(sql.load("cinegraph.sync", "read_ledger_counts.sql"))
    return [Count(*row) for row in await cursor.fetchall()]


async def sum_up(conn: AsyncConnection[Any]) -> None:
    """Add up what transactions have appended to the counts of ledger and runs; the leader's business."""
    for name in ("sum_ledger_deltas.sql", "sum_run_deltas.sql"):
        await conn.execute(sql.load("cinegraph.sync", name))


async def want_again(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    item_kind: str | None = None,
    again_at: datetime | None = None,
) -> None:
    """
    Note that the jobs of *ids* were cancelled: queued things that no run waits for are known, and wanted by nobody.

    Args:
        item_kind: What the runs' items of these things are called; *kind* unless given.
        again_at: When what was answered once is asked for again; None: nothing can be asked for it.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "want_again.sql"),
        {
            "source": source,
            "kind": kind,
            "item_kind": item_kind or kind,
            "ids": list(ids),
            "again_at": again_at,
        },
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
