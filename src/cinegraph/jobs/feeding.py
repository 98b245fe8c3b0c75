"""
The feeder: what is due in the ledger becomes jobs, the most valuable first, never more than can be served soon.

A loop of the leading node. It keeps each source's queue topped up to what its request budget serves in half a minute
and its quota of the day allows, so a backlog of a million films is a few thousand rows of jobs. Two feeders at once, as
for a moment after a change of leader, harm nothing: rows are taken under their locks, and a live job is there once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import counting
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.stages import Stage
from cinegraph.jobs.update_feeding import feed_updates
from cinegraph.limits.browse import BudgetState, list_budgets
from cinegraph.sync import ledger, planning, policy, runs
from cinegraph.sync.ledger import Taken

TURN_SECONDS = 1.0
"""Between two turns; a turn that finds its queue full costs two short queries."""
RESTORE_TURNS = 15
"""Every so many turns a run that plans more than the ledger offers for it is made good."""
KEEP_FED_SECONDS = 300.0
"""How long a completed job that the feeder made is kept; its outcome stands in our tables."""
_PRUNE_TURNS = 30
_PRUNE_BATCH = 5_000
_DEFER_BATCH = 5_000
_OWNER = "cinegraph.jobs"
CHANGED_PRIORITY = 4
"""Of jobs for what the source says has changed: what is shown is wrong; before what may only be old."""
AGAIN_PRIORITY = 5
"""Of jobs for what was answered before: what is shown gets old; before what is not there yet."""
FEED_PRIORITY = 7
"""Of jobs for what was never fetched: behind what lists name."""

type Backfill = Callable[[AsyncConnection[Any], int, int], Awaitable[int]]
"""Takes the id to go on from and how many to look at; returns the last id looked at, 0 at the end."""
type Allowance = Callable[[AsyncConnection[Any]], Awaitable[int | None]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """How the things of one stage become jobs."""

    stage: Stage
    queues: Sequence[str]
    """Where its jobs wait."""
    make_jobs: Callable[[AsyncConnection[Any], Sequence[Taken]], Awaitable[list[Job]]]
    """Of things taken; a thing that no job can be made for is left out."""
    allowance: Allowance | None = None
    """What is left of the day's quota for work that nobody waits for; None: there is no quota."""
    configured_per_second: float = 0.0
    """The budget before the source was ever asked; 0: no limit."""
    backfill: Backfill | None = None
    """Enters what was there before the stage was switched on."""


class Feeder:
    """Turns of feeding; made once a node, called while it leads."""

    def __init__(self, pool: Pool, feeds: Sequence[Feed]) -> None:
        self._pool = pool
        self._feeds = feeds
        self._turns = 0
        self._backfilled = {feed.stage.item_kind: 0 for feed in feeds if feed.backfill}

    async def turn(self) -> int:
        """Feed every stage once and sum the counts up; return how many jobs were made."""
        made = 0
        for feed in self._feeds:
            made += await self.feed(feed)
        made += await feed_updates(self._pool)
        async with self._pool.connection() as conn:
            await ledger.sum_up(conn)
            await counting.sum_up(conn)
        if self._turns % _PRUNE_TURNS == 0:
            await self._prune()
        self._turns += 1
        # Last: it may take long, and nothing waits for it.
        for feed in self._feeds:
            await self._enter_older(feed)
        return made

    async def feed(self, feed: Feed) -> int:
        """Top one queue up; return how many jobs were made."""
        async with self._pool.connection() as conn, conn.transaction():
            room = await _find_room(conn, feed)
            if room.is_used_up:
                await planning.defer_items(
                    conn,
                    feed.stage.item_kind,
                    **feed.stage.entry,
                    now=clock.now(),
                    limit=_DEFER_BATCH,
                )
            if room.changed == 0:
                return 0
            run_ids = await planning.list_feeding(conn, feed.stage.item_kind)
            taken = await ledger.take_due(
                conn,
                **feed.stage.entry,
                run_ids=run_ids,
                limit=room.changed,
                others_limit=room.others,
                now=clock.now(),
            )
            if len(taken) < room.others and self._turns % RESTORE_TURNS == 0:
                await self._restore(conn, feed, run_ids)
            return await _make(conn, feed, taken)

    async def _enter_older(self, feed: Feed) -> None:
        """Enter a batch of what was there before the stage was switched on, until there is no more."""
        kind = feed.stage.item_kind
        if feed.backfill is None or kind not in self._backfilled:
            return
        async with self._pool.connection() as conn, conn.transaction():
            last = await feed.backfill(conn, self._backfilled[kind], policy.FEED_BATCH)
        if last:
            self._backfilled[kind] = last
        else:
            del self._backfilled[kind]

    async def _restore(
        self, conn: AsyncConnection[Any], feed: Feed, run_ids: Sequence[runs.RunId]
    ) -> None:
        for run_id in run_ids:
            moved = await planning.restore_planned(
                conn,
                run_id,
                feed.stage.item_kind,
                **feed.stage.entry,
                now=clock.now(),
                limit=policy.FEED_BATCH,
            )
            if moved:
                _log.info("planned things restored", run=run_id, things=moved)

    async def _prune(self) -> None:
        values = {
            "queues": [queue for feed in self._feeds for queue in feed.queues],
            "keep": KEEP_FED_SECONDS,
            "batch": _PRUNE_BATCH,
        }
        deleted = _PRUNE_BATCH
        while deleted == _PRUNE_BATCH:
            async with self._pool.connection() as conn:
                cursor = await conn.execute(sql.load(_OWNER, "prune_bulk.sql"), values)
                deleted = cursor.rowcount


@dataclass(frozen=True, slots=True)
class _Room:
    """How many jobs a queue takes now."""

    changed: int = 0
    """With those for what changed upstream."""
    others: int = 0
    """Without them."""
    is_used_up: bool = False
    """Whether the day's quota is."""


async def _find_room(conn: AsyncConnection[Any], feed: Feed) -> _Room:
    budgets = {budget.source: budget for budget in await list_budgets(conn)}
    budget = budgets.get(feed.stage.source)
    if budget is not None and budget.halted_at is not None:
        return _Room()
    depth = policy.queue_depth(_rate(budget, feed))
    whole_depth = policy.changed_depth(depth)
    cursor = await conn.execute(
        sql.load(_OWNER, "count_live_jobs.sql"),
        {"queues": list(feed.queues), "limit": whole_depth + 1, "of_runs": False},
    )
    [(waiting,)] = await cursor.fetchall()
    left = None if feed.allowance is None else await feed.allowance(conn)
    return _Room(
        changed=policy.feed_size(
            waiting=waiting,
            depth=whole_depth,
            allowance=left,
            # Or what is routine would fill the turns of a fast budget.
            batch=policy.changed_depth(policy.FEED_BATCH),
        ),
        others=policy.feed_size(waiting=waiting, depth=depth, allowance=left),
        is_used_up=left is not None and left <= 0,
    )


def _rate(budget: BudgetState | None, feed: Feed) -> float:
    """Return the requests a second that count; a source that is paused is fed as if it were not: it will go on."""
    if feed.configured_per_second <= 0 or budget is None:
        return feed.configured_per_second
    return budget.configured_per_second


async def _make(conn: AsyncConnection[Any], feed: Feed, taken: Sequence[Taken]) -> int:
    if not taken:
        return 0
    await planning.open_planned(
        conn, feed.stage.item_kind, [thing.external_id for thing in taken]
    )
    jobs = await feed.make_jobs(conn, taken)
    for job in jobs:
        job.meta["fed"] = True
    made = await insert_jobs(conn, jobs)
    return sum(job.id is not None for job in made)
