"""Backups: one file out, one file in, and psql; everything here blocks."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from cinegraph.db import address, failures, programs, sql
from cinegraph.db.embedded.binaries import environment
from cinegraph.db.programs import Command, Server
from cinegraph.db.schema import VERSION_TABLE
from cinegraph.errors import DatabaseError, UsageError

_MAGIC = b"PGDMP"
_MINIMUM_FREE_BYTES = 64 * 1024 * 1024
# Half: indexes are not written, and bodies of upstreams are compressed already.
_FREE_PER_DATABASE_BYTE = 0.5
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A finished backup."""

    path: Path
    size_bytes: int


def backup(url: str, target: Path, *, overwrite: bool = False) -> Backup:
    """
    Write the whole database of *url* into the file *target*, readable by us alone.

    Consistent while workers go on. *target* appears when it is whole, never before.

    Raises:
        UsageError: *target* exists, or its folder does not.
        DatabaseError: Too little disk, or pg_dump failed.
    """
    target = target.absolute()
    _require_target(target, overwrite=overwrite)
    server = programs.describe(url)
    _require_disk(target.parent, server)
    draft = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        dump = programs.command(
            server,
            "pg_dump",
            "--format=custom",
            # The bulk is compressed already; higher levels cost minutes and gain
            # little.
            "--compress=gzip:1",
            "--no-owner",
            "--no-privileges",
            f"--file={draft}",
        )
        _run(dump, server)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Backup(path=target, size_bytes=target.stat().st_size)


def restore(url: str, source: Path, *, replace: bool = False) -> None:
    """
    Fill the database of *url* from the backup *source*, wholly or not at all.

    The schema is the backup's: run `migrate.upgrade` afterwards.

    Args:
        url: An empty database, or one to be replaced.
        source: What `backup` wrote.
        replace: Drop everything in the database first; comes back when anything fails.

    Raises:
        UsageError: *source* is no backup of Cinegraph, or the database is not empty.
        DatabaseError: The backup is damaged, or the database is in use.
    """
    server = programs.describe(url)
    _require_backup(source, server)
    if server.table_count and not replace:
        raise UsageError(
            f"the database {address.redacted(url)} is not empty",
            hint="Restore into an empty one, or replace all that is in this one with"
            " --replace.",
        )
    _replay(server, source)
    # A backup brings no statistics; without them the first queries choose badly.
    with (
        failures.connecting(url),
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("ANALYZE")


def psql_command(url: str) -> Command:
    """
    Return the psql to run for a person; add its environment to the caller's.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
        DatabaseVersionError: No psql here is as new as the server.
    """
    return programs.command(programs.describe(url), "psql")


def _require_target(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(
            f"there is no folder {target.parent}", hint="Make it, or name another."
        )
    if target.exists() and not overwrite:
        raise UsageError(
            f"{target} exists already",
            hint="Name another file, or replace this one with --overwrite.",
        )


def _require_disk(folder: Path, server: Server) -> None:
    free = shutil.disk_usage(folder).free
    needed = server.database_size_bytes * _FREE_PER_DATABASE_BYTE
    if free < max(needed, _MINIMUM_FREE_BYTES):
        raise DatabaseError(
            f"{folder} has {free // 1_000_000} MB free; a backup of"
            f" {server.database_size_bytes // 1_000_000} MB may need half of that",
            hint="Free space there, or name a file on another disk.",
        )


def _require_backup(source: Path, server: Server) -> None:
    try:
        with source.open("rb") as file:
            begins_right = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise UsageError(
            f"cannot read {source}: {error.strerror}", hint="Name a readable file."
        ) from error
    contents = ""
    if begins_right:
        lister = programs.find("pg_restore", server.major)
        listing = Command(argv=[str(lister), "--list", str(source)], environment={})
        contents = _run(listing, server)
    if f" {VERSION_TABLE} " not in contents:
        raise UsageError(
            f"{source} is no backup of Cinegraph",
            hint="Restore reads what `cinegraph db backup` wrote.",
        )


def _run(command: Command, server: Server) -> str:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        command.argv,
        env=environment() | command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        umask=0o077,
    )
    if done.returncode:
        raise _failed(done.stderr, server)
    return done.stdout


def _replay(server: Server, source: Path) -> None:
    # Not pg_restore into the database itself: dropping what is there has to be part
    # of the same transaction.
    writer = programs.command(
        server, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"
    )
    with _started(writer, is_fed=True) as psql:
        assert psql.process.stdin is not None  # noqa: S101 - for the type checker
        problem = ""
        # A psql gone early says why on its standard error.
        with suppress(BrokenPipeError), psql.process.stdin as script:
            script.write(_opening(server))
            problem = _pour(server, source, script)
            if not problem:
                script.write(b"\nCOMMIT;\n")
        psql.process.wait()
        if psql.process.returncode:
            raise _failed(psql.complaints(), server)
    if problem:
        raise _failed(problem, server)


def _opening(server: Server) -> bytes:
    opening = sql.load("cinegraph.db", "begin_restore.sql")
    if server.table_count:
        opening += sql.load("cinegraph.db", "drop_everything.sql")
    return opening.encode()


def _pour(server: Server, source: Path, script: IO[bytes]) -> str:
    """Write the backup as SQL into *script*; return why it is not whole, or ""."""
    program = str(programs.find("pg_restore", server.major))
    options = ["--no-owner", "--no-privileges", "--file=-"]
    reader = Command(argv=[program, *options, str(source)], environment={})
    with _started(reader, is_fed=False) as pg_restore:
        assert pg_restore.process.stdout is not None  # noqa: S101 - for the type checker
        with pg_restore.process.stdout as contents:
            shutil.copyfileobj(contents, script, _CHUNK_BYTES)
        failed = pg_restore.process.wait() != 0
        return (pg_restore.complaints() or "pg_restore failed") if failed else ""


@dataclass(frozen=True, kw_only=True)
class _Running:
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def complaints(self) -> str:
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")


@contextmanager
def _started(command: Command, *, is_fed: bool) -> Iterator[_Running]:
    # Complaints go to a file: in a pipe that nobody reads meanwhile they would block.
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs
            command.argv,
            env=environment() | command.environment,
            stdin=subprocess.PIPE if is_fed else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if is_fed else subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield _Running(process=process, errors=errors)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _failed(complaints: str, server: Server) -> DatabaseError:
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    telling = [line for line in lines if "ERROR" in line or "error:" in line] or lines
    text = telling[0] if telling else "the program said nothing"
    if server.password:
        text = text.replace(server.password, "***")
    return DatabaseError(
        f"PostgreSQL's program failed: {text}",
        hint="Nothing was changed. See that the disk has room, the file is whole and"
        " no worker is running.",
    )
