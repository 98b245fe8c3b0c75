"""
What the benchmarks share: a throw-away PostgreSQL, databases on it, worker processes, CPU seconds by process, tables.

Everything started here ends with the block that started it, also on Ctrl-C.
"""

import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from cinegraph import Cinegraph
from cinegraph.db.embedded import EmbeddedServer

RESULTS = Path(__file__).parent / "results"
DATA = Path(
    os.environ.get(
        "CINEGRAPH_TEST_DATA",
        Path(__file__).resolve().parents[1] / ".." / "shared" / "data",
    )
)
"""The folder of recorded upstream bodies."""
FAKE_KEY = "benchmark-token-of-no-value"
_STOP_SECONDS = 30
_START_SECONDS = 60
_LOOK_SECONDS = 0.1
_TOLD_BYTES = 4000
"""Of what workers wrote, when something went wrong."""


def recordings() -> Path:
    """
    Return the folder of recorded bodies; without it the benchmark says so and ends with 0, because nothing is wrong.

    Raises:
        SystemExit: There is none.
    """
    if not (DATA / "tmdb" / "movies.jsonl.gz").is_file():
        print(
            f"left out: no recorded bodies in {DATA}; set CINEGRAPH_TEST_DATA to a folder that has them"
        )
        raise SystemExit(0)
    return DATA / "tmdb"


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a throw-away server of our own, tuned as users get it."""
    # The folder goes with the server, when that has stopped.
    home = Path(tempfile.mkdtemp(prefix="cinegraph-bench-"))
    with EmbeddedServer(home, disposable=True).acquire() as url:
        yield url


def fresh_database(server_url: str, name: str, *, template: str = "template1") -> str:
    """Make database *name* anew, as a copy of *template*, and return its address."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        identifier = sql.Identifier(name)
        conn.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
        )
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                identifier, sql.Identifier(template)
            )
        )
        conn.execute("CHECKPOINT")
    return server_url.replace("/cinegraph?", f"/{name}?")


def drop_database(server_url: str, name: str) -> None:
    """Drop database *name*."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )


@contextmanager
def workers(
    count: int, environment: Mapping[str, str], *arguments: str
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run *count* `cinegraph work` processes; when the block fails, what they wrote is shown."""
    command = [str(Path(sys.executable).with_name("cinegraph")), "work", *arguments]
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
    processes = [
        subprocess.Popen(  # noqa: S603 - our own program
            command,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        for _ in range(count)
    ]
    try:
        yield processes
    except BaseException:
        log.seek(0)
        print(log.read()[-_TOLD_BYTES:].decode(errors="replace"), file=sys.stderr)
        raise
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        log.close()


async def until_working(c: Cinegraph, workers: int) -> None:
    """
    Wait until so many nodes work.

    Raises:
        TimeoutError: They did not start.
    """
    async with asyncio.timeout(_START_SECONDS):
        while len({node.node for node in await c.list_nodes()}) < workers:  # noqa: ASYNC110 - other processes start
            await asyncio.sleep(_LOOK_SECONDS)


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def postgres_cpu_seconds(server_url: str) -> float:
    """Return user and system time of the whole server, ended backends too."""
    with psycopg.connect(server_url) as conn:
        row = conn.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None  # noqa: S101 - a SELECT of a function gives a row
        postmaster = psutil.Process(row[0]).parent()
    assert postmaster is not None  # noqa: S101 - a backend has a postmaster
    times = postmaster.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children():
        try:
            spent = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    return float(total)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(
            *(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row)
        )
    Console(width=100).print(table)


def save(name: str, figures: Mapping[str, object]) -> None:
    """Write figures to `results/<name>.json`, with what they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(
        json.dumps({"machine": machine, **figures}, indent=2, default=str) + "\n"
    )
    print(f"written to {path}")
