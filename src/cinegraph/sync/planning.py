"""
What a run plans and the feeder makes jobs of: items without a job, until their source can serve them.

Everybody locks the rows of the ledger before the items, each in the order of its ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import ledger
from cinegraph.sync.runs import MOVIE, RunId


class Planned(msgspec.Struct, frozen=True):
    """What a run of the whole catalogue has to do."""

    planned: int
    open: int
    """Of them, films that a job is at already."""
    fresh: int
    """Listed films that were answered already and are not fetched again."""


async def plan_items(
    conn: AsyncConnection[Any], run_id: RunId, kind: str, ids: Sequence[int]
) -> list[int]:
    """Give a run things that the feeder makes jobs for; return the ids that are new to the run, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_items.sql"),
        {"run_id": run_id, "kind": kind, "ids": sorted(set(ids))},
    )
    return sorted(row[0] for row in await cursor.fetchall())


async def plan_ids(
    conn: AsyncConnection[Any],
    run_id: RunId,
    item_kind: str,
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
) -> int:
    """Plan things of the ledger for a run, but for those that were answered already; return how many."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_ids.sql"),
        {
            "run_id": run_id,
            "source": source,
            "kind": kind,
            "item_kind": item_kind,
            "ids": sorted(set(ids)),
        },
    )
    [(planned,)] = await cursor.fetchall()
    return int(planned)


async def plan_films(
    conn: AsyncConnection[Any],
    run_id: RunId,
    *,
    source: str,
    reason: str,
    with_adult: bool,
    limit: int | None,
    now: datetime,
) -> Planned:
    """
    Plan the films of the newest export that were never fetched for a run, the most valuable ones first.

    Args:
        limit: At most so many; None: all.

    Takes seconds at a million films: give the statement the time.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_run_films.sql"),
        {
            "run_id": run_id,
            "source": source,
            "kind": MOVIE,
            "item_kind": MOVIE,
            "reason": reason,
            "with_adult": with_adult,
            "limit": limit,
            "now": now,
        },
    )
    [row] = await cursor.fetchall()
    planned = Planned(*row)
    if planned.planned >= ledger.MANY:
        await conn.execute(sql.load("cinegraph.sync", "analyze_run_items.sql"))
    return planned


async def plan_sponsored(
    conn: AsyncConnection[Any], run_id: RunId, *, source: str, kind: str, item_kind: str
) -> int:
    """Plan for a run what the ledger wants for it; return how many things."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_sponsored.sql"),
        {"run_id": run_id, "source": source, "kind": kind, "item_kind": item_kind},
    )
    [(planned,)] = await cursor.fetchall()
    return int(planned)


async def open_planned(
    conn: AsyncConnection[Any], kind: str, ids: Sequence[int]
) -> list[tuple[RunId, int]]:
    """Open what runs planned, because the jobs of *ids* are made in this transaction; return the runs and the ids."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "open_planned.sql"), {"kind": kind, "ids": list(ids)}
    )
    return [(RunId(run_id), thing) for run_id, thing in await cursor.fetchall()]


async def defer_items(
    conn: AsyncConnection[Any],
    item_kind: str,
    *,
    source: str,
    kind: str,
    now: datetime,
    limit: int,
) -> int:
    """
    Leave planned items of a stage to the backlog, because its source can be asked no more today; return how many.

    What they stand for stays wanted, for no run.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "defer_items.sql"),
        {
            "item_kind": item_kind,
            "source": source,
            "kind": kind,
            "now": now,
            "limit": limit,
        },
    )
    [(deferred,)] = await cursor.fetchall()
    return int(deferred)


async def list_feeding(conn: AsyncConnection[Any], kind: str) -> list[RunId]:
    """
    Return the running runs that have planned items of a stage for the ledger to offer, the oldest first.

    Locks: the runs, shared: they are neither paused nor cancelled before this transaction ends.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_feeding_runs.sql"),
        {"kind": kind, "updates": False},
    )
    return [RunId(row[0]) for row in await cursor.fetchall()]


async def restore_planned(
    conn: AsyncConnection[Any],
    run_id: RunId,
    item_kind: str,
    *,
    source: str,
    kind: str,
    now: datetime,
    limit: int,
) -> int:
    """Make good what a run plans and the ledger does not offer for it; return how many things moved."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "restore_planned.sql"),
        {
            "run_id": run_id,
            "source": source,
            "kind": kind,
            "item_kind": item_kind,
            "reason": "planned by a run",
            "now": now,
            "limit": limit,
        },
    )
    [(offered, settled)] = await cursor.fetchall()
    return int(offered + settled)
