"""The scheduler: due slots of `cinegraph.sync.schedule` become jobs; a loop of the leading node."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.sync import schedule

TURN_SECONDS = 5.0
"""How late a slot may become a job; a schedule is a matter of minutes."""

type MakeJob = Callable[[], Job]

_log = structlog.get_logger(__name__)


class Scheduler:
    """
    Turns of looking what is due.

    Args:
        pool: One connection is taken each turn.
        jobs: By name of the schedule, what makes its job. One that this version knows and that is not among them is
            switched off and has no row; what it does not know is left to newer nodes.
    """

    def __init__(self, pool: Pool, jobs: Mapping[str, MakeJob]) -> None:
        self._pool = pool
        self._jobs = jobs

    async def turn(self) -> list[str]:
        """Make the jobs of what is due; return the names."""
        now = clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            await schedule.keep_only(conn, list(self._jobs), now=now)
            due = await schedule.take_due(conn, list(self._jobs), now=now)
            for state in due:
                await _run(conn, state, self._jobs[state.name])
        return [state.name for state in due]


async def run_now(conn: AsyncConnection[Any], make_job: MakeJob) -> int | None:
    """Make the job of a schedule at once, beside its slots; return its id, None when the same work is live already."""
    [job] = await insert_jobs(conn, [make_job()])
    return job.id


async def _run(
    conn: AsyncConnection[Any], state: schedule.ScheduleState, make_job: MakeJob
) -> None:
    [job] = await insert_jobs(conn, [make_job()])
    await schedule.move_on(conn, state, job_id=job.id, now=clock.now())
    _log.info(
        "schedule is due", schedule=state.name, job=job.id, slot=str(state.next_at)
    )
