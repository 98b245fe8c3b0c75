"""Migrations on a real server."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from cinegraph.db import migrate
from cinegraph.db.address import with_database
from cinegraph.db.migrations.ddl import VERSION_TABLE
from cinegraph.errors import DatabaseUnreachableError, DatabaseVersionError


def tables(url: str) -> set[str]:
    """Return the names of all tables of the schema."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {name for (name,) in rows.fetchall()}


def test_upgrade_brings_an_empty_database_to_the_head(empty_database_url: str) -> None:
    """Before: no version; after: the code's own, and its tables are there."""
    before = migrate.check(empty_database_url)

    after = migrate.upgrade(empty_database_url)

    assert (before.current, before.is_current) == (None, False)
    assert after.is_current
    assert VERSION_TABLE in tables(empty_database_url)
    assert migrate.check(empty_database_url) == after


def test_checking_changes_nothing(empty_database_url: str) -> None:
    """A look at an empty database leaves it empty."""
    migrate.check(empty_database_url)

    assert tables(empty_database_url) == set()


def test_upgrades_at_once_make_one_schema(empty_database_url: str) -> None:
    """Many processes may upgrade at the same time: one does it, none fails."""
    with ThreadPoolExecutor(4) as threads:
        states = list(threads.map(migrate.upgrade, [empty_database_url] * 4))

    assert all(state.is_current for state in states)


def test_newer_schema_is_refused(empty_database_url: str) -> None:
    """A database that a newer Cinegraph has upgraded is never taken back."""
    migrate.upgrade(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(
            sql.SQL("UPDATE {} SET version_num = '2099_01_01_0000'").format(
                sql.Identifier(VERSION_TABLE)
            )
        )

    assert migrate.check(empty_database_url).is_newer
    with pytest.raises(DatabaseVersionError, match="newer") as caught:
        migrate.upgrade(empty_database_url)
    assert "Upgrade Cinegraph" in str(caught.value.hint)
    with pytest.raises(DatabaseVersionError, match="newer"):
        migrate.require_current(empty_database_url)


def test_old_schema_is_refused_with_the_command(empty_database_url: str) -> None:
    """Working on an old schema ends before the first statement."""
    with pytest.raises(DatabaseVersionError) as caught:
        migrate.require_current(empty_database_url)

    assert "cinegraph db upgrade" in str(caught.value.hint)


def test_tables_of_others_stop_the_upgrade_whole(empty_database_url: str) -> None:
    """Somebody's own `movies` is neither used nor touched, and nothing is left."""
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("CREATE TABLE movies (mine text)")

    with pytest.raises(DatabaseVersionError, match="did not make"):
        migrate.upgrade(empty_database_url)
    assert tables(empty_database_url) == {"movies"}


def test_missing_database_is_named(postgres_url: str) -> None:
    """The hint says what to create."""
    url = with_database(postgres_url, "cinegraph_no_such")

    with pytest.raises(DatabaseUnreachableError, match="cinegraph_no_such") as caught:
        migrate.upgrade(url)
    assert "createdb" in str(caught.value.hint)
