"""Pruning by state and by number."""

from datetime import timedelta

from oban._query import Query as ObanQuery

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine import retention
from cinegraph.jobs.settings import EngineSettings
from conftest import Query

_INSERT = """
    INSERT INTO oban_jobs (worker, queue, state, completed_at, cancelled_at, discarded_at)
    SELECT 'x.Y', 'imports', %s::oban_job_state, ended, ended, ended
    FROM (
        SELECT timezone('UTC', clock_timestamp()) - make_interval(days => n) AS ended
        FROM generate_series(%s::int, %s::int) n
    )
"""
_COUNTS = "SELECT state::text, count(*)::int FROM oban_jobs GROUP BY 1"


async def test_each_state_has_its_age(pool: Pool, query: Query) -> None:
    """Completed jobs go after a week, cancelled ones after a month, failures after three."""
    for state in ("completed", "cancelled", "discarded"):
        await query(_INSERT, state, 1, 100)

    pruned = await retention.prune_by_age(ObanQuery(pool), EngineSettings())

    assert dict(await query(_COUNTS)) == {
        "completed": 6,
        "cancelled": 29,
        "discarded": 89,
    }
    assert pruned == 300 - 6 - 29 - 89


async def test_live_jobs_are_never_pruned(pool: Pool, query: Query) -> None:
    """However old and however many."""
    for state in ("available", "scheduled", "executing", "retryable", "suspended"):
        await query(_INSERT, state, 1, 10)
    ancient = EngineSettings(keep_completed=timedelta(0), max_rows=1)

    await retention.prune_by_age(ObanQuery(pool), ancient)
    await retention.prune_excess(ObanQuery(pool), 1)

    assert sum(dict(await query(_COUNTS)).values()) == 50


async def test_beyond_the_ceiling_the_oldest_completed_go_first(
    pool: Pool, query: Query
) -> None:
    """Failures stay until no completed job is left to go."""
    await query(_INSERT, "completed", 1, 10)
    await query(_INSERT, "discarded", 1, 10)

    assert await retention.prune_excess(ObanQuery(pool), 14) == 6
    assert dict(await query(_COUNTS)) == {"completed": 4, "discarded": 10}
    [(oldest,)] = await query(
        "SELECT max(timezone('UTC', clock_timestamp()) - completed_at) FROM oban_jobs WHERE state = 'completed'"
    )
    assert oldest < timedelta(days=4, hours=1)
    assert await retention.prune_excess(ObanQuery(pool), 8) == 6
    assert dict(await query(_COUNTS)) == {"discarded": 8}
