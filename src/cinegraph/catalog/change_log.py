"""
The change log: what changed in films and people, in an order that consumers can follow.

Triggers append what a transaction changes to `change_entries`, whoever writes. One sequencer gives positions after the
commit, so that nothing ever appears behind a position that was read. A change that no trigger sees is appended by the
SQL function `note_change(kind, id, action, other_id)`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.errors import ChangesForgottenError, UsageError

CHANNEL: Final = "cinegraph_changes"
"""Of NOTIFY: the payload is the newest position."""
KINDS: Final = ("movie", "person")
BATCH: Final = 20_000
"""Changes a transaction of the sequencer; a fraction of a second on two cores."""


class Reason(StrEnum):
    """Why a transaction changes films."""

    FETCHED = "fetched"
    """A source's document was stored."""
    LISTED = "listed"
    """A daily list was merged."""
    TERMS = "terms"
    """The source's terms end what may be kept."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A committed change: read the thing again, as it is now."""

    position: int
    kind: str
    """`movie` or `person`."""
    id: int | None
    """Ours; None: many films at once, those whose `updated_at` is not before `changed_at`."""
    tmdb_id: int | None
    imdb_id: str | None
    title: str | None
    action: str
    fields: list[str]
    """What changed; empty: all of it may have."""
    other_id: int | None
    """With `merged`: the film it is now."""
    why: str | None
    changed_at: datetime


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """What changed after a position."""

    changes: list[Change]
    position: int
    """To go on from: nothing that was asked for lies between the last of *changes* and it."""


class LogState(msgspec.Struct, frozen=True):
    """Which positions there are."""

    last_position: int
    kept_after: int
    """Who has read up to an earlier position has missed rows."""


async def note_reason(conn: AsyncConnection[Any], reason: Reason) -> None:
    """Say why the open transaction changes films."""
    await conn.execute(
        sql.load("cinegraph.catalog", "note_change_reason.sql"), {"reason": reason}
    )


async def note_listed(conn: AsyncConnection[Any], *, now: datetime) -> None:
    """Say that a list moved the popularity of many films; their `updated_at` is *now*."""
    await conn.execute(sql.load("cinegraph.catalog", "note_listed.sql"), {"now": now})


async def sequence(conn: AsyncConnection[Any], *, now: datetime) -> int:
    """
    Give positions to one batch of committed changes, in the transaction that is open on *conn*.

    Returns:
        Changes taken; at least `BATCH` where there may be more.

    Locks: other sequencers wait until the transaction ends.
    """
    # Two statements: what committed while this one waited is seen by the second.
    await conn.execute(sql.load("cinegraph.catalog", "lock_sequencer.sql"))
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "sequence_changes.sql"),
        {"limit": BATCH, "now": now},
    )
    [(taken,)] = await cursor.fetchall()
    return int(taken)


async def read_state(conn: AsyncConnection[Any]) -> LogState:
    """Return which positions there are; in a snapshot's own transaction, where to follow it from."""
    cursor = await conn.execute(sql.load("cinegraph.catalog", "read_change_state.sql"))
    [row] = await cursor.fetchall()
    return LogState(*row)


async def list_changes(
    conn: AsyncConnection[Any],
    since: int,
    *,
    kind: str | None = None,
    limit: int = 1000,
) -> ChangePage:
    """
    Return what changed after position *since*, in order.

    Raises:
        ChangesForgottenError: Rows after *since* are deleted already.
        UsageError: There is no such position yet.
    """
    # Before: up to there nothing is missing, however much comes meanwhile.
    newest = (await read_state(conn)).last_position
    async with conn.cursor(row_factory=class_row(Change)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "list_changes.sql"),
            {"since": since, "kind": kind, "limit": limit},
        )
        found = await cursor.fetchall()
    # Afterwards: what is deleted meanwhile must not be taken for nothing.
    kept_after = (await read_state(conn)).kept_after
    if since < kept_after:
        raise ChangesForgottenError(since=since, kept_after=kept_after)
    if since > newest:
        raise UsageError(
            f"there is no position {since} yet; the newest is {newest}",
            hint="Was it of another database? Then take a new snapshot.",
        )
    last = found[-1].position if found else since
    position = last if len(found) == limit else max(last, newest)
    return ChangePage(changes=found, position=position)


async def list_history(
    conn: AsyncConnection[Any], kind: str, entity_id: int, *, limit: int = 20
) -> list[Change]:
    """Return the last changes of one film or person (our id), newest first; those of many films at once name none."""
    async with conn.cursor(row_factory=class_row(Change)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.catalog", "list_history.sql"),
            {"kind": kind, "entity_id": entity_id, "limit": limit},
        )
        return await cursor.fetchall()


async def forget_old(
    conn: AsyncConnection[Any], *, before: datetime, limit: int
) -> int:
    """
    Delete the oldest positions given before *before*, at most *limit*; return how many.

    Who stands before them is told to begin anew.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "forget_changes.sql"),
        {"before": before, "limit": limit},
    )
    [(gone,)] = await cursor.fetchall()
    return int(gone)
