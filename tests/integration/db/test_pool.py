"""The pool on a real server."""

import socket
from datetime import timedelta

import psycopg
import pytest

from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import DatabaseUnreachableError


async def test_sessions_have_the_settings(database_url: str) -> None:
    """Time-outs, name and zone hold in every session, also one beside the pool."""
    async with (
        await open_pool(
            database_url,
            size=2,
            application_name="cinegraph test name",
            statement_timeout=timedelta(seconds=7),
        ) as pool,
        # As Oban's notifier does.
        await psycopg.AsyncConnection.connect(pool.conninfo) as connection,
    ):
        found = await connection.execute(
            "SELECT current_setting('statement_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('application_name'), current_setting('TimeZone')"
        )
        settings = await found.fetchone()

    assert settings == ("7s", "1min", "cinegraph test name", "UTC")


async def test_long_statements_end(database_url: str) -> None:
    """The server ends what runs longer than allowed."""
    async with await open_pool(
        database_url,
        size=1,
        application_name="test",
        statement_timeout=timedelta(milliseconds=50),
    ) as pool:
        with pytest.raises(psycopg.errors.QueryCanceled):
            async with pool.connection() as connection:
                await connection.execute("SELECT pg_sleep(30)")


async def test_dead_connections_are_replaced(pool: Pool, database_url: str) -> None:
    """After the server dropped every connection the next checkouts still work."""
    async with pool.connection() as connection:
        await connection.execute("SELECT 1")
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    for _ in range(4):
        async with pool.connection() as connection:
            found = await connection.execute("SELECT 42")
            assert await found.fetchone() == (42,)


async def test_silent_address_is_an_error_with_a_hint() -> None:
    """No server: the address without its password, and what to do, at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql://ann:canary-secret@127.0.0.1:{port}/films"
        with pytest.raises(DatabaseUnreachableError) as caught:
            await open_pool(url, size=1, application_name="test")

    shown = f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert "canary" not in shown
    assert f"ann@127.0.0.1:{port}/films" in shown
    assert "DATABASE_URL" in shown
    assert caught.value.__suppress_context__
