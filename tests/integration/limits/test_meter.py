"""Counts reach the database, from several processes, through trouble."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import DatabaseUnreachableError
from cinegraph.limits import RequestMeter
from polling import until


@pytest.fixture
async def meter(pool: Pool) -> AsyncIterator[RequestMeter]:
    """Return a meter that is closed afterwards."""
    made = RequestMeter(pool)
    yield made
    await made.close()


async def stored(pool: Pool) -> dict[tuple[str, str, str], int]:
    """Return the stored requests by source, endpoint and outcome."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT source, endpoint, outcome, sum(requests)::int FROM request_usage GROUP BY 1, 2, 3"
        )
        return {(a, b, c): count for a, b, c, count in await cursor.fetchall()}


async def test_counts_are_stored_by_themselves(pool: Pool, meter: RequestMeter) -> None:
    """Within about a second what was recorded is in the table."""
    for _ in range(3):
        meter.record("tmdb", "movie", "ok", 0.2)
    meter.record("tmdb", "list", "throttled", 0.1)
    await until(lambda: stored(pool), within_seconds=5)

    assert await stored(pool) == {
        ("tmdb", "movie", "ok"): 3,
        ("tmdb", "list", "throttled"): 1,
    }


async def test_processes_add_to_the_same_minute(pool: Pool) -> None:
    """Many meters that flush together lose nothing and never wait for each other in a circle."""
    meters = [RequestMeter(pool) for _ in range(6)]
    for _ in range(5):
        for number, meter in enumerate(meters):
            # Each meets the rows in another order; sorted by the statement, they cannot deadlock.
            for place in range(20):
                meter.record("tmdb", f"endpoint {(place + number * 7) % 20}", "ok", 0.2)
        await asyncio.gather(*(meter.flush() for meter in meters))
    for meter in meters:
        await meter.close()

    assert set((await stored(pool)).values()) == {30}
    assert sum(await seconds(pool)) == 600


async def seconds(pool: Pool) -> list[int]:
    """Return what was sent in each second of each minute."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT unnest(sent) FROM request_seconds ORDER BY minute"
        )
        return [count for (count,) in await cursor.fetchall()]


async def test_counts_survive_a_failed_flush(pool: Pool, database_url: str) -> None:
    """What could not be stored is stored the next time, once."""
    impatient = await open_pool(
        database_url,
        size=1,
        application_name="impatient",
        statement_timeout=timedelta(seconds=0.2),
    )
    async with impatient:
        meter = RequestMeter(impatient)
        meter.record("tmdb", "movie", "ok", 0.2)
        async with pool.connection() as connection:
            await connection.execute("LOCK TABLE request_usage")
            with pytest.raises(DatabaseUnreachableError):
                await meter.flush()
        meter.record("tmdb", "movie", "ok", 0.2)
        await meter.flush()
        await meter.close()

    assert await stored(pool) == {("tmdb", "movie", "ok"): 2}


async def test_closing_stores_the_rest(pool: Pool) -> None:
    """Nothing recorded before `close` is lost."""
    meter = RequestMeter(pool)
    meter.record("tmdb", "movie", "ok", 0.2)
    await meter.close()

    assert await stored(pool) == {("tmdb", "movie", "ok"): 1}


async def test_minutes_are_of_real_time(pool: Pool, meter: RequestMeter) -> None:
    """A year played in minutes does not dilute the counts: limits are of real time."""
    with clock.frozen(datetime(2040, 1, 1, tzinfo=UTC)):
        meter.record("tmdb", "movie", "ok", 0.2)
        await meter.flush()
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT minute FROM request_usage")
        row = await cursor.fetchone()

    assert row is not None
    assert abs(clock.real_now() - row[0]) < timedelta(minutes=2)
