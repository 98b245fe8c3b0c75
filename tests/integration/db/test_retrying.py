"""Two transactions that wait for each other, and what becomes of the one that the server ends."""

import asyncio
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from cinegraph.db.pool import Pool
from cinegraph.db.retrying import MOST_TRIES, in_transaction


async def test_both_of_two_that_wait_for_each_other_commit(pool: Pool) -> None:
    """One of them with its second try; what its first one wrote is not there twice."""
    async with pool.connection() as conn:
        await conn.execute("CREATE TABLE told (number integer)")
    tries = 0
    both_hold_one = asyncio.Barrier(2)

    async def write(conn: AsyncConnection[Any], first: int, then: int) -> int:
        nonlocal tries
        tries += 1
        await conn.execute("SET LOCAL deadlock_timeout = '50ms'")
        await conn.execute("INSERT INTO told VALUES (%s)", [first])
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", [first])
        if tries <= both_hold_one.parties:
            await both_hold_one.wait()
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", [then])
        return first

    done = await asyncio.gather(
        in_transaction(pool, lambda conn: write(conn, 1, 2)),
        in_transaction(pool, lambda conn: write(conn, 2, 1)),
    )

    assert (done, tries) == ([1, 2], 3)
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT number FROM told ORDER BY 1")
        assert await cursor.fetchall() == [(1,), (2,)]


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (psycopg.errors.DeadlockDetected, MOST_TRIES),
        (psycopg.errors.SerializationFailure, MOST_TRIES),
        (psycopg.errors.UniqueViolation, 1),
    ],
)
async def test_an_error_reaches_the_caller(
    pool: Pool, error: type[psycopg.Error], tries: int
) -> None:
    """At once when another try would end the same, else after the third."""
    tried = 0

    async def write(_: AsyncConnection[Any]) -> None:
        nonlocal tried
        tried += 1
        raise error

    with pytest.raises(error):
        await in_transaction(pool, write)

    assert tried == tries
