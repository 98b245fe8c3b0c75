"""
Enqueueing and running beside plain Oban 0.7.0, in one run on one server.

`python benchmarks/engine.py [DATABASE_URL]` prints a table and writes benchmarks/results/engine.json. Rounds of both
sides alternate and medians are compared, because the machine's other load changes from minute to minute. Ours runs as
in production: worker base class, unique keys, checked pool, heartbeat, sanitising.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import msgspec
import psycopg
from oban import Job, Oban, worker
from oban.job import Job as ObanJob
from psycopg_pool import AsyncConnectionPool

from cinegraph.db import migrate
from cinegraph.db.address import with_database
from cinegraph.db.embedded import EmbeddedServer
from cinegraph.db.pool import open_pool
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.worker import JobContext, Worker

RESULTS = Path(__file__).parent / "results" / "engine.json"
_DATABASE = "cinegraph_bench_engine"
_QUEUE = "imports"


class NoopArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of a job like an import: one id."""

    tmdb_id: int


class Noop(Worker[NoopArgs], queue=_QUEUE):
    """Do nothing."""

    async def run(self, job: JobContext[NoopArgs]) -> None:
        """Do nothing."""


@worker(queue=_QUEUE, max_attempts=5)
class PlainNoop:
    """Do nothing, as a worker of plain Oban."""

    async def process(self, job: ObanJob) -> None:
        """Do nothing."""


def ours(count: int) -> list[Job]:
    """Return *count* unique jobs of ours."""
    return [Noop.new(NoopArgs(number)) for number in range(count)]


def plain(count: int) -> list[Job]:
    """Return *count* jobs of plain Oban."""
    return [PlainNoop.new({"tmdb_id": number}) for number in range(count)]


async def clear(pool: AsyncConnectionPool) -> None:
    """Start a round with an empty, settled table."""
    async with pool.connection() as conn:
        await conn.execute("TRUNCATE oban_jobs, oban_producers, oban_leaders")
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        await conn.execute("CHECKPOINT")
        await conn.set_autocommit(False)


async def enqueue_ours(pool: AsyncConnectionPool, count: int) -> float:
    """Return the seconds that enqueueing takes."""
    jobs = ours(count)
    engine = JobEngine(pool)
    started = time.perf_counter()
    await engine.enqueue(jobs)
    elapsed = time.perf_counter() - started
    if any(job.id is None for job in jobs):
        raise RuntimeError("a job was not enqueued")
    return elapsed


async def enqueue_plain(pool: AsyncConnectionPool, count: int) -> float:
    """Return the seconds that plain Oban's enqueue_many takes."""
    jobs = plain(count)
    client = Oban(pool=pool, name="plain")
    started = time.perf_counter()
    await client.enqueue_many(jobs)
    return time.perf_counter() - started


async def _drained(pool: AsyncConnectionPool, count: int) -> None:
    while True:
        await asyncio.sleep(0.02)
        async with pool.connection() as conn:
            cursor = await conn.execute(
                "SELECT count(*) FROM oban_jobs WHERE state = 'completed'"
            )
            if await cursor.fetchone() == (count,):
                return


async def run_ours(pool: AsyncConnectionPool, count: int, limit: int) -> float:
    """Return the seconds from start until *count* no-op jobs are completed."""
    await JobEngine(pool).enqueue(ours(count))
    started = time.perf_counter()
    async with JobEngine(pool, queues={_QUEUE: limit}, node="bench"):
        await _drained(pool, count)
        return time.perf_counter() - started


async def run_plain(pool: AsyncConnectionPool, count: int, limit: int) -> float:
    """Return the same of plain Oban."""
    # Enqueued by our bulk statement: only the running is measured.
    await JobEngine(pool).enqueue(plain(count))
    # Its own pool, unchecked as Oban makes it: a check at each checkout would slow it down.
    own = AsyncConnectionPool(pool.conninfo, min_size=4, max_size=10, open=False)
    async with own:
        await own.wait()
        started = time.perf_counter()
        async with Oban(pool=own, queues={_QUEUE: limit}, name="plain"):
            await _drained(pool, count)
            return time.perf_counter() - started


type Side = Callable[[AsyncConnectionPool], Awaitable[float]]


async def compare(
    pool: AsyncConnectionPool, rounds: int, ours_: Side, plain_: Side
) -> tuple[float, float]:
    """Return the median seconds of both, rounds alternating."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, taken in zip((ours_, plain_), seconds, strict=True):
            await clear(pool)
            taken.append(await side(pool))
    return statistics.median(seconds[0]), statistics.median(seconds[1])


async def measure(url: str, scale: float, rounds: int) -> list[dict[str, object]]:
    """Run every comparison and return its rows."""
    results = []
    async with await open_pool(url, size=10, application_name="bench") as pool:
        count = int(100_000 * scale)
        sides = await compare(
            pool,
            min(rounds, 2),
            lambda p: enqueue_ours(p, count),
            lambda p: enqueue_plain(p, count),
        )
        results.append(_row(f"enqueue {count:,} jobs", count, *sides, target=5.0))
        for limit, jobs, target in (
            (200, 30_000, 2.0),
            (40, 20_000, 1.0),
            (10, 15_000, 1.0),
        ):
            count = int(jobs * scale)
            sides = await compare(
                pool,
                rounds,
                lambda p, count=count, limit=limit: run_ours(p, count, limit),
                lambda p, count=count, limit=limit: run_plain(p, count, limit),
            )
            results.append(
                _row(f"no-op jobs, limit {limit}", count, *sides, target=target)
            )
    return results


def _row(
    what: str, count: int, ours_: float, plain_: float, *, target: float
) -> dict[str, object]:
    return {
        "what": what,
        "ours_per_second": round(count / ours_),
        "plain_per_second": round(count / plain_),
        "ratio": round(plain_ / ours_, 2),
        "target": target,
    }


@asynccontextmanager
async def database(url: str | None) -> AsyncIterator[str]:
    """Give a migrated database of our own on the server at *url*, or on an embedded one."""
    if url is None:
        with EmbeddedServer(Path(mkdtemp()), disposable=True).acquire() as embedded:
            async with database(with_database(embedded, "postgres")) as made:
                yield made
        return
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {_DATABASE}")
        made = with_database(url, _DATABASE)
        try:
            await asyncio.to_thread(migrate.upgrade, made)
            yield made
        finally:
            conn.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")


async def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", help="a server's address; default: embedded")
    parser.add_argument("--scale", type=float, default=1.0, help="of the job counts")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    async with database(options.url) as url:
        results = await measure(url, options.scale, options.rounds)
    print(f"{'':28}{'ours/s':>10}{'plain/s':>10}{'ratio':>8}{'target':>8}")
    for row in results:
        print(
            f"{row['what']:28}{row['ours_per_second']:>10,}{row['plain_per_second']:>10,}"
            f"{row['ratio']:>8}{row['target']:>8}"
        )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps({"cpus": os.cpu_count(), "results": results}, indent=2) + "\n"
    )


if __name__ == "__main__":
    asyncio.run(main())
