"""Bringing the schema to this version of the code, under a lock, and never back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import errors as postgres
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from cinegraph.db import address, failures
from cinegraph.db.migrations.ddl import VERSION_TABLE
from cinegraph.db.sql import load
from cinegraph.errors import DatabaseError, DatabaseVersionError

# Any fixed number does, as long as every version of Cinegraph uses the same; this one
# is "cinegrap" in ASCII.
_LOCK_KEY = int.from_bytes(b"cinegrap")
_WAIT_FOR_OTHERS = timedelta(minutes=5)
# DDL that waits for a lock makes every later query on that table wait behind it; better
# to give up and come again.
_LOCK_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class SchemaState:
    """Where a database stands against this version of the code."""

    current: str | None
    """The database's version; None before the first `upgrade`."""
    head: str
    """The version this code was written for."""
    is_newer: bool
    """The database's version is unknown here: a newer Cinegraph has been at work."""

    @property
    def is_current(self) -> bool:
        """Whether the code can work on this schema."""
        return self.current == self.head


def upgrade(url: str) -> SchemaState:
    """
    Bring the schema of *url* to this version of the code, or leave it when it is.

    Blocking. Safe to call from many processes at once: one migrates, the others wait
    and find nothing to do. All in one transaction, so an interrupted upgrade leaves the
    old schema.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old, the schema is newer than the code,
            or holds tables in our way.
        DatabaseError: Another process held a lock for too long.
    """
    with _connection(url) as connection:
        config = _config(connection)
        script = ScriptDirectory.from_config(config)
        if _state(connection, script).is_current:
            return _state(connection, script)
        with _translated(url):
            _take_turn(connection)
            _require_known(_state(connection, script))
            command.upgrade(config, "head")
            connection.commit()
        return _state(connection, script)


def check(url: str) -> SchemaState:
    """
    Say which version the schema of *url* has, changing nothing.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old.
    """
    with _connection(url) as connection:
        return _state(connection, ScriptDirectory.from_config(_config(connection)))


def require_current(url: str) -> None:
    """
    Refuse a schema this code cannot work on.

    Raises:
        DatabaseVersionError: The schema is older or newer; the hint says what to do.
    """
    state = check(url)
    _require_known(state)
    if not state.is_current:
        raise DatabaseVersionError(
            f"the database has schema {state.current or 'none'}, this version needs"
            f" {state.head}",
            hint="Run `cinegraph db upgrade`.",
        )


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    dsn = address.dsn(url, application_name="cinegraph migrate")
    # SQLAlchemy gets an open connection, so a password never passes through its own
    # URLs and reprs.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: _connect(url, dsn), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _connect(url: str, dsn: str) -> psycopg.Connection:
    with failures.connecting(url):
        connection = psycopg.connect(dsn)
    try:
        failures.require_server_version(connection.info.server_version)
    except DatabaseVersionError:
        connection.close()
        raise
    return connection


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "cinegraph.db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _state(connection: Connection, script: ScriptDirectory) -> SchemaState:
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE}
    )
    current = context.get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState(
        current=current,
        head=script.get_current_head() or "",
        is_newer=current is not None and current not in known,
    )


def _require_known(state: SchemaState) -> None:
    if state.is_newer:
        raise DatabaseVersionError(
            f"the database has schema {state.current}, newer than this version of"
            f" Cinegraph ({state.head})",
            hint="Upgrade Cinegraph on this machine, or restore a backup made by this"
            " version.",
        )


def _take_turn(connection: Connection) -> None:
    # The lock is the transaction's: it goes with it, also when the process is killed.
    _set_local(connection, "statement_timeout", timedelta(0))
    _set_local(connection, "lock_timeout", _WAIT_FOR_OTHERS)
    _run(connection, "wait_for_turn.sql", key=_LOCK_KEY)
    _set_local(connection, "lock_timeout", _LOCK_TIMEOUT)


def _set_local(connection: Connection, setting: str, time: timedelta) -> None:
    milliseconds = str(round(time.total_seconds() * 1000))
    _run(connection, "set_local.sql", setting=setting, value=milliseconds)


def _run(connection: Connection, statement: str, **parameters: object) -> None:
    connection.exec_driver_sql(load("cinegraph.db", statement), parameters)


@contextmanager
def _translated(url: str) -> Iterator[None]:
    where = address.redacted(url)
    try:
        yield
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, postgres.LockNotAvailable):
            raise DatabaseError(
                f"the schema of {where} is in use: {cause}",
                hint="Stop the workers, or wait until they are idle, and run"
                " `cinegraph db upgrade` again.",
            ) from error
        if isinstance(cause, (postgres.DuplicateTable, postgres.DuplicateObject)):
            raise DatabaseVersionError(
                f"{where} holds tables that Cinegraph did not make: {cause}",
                hint="Give Cinegraph a database of its own.",
            ) from error
        raise
