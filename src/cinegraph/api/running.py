"""Runs: how far they are, what limits them, and what may be done to them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.api.references import RunNotFoundError
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs import cancelling, causes
from cinegraph.jobs.filters import JobFilter, JobState, Times
from cinegraph.jobs.imports import SOURCE
from cinegraph.monitoring import editions, progress, troubles
from cinegraph.monitoring.editions import RunEdition
from cinegraph.monitoring.troubles import Trouble
from cinegraph.sync import runs

FOLLOW_SECONDS = 0.5
"""How often waiting reads a run's progress: often enough to look alive, too rare to cost anything."""


class Running(Connection):
    """Following and steering runs."""

    async def list_runs(
        self,
        limit: int = 20,
        *,
        states: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        before: int | None = None,
    ) -> list[progress.RunProgress]:
        """Return the latest runs, latest first; *before* is the last id of the page before."""
        async with self._app.pool.connection() as conn:
            return await progress.list_runs(
                conn,
                limit=limit,
                now=clock.now(),
                states=states,
                kinds=kinds,
                before=before,
            )

    async def get_run(self, run_id: int) -> progress.RunProgress:
        """
        Return how far a run is.

        Raises:
            RunNotFoundError: There is no such run.
        """
        async with self._app.pool.connection() as conn:
            found = await progress.find_run(conn, run_id, now=clock.now())
        if found is None:
            raise RunNotFoundError(
                f"there is no run {run_id}", hint="`cinegraph runs` lists them."
            )
        return found

    async def wait_for_run(
        self,
        run_id: int,
        *,
        on_progress: Callable[[progress.RunProgress], None] = lambda _: None,
        every: timedelta = timedelta(seconds=FOLLOW_SECONDS),
    ) -> progress.RunProgress:
        """Return a run's final numbers once it has ended; *on_progress* sees every reading on the way."""
        while True:
            reading = await self.get_run(run_id)
            on_progress(reading)
            if not reading.is_running:
                return reading
            await asyncio.sleep(every.total_seconds())

    async def explain_run(self, run: progress.RunProgress) -> causes.Cause | None:
        """Return what limits a run at this moment; `None` when it has ended."""
        if not run.is_running:
            return None
        async with self._app.pool.connection() as conn:
            facts = await causes.read_facts(conn, run, source=SOURCE, now=clock.now())
        return causes.explain(run, facts)

    async def list_stages(self, run: progress.RunProgress) -> list[progress.Stage]:
        """Return the stages of a run in their order, with what is queued and running in each."""
        async with self._app.pool.connection() as conn:
            running = await jobs_browse.count_executing(conn, run.id)
        return progress.list_stages(run, running)

    async def list_run_editions(self, run_id: int) -> list[RunEdition]:
        """Return the editions of a run of awards, the newest first, with what hangs on each; none of other runs."""
        async with self._app.pool.connection() as conn:
            return await editions.list_editions(conn, run_id)

    async def list_run_troubles(self, run_id: int) -> list[Trouble]:
        """Return what failed or was quarantined in a run by stage and reason, the commonest first, with samples."""
        async with self._app.pool.connection() as conn:
            return await troubles.list_troubles(conn, run_id)

    async def list_run_jobs(
        self, run_id: int, *, states: Sequence[JobState], limit: int = 20
    ) -> list[jobs_browse.JobRow]:
        """Return the newest jobs of a run that are in one of these states."""
        filters = JobFilter(run=run_id, state=tuple(states))
        async with self._transaction() as conn:
            found = await jobs_browse.search_jobs(
                conn, filters, Times(None, None), page_size=limit
            )
        return found.jobs

    async def pause_run(self, run_id: int) -> bool:
        """Queue nothing more of a run until it is resumed; what runs already ends. Returns whether it was running."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.pause_run(conn, runs.RunId(run_id))

    async def resume_run(self, run_id: int) -> bool:
        """Let a paused run go on, within seconds. Returns whether it was paused."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await runs.resume_run(conn, runs.RunId(run_id))

    async def retry_run(self, run_id: int) -> int:
        """Try again what failed or was quarantined in a run, also in one that has ended; return how many things."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.retry_failed(
                conn, runs.RunId(run_id), now=clock.now()
            )

    async def cancel_run(self, run_id: int) -> bool:
        """End a run; what is not settled counts as cancelled. Returns whether it was running."""
        await self.get_run(run_id)
        async with self._transaction() as conn:
            return await cancelling.cancel_run(
                conn, runs.RunId(run_id), now=clock.now()
            )
