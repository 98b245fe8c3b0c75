"""What the deployment says of itself: status, queues, and the story of one film."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from cinegraph.catalog.quarantine import note_unreadable
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.jobs import operations
from cinegraph.jobs.discovery import import_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.monitoring import insights, progress
from cinegraph.sync import ledger, policy, runs, stamps
from cinegraph.sync.runs import MOVIE, ItemState, RunId
from factories import make_film, make_whole_record

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TMDB: dict[str, Any] = {"source": "tmdb", "kind": "movie"}

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection."""
    async with pool.connection() as connection:
        yield connection


async def _start(conn: Conn, films: list[int], at: datetime = NOW) -> RunId:
    run_id = await runs.start_run(
        conn,
        kind="import_popular",
        source="tmdb",
        arguments={"pages": 1},
        requested_by="command",
        now=at,
    )
    await runs.add_items(conn, run_id, MOVIE, films)
    return run_id


async def test_an_empty_deployment_says_so(conn: Conn) -> None:
    """Zero of everything is a status, not an error."""
    status = await insights.get_status(conn, source="tmdb", now=NOW)
    assert status.status == "empty"
    assert (status.total_movies, status.imported_movies, status.credits) == (0, 0, 0)
    assert (status.last_sync_at, status.next_sync_at) == (None, None)
    assert (status.queues, status.active_runs, status.read_at) == ([], [], NOW)


async def test_status_counts_what_there_is(conn: Conn) -> None:
    """Films known, stored, failed, absent and quarantined, with the times of the ledger."""
    run_id = await _start(conn, [603, 2])
    await store_films(conn, [make_film(make_whole_record())], now=NOW)
    await stamps.touch_found(conn, [603], changed_ids=[603], **TMDB, now=NOW)
    await runs.settle_items(conn, MOVIE, [603], ItemState.DONE, now=NOW)
    await ledger.queue(conn, [2], **TMDB, reason="asked for", now=NOW)
    await stamps.touch_absent(conn, 3, **TMDB, now=NOW - timedelta(days=1))
    await stamps.touch_failed(
        conn, 4, **TMDB, error_code="unavailable", error="HTTP 503", now=NOW
    )
    await note_unreadable(
        conn,
        **TMDB,
        external_id="5",
        body=b"{}",
        reason="payload",
        detail="no title",
        is_schema_broken=True,
        now=NOW,
    )
    status = await insights.get_status(conn, source="tmdb", now=NOW)
    assert status.status == "importing"
    assert (status.total_movies, status.imported_movies) == (4, 1)
    assert (status.people, status.credits) == (2, 3)
    assert (status.failed_movies, status.absent_movies) == (1, 1)
    assert status.quarantined_bodies == 1
    assert (status.checked_last_week, status.imported_last_hour) == (1, 1)
    assert status.last_sync_at == NOW
    assert status.next_sync_at == NOW + policy.RETRY_FAILED[0]
    assert [run.id for run in status.active_runs] == [run_id]


async def test_an_older_running_run_is_not_overlooked(conn: Conn) -> None:
    """However many runs ended after it."""
    old = await _start(conn, [1])
    for _ in range(30):
        await _start(conn, [])
    await runs.finish_runs(conn, now=NOW)
    status = await insights.get_status(conn, source="tmdb", now=NOW)
    assert [run.id for run in status.active_runs] == [old]


async def test_queues_are_counted_by_state(conn: Conn) -> None:
    """Jobs of every state, how long the oldest has been waiting, and how a person wants the queue to run."""
    run_id = await _start(conn, [1, 2, 3])
    await insert_jobs(conn, import_jobs([1, 2, 3], run_id=run_id))
    await conn.execute(
        "UPDATE oban_jobs SET state = 'retryable' WHERE args @> '{\"tmdb_id\": 3}'"
    )
    await operations.pause_queue(conn, "imports")
    (queue,) = await insights.list_queues(conn)
    assert queue.queue == "imports"
    assert (queue.counts["available"], queue.counts["retryable"]) == (2, 1)
    assert queue.counts["executing"] == 0
    assert queue.waiting_seconds is not None
    assert 0 <= queue.waiting_seconds < 60
    assert (queue.paused, queue.node_limit) == (True, None)


async def test_a_film_tells_its_story(conn: Conn) -> None:
    """Ledger and jobs of this film alone, latest first, in words a person knows."""
    run_id = await _start(conn, [1, 2])
    await ledger.queue(conn, [1, 2], **TMDB, reason="on popular page 1", now=NOW)
    await insert_jobs(conn, import_jobs([1, 2], run_id=run_id))
    trace = await insights.trace_movie(conn, 1, now=NOW)
    (entry,) = trace.ledger
    assert (entry.state, entry.reason) == ("queued", "on popular page 1")
    (job,) = trace.jobs
    assert (job.worker, job.queue, job.state) == ("ImportMovie", "imports", "available")
    assert (job.run_id, job.attempt, job.max_attempts) == (run_id, 0, 5)
    assert job.inserted_at.tzinfo is not None
    assert trace.read_at == NOW


async def test_a_stranger_has_no_story(conn: Conn) -> None:
    """Nothing known, nothing invented."""
    trace = await insights.trace_movie(conn, 1, now=NOW)
    assert (trace.ledger, trace.jobs) == ([], [])


async def test_a_pulse_counts_few_and_estimates_many(
    conn: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few films are counted exactly; of many the planner's estimate is told as such."""
    await conn.execute(
        "INSERT INTO movies (tmdb_id, title, created_at, updated_at)"
        " SELECT n, 'Film', now(), now() FROM generate_series(1, 50) AS n"
    )
    run_id = await _start(conn, [1, 2])
    pulse = await insights.get_pulse(conn, now=NOW)
    assert (pulse.films, pulse.is_exact, pulse.read_at) == (50, True, NOW)
    assert [run.id for run in pulse.active_runs] == [run_id]

    monkeypatch.setattr(insights, "_EXACT_UP_TO", 20)
    pulse = await insights.get_pulse(conn, now=NOW)
    assert (pulse.films, pulse.is_exact) == (20, False)
    await conn.execute("ANALYZE movies")
    pulse = await insights.get_pulse(conn, now=NOW)
    assert (pulse.films, pulse.is_exact) == (50, False)


async def test_an_ended_run_is_read_from_its_row(conn: Conn) -> None:
    """Its sums stand there: its films are not counted again, however many it had."""
    run_id = await _start(conn, [1, 2, 3, 4])
    await runs.add_items(conn, run_id, "popular_page", [1, 2])
    await runs.settle_items(conn, "popular_page", [1, 2], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, MOVIE, [1, 2], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, MOVIE, [3], ItemState.ABSENT, now=NOW)
    await runs.settle_items(conn, MOVIE, [4], ItemState.CANCELLED, now=NOW)
    before = await progress.find_run(conn, run_id, now=NOW)
    await runs.finish_runs(conn, now=NOW)
    after = await progress.find_run(conn, run_id, now=NOW)
    assert before is not None
    assert after is not None
    changed = {"state": after.state, "note": after.note, "finished_at": NOW}
    assert replace(before, **changed) == after
    assert (after.planned, after.cancelled, after.pages_read) == (4, 1, 2)

    await conn.execute("DELETE FROM sync_run_items WHERE kind = 'movie'")
    gone = await progress.find_run(conn, run_id, now=NOW)
    assert gone is not None
    assert (gone.planned, gone.done, gone.absent, gone.cancelled) == (4, 2, 1, 1)
    assert (gone.open, gone.pages_planned) == (0, 2)


async def test_the_last_hour_is_found_by_index(conn: Conn) -> None:
    """Films stored within the hour are counted without reading the items of old runs."""
    old = await _start(conn, [1, 2], NOW - timedelta(days=1))
    await runs.settle_items(
        conn, MOVIE, [1, 2], ItemState.DONE, now=NOW - timedelta(hours=5)
    )
    await runs.finish_runs(conn, now=NOW - timedelta(hours=5))
    await _start(conn, [3, 4, 5])
    await runs.settle_items(conn, MOVIE, [3], ItemState.DONE, now=NOW)
    await runs.settle_items(
        conn, MOVIE, [4], ItemState.DONE, now=NOW - timedelta(minutes=61)
    )
    status = await insights.get_status(conn, source="tmdb", now=NOW)
    assert status.imported_last_hour == 1

    await conn.execute(
        "INSERT INTO sync_run_items (run_id, kind, external_id, state, ended_at)"
        " SELECT %s, 'movie', n, 'done', '2026-08-01' FROM generate_series(10, 20000) AS n",
        (old,),
    )
    await conn.execute("ANALYZE sync_run_items, sync_runs")
    cursor = await conn.execute(
        "EXPLAIN (FORMAT TEXT) " + load("cinegraph.monitoring", "status.sql"),
        {"source": "tmdb", "now": NOW},
    )
    plan = "\n".join(line for (line,) in await cursor.fetchall())
    assert "Seq Scan on sync_run_items" not in plan


async def test_progress_is_read_at_a_moment(conn: Conn) -> None:
    """Only what ended within the last minute makes the rate."""
    run_id = await _start(conn, list(range(1, 11)), NOW - timedelta(minutes=5))
    await runs.settle_items(
        conn, MOVIE, [1, 2, 3], ItemState.DONE, now=NOW - timedelta(minutes=3)
    )
    await runs.settle_items(
        conn, MOVIE, [4, 5], ItemState.ABSENT, now=NOW - timedelta(seconds=10)
    )
    reading = await progress.find_run(conn, run_id, now=NOW)
    assert reading is not None
    assert (reading.planned, reading.done, reading.absent, reading.open) == (
        10,
        3,
        2,
        5,
    )
    assert reading.ended_last_minute == 2
    assert reading.films_per_second == pytest.approx(0.2)
    assert reading.eta == timedelta(seconds=25)


async def test_runs_are_listed_latest_first(conn: Conn) -> None:
    """As many as asked for."""
    ids = [await _start(conn, [1]) for _ in range(3)]
    listed = await progress.list_runs(conn, limit=2, now=NOW)
    assert [run.id for run in listed] == ids[:0:-1]
    assert await progress.find_run(conn, ids[-1] + 1, now=NOW) is None
