"""Connections for short statements on shared rows: each its own transaction, or a small one; held for nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import PoolClosed, PoolTimeout

from cinegraph.db.pool import Pool
from cinegraph.errors import DatabaseUnreachableError

_PATIENCE_SECONDS = 10.0
"""For a connection and the answer together: whoever waits is better told than kept."""


@asynccontextmanager
async def borrow(pool: Pool, *, what: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """
    Lend a connection that commits after every statement.

    Args:
        pool: Where from.
        what: Of which source is asked what, for the error.

    Raises:
        DatabaseUnreachableError: The database cannot be asked in time.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), pool.connection() as connection:
            await connection.set_autocommit(True)
            try:
                yield connection
            finally:
                await _give_back(connection)
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        PoolTimeout,
        PoolClosed,
        TimeoutError,
    ) as error:
        raise DatabaseUnreachableError(
            f"{what} could not be read: {type(error).__name__}",
            hint="Nothing is asked without it; the work is tried again when the database answers.",
        ) from error


async def _give_back(connection: psycopg.AsyncConnection) -> None:
    # A statement that was given up may still run; the pool replaces a closed connection.
    if connection.info.transaction_status is TransactionStatus.IDLE:
        await connection.set_autocommit(False)
    else:
        await connection.close()
