"""The connection pool, shared with Oban."""

import asyncio
from datetime import timedelta

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cinegraph.db import address, failures
from cinegraph.db.sql import load
from cinegraph.errors import ConfigError

DEFAULT_STATEMENT_TIMEOUT = timedelta(seconds=30)
"""
The longest statement of a job takes under a second; what runs longer has lost its way.
"""

IDLE_IN_TRANSACTION_TIMEOUT = timedelta(seconds=60)
"""
No transaction of ours waits for anything but the database; one that does holds locks
and stops vacuum.
"""

_MAX_LIFETIME = timedelta(
    minutes=30
)  # lets a failover or a changed DNS entry take hold
_MAX_IDLE = timedelta(minutes=5)
_CHECKOUT_TIMEOUT = timedelta(seconds=30)
_RECONNECT_TIMEOUT = timedelta(minutes=5)
_WAIT_FOR_RECOVERY = timedelta(seconds=30)  # a server that was killed is back by then
_RECOVERY_POLL_SECONDS = 0.1
_MIN_SIZE = (
    2  # one for a job, one for the heartbeat beside it: no connect in the common path
)

type Pool = AsyncConnectionPool[psycopg.AsyncConnection]


async def open_pool(
    url: str,
    *,
    size: int,
    application_name: str,
    statement_timeout: timedelta = DEFAULT_STATEMENT_TIMEOUT,
) -> Pool:
    """
    Return an open pool whose connections are checked at every checkout.

    Args:
        url: The database.
        size: At most as many connections; the caller counts its queues, budgets and
            readers.
        application_name: What `pg_stat_activity` shows.
        statement_timeout: The server ends longer statements.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us; the hint says what
            to mend.
        DatabaseVersionError: The server is older than PostgreSQL 16.
    """
    conninfo = address.dsn(
        url,
        application_name=application_name,
        statement_timeout=statement_timeout,
        idle_in_transaction_timeout=IDLE_IN_TRANSACTION_TIMEOUT,
    )
    await _probe(url, conninfo)
    pool: Pool = AsyncConnectionPool(
        conninfo,
        min_size=min(_MIN_SIZE, size),
        max_size=size,
        open=False,
        name=application_name,
        # Without it a job that finished during a restart of the server stayed
        # `executing` (5 of 20 trials).
        check=AsyncConnectionPool.check_connection,
        timeout=_CHECKOUT_TIMEOUT.total_seconds(),
        max_lifetime=_MAX_LIFETIME.total_seconds(),
        max_idle=_MAX_IDLE.total_seconds(),
        reconnect_timeout=_RECONNECT_TIMEOUT.total_seconds(),
    )
    try:
        await pool.open(wait=True, timeout=address.CONNECT_TIMEOUT.total_seconds())
    except PoolTimeout as error:
        await pool.close()
        raise failures.unreachable(url, error) from None
    return pool


async def make_room(pool: Pool, size: int) -> None:
    """
    Let *pool* have at least *size* connections, if the server has as many.

    Raises:
        ConfigError: The server never gives as many; the hint says what to lower.
    """
    async with pool.connection() as connection:
        cursor = await connection.execute(
            load("cinegraph.db", "read_connection_limit.sql")
        )
        [(allowed,)] = await cursor.fetchall()
    if size > allowed:
        raise ConfigError(
            f"{size} connections are needed to run so many jobs at once, and the"
            f" database gives at most {allowed}",
            hint="Run fewer jobs at once (CINEGRAPH_MAX_CONCURRENT_IMPORTS, `--queues`),"
            " or raise max_connections of the server.",
        )
    if size > pool.max_size:
        await pool.resize(pool.min_size, size)


async def _probe(url: str, conninfo: str) -> None:
    # A pool that cannot connect says only that it waited in vain; one plain connection
    # says why.
    deadline = asyncio.get_running_loop().time() + _WAIT_FOR_RECOVERY.total_seconds()
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(conninfo)
            break
        except psycopg.OperationalError as error:
            late = asyncio.get_running_loop().time() > deadline
            if late or not failures.is_starting(error):
                raise failures.unreachable(url, error) from None
        await asyncio.sleep(_RECOVERY_POLL_SECONDS)
    try:
        failures.require_server_version(connection.info.server_version)
    finally:
        await connection.close()
