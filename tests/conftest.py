"""
Fixtures every test may use: server, database, pool, recorded upstream data.

The server is the one of CINEGRAPH_TEST_DATABASE_URL, else an embedded one in memory or a
temporary folder that ends with the last test process, also when that was killed.
Databases are cloned from a template that is migrated once.
"""

import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import in_memory
from cinegraph.db import migrate
from cinegraph.db.address import with_database
from cinegraph.db.embedded import EmbeddedServer
from cinegraph.db.embedded.layout import SYSTEM_FOLDER
from cinegraph.db.pool import Pool, open_pool

_PREFIX = "cinegraph_test"
_SETTINGS = {
    # With gigabytes every clone of a database fills memory that was never touched, and takes three times as long.
    "shared_buffers": "128MB",
    # It may lie in memory, and every database made and dropped is a checkpoint anyway.
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
}
type NewDatabase = Callable[[], AbstractContextManager[str]]

_REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """Return the folder of recorded upstream bodies, or skip."""
    default = _REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("CINEGRAPH_TEST_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}; set CINEGRAPH_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres_url(testrun_uid: str) -> Iterator[str]:
    """Return the address of a server where the tests may create databases."""
    given = os.environ.get("CINEGRAPH_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # The workers of one xdist run have the same uid and so share one server.
    home = in_memory.folder_or_temporary() / f"cinegraph-test-{testrun_uid[:12]}"
    memory = in_memory.folder()
    server = EmbeddedServer(
        home,
        disposable=True,
        system_folder=memory / "cinegraph-tests" if memory else SYSTEM_FOLDER,
        settings=_SETTINGS,
    )
    with server.acquire() as url:
        yield with_database(url, "postgres")


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """Return the name of a migrated database to clone; one for each state of the SQL."""
    key = _migrations_hash()
    name = f"{_PREFIX}_template_{key}"
    with _claimed(postgres_url, key) as connection:
        _drop_unclaimed(connection, keep=name)
        # One process makes it, the others of the same server wait here.
        connection.execute("SELECT pg_advisory_lock(hashtext('cinegraph_test'))")
        if not _exists(connection, name):
            # Under its own name only when it is whole: a killed run leaves none that is
            # half made.
            draft = f"{_PREFIX}_draft_{key}"
            _drop(connection, draft)
            connection.execute(
                sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft))
            )
            migrate.upgrade(with_database(postgres_url, draft))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(draft), sql.Identifier(name)
                )
            )
        connection.execute("SELECT pg_advisory_unlock(hashtext('cinegraph_test'))")
        yield name


@pytest.fixture(scope="session")
def _database_names(
    postgres_url: str, testrun_uid: str, worker_id: str
) -> Iterator[Iterator[str]]:
    """Give names of databases, claimed for as long as this process lives."""
    key = hashlib.sha256(f"{testrun_uid}{worker_id}".encode()).hexdigest()[:12]
    with _claimed(postgres_url, key):
        yield (f"{_PREFIX}_{key}_{number}" for number in count(1))


@pytest.fixture
def empty_database_url(
    postgres_url: str, _database_names: Iterator[str]
) -> Iterator[str]:
    """Return the address of a fresh database without any schema, dropped afterwards."""
    with _database(postgres_url, next(_database_names), template="template1") as url:
        yield url


@pytest.fixture
def _new_database(
    postgres_url: str, template_database: str, _database_names: Iterator[str]
) -> NewDatabase:
    def make() -> AbstractContextManager[str]:
        return _database(
            postgres_url, next(_database_names), template=template_database
        )

    return make


@pytest.fixture
def database_url(_new_database: NewDatabase) -> Iterator[str]:
    """Return the address of a fresh, migrated database, dropped afterwards."""
    with _new_database() as url:
        yield url


@pytest.fixture
def copy_url(_new_database: NewDatabase) -> Iterator[str]:
    """Return the address of a second migrated database, for a copy of what the first one holds."""
    with _new_database() as url:
        yield url


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Return an open pool on a fresh, migrated database."""
    opened = await open_pool(database_url, size=10, application_name="cinegraph tests")
    async with opened:
        yield opened


@contextmanager
def _database(server: str, name: str, *, template: str) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
                sql.Identifier(name), sql.Identifier(template), _strategy(connection)
            )
        )
    try:
        yield with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            _drop(connection, name)


def _strategy(connection: psycopg.Connection) -> sql.SQL:
    # Copying the files takes half of what logging every page takes, but wants checkpoints: cheap only where nothing
    # is written through to the disk.
    syncs = connection.execute("SHOW fsync").fetchone() == ("on",)
    return sql.SQL("wal_log" if syncs else "file_copy")


@contextmanager
def _claimed(server: str, key: str) -> Iterator[psycopg.Connection]:
    # The claim is a lock of this session's connection, so it ends with the process
    # however that ends.
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_advisory_lock_shared(hashtextextended(%(key)s, 0))", {"key": key}
        )
        yield connection


def _drop_unclaimed(connection: psycopg.Connection, *, keep: str) -> None:
    # What killed runs left on a server that outlives them.
    rows = connection.execute(
        "SELECT datname FROM pg_database"
        " WHERE datname ~ %(pattern)s AND datname <> %(keep)s",
        {
            "pattern": f"^{_PREFIX}_((template|draft)_)?[0-9a-f]{{12}}(_[0-9]+)?$",
            "keep": keep,
        },
    ).fetchall()
    for (name,) in rows:
        match = re.search(r"[0-9a-f]{12}", name.removeprefix(_PREFIX))
        assert match is not None
        claim = {"key": match.group()}
        free = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%(key)s, 0))", claim
        ).fetchone()
        if free == (True,):
            _drop(connection, name)
            connection.execute(
                "SELECT pg_advisory_unlock(hashtextextended(%(key)s, 0))", claim
            )


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _exists(connection: psycopg.Connection, name: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %(name)s", {"name": name}
    )
    return found.fetchone() is not None


def _migrations_hash() -> str:
    digest = hashlib.sha256()
    for entry in _files_below(files("cinegraph.db.migrations")):
        digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:12]


def _files_below(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files_below(entry)
        elif entry.name.endswith((".sql", ".py")):
            yield entry
