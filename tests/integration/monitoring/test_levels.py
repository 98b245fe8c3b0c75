"""Freshness as the ledger and the changes feed prove it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from cinegraph.db.pool import Pool
from cinegraph.monitoring import levels
from cinegraph.monitoring.levels import ServiceLevels
from cinegraph.sync import ledger
from ledger_rows import FILM, NOW, Conn, want


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


async def _fetched(conn: Conn, ids: list[int], at: datetime) -> None:
    await ledger.touch_found(conn, ids, changed_ids=ids, **FILM, now=at)


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
    await ledger.touch_absent(conn, 7, **FILM, now=NOW)
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
