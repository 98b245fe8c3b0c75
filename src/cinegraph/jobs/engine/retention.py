"""Deleting ended jobs: an age for each state, a ceiling for all rows, in batches that lock briefly."""

import asyncio
from collections.abc import Mapping

from oban._pruner import _prune
from oban._query import Query

from cinegraph import telemetry
from cinegraph.db.sql import load
from cinegraph.jobs.engine import runtimes
from cinegraph.jobs.settings import EngineSettings

_BATCH = 5_000  # 0.1 s a batch
_PAUSE_SECONDS = (
    0.05  # between batches, so that pruning never takes the disk for itself
)
_ENDED = ("completed", "cancelled", "discarded")
_OWNER = "cinegraph.jobs.engine"


async def prune_jobs(query: Query, max_age: int, limit: int) -> None:
    """Delete old ended jobs; Oban's `pruner.prune`, called on the leader."""
    runtime = runtimes.find(query)
    if runtime is None:
        await _prune(query, max_age, limit)
        return
    pruned = await prune_by_age(query, runtime.settings)
    pruned += await prune_excess(query, runtime.settings.max_rows)
    if pruned:
        telemetry.emit("cinegraph.jobs.job.pruned", count=pruned)


async def prune_by_age(query: Query, settings: EngineSettings) -> int:
    """Delete what is older than its state's age; return how many."""
    values: dict[str, object] = {
        "completed": settings.keep_completed.total_seconds(),
        "cancelled": settings.keep_cancelled.total_seconds(),
        "discarded": settings.keep_discarded.total_seconds(),
        "batch": _BATCH,
    }
    total = 0
    while deleted := await _delete(query, "prune_jobs.sql", values):
        total += deleted
    return total


async def prune_excess(query: Query, max_rows: int) -> int:
    """Delete the oldest ended jobs beyond *max_rows* rows, completed ones first; return how many."""
    async with query.connection() as conn:
        cursor = await conn.execute(load(_OWNER, "count_rows.sql"))
        [(rows,)] = await cursor.fetchall()
    excess: int = max(0, rows - max_rows)
    total = excess
    for state in _ENDED:
        while excess > 0:
            values = {"state": state, "batch": min(_BATCH, excess)}
            deleted = await _delete(query, "prune_excess.sql", values)
            if not deleted:
                break
            excess -= deleted
    return total - excess


async def _delete(query: Query, name: str, values: Mapping[str, object]) -> int:
    async with query.connection() as conn:
        cursor = await conn.execute(load(_OWNER, name), values)
        deleted: int = cursor.rowcount
    await asyncio.sleep(_PAUSE_SECONDS if deleted else 0)
    return deleted
