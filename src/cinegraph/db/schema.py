"""
Which schema this code was written for, and which one a database has: one plain query.

Alembic takes a third of a second to import; only `migrate`, which changes a schema,
needs it.
"""

from dataclasses import dataclass

import psycopg
from psycopg import errors as postgres

from cinegraph.db import address, failures
from cinegraph.db.sql import load
from cinegraph.errors import DatabaseVersionError

VERSION_TABLE = "cinegraph_schema_version"
"""Not Alembic's usual name: a database may already hold another application's."""

VERSIONS = (
    "2026_11_20_0900",
    "2026_11_25_2300",
    "2026_11_26_0700",
    "2026_11_27_1700",
    "2026_11_28_0900",
    "2026_11_28_1500",
)
"""Every version there is, oldest first; a test compares them with the migrations."""
HEAD = VERSIONS[-1]


@dataclass(frozen=True, kw_only=True)
class SchemaState:
    """Where a database stands against this version of the code."""

    current: str | None
    """The database's version; None before the first `upgrade`."""
    head: str = HEAD
    """The version this code was written for."""

    @property
    def is_current(self) -> bool:
        """Whether the code can work on this schema."""
        return self.current == self.head

    @property
    def is_newer(self) -> bool:
        """Whether its version is unknown here: a newer Cinegraph has been at work."""
        return self.current is not None and self.current not in VERSIONS


def check(url: str) -> SchemaState:
    """
    Say which version the schema of *url* has, changing nothing.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old.
    """
    with connect(url) as connection:
        return read(connection)


def read(connection: psycopg.Connection) -> SchemaState:
    """Return the version of the database of *connection*, in its transaction."""
    try:
        with connection.transaction():
            found = connection.execute(
                load("cinegraph.db", "read_schema_version.sql")
            ).fetchone()
    except postgres.UndefinedTable:
        found = None
    return SchemaState(current=found[0] if found else None)


def connect(url: str) -> psycopg.Connection:
    """
    Return a connection for work on the schema.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old.
    """
    with failures.connecting(url):
        connection = psycopg.connect(
            address.dsn(url, application_name="cinegraph migrate")
        )
    try:
        failures.require_server_version(connection.info.server_version)
    except DatabaseVersionError:
        connection.close()
        raise
    return connection


def require_known(state: SchemaState) -> None:
    """
    Refuse a schema that a newer version of Cinegraph has made.

    Raises:
        DatabaseVersionError: It is newer than this code.
    """
    if state.is_newer:
        raise DatabaseVersionError(
            f"the database has schema {state.current}, newer than this version of"
            f" Cinegraph ({state.head})",
            hint="Upgrade Cinegraph on this machine, or restore a backup made by this"
            " version.",
        )


def require_current(state: SchemaState) -> None:
    """
    Refuse a schema this code cannot work on.

    Raises:
        DatabaseVersionError: The schema is older or newer; the hint says what to do.
    """
    require_known(state)
    if not state.is_current:
        raise DatabaseVersionError(
            f"the database has schema {state.current or 'none'}, this version needs"
            f" {state.head}",
            hint="Run `cinegraph db upgrade`.",
        )


def ensure(url: str) -> SchemaState:
    """
    Upgrade the schema of *url* where it is not this version's; see `migrate.upgrade`.

    Raises:
        DatabaseError: The database cannot be used; the hint says what to do.
    """
    state = check(url)
    if state.is_current:
        return state
    from cinegraph.db import migrate  # noqa: PLC0415 - see the module's docstring

    return migrate.upgrade(url)
