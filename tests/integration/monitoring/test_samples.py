"""Samples: a row a minute of how things were, and charts of them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.jobs.queues import QUEUES
from cinegraph.monitoring import samples
from cinegraph.monitoring.samples import WINDOWS, QueuePoint, floor

REAL = datetime(2026, 9, 1, 12, 30, 20, tzinfo=UTC)
"""A third into a minute; the one before is over and settled."""
MINUTE = datetime(2026, 9, 1, 12, 29, tzinfo=UTC)

_JOBS: LiteralString = """
    INSERT INTO oban_jobs (state, queue, worker, completed_at) VALUES
        ('completed', 'imports', 'W', '2026-09-01 12:28:59.9'),
        ('completed', 'imports', 'W', '2026-09-01 12:29:00'),
        ('completed', 'imports', 'W', '2026-09-01 12:29:59.9'),
        ('completed', 'imports', 'W', '2026-09-01 12:30:00');
    INSERT INTO oban_jobs (state, queue, worker, discarded_at) VALUES
        ('discarded', 'omdb', 'W', '2026-09-01 12:29:30');
    INSERT INTO oban_jobs (state, queue, worker) SELECT 'available', 'omdb', 'W' FROM generate_series(1, 3);
    INSERT INTO oban_jobs (state, queue, worker) VALUES ('executing', 'imports', 'W');
"""
_USAGE: LiteralString = """
    INSERT INTO request_usage (minute, source, endpoint, outcome, requests, elapsed_seconds, latency)
    SELECT '2026-09-01 12:29Z', 'tmdb', endpoint, outcome, requests, 1,
        ARRAY[0, 0, 0, 0, 0, requests, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    FROM (VALUES ('movie', 'ok', 90), ('movie', 'absent', 4), ('list', 'throttled', 3), ('movie', 'unavailable', 2))
        AS told (endpoint, outcome, requests);
"""
_FILMS: LiteralString = """
    INSERT INTO movies (tmdb_id, title, created_at, updated_at)
    SELECT n, 'Film', '2026-09-01', '2026-09-01' FROM generate_series(1, 4) AS n;
    INSERT INTO sync_ledger (source, kind, external_id, state, reason, checked_at, created_at)
    SELECT
        'tmdb', 'movie', n, 'fresh', 'test',
        CASE WHEN n < 4 THEN timestamptz '2026-08-31' ELSE '2026-01-01' END, '2026-01-01'
    FROM generate_series(1, 4) AS n;
"""


async def _take(conn: psycopg.AsyncConnection[Any], real_now: datetime) -> bool:
    names = [queue.name for queue in QUEUES]
    return await samples.take(conn, queues=names, now=REAL, real_now=real_now)


async def test_a_minute_is_as_its_rows_say(pool: Pool) -> None:
    """Jobs by when they ended, requests by when they were sent, films and their freshness as they are."""
    async with pool.connection() as conn:
        await conn.execute(_JOBS)
        await conn.execute(_USAGE)
        await conn.execute(_FILMS)
        assert await _take(conn, REAL)
        found = await samples.list_samples(conn, "1h", real_now=REAL)
    point = found.points[-1]
    assert (point.at, point.minutes, point.films) == (MINUTE, 1, 4)
    assert point.freshness == 0.75
    assert point.queues == {
        "imports": QueuePoint(waiting=0, running=1, completed=2, failed=0),
        "omdb": QueuePoint(waiting=3, running=0, completed=0, failed=1),
    }
    [source] = point.sources.values()
    assert (source.requests, source.throttled, source.errors) == (99, 3, 2)
    assert source.p95_seconds == pytest.approx(0.1975, abs=0.01)
    assert (point.throttled, point.errors, point.failed_jobs) == (3, 2, 1)
    assert point.requests_per_second == pytest.approx(99 / 60)
    assert point.jobs_per_second == pytest.approx(2 / 60)


async def test_a_minute_is_noted_once(pool: Pool) -> None:
    """However often, and by however many nodes, it is looked at; and not before it is settled."""
    async with pool.connection() as conn:
        assert await _take(conn, REAL)
        await conn.execute(_JOBS)
        assert not await _take(conn, REAL + timedelta(seconds=30))
        assert not await _take(conn, MINUTE + timedelta(seconds=124))
        assert await _take(conn, MINUTE + timedelta(seconds=125))
        cursor = await conn.execute("SELECT minute FROM monitoring_samples ORDER BY 1")
        minutes = [minute for (minute,) in await cursor.fetchall()]
    assert minutes == [MINUTE, MINUTE + timedelta(minutes=1)]


async def test_two_nodes_at_once_note_one(pool: Pool) -> None:
    """The second waits for the first, and finds it done."""
    async with pool.connection() as one, pool.connection() as other:
        assert await _take(one, REAL)
        await one.commit()
        assert not await _take(other, REAL)


@pytest.mark.parametrize("window", WINDOWS)
async def test_every_window_is_whole(pool: Pool, window: str) -> None:
    """A point a step up to the last sampled minute, gaps where nobody sampled, nothing twice."""
    span, step = WINDOWS[window].span, WINDOWS[window].step
    async with pool.connection() as conn:
        await _fill(conn, REAL - timedelta(days=8), MINUTE)
        await conn.execute(
            "DELETE FROM monitoring_samples WHERE minute >= %s AND minute < %s",
            [floor(REAL, step) - 3 * step, floor(REAL, step) - 2 * step],
        )
        found = await samples.list_samples(conn, window, real_now=REAL)
    points = found.points
    assert len(points) == span // step
    assert [later.at - one.at for one, later in itertools.pairwise(points)] == [
        step
    ] * (len(points) - 1)
    assert points[-1].at <= MINUTE < points[-1].at + step
    gaps = [point for point in points if not point.minutes]
    assert [gap.at for gap in gaps] == [floor(REAL, step) - 3 * step]
    assert gaps[0].requests_per_second is None
    whole = step // timedelta(minutes=1)
    for point in points[:-1]:
        assert point.minutes in {0, whole}
        if point.minutes:
            assert point.requests_per_second == pytest.approx(1.0)
            assert point.sources["tmdb"].requests == 60 * whole
            assert point.sources["tmdb"].p95_seconds == pytest.approx(0.2)
            assert point.jobs_per_second == pytest.approx(0.5)


async def test_old_minutes_are_forgotten_with_what_is_of_them(pool: Pool) -> None:
    """Queues and sources leave with their minute."""
    async with pool.connection() as conn:
        await _fill(conn, REAL - timedelta(minutes=9), MINUTE)
        assert await samples.forget(conn, before=MINUTE - timedelta(minutes=2)) == 6
        cursor = await conn.execute(
            "SELECT (SELECT count(*) FROM monitoring_samples), (SELECT count(*) FROM monitoring_queue_samples),"
            " (SELECT count(*) FROM monitoring_source_samples)"
        )
        assert await cursor.fetchone() == (3, 3, 3)


async def test_no_such_window(pool: Pool) -> None:
    """Says which there are."""
    async with pool.connection() as conn:
        with pytest.raises(UsageError, match="no window '2h'"):
            await samples.list_samples(conn, "2h", real_now=REAL)


async def _fill(
    conn: psycopg.AsyncConnection[Any], first: datetime, last: datetime
) -> None:
    values = [floor(first, timedelta(minutes=1)), last]
    await conn.execute(
        "INSERT INTO monitoring_samples (minute, films, films_live, films_fresh)"
        " SELECT minute, 10, 10, 9 FROM generate_series(%s, %s, interval '1 minute') AS minute",
        values,
    )
    await conn.execute(
        "INSERT INTO monitoring_queue_samples (minute, queue, waiting, running, completed, failed)"
        " SELECT minute, 'imports', 5, 2, 30, 1 FROM monitoring_samples"
    )
    await conn.execute(
        "INSERT INTO monitoring_source_samples (minute, source, requests, throttled, errors, p95_seconds)"
        " SELECT minute, 'tmdb', 60, 1, 2, 0.2 FROM monitoring_samples"
    )
