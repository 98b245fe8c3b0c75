"""What is in each queue, counted up to a limit: for pages, which look again and again at millions of jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db.sql import load

MOST_COUNTED = 10_000
"""Jobs of a queue and state; of an index that takes two milliseconds."""


class QueueDepth(msgspec.Struct, frozen=True, kw_only=True):
    """One queue: what is in it, and how it should run; `MOST_COUNTED + 1` is more than that."""

    queue: str
    available: int
    executing: int
    scheduled: int
    retryable: int
    discarded: int
    waiting_seconds: float | None
    """Age of the oldest job that could run; None when none waits."""
    paused: bool
    node_limit: int | None
    """Jobs at once on each node; None: as each node was configured."""


async def list_depths(
    conn: AsyncConnection[Any], queues: Sequence[str], *, real_now: datetime
) -> list[QueueDepth]:
    """Return what is in *queues*, in their order."""
    async with conn.cursor(row_factory=class_row(QueueDepth)) as cursor:
        await cursor.execute(
            load("cinegraph.monitoring", "queue_depths.sql"),
            {"queues": list(queues), "most": MOST_COUNTED + 1, "real_now": real_now},
        )
        return await cursor.fetchall()
