"""The line that `cinegraph up` shows."""

import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.cli import nodes
from cinegraph.db.address import parse


def _close_to_everyone(admin: psycopg.Connection, name: str) -> None:
    """Let nobody connect to database *name*, and end who is there."""
    admin.execute(
        sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(
            sql.Identifier(name)
        )
    )
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        (name,),
    )


async def test_a_lost_database_is_a_line_and_not_an_end(
    database_url: str,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While nothing answers the line says so, soon; afterwards it counts again."""
    monkeypatch.setattr(nodes, "_PATIENCE_SECONDS", 0.5)
    name = parse(database_url)["dbname"]
    async with cinegraph.open(
        database_url=database_url, home=tmp_path, tmdb_base_url="http://127.0.0.1:1/3"
    ) as c:
        assert await nodes._line(c) == "0 films; waiting for work"
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            _close_to_everyone(admin, name)
            started = time.monotonic()
            told = await nodes._line(c)
            # A pool alone would have waited for half a minute.
            assert time.monotonic() - started < 10
            admin.execute(
                sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true").format(
                    sql.Identifier(name)
                )
            )
        assert "does not answer" in told
        monkeypatch.setattr(nodes, "_PATIENCE_SECONDS", 20)
        assert await nodes._line(c) == "0 films; waiting for work"


async def test_an_error_of_the_driver_is_a_line_too(
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    tmp_path: Path,
) -> None:
    """A connection that breaks in the middle of a statement ends no node."""

    async def breaks(_: Cinegraph) -> None:
        raise psycopg.OperationalError("server closed the connection\nunexpectedly")

    monkeypatch.setattr(Cinegraph, "get_pulse", breaks)
    async with cinegraph.open(
        database_url=database_url, home=tmp_path, tmdb_base_url="http://127.0.0.1:1/3"
    ) as c:
        assert "does not answer: unexpectedly" in await nodes._line(c)
