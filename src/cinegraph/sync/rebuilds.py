"""
How far the making of rows from documents is: ranges of documents, each taken, advanced and finished in transactions.

A range is advanced in the transaction that makes the rows, so after a kill at any moment the rest is exactly what is
left. Any number of processes, on any number of machines, take ranges of the same run side by side.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.sync import runs

KIND = "rebuild"
"""Of its runs; they have no items."""


class Range(Protocol):
    """Documents of one source and kind that follow each other."""

    @property
    def source(self) -> str:
        """Who sent them."""

    @property
    def kind(self) -> str:
        """What they are of."""

    @property
    def first_id(self) -> str:
        """The first one."""

    @property
    def end_id(self) -> str | None:
        """The first one beyond."""

    @property
    def documents(self) -> int:
        """How many there are."""


class Shard(msgspec.Struct, frozen=True):
    """A range that is ours until the transaction ends."""

    source: str
    kind: str
    shard: int
    first_id: str
    end_id: str | None
    last_id: str | None
    """The last document whose rows are made."""
    documents: int
    done: int


class RebuildState(msgspec.Struct, frozen=True):
    """How far a rebuild is."""

    state: str
    """Of its run; see `sync_runs`."""
    planned: int
    """Documents when it began."""
    rebuilt: int
    failed: int
    """Documents that cannot be read: in quarantine, their rows as they were."""
    unfinished_shards: int


async def find_unfinished(
    conn: AsyncConnection[Any], *, source: str, arguments: Mapping[str, object]
) -> runs.RunId | None:
    """Return the newest run of the same documents that was stopped before its end."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_unfinished_rebuild.sql"),
        {"kind": KIND, "source": source, "arguments": Jsonb(dict(arguments))},
    )
    row = await cursor.fetchone()
    return None if row is None else runs.RunId(row[0])


async def resume(conn: AsyncConnection[Any], run_id: runs.RunId) -> None:
    """Let a run go on that was paused."""
    await conn.execute(
        sql.load("cinegraph.sync", "resume_rebuild.sql"), {"run_id": run_id}
    )


async def add_shards(
    conn: AsyncConnection[Any], run_id: runs.RunId, ranges: Sequence[Range]
) -> None:
    """Give a run its ranges."""
    await conn.execute(
        sql.load("cinegraph.sync", "add_shards.sql"),
        {
            "run_id": run_id,
            "sources": [each.source for each in ranges],
            "kinds": [each.kind for each in ranges],
            "first_ids": [each.first_id for each in ranges],
            "end_ids": [each.end_id for each in ranges],
            "counts": [each.documents for each in ranges],
        },
    )


async def claim(conn: AsyncConnection[Any], run_id: runs.RunId) -> Shard | None:
    """Take a range that is not finished and that nobody else is at; None when there is none or the run is stopped."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "claim_shard.sql"), {"run_id": run_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Shard(*row)


async def advance(
    conn: AsyncConnection[Any],
    run_id: runs.RunId,
    shard: Shard,
    *,
    last_id: str | None,
    rebuilt: int,
    failed: int,
    finished_at: datetime | None,
) -> None:
    """Note what was made of a range in this transaction."""
    await conn.execute(
        sql.load("cinegraph.sync", "advance_shard.sql"),
        {
            "run_id": run_id,
            "source": shard.source,
            "kind": shard.kind,
            "shard": shard.shard,
            "last_id": last_id,
            "rebuilt": rebuilt,
            "failed": failed,
            "finished_at": finished_at,
        },
    )


async def read_state(conn: AsyncConnection[Any], run_id: runs.RunId) -> RebuildState:
    """Return how far a run is; exact."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "sum_shards.sql"), {"run_id": run_id}
    )
    [row] = await cursor.fetchall()
    return RebuildState(*row)


async def finish(
    conn: AsyncConnection[Any], run_id: runs.RunId, *, now: datetime
) -> None:
    """End a run whose ranges are all finished; any other is left alone."""
    await conn.execute(
        sql.load("cinegraph.sync", "finish_rebuild.sql"),
        {"run_id": run_id, "now": now},
    )
