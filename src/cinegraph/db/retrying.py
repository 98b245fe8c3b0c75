"""
Transactions that are tried again: two waited for each other, and the server ended one of them.

For writers that lock many rows in an order of their own. What the first try wrote is rolled back, so a write has to be
such that it may run twice. It is tried again at once, while a job's own retry waits for minutes.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from psycopg import AsyncConnection, errors

from cinegraph.db.pool import Pool

TRANSIENT: Final = (errors.DeadlockDetected, errors.SerializationFailure)
MOST_TRIES: Final = 3
"""Of one transaction; the order of locks makes these errors rare."""


async def in_transaction[T](
    pool: Pool, write: Callable[[AsyncConnection[Any]], Awaitable[T]]
) -> T:
    """
    Return what *write* returns once it is committed, in a transaction of its own.

    Raises:
        psycopg.Error: Whatever *write* raises; a deadlock or serialisation failure the third time.
    """
    for attempt in range(1, MOST_TRIES + 1):
        try:
            async with pool.connection() as conn, conn.transaction():
                return await write(conn)
        except TRANSIENT:
            if attempt == MOST_TRIES:
                raise
    raise AssertionError  # pragma: no cover - the loop returns or raises
