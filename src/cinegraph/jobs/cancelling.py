"""Ending, pausing and retrying jobs and runs on a person's word: nothing waits any longer for what nobody does."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.jobs import operations
from cinegraph.jobs.catalogue import MergeExport
from cinegraph.jobs.discovery import DiscoverMovies, DiscoverMoviesArgs, item_of
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.enrichment import CANCELLED_PAUSE, EnrichMovie, put_off, put_off_run
from cinegraph.jobs.imports import SOURCE, ImportMovie
from cinegraph.jobs.making import make_jobs
from cinegraph.jobs.omdb import EnrichFromOmdb
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.stages import BY_ITEM_KIND
from cinegraph.jobs.updates import UpdateMovie
from cinegraph.sync import ledger, planning, runs

_OF_STORED_FILMS = {
    UpdateMovie.name: runs.MOVIE,
    EnrichFromOmdb.name: runs.OMDB,
    EnrichMovie.name: Enrichment.COLLABORATIONS,
}
"""By worker whose arguments have our id of the film, the kind of the item; TMDB's id is in the job's `meta`."""


async def cancel_jobs(
    conn: AsyncConnection[Any], ids: Sequence[int]
) -> operations.Cancelled:
    """
    End waiting jobs and ask running ones to end.

    The items of the ended ones are settled as cancelled in the same transaction, or the run would make their jobs
    again; a running job settles its own when it ends.
    """
    films = [
        number for kind, number, _ in await _work_of(conn, ids) if kind == runs.MOVIE
    ]
    # Before the jobs, and all at once: in the order of those who store films.
    await ledger.lock(conn, films, source=SOURCE, kind=runs.MOVIE)
    cancelled = await operations.cancel_jobs(conn, ids)
    ended = await _work_of(conn, cancelled.ended)
    for kind, number, run_id in sorted(ended, key=itemgetter(0, 1)):
        await cancel_item(conn, kind, number, run_id, source=SOURCE)
        await put_off(conn, kind, number, until=clock.now() + CANCELLED_PAUSE)
    return cancelled


async def cancel_run(
    conn: AsyncConnection[Any], run_id: runs.RunId, *, now: datetime
) -> bool:
    """End a run with its jobs; what is not settled counts as cancelled. Returns whether it was running."""
    was_running = await runs.cancel_run(conn, run_id, now=now)
    # From here on nothing is added to the run: these are all.
    await operations.cancel_jobs_of(conn, run_id)
    if was_running:
        await put_off_run(conn, run_id, until=now + CANCELLED_PAUSE)
    return was_running


async def pause_run(conn: AsyncConnection[Any], run_id: runs.RunId) -> bool:
    """
    Queue nothing more of a run and take its waiting jobs out of the queues; what runs already ends.

    Returns:
        Whether it was running. Resumed, it gets its jobs again within seconds.
    """
    was_running = await runs.pause_run(conn, run_id)
    if was_running:
        await conn.execute(
            sql.load("cinegraph.jobs", "withdraw_jobs.sql"), {"run": str(run_id)}
        )
    return was_running


async def retry_failed(
    conn: AsyncConnection[Any], run_id: runs.RunId, *, now: datetime
) -> int:
    """
    Try again what failed or was quarantined in a run, ended or not; return how many things.

    The feeder makes the jobs of films, however many failed; what a person named goes first, at once.
    """
    reopened = await runs.reopen_failed(conn, run_id, fed_kinds=BY_ITEM_KIND)
    if reopened is None:
        return 0
    for kind, ids in reopened.planned.items():
        if kind == runs.MOVIE and reopened.run_kind in runs.UPDATES:
            # The ledger does not offer them: the feeder takes them from the run itself.
            continue
        # What was answered meanwhile is settled, the rest is offered to the feeder.
        await planning.restore_planned(
            conn, run_id, kind, **BY_ITEM_KIND[kind].entry, now=now, limit=len(ids)
        )
    for kind, ids in reopened.opened.items():
        if (stage := BY_ITEM_KIND.get(kind)) is not None:
            await ledger.queue(
                conn, ids, **stage.entry, reason=f"retried by run {run_id}", now=now
            )
        items = [
            runs.RunItem(run_id, kind, number, 1, reopened.run_kind) for number in ids
        ]
        jobs = list((await make_jobs(conn, items)).values())
        if reopened.run_kind == runs.BY_NAME:
            await operations.enqueue_first(conn, jobs)
        else:
            await insert_jobs(conn, jobs)
    return reopened.things


async def _work_of(
    conn: AsyncConnection[Any], ids: Sequence[int]
) -> list[tuple[str, int, int | None]]:
    """Return kind and id of the things that jobs are at, and the run; None: for none."""
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "list_job_work.sql"), {"ids": list(ids)}
    )
    return [
        (*item, run_id)
        for worker, args, run_id, tmdb_id, named in await cursor.fetchall()
        if (item := _named(named) or _item_of(worker, args, tmdb_id))
    ]


def _named(item: str | None) -> tuple[str, int] | None:
    """Return the item that a job itself names."""
    if item is None:
        return None
    kind, number, *_ = item.split()
    return kind, int(number)


def _item_of(
    worker: str, args: dict[str, Any], tmdb_id: int | None
) -> tuple[str, int] | None:
    if worker == ImportMovie.name:
        number = args.get("tmdb_id")
        # Broken arguments are a reason to cancel a job, not to fail at it.
        return (runs.MOVIE, number) if isinstance(number, int) else None
    if worker in _OF_STORED_FILMS and tmdb_id is not None:
        return args.get("enrichment", _OF_STORED_FILMS[worker]), tmdb_id
    if worker == MergeExport.name:
        return runs.EXPORT, 1
    if worker == DiscoverMovies.name:
        with suppress(msgspec.ValidationError):
            return item_of(msgspec.convert(args, DiscoverMoviesArgs))
    return None
