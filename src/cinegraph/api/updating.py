"""Keeping what is stored up to date: the feed of changes."""

import asyncio
from collections.abc import Callable, Sequence

from cinegraph.api.connection import Connection
from cinegraph.api.operating import check_schedule
from cinegraph.jobs import browse as jobs_browse
from cinegraph.jobs import scheduling
from cinegraph.jobs.schedules import SCHEDULED
from cinegraph.jobs.stages import FILMS
from cinegraph.sync import changes
from cinegraph.sync.changes import Window

FEED_WORKERS = ("FollowChanges", "ReadChanges")
_GOING_ON = ("available", "scheduled", "executing")
"""Not `retryable`: what failed is tried again by itself, and nobody wants to wait for that."""
_READ_SECONDS = 0.5


class Updating(Connection):
    """What the sources say has changed."""

    async def update_changes(self) -> int | None:
        """
        Have the feed of changes read now; return the job's id, None when that is under way already.

        The films that it names become due as they do by themselves every 15 minutes.
        """
        check_schedule("FollowChanges")
        async with self._transaction() as conn:
            return await scheduling.run_now(conn, SCHEDULED["FollowChanges"])

    async def list_change_days(self, days: int = 14) -> list[Window]:
        """Return the newest days of the feed, newest first: how far each was read, and what it named."""
        async with self._app.pool.connection() as conn:
            return await changes.list_windows(conn, **FILMS.entry, limit=days)

    async def wait_for_changes(
        self, on_progress: Callable[[Sequence[Window]], None] = lambda _: None
    ) -> list[Window]:
        """
        Return the days of the feed once nothing of it is being read, or it failed; see `Window.error`.

        *on_progress* sees every reading on the way.
        """
        while True:
            # The jobs first: a day that is read in between is in what is read after it.
            is_reading = await self._is_reading()
            days = await self.list_change_days()
            on_progress(days)
            if not is_reading:
                return days
            await asyncio.sleep(_READ_SECONDS)

    async def _is_reading(self) -> bool:
        async with self._app.pool.connection() as conn:
            for worker in FEED_WORKERS:
                if await jobs_browse.list_jobs(
                    conn, states=_GOING_ON, worker=worker, page_size=1
                ):
                    return True
        return False
