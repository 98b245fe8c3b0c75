"""
A month of an invented world that goes on: does a deployment left alone stay complete and fresh?

`python benchmarks/month.py [--films N] [--days N] [--speed S] [--seed N]`. The whole catalogue is imported, then days
are played S times as fast as they are, with 5 % faults, a node killed every third day, a day offline, and an export
that is cut short. At every imitated midnight the films checked within 7 days are counted, at the end all stored rows
are held against the world. Exits 1 when a target is missed.

At the usual 540 times a day takes three minutes, and 30 days 80 minutes. On 2 cores let nothing run beside it: an hour
is seven seconds, in which updates have to be through.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import harness
import month_checks
import psycopg

import cinegraph
from cinegraph import clock
from cinegraph.catalog import change_log
from cinegraph.clock import ClockSetting
from cinegraph.db import clock_row, migrate
from cinegraph.sandbox import EvolvingWorld, SandboxSettings
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.faults import Fault

FIRST_DAY = date(2026, 9, 1)
BEGIN = datetime(2026, 9, 1, 9, tzinfo=UTC)
"""The first day's export is complete."""
DAY = timedelta(days=1)
_SLOW_SECONDS = 0.05
"""Real ones: five seconds would be an imitated hour."""
_OFFLINE_DAY, _CUT_DAY, _KILL_EVERY = 12, 8, 3
_LOOK_SECONDS = 0.2
_NODES = 2
_DATABASE = "month"


@dataclass
class Nodes:
    """The worker processes."""

    environment: dict[str, str]
    log: Path = harness.RESULTS / "month_nodes.log"
    """What they complain of."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start what does not run."""
        self.processes = [one for one in self.processes if one.poll() is None]
        while len(self.processes) < _NODES:
            with self.log.open("ab") as log:
                self.processes.append(self._start_one(log))

    def _start_one(self, log: BinaryIO) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(Path(__file__).with_name("month_node.py"))],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )

    def kill_one(self) -> None:
        """Kill the one that runs longest, with -9, and start another."""
        self.processes[0].kill()
        self.processes[0].wait()
        self.start()

    def stop(self) -> None:
        """Let all end; one that does not is killed."""
        for process in self.processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


@contextmanager
def nodes(environment: dict[str, str]) -> Iterator[Nodes]:
    """Run nodes within the block."""
    running = Nodes(environment)
    running.log.parent.mkdir(exist_ok=True)
    running.log.unlink(missing_ok=True)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@dataclass
class Month:
    """One run of the benchmark."""

    options: argparse.Namespace
    url: str
    sandbox: ChildSandbox
    nodes: Nodes
    world: EvolvingWorld

    async def set_speed(self, at: datetime, speed: float) -> None:
        """Let it be *at* now, for deployment and sandbox together."""
        epoch = clock.real_now()
        setting = ClockSetting(epoch, at - epoch, speed)
        async with await psycopg.AsyncConnection.connect(self.url) as conn:
            await clock_row.write(conn, setting)
        self.sandbox.set_clock(setting)
        clock.set_clock(setting)

    async def import_all(self) -> dict[str, Any]:
        """Import the catalogue, in real time from the first morning on."""
        await self.set_speed(BEGIN, 1.0)
        started = clock.real_now()
        async with cinegraph.open(
            database_url=self.url,
            tmdb_base_url=self.sandbox.base_url,
            tmdb_exports_url=self.sandbox.exports_url,
            tmdb_api_key=harness.FAKE_KEY,
        ) as c:
            await harness.until_working(c, _NODES)
            run = await c.import_entire_catalog()
            progress = await c.wait_for_run(run)
        seconds = (clock.real_now() - started).total_seconds()
        print(
            f"imported {progress.done:,} films in {seconds:.0f} s: {progress.state}",
            flush=True,
        )
        return {"seconds": seconds, "films": progress.done, "state": progress.state}

    async def take_copy(self, server: str) -> tuple[str, int]:
        """Copy the database as a consumer would, and return where it is and from which position to follow."""
        self.nodes.stop()
        async with await psycopg.AsyncConnection.connect(self.url) as conn:
            position = (await change_log.read_state(conn)).last_position
        copy = harness.fresh_database(server, f"{_DATABASE}_copy", template=_DATABASE)
        self.nodes.start()
        return copy, position

    async def play(self) -> list[dict[str, Any]]:
        """Let the days pass, with all that goes wrong in them; return what each midnight showed."""
        shown: list[dict[str, Any]] = []
        await self.set_speed(clock.now(), self.options.speed)
        for day in range(1, self.options.days + 1):
            if day == _CUT_DAY:
                self.sandbox.change_export_fault(
                    "export-truncated", FIRST_DAY + day * DAY
                )
            await self._pass_day(day)
            midnight = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + day * DAY
            shown.append(await self._look(midnight))
        return shown

    async def _pass_day(self, day: int) -> None:
        """Wait until the midnight at the end of a day; kill or stop nodes on the way."""
        begin = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + (day - 1) * DAY
        kill_at = begin + 0.6 * DAY if day % _KILL_EVERY == 0 else None
        if day == _OFFLINE_DAY:
            self.nodes.stop()
        while clock.now() < begin + DAY:
            if kill_at is not None and clock.now() > kill_at and self.nodes.processes:
                self.nodes.kill_one()
                kill_at = None
            await asyncio.sleep(_LOOK_SECONDS)
        if day == _OFFLINE_DAY:
            self.nodes.start()

    async def _look(self, midnight: datetime) -> dict[str, Any]:
        async with await psycopg.AsyncConnection.connect(self.url) as conn:
            share = await month_checks.share_checked(conn, self.world, midnight)
            gone = await month_checks.count_gone(conn)
        requests = self.sandbox.report()["requests"]
        print(
            f"{midnight:%d %b} checked within 7 days {share:.2%}, gone {gone}, requests {requests:,}",
            flush=True,
        )
        return {"midnight": midnight, "checked": share, "requests": requests}

    async def stand_still(self) -> datetime:
        """Stop the time, let what is under way end, and return when it is."""
        at = clock.now()
        await self.set_speed(at, 0.0)
        async with await psycopg.AsyncConnection.connect(self.url) as conn:
            await conn.set_autocommit(True)
            for _ in range(600):
                cursor = await conn.execute(
                    "SELECT count(*) FROM oban_jobs WHERE state IN ('available', 'executing')"
                )
                if (await cursor.fetchall())[0][0] == 0:
                    break
                await asyncio.sleep(_LOOK_SECONDS)
        return at


_NOTE_JOBS = """
CREATE TABLE bench_jobs (worker text, reason text);
CREATE FUNCTION bench_note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench_jobs SELECT worker, meta ->> 'reason' FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER bench_note_jobs AFTER INSERT ON oban_jobs REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bench_note_job();
"""
"""Jobs are deleted minutes after they end: why films were asked for is kept for the figures."""


async def count_jobs(conn: psycopg.AsyncConnection[Any]) -> dict[str, int]:
    """Return how many jobs were made since `_NOTE_JOBS`, by worker and reason."""
    cursor = await conn.execute(
        "SELECT worker || coalesce(': ' || reason, ''), count(*) FROM bench_jobs GROUP BY 1 ORDER BY 2 DESC"
    )
    return dict(await cursor.fetchall())


async def run(
    options: argparse.Namespace, server: str, url: str, sandbox: ChildSandbox
) -> bool:
    """Import, play, hold against the world; return whether every target was met."""
    environment = {
        "DATABASE_URL": url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_EXPORTS_URL": sandbox.exports_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_PROFILE": "dev",
        "CINEGRAPH_MAX_CONCURRENT_IMPORTS": "40",
        "CINEGRAPH_RATINGS_INTERVAL_DAYS": str(options.ratings_interval),
        "CINEGRAPH_LOG_LEVEL": "warning",
    }
    world = EvolvingWorld(options.films, options.seed, first_day=FIRST_DAY)
    with nodes(environment) as running:
        month = Month(options, url, sandbox, running, world)
        imported = await month.import_all()
        copy_url, position = await month.take_copy(server)
        async with await psycopg.AsyncConnection.connect(url) as conn:
            await conn.execute(_NOTE_JOBS)
        sandbox.reset()
        sandbox.change_faults(dict.fromkeys(Fault, options.fault_rate / len(Fault)))
        midnights = await month.play()
        end = await month.stand_still()
        report = sandbox.report()
    async with await psycopg.AsyncConnection.connect(url) as conn:
        found = await month_checks.compare(conn, world, begin=BEGIN + DAY, end=end)
        jobs = await count_jobs(conn)
        async with await psycopg.AsyncConnection.connect(copy_url) as copy:
            await month_checks.compare_copy(conn, copy, position, found)
    weekly = options.films * options.days / 7
    figures = {
        "lowest share checked within 7 days": min(one["checked"] for one in midnights),
        **found.figures,
        "requests, as a share of refreshing all weekly": report["requests"] / weekly,
    }
    targets = month_checks.TARGETS
    rows = [
        (
            name,
            f"{value:.4f}" if isinstance(value, float) else value,
            targets[name].words,
            "yes" if targets[name].is_met(value) else "NO",
        )
        for name, value in figures.items()
        if name in targets
    ]
    harness.show(
        f"{options.days} days of {options.films:,} films",
        ("", "measured", "asked for", "met"),
        rows,
    )
    harness.save(
        "month",
        {
            "options": vars(options),
            "imported": imported,
            "midnights": midnights,
            "figures": figures,
            "samples": found.samples,
            "by_endpoint": report["by_endpoint"],
            "jobs": jobs,
        },
    )
    return all(
        targets[name].is_met(value)
        for name, value in figures.items()
        if name in targets
    )


def main() -> None:
    """Run it and say whether the targets were met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--speed", type=float, default=540.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault-rate", type=float, default=0.05)
    parser.add_argument("--ratings-interval", type=int, default=70)
    options = parser.parse_args()
    settings = SandboxSettings(
        port=0,
        rate=0,
        latency="none",
        films=options.films,
        seed=options.seed,
        evolve=True,
        first_day=FIRST_DAY,
        slow_seconds=_SLOW_SECONDS,
    )
    with ExitStack() as stack:
        server = stack.enter_context(harness.postgres())
        url = harness.fresh_database(server, _DATABASE)
        migrate.upgrade(url)
        sandbox = stack.enter_context(start_child(settings))
        is_met = asyncio.run(run(options, server, url, sandbox))
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
