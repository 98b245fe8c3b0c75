"""PostgreSQL's client programs: which fit a server, and how they get its address."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from cinegraph.db import address, failures, sql
from cinegraph.db.embedded import binaries
from cinegraph.errors import DatabaseVersionError, EmbeddedPostgresError


@dataclass(frozen=True, kw_only=True)
class Command:
    """A program to run and what to add to its environment: any password."""

    argv: list[str]
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Server:
    """What a client program has to know of a server."""

    conninfo: str
    """
    Everything libpq worked out, also from PG… variables and files, without passwords.
    """
    password: str
    major: int
    database_size_bytes: int
    table_count: int
    """Tables outside PostgreSQL's own schemas."""


def describe(url: str) -> Server:
    """
    Return what is to be known of the server and database of *url*.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: The server is too old.
    """
    dsn = address.dsn(url, application_name="cinegraph")
    with failures.connecting(url):
        connection = psycopg.connect(dsn)
    with connection:
        info = connection.info
        failures.require_server_version(info.server_version)
        facts = connection.execute(
            sql.load("cinegraph.db", "describe_database.sql")
        ).fetchone()
        size, tables = facts or (0, 0)
        # libpq leaves passwords out of its parameters.
        return Server(
            conninfo=make_conninfo("", **info.get_parameters()),
            password=info.password,
            major=info.server_version // 10000,
            database_size_bytes=size,
            table_count=tables,
        )


def command(server: Server, program: str, *arguments: str) -> Command:
    """
    Return *program* with *arguments*, connecting to *server*.

    Raises:
        DatabaseVersionError: No program here is as new as the server.
    """
    return Command(
        argv=[
            str(find(program, server.major)),
            *arguments,
            f"--dbname={server.conninfo}",
        ],
        environment={"PGPASSWORD": server.password} if server.password else {},
    )


def find(program: str, major: int) -> Path:
    """
    Return the oldest *program* that is at least as new as *major*.

    Older ones do not read newer servers.

    Raises:
        DatabaseVersionError: There is none, neither on the PATH nor in the embedded
            server.
    """
    candidates = [(_major_of(path), path) for path in _places(program)]
    fitting = [candidate for candidate in candidates if candidate[0] >= major]
    if not fitting:
        raise DatabaseVersionError(
            f"no {program} for PostgreSQL {major} was found",
            hint=f"Install the client programs of PostgreSQL {major}"
            f" (postgresql-client-{major}).",
        )
    return min(fitting, key=lambda candidate: candidate[0])[1]


def _places(program: str) -> list[Path]:
    places = []
    on_path = shutil.which(program)
    if on_path is not None:
        places.append(Path(on_path))
    try:
        places.append(binaries.bundled() / program)
    except EmbeddedPostgresError:
        return places
    return places


def _major_of(path: Path) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - found above
            [path, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found.group(1)) if found else 0
