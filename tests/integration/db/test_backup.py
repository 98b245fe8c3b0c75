"""Backup and restore with the real programs."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from cinegraph.db import backup, schema
from cinegraph.errors import DatabaseError, UsageError
from polling import PATIENCE_SECONDS

ROWS = [(1, "Amélie; DROP"), (2, "\\."), (3, "tab\tand\nline")]


def fill(url: str) -> None:
    """Put rows with awkward texts into a table of their own."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY, title text)"
        )
        for _, title in ROWS:
            connection.execute(
                "INSERT INTO kept (title) VALUES (%(title)s)", {"title": title}
            )


def kept(url: str) -> list[tuple[object, ...]]:
    """Return the rows of that table."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT id, title FROM kept ORDER BY id").fetchall()


@pytest.fixture
def file(database_url: str, tmp_path: Path) -> Path:
    """Return a backup of a migrated database with the rows."""
    fill(database_url)
    return backup.backup(database_url, tmp_path / "films.backup").path


def test_round_trip_gives_equal_rows(file: Path, empty_database_url: str) -> None:
    """An empty database filled from a backup has the same rows and schema version."""
    backup.restore(empty_database_url, file)

    assert kept(empty_database_url) == ROWS
    assert schema.check(empty_database_url).is_current


def test_replacing_drops_what_was_there(file: Path, database_url: str) -> None:
    """Replaced explicitly, the database is the backup, with nothing else left."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM kept")
        connection.execute("CREATE TABLE later (id int)")

    backup.restore(database_url, file, replace=True)

    assert kept(database_url) == ROWS
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT to_regclass('later')").fetchone()
        assert found == (None,)


def test_full_database_is_not_replaced_by_accident(
    file: Path, database_url: str
) -> None:
    """Without being told to, a restore touches no table."""
    with pytest.raises(UsageError, match="not empty"):
        backup.restore(database_url, file)
    assert kept(database_url) == ROWS


@pytest.mark.usefixtures("file")
def test_damaged_backup_leaves_the_old_rows(database_url: str, tmp_path: Path) -> None:
    """A cut file is noticed before anything is committed."""
    with psycopg.connect(database_url) as connection:
        # Data that compression cannot shrink, so that the cut goes through rows.
        connection.execute(
            "INSERT INTO kept (title) SELECT string_agg(md5(n::text), '')"
            " FROM generate_series(1, 20000) AS n"
        )
    whole = backup.backup(database_url, tmp_path / "whole.backup").path.read_bytes()
    cut = tmp_path / "cut.backup"
    cut.write_bytes(whole[: len(whole) - 200_000])
    before = kept(database_url)

    with pytest.raises(DatabaseError, match="PostgreSQL's program failed"):
        backup.restore(database_url, cut, replace=True)
    assert kept(database_url) == before


@pytest.mark.parametrize("content", [b"", b"PGDMP but not really", b"hello" * 100])
def test_garbage_is_refused(
    content: bytes, empty_database_url: str, tmp_path: Path
) -> None:
    """What no backup of ours is, is not restored."""
    garbage = tmp_path / "garbage"
    garbage.write_bytes(content)

    with pytest.raises((UsageError, DatabaseError)):
        backup.restore(empty_database_url, garbage)


def test_dump_of_another_application_is_refused(
    empty_database_url: str, tmp_path: Path
) -> None:
    """A good dump without our version table is not ours."""
    fill(empty_database_url)
    file = backup.backup(empty_database_url, tmp_path / "other.backup").path

    with pytest.raises(UsageError, match="no backup of Cinegraph"):
        backup.restore(empty_database_url, file, replace=True)


def test_existing_file_is_not_overwritten(file: Path, database_url: str) -> None:
    """A second backup to the same name is refused, and allowed when asked for."""
    size = file.stat().st_size
    with pytest.raises(UsageError, match="exists already"):
        backup.backup(database_url, file)

    assert backup.backup(database_url, file, overwrite=True).size_bytes == size


def test_backup_is_private_and_leaves_no_draft(file: Path) -> None:
    """Only its owner may read a backup; the folder holds nothing else."""
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]


def test_full_disk_is_said_before_the_work(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little room: refused with both sizes, and no file begun."""
    monkeypatch.setattr(backup, "_MINIMUM_FREE_BYTES", 10**18)

    with pytest.raises(DatabaseError, match="MB free"):
        backup.backup(database_url, tmp_path / "films.backup")
    assert list(tmp_path.iterdir()) == []


def test_psql_gets_the_password_by_its_environment(database_url: str) -> None:
    """Arguments are for all to see; psql connects with what is left in them."""
    command = backup.psql_command(f"{database_url}&password=canary-secret")

    assert "canary" not in " ".join(command.argv)
    assert command.environment == {"PGPASSWORD": "canary-secret"}
    done = subprocess.run(  # noqa: S603 - what is under test
        [*command.argv, "--no-psqlrc", "--tuples-only", "--command=SELECT 6 * 7"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.stdout.strip() == "42"
