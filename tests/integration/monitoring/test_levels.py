"""Freshness as the ledger and the changes feed prove it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from cinegraph.db.pool import Pool
from cinegraph.monitoring import alerts, levels
from cinegraph.monitoring.levels import ServiceLevels
from cinegraph.sync import changes, ledger, stamps
from cinegraph.sync.windows import WindowRead
from ledger_rows import FILM, NOW, Conn, want


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


async def _fetched(conn: Conn, ids: list[int], at: datetime) -> None:
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=at)


async def _follow(conn: Conn, first: str, watermark: str) -> None:
    """Write a feed that is done from a day up to another."""
    await conn.execute(
        "INSERT INTO change_windows (source, kind, day, state, read_at, created_at)"
        " SELECT 'tmdb', 'movie', day::date, CASE WHEN day < %(mark)s::timestamp THEN 'done' ELSE 'open' END,"
        " %(now)s, %(now)s FROM generate_series(%(first)s::timestamp, %(mark)s::timestamp, '1 day') AS day",
        {"first": first, "mark": watermark, "now": NOW},
    )


async def _levels(conn: Conn) -> ServiceLevels:
    return await levels.get_levels(conn, source="tmdb", now=NOW)


async def test_nothing_is_not_fresh(conn: Conn) -> None:
    """Without a film there is nothing to measure."""
    found = await _levels(conn)
    assert (found.freshness, found.films_live, found.feed_watermark) == (None, 0, None)


async def test_films_are_fresh_by_fetching_or_by_proof(conn: Conn) -> None:
    """One named since it was fetched is not, nor one that is wanted, nor one fetched before the feed was read."""
    await _fetched(conn, [1], NOW - timedelta(days=1))
    await _fetched(conn, [2, 3], NOW - timedelta(days=20))
    await _fetched(conn, [4], NOW - timedelta(days=40))
    await want(conn, {5: 1.0, 6: 1.0})
    await conn.execute("UPDATE sync_ledger SET due_at = NULL WHERE external_id = 6")
    await conn.execute(
        "UPDATE sync_ledger SET changed_upstream_at = %s WHERE external_id = 3", [NOW]
    )
    await stamps.touch_absent(conn, 7, **FILM, now=NOW)
    assert (await _levels(conn)).films_fresh == 1
    await _follow(conn, "2026-08-05", "2026-09-01")
    found = await _levels(conn)
    assert (found.films_live, found.films_fresh) == (5, 2)
    assert (found.films_fetched_last_week, found.freshness) == (1, 0.4)
    assert found.feed_read_at == NOW


async def test_a_feed_that_stands_still_proves_nothing(conn: Conn) -> None:
    """Its oldest open day has to lie within the week."""
    await _fetched(conn, [2], NOW - timedelta(days=20))
    await _follow(conn, "2026-08-05", "2026-08-24")
    assert (await _levels(conn)).freshness == 0


async def test_at_midnight_the_week_is_exact(conn: Conn) -> None:
    """Seven whole days count then."""
    midnight = NOW.replace(hour=0)
    await _fetched(conn, [1], midnight - timedelta(days=7))
    found = await levels.get_levels(conn, source="tmdb", now=midnight)
    assert found.freshness == 1


async def test_success_counts_whatever_was_asked_for(conn: Conn) -> None:
    """By how it ended last, in runs or not; what was answered before the week, or is only wanted, was not asked."""
    await _fetched(conn, list(range(1, 7)), NOW - timedelta(days=1))
    await stamps.touch_absent(conn, 7, **FILM, now=NOW)
    await _fetched(conn, [8], NOW - timedelta(days=20))
    await want(conn, {9: 1.0})
    await ledger.queue(conn, [10], **FILM, reason="x", now=NOW - timedelta(hours=25))
    await ledger.queue(conn, [11], **FILM, reason="x", now=NOW - timedelta(hours=23))
    await conn.execute("UPDATE sync_ledger SET state = 'failed' WHERE external_id = 6")
    found = await _levels(conn)
    assert found.asked_last_week == 8
    assert found.success == 6 / 8


async def _popular(conn: Conn, ids: list[int]) -> None:
    for thing in ids:
        await conn.execute(
            "INSERT INTO movies (tmdb_id, title, popularity, is_adult, is_video, created_at, updated_at)"
            " VALUES (%s, 'x', 50, false, false, %s, %s)",
            [thing, NOW - timedelta(days=9), NOW],
        )


async def _read(conn: Conn, began_at: datetime, times: dict[int, int]) -> None:
    read = WindowRead(day=NOW.date(), began_at=began_at, pages=1, times=times)
    async with conn.transaction():
        await changes.open_days(conn, **FILM, now=began_at)
        await changes.apply_read(conn, read, **FILM, now=began_at)


async def test_updates_are_measured_from_the_last_reading_without_them(
    conn: Conn,
) -> None:
    """One that is fetched counts by its time, one that waits by its wait, and not before it has waited for an hour."""
    await _popular(conn, [1, 2, 3])
    await _fetched(conn, [1, 2, 3], NOW - timedelta(days=1))
    await _read(conn, NOW - timedelta(hours=3), {})
    await _read(conn, NOW - timedelta(hours=2, minutes=45), {1: 1, 2: 1})
    await _fetched(conn, [1], NOW - timedelta(hours=2, minutes=40))
    await _read(conn, NOW - timedelta(minutes=20), {1: 1, 2: 1})
    await _read(conn, NOW - timedelta(minutes=5), {1: 1, 2: 1, 3: 1})
    cursor = await conn.execute("SELECT external_id, seconds FROM update_latencies")
    assert await cursor.fetchall() == [(1, 20 * 60)]
    found = await _levels(conn)
    assert (found.updates_measured, found.updates_late) == (2, 1)
    assert found.update_p95_seconds == 3 * 3600
    assert found.last_update_at == NOW - timedelta(hours=2, minutes=40)


async def test_what_nobody_looks_up_is_not_measured(conn: Conn) -> None:
    """The promise is for popular films."""
    await _popular(conn, [1])
    await conn.execute("UPDATE movies SET popularity = 1")
    await _fetched(conn, [1], NOW - timedelta(days=1))
    await _read(conn, NOW - timedelta(hours=3), {1: 1})
    await _fetched(conn, [1], NOW)
    assert (await _levels(conn)).updates_measured == 0
    cursor = await conn.execute("SELECT unchanged_until FROM sync_ledger")
    assert await cursor.fetchall() == [(None,)]


async def test_alerts_tell_of_missed_levels(conn: Conn) -> None:
    """From the same numbers; a level that is kept, or hardly measured, is no trouble."""
    await _fetched(conn, list(range(1, 101)), NOW - timedelta(days=20))
    await conn.execute(
        "INSERT INTO update_latencies SELECT 'tmdb', 'movie', n, %s, 4000 FROM generate_series(1, 20) AS n",
        [NOW],
    )
    found = await alerts.evaluate(conn, now=NOW)
    kinds = {alert.kind for alert in found.opened}
    assert {"freshness_low", "latency_high"} <= kinds
    assert "success_low" not in kinds
