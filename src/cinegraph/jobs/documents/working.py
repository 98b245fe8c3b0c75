"""The loops that go through documents: what one process does of a rebuild or of a comparison, until it is stopped."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from psycopg import AsyncConnection, errors

from cinegraph import clock
from cinegraph.catalog import documents as stored
from cinegraph.catalog.documents import DocumentRange, StoredDocument
from cinegraph.db.pool import Pool
from cinegraph.jobs.documents.parity import Difference, Parity
from cinegraph.jobs.documents.rewriting import Rewriter, quarantine_unreadable
from cinegraph.sync import rebuilds
from cinegraph.sync.runs import RunId

BATCH = 100
"""Documents a transaction, and so what a kill costs at most: a third of a second on two cores."""
_MOST_TRIES = 5
"""Of one group; the order of locks makes deadlocks rare, and who waits too long for another writer tries again."""
_TRANSIENT = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)

type IsStopped = Callable[[], bool]


class Compared(msgspec.Struct, frozen=True):
    """What comparing one group came to."""

    documents: int
    differences: list[Difference]


async def rebuild_shards(
    pool: Pool, run_id: RunId, *, condition: str, is_stopped: IsStopped
) -> None:
    """Make the rows of one group of documents after the other, until no range of the run is left to take."""
    async with _session(pool) as conn, _session(pool) as beside:
        rewriter = Rewriter(conn, beside=beside)
        while not is_stopped():
            if not await _rebuild_group(conn, rewriter, run_id, condition):
                return


async def _rebuild_group(
    conn: AsyncConnection[Any], rewriter: Rewriter, run_id: RunId, condition: str
) -> bool:
    """Make the rows of the next group and commit them with the run's progress; return whether there was one."""
    for attempt in range(1, _MOST_TRIES + 1):
        try:
            async with conn.transaction():
                is_found = await _write_group(conn, rewriter, run_id, condition)
        except BaseException as error:
            rewriter.recent.forget()
            if not isinstance(error, _TRANSIENT) or attempt == _MOST_TRIES:
                raise
        else:
            rewriter.recent.commit()
            return is_found
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def _write_group(
    conn: AsyncConnection[Any], rewriter: Rewriter, run_id: RunId, condition: str
) -> bool:
    shard = await rebuilds.claim(conn, run_id)
    if shard is None:
        return False
    within = DocumentRange(
        shard.source, shard.kind, shard.first_id, shard.end_id, shard.documents
    )
    group = await stored.read(
        conn, within, after_id=shard.last_id, limit=BATCH, condition=condition
    )
    now = clock.now()
    unreadable = await rewriter.rewrite(group, now=now)
    await quarantine_unreadable(conn, unreadable, now=now)
    bad = {each.document.external_id for each in unreadable}
    good = [each for each in group if each.external_id not in bad]
    await stored.resolve_bodies(conn, good, now=now)
    await rebuilds.advance(
        conn,
        run_id,
        shard,
        last_id=group[-1].external_id if group else None,
        rebuilt=len(good),
        failed=len(bad),
        finished_at=now if len(group) < BATCH else None,
    )
    return True


async def compare_ranges(
    pool: Pool,
    ranges: Sequence[DocumentRange],
    *,
    condition: str,
    is_stopped: IsStopped,
    report: Callable[[Compared], None],
) -> None:
    """Compare the documents of *ranges* with their rows, group by group; *report* hears of each group."""
    async with _session(pool) as conn:
        parity = Parity(conn)
        for within in ranges:
            async for group in _groups(conn, within, condition):
                differences = await parity.compare(group, now=clock.now())
                report(Compared(len(group), differences))
                if is_stopped():
                    return


@asynccontextmanager
async def _session(pool: Pool) -> AsyncIterator[AsyncConnection[Any]]:
    """Give a connection on which nothing begins a transaction by itself."""
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        try:
            yield conn
        finally:
            if not conn.closed:
                await conn.set_autocommit(False)


async def _groups(
    conn: AsyncConnection[Any], within: DocumentRange, condition: str
) -> AsyncIterator[list[StoredDocument]]:
    """Give the documents of a range, some at a time."""
    after_id = None
    while group := await stored.read(
        conn, within, after_id=after_id, limit=BATCH, condition=condition
    ):
        yield group
        after_id = group[-1].external_id
