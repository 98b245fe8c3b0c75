"""
`cinegraph rebuild`: every row made again from documents, without a request; or proof that nothing differs.

A rebuild is a run whose ranges stand in `rebuild_shards`; started again after a kill it goes on where it was. Its
processes take ranges side by side, also on several machines.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import documents as stored
from cinegraph.catalog import rebuilding, titles
from cinegraph.catalog.documents import EVERYTHING, DocumentRange
from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.jobs.documents.children import ChildFailedError, Order, run_orders
from cinegraph.jobs.documents.parity import Difference
from cinegraph.jobs.documents.reading import REBUILT, SOURCES
from cinegraph.jobs.documents.working import Compared
from cinegraph.jobs.title_writer import read_title as find_stored
from cinegraph.sync import rebuilds, runs

MOST_LISTED = 20
"""Differences that a report names; it counts them all."""
_SHARD = 500
"""Documents a range at least: less is not worth a row."""
_MOST_SHARDS = 512
_LOOK_SECONDS = 0.25
"""How often progress is read."""
_ATTACH_GROUP = 500


class RebuildRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents."""

    source: str | None = None
    """Of films and people `tmdb`, of ratings `omdb`, or one of awards, such as `oscars_table`; None: all."""
    condition: str | None = None
    """SQL over the columns of `documents`; None: all."""

    @property
    def meets(self) -> str:
        """The condition that documents meet."""
        return EVERYTHING if self.condition is None else self.condition


class RebuildProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rebuild is, or how it ended."""

    run_id: int
    state: str
    """`running`, `completed`, `failed` (some documents could not be read), `paused`, `cancelled`."""
    is_resumed: bool
    planned: int
    rebuilt: int
    failed: int
    before: int
    """Documents that were done when this process took part."""
    seconds: float
    """Since this process took part."""


class ParityReport(msgspec.Struct, frozen=True, kw_only=True):
    """How rows compare with documents, so far or in the end."""

    planned: int
    compared: int
    differing: int
    differences: list[Difference]
    """At most `MOST_LISTED` of them."""
    seconds: float

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differing


async def rebuild(
    pool: Pool,
    url: str,
    request: RebuildRequest,
    *,
    processes: int | None = None,
    restarts: bool = False,
    requested_by: str = "command",
    on_progress: Callable[[RebuildProgress], None] = lambda _: None,
) -> RebuildProgress:
    """
    Make the rows of stored documents again, going on with an unfinished rebuild of the same documents.

    Rows that are right are not touched; documents that cannot be read go into quarantine and their rows stay.

    Args:
        url: Of the database that *pool* is for; the processes connect by themselves.
        processes: As many as there are cores unless given.
        restarts: Begin anew; an unfinished one is cancelled.

    Raises:
        UsageError: The condition is none, or there is no such source.
        ChildFailedError: Processes ended early; the rebuild can go on.
    """
    run_id, is_resumed = await _begin(
        pool, request, restarts=restarts, requested_by=requested_by
    )
    started, before = time.monotonic(), -1

    async def look() -> RebuildProgress:
        nonlocal before
        async with pool.connection() as conn:
            state = await rebuilds.read_state(conn, run_id)
        done = state.rebuilt + state.failed
        before = done if before < 0 else before
        return RebuildProgress(
            run_id=run_id,
            state=state.state,
            is_resumed=is_resumed,
            planned=max(state.planned, done),
            rebuilt=state.rebuilt,
            failed=state.failed,
            before=before,
            seconds=time.monotonic() - started,
        )

    on_progress(await look())
    order = Order(
        url=url,
        condition=request.meets,
        offset_seconds=_clock_offset(),
        run_id=run_id,
    )
    work = asyncio.create_task(run_orders([order] * _count(processes), lambda _: None))
    await _follow(work, look, on_progress)
    await _end(pool, run_id, request, work.result())
    last = await look()
    on_progress(last)
    return last


async def check_parity(
    pool: Pool,
    url: str,
    request: RebuildRequest,
    *,
    processes: int | None = None,
    on_progress: Callable[[ParityReport], None] = lambda _: None,
) -> ParityReport:
    """
    Compare all rows with what documents say, changing nothing.

    Raises:
        UsageError: The condition is none, or there is no such source.
        ChildFailedError: Processes ended early: nothing is proven.
    """
    started = time.monotonic()
    async with pool.connection() as conn:
        await rebuilding.require_counting(conn)
    ranges = await _plan(pool, request)
    planned = sum(each.documents for each in ranges)
    seen = _Seen(planned, started)

    def hear(compared: Compared) -> None:
        seen.add(compared.documents, compared.differences)
        on_progress(seen.report())

    count = min(_count(processes), max(len(ranges), 1))
    errors = await run_orders(
        [
            Order(
                url=url,
                condition=request.meets,
                offset_seconds=_clock_offset(),
                # Neighbours are alike in cost: dealt out, the processes end together.
                ranges=ranges[number::count],
            )
            for number in range(count)
        ],
        hear,
    )
    if errors:
        raise ChildFailedError(
            f"the comparison stopped: {errors[0]}", hint="Start it again."
        )
    if request.condition is None:
        seen.add(0, await _find_undocumented(pool, request.source))
    report = seen.report()
    on_progress(report)
    return report


class _Seen:
    """Adds up what is compared."""

    def __init__(self, planned: int, started: float) -> None:
        self._planned = planned
        self._started = started
        self._compared = 0
        self._differing = 0
        self._listed: list[Difference] = []

    def add(self, documents: int, differences: list[Difference]) -> None:
        self._compared += documents
        self._differing += len(differences)
        room = MOST_LISTED - len(self._listed)
        self._listed.extend(differences[:room])

    def report(self) -> ParityReport:
        return ParityReport(
            planned=max(self._planned, self._compared),
            compared=self._compared,
            differing=self._differing,
            differences=list(self._listed),
            seconds=time.monotonic() - self._started,
        )


async def _begin(
    pool: Pool, request: RebuildRequest, *, restarts: bool, requested_by: str
) -> tuple[runs.RunId, bool]:
    """Return the run to work on, and whether it was begun before."""
    source = request.source or "all"
    arguments: dict[str, object] = {}
    if request.condition is not None:
        arguments["where"] = request.condition
    async with pool.connection() as conn, conn.transaction():
        found = await rebuilds.find_unfinished(conn, source=source, arguments=arguments)
        if found is not None and not restarts:
            await rebuilds.resume(conn, found)
            return found, True
        if found is not None:
            await runs.cancel_run(conn, found, now=clock.now())
    ranges = await _plan(pool, request)
    async with pool.connection() as conn, conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind=rebuilds.KIND,
            source=source,
            arguments=arguments,
            requested_by=requested_by,
            now=clock.now(),
        )
        await rebuilds.add_shards(conn, run_id, ranges)
    return run_id, False


async def _plan(pool: Pool, request: RebuildRequest) -> list[DocumentRange]:
    """Split the documents asked for into ranges; the condition is tried where nothing can be written."""
    sources = dict(REBUILT)
    if request.source is not None and request.source not in sources:
        raise UsageError(
            f"no bodies of {request.source!r} are kept",
            hint=f"Sources: {', '.join(sources)}.",
        )
    found = []
    async with pool.connection() as conn:
        await conn.set_read_only(True)
        try:
            async with conn.transaction():
                for source, kind in REBUILT:
                    if request.source in (None, source):
                        found += await _split(conn, source, kind, request.meets)
        finally:
            await conn.set_read_only(None)
    return found


async def _split(
    conn: AsyncConnection[Any], source: str, kind: str, condition: str
) -> list[DocumentRange]:
    ranges = await stored.split(conn, source, kind, size=_SHARD, condition=condition)
    if len(ranges) <= _MOST_SHARDS:
        return ranges
    step = -(-len(ranges) // _MOST_SHARDS)
    return [
        DocumentRange(
            source,
            kind,
            ranges[first].first_id,
            ranges[min(first + step, len(ranges)) - 1].end_id,
            sum(each.documents for each in ranges[first : first + step]),
        )
        for first in range(0, len(ranges), step)
    ]


async def _follow(
    work: asyncio.Task[list[str]],
    look: Callable[[], Any],
    on_progress: Callable[[RebuildProgress], None],
) -> None:
    """Tell progress until *work* is done; ended from outside, end it and wait for it."""
    try:
        while not work.done():
            await asyncio.wait([work], timeout=_LOOK_SECONDS)
            on_progress(await look())
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait([work])


async def _end(
    pool: Pool, run_id: runs.RunId, request: RebuildRequest, errors: list[str]
) -> None:
    """End the run when all is done; say why where a process failed and left something."""
    async with pool.connection() as conn, conn.transaction():
        state = await rebuilds.read_state(conn, run_id)
        if state.unfinished_shards and errors and state.state == "running":
            raise ChildFailedError(
                f"rebuild {run_id} stopped: {errors[0]}",
                hint="Nothing is lost: the same command goes on where it was.",
            )
        if state.unfinished_shards:
            return
        if request.condition is None and request.source in (None, titles.SOURCE):
            await _clear_untitled(conn)
        await rebuilds.finish(conn, run_id, now=clock.now())


async def _clear_untitled(conn: AsyncConnection[Any]) -> None:
    """Take away ratings and facts of titles that are not stored, or not of the film any longer."""
    ids = await rebuilding.list_untitled(conn)
    for first in range(0, len(ids), _ATTACH_GROUP):
        await titles.attach_titles(
            conn,
            ids[first : first + _ATTACH_GROUP],
            read=find_stored,
            now=clock.now(),
            keeps_history=False,
        )


async def _find_undocumented(pool: Pool, source: str | None) -> list[Difference]:
    """Return rows that no document tells of."""
    found = []
    async with pool.connection() as conn:
        if source in (None, "tmdb"):
            ids = await rebuilding.list_undocumented(conn, "tmdb", SOURCES["tmdb"])
            reason = "a film that no stored document tells of"
            found += [Difference("tmdb", str(i), {"movies": 1}, reason) for i in ids]
        if source in (None, titles.SOURCE):
            ids = await rebuilding.list_untitled(conn)
            reason = "ratings or facts that no stored title tells of"
            found += [Difference("tmdb", str(i), {"ratings": 1}, reason) for i in ids]
    return found


def _clock_offset() -> float:
    return (clock.now() - clock.real_now()).total_seconds()


def _count(processes: int | None) -> int:
    return processes or os.cpu_count() or 1
