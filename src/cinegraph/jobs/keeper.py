"""
Keeping runs moving: further rounds, jobs put off or lost, the end.

A loop of the leading node. It trusts only tables: an item that is open while no job is at it, for whatever reason,
gets a job again, and a run with nothing left is ended with its sums.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.errors import JobArgumentsError
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.leading import LeaderLoop
from cinegraph.jobs.making import make_jobs
from cinegraph.jobs.operations import PUT_OFF_CODES, enqueue_first
from cinegraph.jobs.probing import Probe, Prober
from cinegraph.jobs.settling import exhaust
from cinegraph.jobs.stages import BY_ITEM_KIND, QUEUES, Stage
from cinegraph.limits.browse import list_budgets
from cinegraph.limits.quota_state import KEEP_QUOTA_DAYS, prune_quota_days
from cinegraph.limits.retention import KEEP_USAGE, prune_usage
from cinegraph.sync import ledger, runs
from cinegraph.telemetry import emit

TURN_SECONDS = 1.0
"""A run's end is seen within it."""
AUDIT_SECONDS = 15.0
"""How often open items are held against live jobs; losing one is rare, looking costs a scan of the open items."""
RELEASE_SECONDS = 5.0
"""How often jobs put off by a throttled or halted source are looked at."""
CALM = timedelta(seconds=10)
"""Without a 429 for so long a source answers again: pauses double from a quarter of a second, a real limit shows."""
HOUSEKEEPING_SECONDS = 3600.0
"""How often old counts are cleared away."""
BATCH = 1000
"""Items reopened a turn."""

_log = structlog.get_logger(__name__)


class JobEnd(msgspec.Struct, frozen=True):
    """How the newest job of some work stands."""

    state: str
    error_code: str | None
    error: str | None

    @property
    def is_unsettled(self) -> bool:
        """Whether it ended without a word to its runs: its node died, its arguments or its settling failed."""
        is_refused = self.error_code == JobArgumentsError.code
        return self.state == "discarded" or (self.state == "cancelled" and is_refused)


class RunKeeper:
    """
    The loop.

    Args:
        pool: One connection is taken each turn.
        is_leader: Whether this node should do it now.
        probes: By source, what asks it something cheap; called while the source is halted.
    """

    def __init__(
        self,
        pool: Pool,
        is_leader: Callable[[], bool],
        *,
        probes: Mapping[str, Probe] = MappingProxyType({}),
        turn_seconds: float = TURN_SECONDS,
        audit_seconds: float = AUDIT_SECONDS,
        release_seconds: float = RELEASE_SECONDS,
    ) -> None:
        self._pool = pool
        self._loop = LeaderLoop(
            "run-keeper", self.turn, seconds=turn_seconds, is_leader=is_leader
        )
        self._prober = Prober(probes)
        self._audit_seconds = audit_seconds
        self._release_seconds = release_seconds
        self._audited_at = self._released_at = time.monotonic()
        self._tidied_at = float("-inf")

    async def start(self) -> None:
        """Begin turning."""
        await self._loop.start()

    async def stop(self) -> None:
        """Stop after the current statement."""
        await self._loop.stop()
        await self._prober.stop()

    async def turn(self) -> list[runs.RunId]:
        """Do what is due now; return the runs that ended."""
        now = clock.now()
        async with self._pool.connection() as conn, conn.transaction():
            due = await runs.reopen_due(conn, now=now, limit=BATCH)
            await _enqueue(conn, due)
        # Apart from it: what a run leaves in the ledger is locked before items are.
        async with self._pool.connection() as conn, conn.transaction():
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
        """Wake jobs that were put off by a source which answers again; return how many. Silent sources are asked."""
        async with self._pool.connection() as conn:
            budgets = await list_budgets(conn)
            self._prober.ask(
                one.source for one in budgets if one.halted_at or one.circuit_opened_at
            )
            cursor = await conn.execute(
                sql.load("cinegraph.jobs", "release_waiting.sql"),
                {"codes": list(PUT_OFF_CODES), "calm": CALM},
            )
            row = await cursor.fetchone()
        return row[0] if row else 0

    async def _tidy(self) -> None:
        async with self._pool.connection() as conn:
            await prune_usage(conn, before=clock.real_now() - KEEP_USAGE)
            await prune_quota_days(conn, before=clock.now() - KEEP_QUOTA_DAYS)

    async def audit(self) -> int:
        """
        Give a job to every open item that has none; return how many got one.

        Where the last job ended without settling its item, that round is over: work that kills its node ends too.
        """
        async with self._pool.connection() as conn, conn.transaction():
            await runs.cancel_left_over(conn, now=clock.now())
        async with self._pool.connection() as conn, conn.transaction():
            lost = await _list_lost_items(conn)
            over = await _end_rounds(conn, lost)
            made = await _enqueue(conn, [item for item in lost if item not in over])
            wanted = 0
            for stage in BY_ITEM_KIND.values():
                wanted += await _want_lost(conn, stage)
        count = sum(job.id is not None for job in made)
        if count or over or wanted:
            _log.warning(
                "jobs were lost",
                made_again=count,
                rounds_over=len(over),
                wanted_again=wanted,
            )
        return count


async def _list_lost_items(conn: AsyncConnection[Any]) -> list[runs.RunItem]:
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "list_lost_items.sql"), {"limit": 20 * BATCH}
    )
    return [runs.RunItem(*row) for row in await cursor.fetchall()]


async def _want_lost(conn: AsyncConnection[Any], stage: Stage) -> int:
    """Let the ledger want again what is queued while nothing is at it; return how many things."""
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "want_lost_entries.sql"),
        {
            **stage.entry,
            "item_kind": stage.item_kind,
            "queues": list(QUEUES[stage.item_kind]),
            "now": clock.now(),
        },
    )
    return cursor.rowcount


async def _end_rounds(
    conn: AsyncConnection[Any], lost: Sequence[runs.RunItem]
) -> set[runs.RunItem]:
    """End the rounds of the items whose newest job did not settle them, or that no job can; return these items."""
    if not lost:
        return set()
    jobs = await make_jobs(conn, lost)
    impossible = {item for item in lost if item not in jobs}
    for item in impossible:
        await _give_up(conn, item)
    keys = {item: job.meta["uniq_key"] for item, job in jobs.items()}
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "find_job_ends.sql"), {"keys": [*keys.values()]}
    )
    ends = {key: JobEnd(*row) for key, *row in await cursor.fetchall()}
    over = impossible
    for item, key in keys.items():
        end = ends.get(key)
        if end is not None and end.is_unsettled:
            await _end_round(conn, item, end)
            over.add(item)
    return over


async def _give_up(conn: AsyncConnection[Any], item: runs.RunItem) -> None:
    """End an item that no job can do: its film is not stored any more, or has lost the id that is asked by."""
    stage = BY_ITEM_KIND.get(item.kind)
    ids = [item.external_id]
    if stage is not None:
        await ledger.lock(conn, ids, **stage.entry)
    await runs.settle_items(
        conn, item.kind, ids, runs.ItemState.ABSENT, now=clock.now()
    )
    if stage is not None:
        await ledger.want_again(conn, ids, **stage.entry, item_kind=item.kind)


async def _end_round(
    conn: AsyncConnection[Any], item: runs.RunItem, end: JobEnd
) -> None:
    code = end.error_code or "unexpected"
    now = clock.now()
    stage = BY_ITEM_KIND.get(item.kind)
    if stage is None:
        await runs.exhaust_item(
            conn,
            item.kind,
            item.external_id,
            run_id=item.run_id,
            error_code=code,
            now=now,
        )
        return
    await exhaust(
        conn,
        stage,
        item.external_id,
        run_id=item.run_id,
        error_code=code,
        error=end.error or code,
        now=now,
    )


async def _enqueue(
    conn: AsyncConnection[Any], items: Sequence[runs.RunItem]
) -> list[Job]:
    """Make the jobs of *items*; what a person named comes first, also where a list names it too."""
    jobs = await make_jobs(conn, items)
    named = [job for item, job in jobs.items() if item.is_named]
    listed = [job for item, job in jobs.items() if not item.is_named]
    return await enqueue_first(conn, named) + await insert_jobs(conn, listed)
