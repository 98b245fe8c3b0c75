"""Bringing the schema to this version of the code, under a lock, and never back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import errors as postgres
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from cinegraph.db import address, schema
from cinegraph.db.schema import SchemaState
from cinegraph.db.sql import load
from cinegraph.errors import DatabaseError, DatabaseVersionError

# Any fixed number does, as long as every version of Cinegraph uses the same; this one
# is "cinegrap" in ASCII.
_LOCK_KEY = int.from_bytes(b"cinegrap")
_WAIT_FOR_OTHERS = timedelta(minutes=5)
# DDL that waits for a lock makes every later query on that table wait behind it; better
# to give up and come again.
_LOCK_TIMEOUT = timedelta(seconds=5)


def upgrade(url: str) -> SchemaState:
    """
    Bring the schema of *url* to this version of the code, or leave it when it is.

    Blocking. Safe to call from many processes at once: one migrates, the others wait
    and find nothing to do. All in one transaction, so an interrupted upgrade leaves the
    old schema.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old, the schema is newer than the code,
            or holds tables in our way, or our role may not change it.
        DatabaseError: Another process held a lock for too long.
    """
    with _connection(url) as connection:
        state = _state(connection)
        if state.is_current:
            return state
        with _translated(url):
            _take_turn(connection)
            schema.require_known(_state(connection))
            command.upgrade(_config(connection), "head")
            connection.commit()
        return _state(connection)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    # SQLAlchemy gets an open connection, so a password never passes through its own
    # URLs and reprs.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: schema.connect(url),
        poolclass=NullPool,
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "cinegraph.db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _state(connection: Connection) -> SchemaState:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - for the type checker
    return schema.read(driver)


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
        if isinstance(cause, postgres.InsufficientPrivilege):
            raise DatabaseVersionError(
                f"the schema of {where} is not this version's, and this role may not"
                f" change it: {cause.diag.message_primary}",
                hint="Run `cinegraph db upgrade` as the role that owns the tables; see"
                " docs/guides/several-machines.md.",
            ) from error
        if isinstance(cause, (postgres.DuplicateTable, postgres.DuplicateObject)):
            raise DatabaseVersionError(
                f"{where} holds tables that Cinegraph did not make: {cause}",
                hint="Give Cinegraph a database of its own.",
            ) from error
        raise
