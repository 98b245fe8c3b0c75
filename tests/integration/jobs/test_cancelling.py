"""Ending single jobs on a person's word."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.jobs.cancelling import cancel_jobs
from cinegraph.jobs.discovery import import_jobs, page_job, page_kind
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.sync import runs
from cinegraph.sync.runs import MOVIE, RunId

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


async def _start(conn: Conn) -> RunId:
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind="import_popular",
            source="tmdb",
            arguments={"pages": 2},
            requested_by="command",
            now=NOW,
        )
        await runs.add_items(conn, run_id, MOVIE, [1, 2])
        await runs.add_items(conn, run_id, page_kind("popular"), [2])
    return run_id


async def _items(conn: Conn) -> list[Any]:
    cursor = await conn.execute(
        "SELECT kind, external_id, state FROM sync_run_items ORDER BY kind, external_id"
    )
    return await cursor.fetchall()


async def test_a_cancelled_job_stays_cancelled(conn: Conn, pool: Pool) -> None:
    """Its item is settled with it, so the audit makes no new job and the run can end."""
    run_id = await _start(conn)
    films = await insert_jobs(conn, import_jobs([1, 2], run_id=run_id))
    [page] = await insert_jobs(conn, [page_job(run_id, "popular", 2)])
    ids = [job.id for job in (films[0], page) if job.id is not None]
    async with conn.transaction():
        cancelled = await cancel_jobs(conn, ids)

    assert sorted(cancelled.ended) == sorted(ids)
    assert await _items(conn) == [
        (MOVIE, 1, "cancelled"),
        (MOVIE, 2, "open"),
        ("popular_page", 2, "cancelled"),
    ]
    assert await RunKeeper(pool, lambda: True).audit() == 0


async def test_another_run_goes_on_waiting_for_the_film(conn: Conn) -> None:
    """Only the run of the cancelled job gives it up; the audit gives the other one a job."""
    first, second = await _start(conn), await _start(conn)
    [job] = await insert_jobs(conn, import_jobs([1], run_id=first))
    assert job.id is not None
    async with conn.transaction():
        await cancel_jobs(conn, [job.id])
    cursor = await conn.execute(
        "SELECT run_id, state FROM sync_run_items WHERE kind = 'movie' AND external_id = 1 ORDER BY run_id"
    )

    assert await cursor.fetchall() == [(first, "cancelled"), (second, "open")]
