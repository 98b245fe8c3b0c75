"""Ending jobs and runs on a person's word: nothing waits any longer for what nobody does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.jobs import operations
from cinegraph.jobs.discovery import DiscoverMovies, page_kind
from cinegraph.jobs.imports import SOURCE, ImportMovie, cancel_item
from cinegraph.sync import ledger, runs


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
    for item in sorted(await _work_of(conn, cancelled.ended)):
        await cancel_item(conn, *item)
    return cancelled


async def cancel_run(
    conn: AsyncConnection[Any], run_id: runs.RunId, *, now: datetime
) -> bool:
    """End a run with its jobs; what is not settled counts as cancelled. Returns whether it was running."""
    was_running = await runs.cancel_run(conn, run_id, now=now)
    # From here on nothing is added to the run: these are all.
    await operations.cancel_jobs_of(conn, run_id)
    return was_running


async def _work_of(
    conn: AsyncConnection[Any], ids: Sequence[int]
) -> list[tuple[str, int, int]]:
    """Return kind and id of the runs' items that jobs are at, and the run."""
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "list_job_work.sql"), {"ids": list(ids)}
    )
    return [
        (*item, run_id)
        for worker, args, run_id in await cursor.fetchall()
        if (item := _item_of(worker, args))
    ]


def _item_of(worker: str, args: dict[str, Any]) -> tuple[str, int] | None:
    if worker == ImportMovie.name:
        return runs.MOVIE, args["tmdb_id"]
    if worker == DiscoverMovies.name:
        return page_kind(args["source"]), args["page"]
    return None
