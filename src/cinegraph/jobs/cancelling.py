"""Ending jobs on a person's word: the runs they worked for stop waiting for them."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.jobs import operations
from cinegraph.jobs.discovery import DiscoverMovies, page_kind
from cinegraph.jobs.imports import ImportMovie, cancel_item
from cinegraph.sync import runs


async def cancel_jobs(
    conn: AsyncConnection[Any], ids: Sequence[int]
) -> operations.Cancelled:
    """
    End waiting jobs and ask running ones to end.

    The items of the ended ones are settled as cancelled in the same transaction, or the run would make their jobs
    again; a running job settles its own when it ends.
    """
    cancelled = await operations.cancel_jobs(conn, ids)
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "list_job_work.sql"), {"ids": list(cancelled.ended)}
    )
    for worker, args, run_id in await cursor.fetchall():
        if item := _item_of(worker, args):
            await cancel_item(conn, *item, run_id)
    return cancelled


def _item_of(worker: str, args: dict[str, Any]) -> tuple[str, int] | None:
    """Return kind and id of the run's item that a job is at."""
    if worker == ImportMovie.name:
        return runs.MOVIE, args["tmdb_id"]
    if worker == DiscoverMovies.name:
        return page_kind(args["source"]), args["page"]
    return None
