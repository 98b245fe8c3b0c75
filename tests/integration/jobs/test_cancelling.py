"""Ending single jobs on a person's word."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs import imports
from cinegraph.jobs.cancelling import cancel_jobs, cancel_run
from cinegraph.jobs.discovery import import_jobs, page_job, page_kind
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.outcome import Kind, Verdict
from cinegraph.jobs.services import Services
from cinegraph.jobs.worker import JobContext
from cinegraph.sync import ledger, runs, stamps
from cinegraph.sync.runs import MOVIE, RunId

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)

TMDB: dict[str, Any] = {"source": "tmdb", "kind": MOVIE}

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
        await ledger.queue(conn, [1, 2], **TMDB, reason="on popular page 1", now=NOW)
    return run_id


async def _ledger(conn: Conn) -> list[Any]:
    cursor = await conn.execute(
        "SELECT external_id, state, due_at FROM sync_ledger ORDER BY external_id"
    )
    return await cursor.fetchall()


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


async def test_a_film_whose_job_was_cancelled_is_wanted_again(conn: Conn) -> None:
    """It is known and nobody asks for it, nor is it queued for ever without a job; the other film stays queued."""
    run_id = await _start(conn)
    jobs = await insert_jobs(conn, import_jobs([1, 2], run_id=run_id))
    assert jobs[0].id is not None
    with clock.frozen(NOW):
        async with conn.transaction():
            await cancel_jobs(conn, [jobs[0].id])

    assert await _ledger(conn) == [(1, "wanted", None), (2, "queued", None)]


async def test_a_running_job_puts_its_film_back_when_it_ends(
    conn: Conn, pool: Pool
) -> None:
    """Its node settles it: the same rows as of a job that had not begun."""
    run_id = await _start(conn)
    [job] = await insert_jobs(conn, import_jobs([1], run_id=run_id))
    nothing: Any = None
    services = Services(pool=pool, tmdb=nothing, films=nothing)
    context = JobContext(imports.ImportMovieArgs(1), job, services)
    verdict = Verdict(Kind.CANCELLED, "cancelled", "cancelled")
    with clock.frozen(NOW):
        await imports.ImportMovie().settle(context, verdict)

    assert (await _ledger(conn))[0] == (1, "wanted", None)
    assert (MOVIE, 1, "cancelled") in await _items(conn)


async def test_a_cancelled_run_puts_back_what_no_other_waits_for(conn: Conn) -> None:
    """Waiting and open films alike; one that was fetched stays fresh, one of another run queued."""
    run_id = await _start(conn)
    async with conn.transaction():
        await runs.add_items(conn, run_id, MOVIE, [3, 4])
        await ledger.queue(conn, [3, 4], **TMDB, reason="asked for", now=NOW)
    await runs.exhaust_item(conn, MOVIE, 2, error_code="unavailable", now=NOW)
    await stamps.touch_found(conn, [3], changed_ids=[3], **TMDB, now=NOW)
    other = await _start(conn)
    async with conn.transaction():
        assert await cancel_run(conn, run_id, now=NOW)
    assert [state for _, state, _ in await _ledger(conn)] == [
        "queued",
        "queued",
        "fresh",
        "wanted",
    ]

    async with conn.transaction():
        assert await cancel_run(conn, other, now=NOW)
    assert [row for row in await _ledger(conn) if row[1] != "fresh"] == [
        (1, "wanted", None),
        (2, "wanted", None),
        (4, "wanted", None),
    ]


async def test_what_is_wanted_is_queued_when_it_is_asked_for(conn: Conn) -> None:
    """A cancel takes nothing away for good."""
    async with conn.transaction():
        await cancel_run(conn, await _start(conn), now=NOW)
    await _start(conn)
    assert {state for _, state, _ in await _ledger(conn)} == {"queued"}


async def test_cancelling_a_run_ends_its_jobs_and_no_others(conn: Conn) -> None:
    """Those that wait end, those that run are told."""
    run_id, other = await _start(conn), await _start(conn)
    await insert_jobs(conn, import_jobs([1, 2], run_id=run_id))
    await insert_jobs(conn, [page_job(run_id, "popular", 2)])
    await insert_jobs(conn, import_jobs([3], run_id=other))
    await conn.execute(
        "UPDATE oban_jobs SET state = 'executing' WHERE args->>'tmdb_id' = '2'"
    )
    async with conn.transaction():
        await cancel_run(conn, run_id, now=NOW)
    cursor = await conn.execute(
        "SELECT state::text, meta ? 'cancel_requested_at' FROM oban_jobs ORDER BY id"
    )

    assert await cursor.fetchall() == [
        ("cancelled", True),
        ("executing", True),
        ("cancelled", True),
        ("available", False),
    ]
