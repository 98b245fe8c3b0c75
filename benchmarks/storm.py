"""
The whole catalogue through a storm, held row by row against the world it comes from.

`python benchmarks/storm.py [--films N] [--fault-rate R] [--seconds N] [--calm]`. A run of `cinegraph import catalog
--from-export` on an invented world: every fault of TMDB and OMDb that passes, a first export that is cut, three
`cinegraph work` processes of which each is killed once with -9, first the one that feeds; the database goes away for a
while, and once loses all its sessions by a crash. Exits 1 when the end is not what the world says, or no end comes.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import harness
import psycopg

import cinegraph
from cinegraph import Cinegraph, clock
from cinegraph.db import migrate
from cinegraph.errors import DatabaseError
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import world_rows
from database_line import DatabaseLine, open_line

_SEED = 7
_WORKERS = 3
_FAULTS = ("429", "429-bare", "5xx", "slow", "cut", "html", "encoding", "empty")
# `omdb-na` is left out: whether a title was told empty cannot be seen afterwards.
_OMDB_FAULTS = ("omdb-522", "omdb-json", "omdb-html", "omdb-cut", "omdb-slow")
_LIES = ("not-found",)
_MEND_EXPORT_SECONDS = 20.0
_DATABASE_GONE_SECONDS = 15.0
_UNLIMITED = "10000000"
_LOOK_SECONDS = 0.5
_TELL_SECONDS = 15.0
_COMMAND = str(Path(sys.executable).with_name("cinegraph"))

type Deed = Callable[[], Awaitable[str]]


class Fleet:
    """The worker processes; a killed one is started anew under its old number."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.killed: set[int] = set()

    def start(self, number: int) -> None:
        """Start a worker."""
        with (self._folder / f"worker-{number}.log").open("ab") as log:
            self._processes[number] = subprocess.Popen(  # noqa: S603 - our own program
                [_COMMAND, "work"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def number_of(self, pid: int) -> int | None:
        """Return which worker this process is."""
        for number, process in self._processes.items():
            if process.pid == pid:
                return number
        return None

    def kill(self, number: int) -> None:
        """End a worker as a power cut does, and start it again."""
        self._processes[number].kill()
        self._processes[number].wait()
        self.killed.add(number)
        self.start(number)

    def stop(self) -> list[int]:
        """Let all end; return their exit codes."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        codes = []
        for process in self._processes.values():
            try:
                codes.append(process.wait(60))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait())
        return codes

    def complaints(self) -> list[str]:
        """Return the tracebacks that the workers wrote, one line each."""
        found = []
        for log in sorted(self._folder.glob("worker-*.log")):
            lines = log.read_text(errors="replace").splitlines()
            found += [f"{log.name}: {line}" for line in lines if "Traceback" in line]
        return found


@asynccontextmanager
async def _fleet(environment: dict[str, str], folder: Path) -> AsyncIterator[Fleet]:
    fleet = Fleet(environment, folder)
    for number in range(_WORKERS):
        fleet.start(number)
    try:
        yield fleet
    finally:
        # The line to the database is passed on by this thread.
        await asyncio.to_thread(fleet.stop)


def _environment(url: str, sandbox: ChildSandbox, home: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "CINEGRAPH_HOME": str(home),
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_EXPORTS_URL": sandbox.exports_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "OMDB_BASE_URL": sandbox.omdb_url,
        "OMDB_DAILY_LIMIT": _UNLIMITED,
        "OMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_PROFILE": "prod",
        "CINEGRAPH_LOG_LEVEL": "warning",
    }


class Storm:
    """What happens to a deployment, in turn, as its run gets on."""

    def __init__(
        self, c: Cinegraph, fleet: Fleet, line: DatabaseLine, server_url: str
    ) -> None:
        self._c, self._fleet, self._line = c, fleet, line
        self._server_url = server_url
        self.due: list[tuple[float, Deed]] = [
            (0.1, self._kill),
            (0.25, self._cut),
            (0.4, self._kill),
            (0.55, self._crash),
            (0.7, self._kill),
        ]
        """Shares of the films settled, and what is done then."""

    async def blow(self, run: RunProgress, films: int) -> None:
        """Do what is due."""
        if self.due and run.ended > self.due[0][0] * films:
            _, deed = self.due.pop(0)
            told = await deed()
            print(f"  at {run.ended:,} of {films:,} films: {told}", flush=True)

    async def _kill(self) -> str:
        """Kill the node that leads, and so feeds; where that was killed before, another."""
        leader = {
            number
            for row in await self._c.list_nodes()
            if row.is_leader and row.is_live
            if (number := self._fleet.number_of(int(row.meta["pid"]))) is not None
        }
        left = set(range(_WORKERS)) - self._fleet.killed
        number = min(leader & left, default=min(left))
        self._fleet.kill(number)
        led = " which led" if number in leader else ""
        return f"worker {number}{led} killed and started again"

    async def _cut(self) -> str:
        self._line.cut()
        await asyncio.sleep(_DATABASE_GONE_SECONDS)
        self._line.mend()
        return f"the database was gone for {_DATABASE_GONE_SECONDS:.0f} s"

    async def _crash(self) -> str:
        """Kill a session of the server: it drops all others and recovers from its log."""
        with psycopg.connect(self._server_url, autocommit=True) as conn:
            row = conn.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE application_name LIKE 'cinegraph%' AND pid <> pg_backend_pid() LIMIT 1"
            ).fetchone()
        if row is None:
            return "no session to kill"
        os.kill(row[0], signal.SIGKILL)
        return "the database server crashed and recovered"


async def _follow(
    c: Cinegraph, run_id: int, storm: Storm | None, films: int, seconds: float
) -> RunProgress:
    started = told_at = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            run = await c.get_run(run_id)
            cause = await c.explain_run(run)
            if storm is not None:
                await storm.blow(run, films)
        except (DatabaseError, psycopg.Error) as error:
            print(f"  cannot look: {type(error).__name__}", flush=True)
            continue
        if not run.is_running:
            return run
        now = time.monotonic()
        if now - told_at > _TELL_SECONDS:
            told_at = now
            print(
                f"  {now - started:.0f} s: {run.ended:,} of {run.planned:,} films, OMDb"
                f" {run.titles_left:,} left, {run.waiting:,} wait,"
                f" limited by {cause.text if cause else '?'}",
                flush=True,
            )
        if now - started > seconds:
            raise TimeoutError(f"not done after {seconds:.0f} s: {run}")


async def _import(
    server_url: str, url: str, sandbox: ChildSandbox, options: argparse.Namespace
) -> dict[str, Any]:
    """Run the import to its end, and hold it against the world."""
    folder = Path(tempfile.mkdtemp(prefix="cinegraph-storm-"))
    async with open_line(url) as line, _opened(url, sandbox, folder) as c:
        environment = _environment(line.url, sandbox, folder)
        async with _fleet(environment, folder) as fleet:
            await harness.until_working(c, _WORKERS)
            started = time.monotonic()
            run_id = await asyncio.to_thread(_command, environment)
            storm = None if options.calm else Storm(c, fleet, line, server_url)
            mending = asyncio.create_task(_mend_export(sandbox))
            run = await _follow(c, run_id, storm, options.films, options.seconds)
            await mending
            took = time.monotonic() - started
            await _settle(c)
            codes = await asyncio.to_thread(fleet.stop)
    await asyncio.sleep(1)
    async with await psycopg.AsyncConnection.connect(url) as conn:
        findings = await _findings(conn, options.films)
    findings |= _of_run(run, options.films, codes)
    findings["tracebacks in the workers' logs"] = _unexplained(fleet.complaints())
    return {
        "seconds": took,
        "findings": findings,
        "run": run,
        "report": sandbox.report(),
        "folder": folder,
    }


@asynccontextmanager
async def _opened(
    url: str, sandbox: ChildSandbox, folder: Path
) -> AsyncIterator[Cinegraph]:
    async with cinegraph.open(
        database_url=url,
        home=folder,
        tmdb_base_url=sandbox.base_url,
        tmdb_exports_url=sandbox.exports_url,
        omdb_base_url=sandbox.omdb_url,
        tmdb_api_key=harness.FAKE_KEY,
    ) as c:
        yield c


def _command(environment: dict[str, str]) -> int:
    """Start the import as a person does; return its run."""
    done = subprocess.run(  # noqa: S603 - our own program
        [_COMMAND, "import", "catalog", "--from-export", "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(json.loads(done.stdout)["id"])


async def _mend_export(sandbox: ChildSandbox) -> None:
    await asyncio.sleep(_MEND_EXPORT_SECONDS)
    sandbox.change_export_fault(None)
    print("  the export is whole from now on", flush=True)


async def _settle(c: Cinegraph) -> None:
    """Wait until no job is left: what was not of the run has a moment more."""
    async with asyncio.timeout(300):
        while await c.list_jobs(  # noqa: ASYNC110 - other processes work
            states=["available", "scheduled", "executing", "retryable"], limit=1
        ):
            await asyncio.sleep(1)


async def _findings(
    conn: psycopg.AsyncConnection[Any], films: int
) -> dict[str, list[Any]]:
    world = World(films, _SEED)
    found = {
        f"rows: {name}": rows
        for name, rows in (
            await world_rows.differences(conn, world, ids=world.ids(), with_titles=True)
        ).items()
    }
    cursor = await conn.execute("SELECT tmdb_id FROM movies")
    strays = {row[0] for row in await cursor.fetchall()} - set(world.ids())
    found["rows: films that the world does not have"] = sorted(strays)
    found["listed_movies"] = await world_rows.listed_differences(conn, world)
    found |= await world_rows.bookkeeping_faults(conn)
    found["quarantine, unresolved"] = await (
        await conn.execute(
            "SELECT source, external_id, reason, detail FROM quarantine WHERE is_confirmed AND resolved_at IS NULL"
        )
    ).fetchall()
    return found


def _of_run(run: RunProgress, films: int, codes: list[int]) -> dict[str, list[Any]]:
    world = World(films, _SEED)
    held = world.expected_titles(world.ids())
    named = sum(bool(film and film.imdb_id) for film in map(world.summary, world.ids()))
    omdb = {"done": len(held), "absent": named - len(held)}
    expected = {
        "state": "completed",
        "planned": films,
        "done": films,
        "absent": 0,
        "failed": 0,
        "quarantined": 0,
    }
    sums = {name: getattr(run, name) for name in expected}
    stages = {state: n for state, n in run.stages.get("omdb", {}).items() if n}
    return {
        "run: sums": [] if sums == expected else [(expected, sums)],
        "run: OMDb": []
        if stages == {k: v for k, v in omdb.items() if v}
        else [(omdb, stages)],
        "run: export": [] if run.stages.get("export") == {"done": 1} else [run.stages],
        "workers' exit codes": [code for code in codes if code],
    }


def _unexplained(complaints: list[str]) -> list[str]:
    """Leave out what a database that is gone makes everyone say."""
    gone = (
        "OperationalError",
        "DatabaseUnavailable",
        "PoolTimeout",
        "AdminShutdown",
        "CrashShutdown",
        "CannotConnectNow",
    )
    return [line for line in complaints if not any(word in line for word in gone)]


def _sandbox_settings(options: argparse.Namespace) -> SandboxSettings:
    rate = 0.0 if options.calm else options.fault_rate
    return SandboxSettings(
        port=0,
        films=options.films,
        seed=_SEED,
        rate=0,
        latency="none",
        faults=dict.fromkeys((*_FAULTS, *_LIES, *_OMDB_FAULTS), rate),
        slow_seconds=1.0,
        export_fault=None if options.calm else "export-truncated",
        first_day=_newest_day(clock.real_now()),
    )


def _newest_day(now: datetime) -> Any:  # noqa: ANN401 - a date
    """Return the day whose export is the newest that is complete: its popularity is what the films' bodies tell."""
    return (now - timedelta(hours=8)).date()


def main() -> None:
    """Run, compare, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--fault-rate", type=float, default=0.05)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--calm", action="store_true", help="no fault, no kill")
    options = parser.parse_args()
    with harness.postgres() as server:
        url = harness.fresh_database(server, "storm")
        migrate.upgrade(url)
        with start_child(_sandbox_settings(options)) as sandbox:
            end = asyncio.run(_import(server, url, sandbox, options))
    findings = end["findings"]
    harness.show(
        f"{options.films:,} films after {end['seconds']:.0f} s",
        ("what was compared", "differences"),
        [(name, len(rows) or "none") for name, rows in findings.items()],
    )
    for name, rows in findings.items():
        for row in rows[:3]:
            print(f"{name}: {row}")
    report = end["report"]
    print({name: report[name] for name in ("requests", "by_fault") if name in report})
    is_equal = not any(findings.values())
    harness.save(
        "storm",
        {
            "options": vars(options),
            "is_equal": is_equal,
            "seconds": end["seconds"],
            "differences": {name: len(rows) for name, rows in findings.items()},
        },
    )
    print(f"the workers' logs: {end['folder']}")
    print("equal" if is_equal else "NOT EQUAL")
    sys.exit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
