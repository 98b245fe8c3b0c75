"""Jobs of runs that update films: a few at a time, so that a million films are a few hundred rows of jobs."""

from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.making import make_jobs
from cinegraph.jobs.updates import UpdateMovie
from cinegraph.sync import policy, runs, updates

DEPTH = policy.FEWEST_FED
"""Jobs that wait: seconds of the budget. They count towards what imports may have waiting, which are not to starve."""


async def feed_updates(pool: Pool) -> int:
    """Top the queue of updates up from the runs that update films; return how many jobs were made."""
    async with pool.connection() as conn, conn.transaction():
        run_ids = await updates.list_updating(conn)
        room = await _room(conn) if run_ids else 0
        if not room:
            return 0
        items = await updates.take(conn, run_ids, limit=room)
        jobs = await make_jobs(conn, items)
        for item in items:
            if item not in jobs:
                # Its film is not stored any more.
                await runs.settle_items(
                    conn,
                    item.kind,
                    [item.external_id],
                    runs.ItemState.ABSENT,
                    run_id=item.run_id,
                    now=clock.now(),
                )
        for job in jobs.values():
            job.meta["fed"] = True
        made = await insert_jobs(conn, list(jobs.values()))
    return sum(job.id is not None for job in made)


async def _room(conn: AsyncConnection[Any]) -> int:
    """Return how many jobs to make now."""
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "count_live_jobs.sql"),
        # Routine fills the queue, and somebody waits for these.
        {"queues": [UpdateMovie.queue], "limit": DEPTH + 1, "of_runs": True},
    )
    [(waiting,)] = await cursor.fetchall()
    return policy.feed_size(waiting=waiting, depth=DEPTH, allowance=None)
