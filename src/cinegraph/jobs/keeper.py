"""
Keeping runs moving: further rounds, jobs put off or lost, the end.

A loop of the leading node. It trusts only tables: an item that is open while no job is at it, for whatever reason,
gets a job again, and a run with nothing left is ended with its sums.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.errors import (
    SourceError,
    SourceHaltedError,
    SourceRejectedError,
    SourceThrottledError,
)
from cinegraph.jobs.discovery import import_jobs, list_of_page_kind, page_job
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.limits.browse import list_budgets
from cinegraph.limits.retention import KEEP_USAGE, prune_usage
from cinegraph.sync import runs
from cinegraph.telemetry import emit

TURN_SECONDS = 1.0
"""A run's end is seen within it."""
AUDIT_SECONDS = 15.0
"""How often open items are held against live jobs; losing one is rare, looking costs a scan of the open items."""
RELEASE_SECONDS = 5.0
"""How often jobs put off by a throttled or halted source are looked at."""
CALM = timedelta(seconds=10)
"""Without a 429 for so long a source answers again: pauses double from a quarter of a second, a real limit shows."""
PUT_OFF_CODES = (
    SourceThrottledError.code,
    SourceRejectedError.code,
    SourceHaltedError.code,
)
"""What a job was put off for when the source, not the film, was the reason."""
HOUSEKEEPING_SECONDS = 3600.0
"""How often old counts are cleared away."""
BATCH = 1000
"""Items reopened a turn."""

_log = structlog.get_logger(__name__)


class RunKeeper:
    """
    The loop.

    Args:
        pool: One connection is taken each turn.
        is_leader: Whether this node should do it now.
        probe: Asks the source something cheap; called while the source is halted, for then every job may be asleep.
            The budget lets one request a minute through, and lifts the halt when it succeeds.
    """

    def __init__(
        self,
        pool: Pool,
        is_leader: Callable[[], bool],
        *,
        probe: Callable[[], Awaitable[object]] | None = None,
        turn_seconds: float = TURN_SECONDS,
        audit_seconds: float = AUDIT_SECONDS,
        release_seconds: float = RELEASE_SECONDS,
    ) -> None:
        self._pool = pool
        self._is_leader = is_leader
        self._probe = probe
        self._turn_seconds = turn_seconds
        self._audit_seconds = audit_seconds
        self._release_seconds = release_seconds
        self._audited_at = self._released_at = time.monotonic()
        self._tidied_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin turning."""
        self._task = asyncio.create_task(self._loop(), name="run-keeper")

    async def stop(self) -> None:
        """Stop after the current statement."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(self._turn_seconds)
            if not self._is_leader():
                continue
            try:
                await self.turn()
            except Exception:  # noqa: BLE001 - a loop outlives whatever a turn meets
                # The database may be gone for a while; the next turn tries again.
                _log.exception("runs could not be kept")

    async def turn(self) -> list[runs.RunId]:
        """Do what is due now; return the runs that ended."""
        now = clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            due = await runs.reopen_due(conn, now=now, limit=BATCH)
            await insert_jobs(conn, _jobs(due))
            finished = await runs.finish_runs(conn, now=now)
        for run_id in finished:
            emit("cinegraph.sync.run.finished", run_id=run_id)
        if time.monotonic() - self._released_at >= self._release_seconds:
            self._released_at = time.monotonic()
            await self.release()
        if time.monotonic() - self._audited_at >= self._audit_seconds:
            self._audited_at = time.monotonic()
            await self.audit()
        if time.monotonic() - self._tidied_at >= HOUSEKEEPING_SECONDS:
            self._tidied_at = time.monotonic()
            await self._tidy()
        return finished

    async def release(self) -> int:
        """Wake jobs that were put off by a source which answers again; return how many."""
        async with self._pool.connection() as conn:
            budgets = await list_budgets(conn)
        if self._probe is not None and any(one.halted_at for one in budgets):
            # Refused again, or not yet its turn: the halt stands, and says so itself.
            with suppress(SourceError):
                await self._probe()
        async with self._pool.connection() as conn:
            cursor = await conn.execute(
                sql.load("cinegraph.jobs", "release_waiting.sql"),
                {"codes": list(PUT_OFF_CODES), "calm": CALM},
            )
            row = await cursor.fetchone()
        return row[0] if row else 0

    async def _tidy(self) -> None:
        async with self._pool.connection() as conn:
            await prune_usage(conn, before=clock.real_now() - KEEP_USAGE)

    async def audit(self) -> int:
        """Give a job to every open item that has none; return how many got one."""
        async with self._pool.connection() as conn, conn.transaction():
            lost = await _list_lost_items(conn)
            made = await insert_jobs(conn, _jobs(lost))
        count = sum(job.id is not None for job in made)
        if count:
            _log.warning("jobs were lost and are made again", count=count)
        return count


async def _list_lost_items(conn: AsyncConnection[Any]) -> list[runs.RunItem]:
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "list_lost_items.sql"), {"limit": 20 * BATCH}
    )
    return [runs.RunItem(*row) for row in await cursor.fetchall()]


def _jobs(items: Sequence[runs.RunItem]) -> list[Job]:
    jobs: list[Job] = []
    for item in items:
        if item.kind == runs.MOVIE:
            jobs += import_jobs([item.external_id], run_id=item.run_id, is_listed=True)
        else:
            source = list_of_page_kind(item.kind)
            jobs.append(page_job(item.run_id, source, item.external_id))
    return jobs
