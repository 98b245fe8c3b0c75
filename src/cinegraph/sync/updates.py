"""
Runs that update stored films: which films, and taking them for their jobs.

Their items are films as those of imports, but the ledger does not offer them: it knows when a film is due, a run is for
a person who wants it now. A turn of the feeder opens some and makes their jobs.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.records.fields import ALL, LOOK
from cinegraph.sync import ledger
from cinegraph.sync.runs import MOVIE, RunId, RunItem

POPULAR_FILMS = 2_000
"""Of the most popular ones: those that people look up all the time."""
RECENT_MONTHS = 6
"""While a film's numbers move."""
STALE_AFTER = timedelta(days=30)
"""Without a whole fetch: how often a film that nobody asks for is looked at."""
_DAYS_A_MONTH = 30.44


class Selection(StrEnum):
    """Which films; the values name the commands."""

    RECENT = "recent"
    POPULAR = "popular"
    STALE = "stale"


DEFAULT_FIELDS: dict[Selection, tuple[str, ...]] = {
    # What moves while a film is in cinemas; a short answer each.
    Selection.RECENT: LOOK,
    Selection.POPULAR: (ALL,),
    Selection.STALE: (ALL,),
}


class Chosen(msgspec.Struct, frozen=True):
    """Which stored films a run is for, the most popular ones first."""

    released_from: date | None = None
    released_to: date | None = None
    checked_before: datetime | None = None
    limit: int | None = None


def choose(
    selection: Selection,
    *,
    now: datetime,
    months: int = RECENT_MONTHS,
    limit: int | None = None,
) -> Chosen:
    """
    Return which films *selection* means now; pure.

    Args:
        months: How long ago a recent film came out at most.
        limit: At most so many, the most popular ones.
    """
    match selection:
        case Selection.RECENT:
            since = now - timedelta(days=round(months * _DAYS_A_MONTH))
            return Chosen(since.date(), now.date(), limit=limit)
        case Selection.POPULAR:
            return Chosen(limit=min(limit or POPULAR_FILMS, POPULAR_FILMS))
        case Selection.STALE:
            return Chosen(checked_before=now - STALE_AFTER, limit=limit)


async def plan(
    conn: AsyncConnection[Any], run_id: RunId | None, chosen: Chosen, *, source: str
) -> int:
    """
    Plan films for a run, or only count them where it is None; return how many.

    Takes seconds at a million films: give the statement the time.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_updates.sql"),
        {
            "run_id": run_id,
            "source": source,
            "kind": MOVIE,
            "released_from": chosen.released_from,
            "released_to": chosen.released_to,
            "checked_before": chosen.checked_before,
            "limit": chosen.limit,
        },
    )
    [(films,)] = await cursor.fetchall()
    if run_id is not None and films >= ledger.MANY:
        await conn.execute(sql.load("cinegraph.sync", "analyze_run_items.sql"))
    return int(films)


async def list_updating(conn: AsyncConnection[Any]) -> list[RunId]:
    """
    Return the running runs that update films and have some planned, the oldest first.

    Locks: the runs, shared: they are neither paused nor cancelled before this transaction ends.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_feeding_runs.sql"),
        {"kind": MOVIE, "updates": True},
    )
    return [RunId(row[0]) for row in await cursor.fetchall()]


async def take(
    conn: AsyncConnection[Any], run_ids: Sequence[RunId], *, limit: int
) -> list[RunItem]:
    """Open planned films of these runs, which are locked; the caller makes their jobs in this transaction."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "take_updates.sql"),
        {"kind": MOVIE, "run_ids": list(run_ids), "limit": limit},
    )
    return [RunItem(*row) for row in await cursor.fetchall()]
