"""Migrations on a real server."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql

from cinegraph.db import migrate, migrations, schema
from cinegraph.db.address import with_database
from cinegraph.db.schema import VERSION_TABLE
from cinegraph.errors import DatabaseUnreachableError, DatabaseVersionError
from polling import PATIENCE_SECONDS


def tables(url: str) -> set[str]:
    """Return the names of all tables of the schema."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {name for (name,) in rows.fetchall()}


def test_upgrade_brings_an_empty_database_to_the_head(empty_database_url: str) -> None:
    """Before: no version; after: the code's own, and its tables are there."""
    before = schema.check(empty_database_url)

    after = migrate.upgrade(empty_database_url)

    assert (before.current, before.is_current) == (None, False)
    assert after.is_current
    assert VERSION_TABLE in tables(empty_database_url)
    assert schema.check(empty_database_url) == after


def test_checking_changes_nothing(empty_database_url: str) -> None:
    """A look at an empty database leaves it empty."""
    schema.check(empty_database_url)

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

    assert schema.check(empty_database_url).is_newer
    with pytest.raises(DatabaseVersionError, match="newer") as caught:
        migrate.upgrade(empty_database_url)
    assert "Upgrade Cinegraph" in str(caught.value.hint)
    with pytest.raises(DatabaseVersionError, match="newer"):
        schema.require_current(schema.check(empty_database_url))


def test_old_schema_is_refused_with_the_command(empty_database_url: str) -> None:
    """Working on an old schema ends before the first statement."""
    with pytest.raises(DatabaseVersionError) as caught:
        schema.require_current(schema.check(empty_database_url))

    assert "cinegraph db upgrade" in str(caught.value.hint)


def test_the_versions_named_are_those_of_the_migrations() -> None:
    """Without Alembic the same versions are known as with it, oldest first."""
    script = ScriptDirectory(str(Path(migrations.__path__[0])))

    assert [found.revision for found in script.walk_revisions()][::-1] == list(
        schema.VERSIONS
    )
    assert script.get_current_head() == schema.HEAD


def test_looking_does_not_import_alembic(empty_database_url: str) -> None:
    """A command that reads a current schema starts without a third of its imports."""
    migrate.upgrade(empty_database_url)
    program = (
        "import sys, cinegraph.bootstrap; from cinegraph.db import schema;"
        "assert schema.ensure(sys.argv[1]).is_current;"
        "print(sorted({'alembic', 'sqlalchemy'} & set(sys.modules)))"
    )
    told = subprocess.run(  # noqa: S603 - this Python and the text above
        [sys.executable, "-c", program, empty_database_url],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert told.stdout.strip() == "[]"


def test_ensuring_upgrades_what_is_not_current(empty_database_url: str) -> None:
    """An empty database is brought to the head."""
    assert schema.ensure(empty_database_url).is_current
    assert VERSION_TABLE in tables(empty_database_url)


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
