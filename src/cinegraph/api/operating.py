"""Operating a deployment: jobs, queues, nodes, schedules, its clock, and working."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from cinegraph import bootstrap, clock
from cinegraph.api.connection import Connection
from cinegraph.db import clock_row
from cinegraph.errors import UsageError
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs import cancelling, operations, scheduling
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.schedules import SCHEDULED
from cinegraph.monitoring import insights
from cinegraph.sync import schedule


class Operating(Connection):
    """Doing the work, and steering who does it."""

    @asynccontextmanager
    async def work(
        self, queues: Mapping[str, int] | None = None
    ) -> AsyncIterator[JobEngine]:
        """
        Run jobs in this process within the block.

        Args:
            queues: Jobs at once by name of the queue; by default the settings'.

        Raises:
            ConfigError: There is no key for TMDB; without one every job would fail.
        """
        self._require_key()
        async with bootstrap.open_node(self._app, queues=queues) as engine:
            yield engine

    async def list_jobs(
        self,
        *,
        states: Sequence[str] | None = None,
        queue: str | None = None,
        worker: str | None = None,
        run: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[jobs_browse.JobRow]:
        """Return jobs, newest first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.list_jobs(
                conn,
                states=states,
                queue=queue,
                worker=worker,
                run=run,
                before=before,
                page_size=limit,
            )

    async def get_job(self, job_id: int) -> jobs_browse.JobRow:
        """
        Return one job with all its attempts.

        Raises:
            JobNotFoundError: There is none of that id; it may have been pruned.
        """
        async with self._app.pool.connection() as conn:
            return await jobs_browse.get_job(conn, job_id)

    async def retry_jobs(self, ids: Sequence[int]) -> operations.Retried:
        """Run ended or waiting jobs again at once; tells which were refused and why."""
        async with self._app.pool.connection() as conn:
            return await operations.retry_jobs(conn, ids)

    async def cancel_jobs(self, ids: Sequence[int]) -> operations.Cancelled:
        """End waiting jobs and ask running ones to end; their runs do not wait for them any longer."""
        async with self._transaction() as conn:
            return await cancelling.cancel_jobs(conn, ids)

    async def list_queues(self) -> list[insights.QueueState]:
        """Return every queue that has jobs or settings, by name."""
        async with self._app.pool.connection() as conn:
            return await insights.list_queues(conn)

    async def pause_queue(self, queue: str) -> jobs_browse.QueueSetting:
        """Start no more jobs of *queue* on any node until it is resumed."""
        async with self._transaction() as conn:
            return await operations.pause_queue(conn, queue)

    async def resume_queue(self, queue: str) -> jobs_browse.QueueSetting:
        """Start jobs of *queue* again."""
        async with self._transaction() as conn:
            return await operations.resume_queue(conn, queue)

    async def scale_queue(
        self, queue: str, node_limit: int
    ) -> jobs_browse.QueueSetting:
        """Run *node_limit* jobs of *queue* at once on each node, now and later."""
        async with self._transaction() as conn:
            return await operations.scale_queue(conn, queue, node_limit)

    async def list_nodes(self) -> list[jobs_browse.NodeRow]:
        """Return every node heard of lately, a row for each of its queues; see `NodeRow.is_live`."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.list_nodes(conn)

    async def count_zombies(self) -> tuple[int, float | None]:
        """Return how many jobs are said to run on nodes that are silent, and the longest one's seconds."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.count_zombies(conn)

    async def count_unacknowledged(
        self, patience_seconds: float = 30.0
    ) -> tuple[int, float | None]:
        """Return how many jobs have ended on live nodes and count as running, and the oldest one's seconds."""
        async with self._app.pool.connection() as conn:
            return await jobs_browse.count_unacknowledged(conn, patience_seconds)

    async def list_schedules(self) -> list[schedule.ScheduleState]:
        """Return where every schedule stands."""
        async with self._app.pool.connection() as conn:
            return await schedule.list_states(conn)

    async def run_schedule(self, name: str) -> int | None:
        """
        Make the job of a schedule at once, beside its slots; return its id, None when the same work is live already.

        Raises:
            UsageError: There is no such schedule.
        """
        check_schedule(name)
        async with self._transaction() as conn:
            return await scheduling.run_now(conn, SCHEDULED[name])

    async def pause_schedule(self, name: str, *, is_paused: bool = True) -> None:
        """
        Let a schedule rest, or go on with its next slot.

        Raises:
            UsageError: There is no such schedule.
        """
        check_schedule(name)
        async with self._transaction() as conn:
            await schedule.set_paused(conn, name, is_paused=is_paused, now=clock.now())

    async def set_clock(self, setting: clock.ClockSetting | None) -> None:
        """Let the whole deployment live in another time, or in real time again; for imitated upstreams alone."""
        async with self._transaction() as conn:
            await clock_row.write(conn, setting)
            await clock_row.follow(conn)


def check_schedule(name: str) -> None:
    """
    Refuse a schedule that does not exist.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in SCHEDULED:
        raise UsageError(
            f"there is no schedule {name!r}",
            hint=f"Schedules: {', '.join(SCHEDULED)}.",
        )
