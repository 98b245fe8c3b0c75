"""The whole as one process opens it: its connections, and what becomes of a lost database."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import psycopg
import pytest

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.errors import ConfigError, DatabaseUnreachableError

type Open = Callable[[], AbstractAsyncContextManager[Cinegraph]]


@pytest.fixture
def opened(database_url: str, tmp_path: Path) -> Open:
    """Return a function that opens a deployment without an upstream."""
    return lambda: cinegraph.open(
        database_url=database_url,
        home=tmp_path,
        tmdb_base_url="http://127.0.0.1:1/3",
        profile="dev",
    )


@pytest.fixture
async def c(opened: Open) -> AsyncIterator[Cinegraph]:
    """Return a deployment."""
    async with opened() as c:
        yield c


async def test_a_node_has_a_connection_for_every_job(c: Cinegraph) -> None:
    """Queues given at the start of a node count, not those of the settings."""
    before = c._app.pool.max_size
    async with c.work({"imports": 40}):
        # Beside them: group writer, lease, meter, keeper, two for the engine, a reader.
        assert c._app.pool.max_size >= 40 + 7 > before


async def test_more_jobs_than_connections_are_refused(c: Cinegraph) -> None:
    """A node that would wait for connections for ever does not start."""
    with pytest.raises(ConfigError, match="at most") as caught:
        async with c.work({"imports": 100_000}):
            pytest.fail("it started")

    assert "max_connections" in str(caught.value.hint)


async def test_the_settings_time_limit_reaches_the_server(c: Cinegraph) -> None:
    """A statement of this process is ended by the server when it takes too long."""
    async with c._app.pool.connection() as conn:
        cursor = await conn.execute("SELECT current_setting('statement_timeout')")
        assert await cursor.fetchone() == ("30s",)
    assert c.settings.database.statement_timeout.total_seconds() == 30


async def _lose_the_connection(opened: Open, database_url: str) -> None:
    async with opened() as c, c._app.pool.connection() as conn:
        own = conn.info.backend_pid
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (own,))
        await conn.execute("SELECT 1")


async def _run_too_long(opened: Open) -> None:
    async with opened() as c, c._app.pool.connection() as conn:
        await conn.execute("SET statement_timeout = 10")
        await conn.execute("SELECT pg_sleep(5)")


async def test_a_lost_database_is_told_as_such(opened: Open, database_url: str) -> None:
    """The driver's error leaves the block as one of ours, with a hint."""
    with pytest.raises(DatabaseUnreachableError) as caught:
        await _lose_the_connection(opened, database_url)

    assert caught.value.hint


async def test_a_wrong_statement_is_not_a_lost_database(opened: Open) -> None:
    """Only the loss of the server is translated: a bug stays visible as one."""
    with pytest.raises(psycopg.errors.QueryCanceled):
        await _run_too_long(opened)
