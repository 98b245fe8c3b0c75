"""
Making rows again from documents, beside a bare loop over the store function in the same run.

`python benchmarks/rebuild.py [--films N] [--rounds N] [--processes N]`. In every round the same recorded films become
rows of an empty catalogue three times: by the bare loop with everything decoded in memory, in one process and in as
many as the rebuild has, and by `cinegraph rebuild` from stored documents, which it reads, unpacks and decodes within
its time. Then the rebuilt catalogue is compared with its documents, and what it takes on disk is told per 10,000 films.
"""

import argparse
import asyncio
import multiprocessing
import statistics
from collections.abc import Sequence
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Any

import harness
import psycopg
from open import _store_all, make_films, read_bodies

from cinegraph.catalog.storing import Film, store_films
from cinegraph.db import migrate
from cinegraph.db.pool import open_pool
from cinegraph.jobs.documents.rebuilding import (
    RebuildRequest,
    check_parity,
    rebuild,
)
from cinegraph.jobs.film_writer import GROUP_SIZE

BARE_ONE, BARE_MANY, REBUILD, CHECK = (
    "bare loop, 1 process",
    "bare loop, {} processes",
    "rebuild, {} processes",
    "comparison, {} processes",
)
_PER = 10_000
_EMPTY = """
TRUNCATE movies, people, collections, companies, countries, genres, keywords, languages, watch_providers CASCADE
"""
_SIZES = """
SELECT
    CASE WHEN relname = 'documents' THEN 'documents' ELSE 'rows' END AS what,
    sum(pg_table_size(oid)), sum(pg_indexes_size(oid))
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname !~ '^(oban|sync|rebuild)_'
GROUP BY 1
ORDER BY 1
"""


def run_bare(url: str, bodies: Sequence[bytes], processes: int) -> float:
    """Store the films of *bodies* in bare loops, each over its share; return films a second."""
    migrate.upgrade(url)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    queue = context.SimpleQueue()
    shares = [bodies[number::processes] for number in range(processes)]
    loops = [
        context.Process(target=_run_loop, args=(url, share, barrier, queue))
        for share in shares
    ]
    for loop in loops:
        loop.start()
    seconds = [queue.get() for _ in loops]
    for loop in loops:
        loop.join()
    return len(bodies) / max(seconds)


def _run_loop(
    url: str, bodies: Sequence[bytes], barrier: Barrier, queue: SimpleQueue[float]
) -> None:
    films = make_films(bodies)
    barrier.wait()
    queue.put(asyncio.run(_store_all(url, films)))


async def fill(url: str, films: Sequence[Film]) -> None:
    """Store *films*, then take their rows away."""
    pool = await open_pool(url, size=1, application_name="bench")
    async with pool, pool.connection() as conn:
        for first in range(0, len(films), GROUP_SIZE):
            group = films[first : first + GROUP_SIZE]
            async with conn.transaction():
                await store_films(conn, group, now=group[0].document.fetched_at)
        await conn.execute(_EMPTY)


async def run_rebuild(url: str, count: int, processes: int) -> tuple[float, float]:
    """Rebuild and compare; return documents a second of both."""
    async with await open_pool(url, size=2, application_name="bench") as pool:
        done = await rebuild(pool, url, RebuildRequest(), processes=processes)
        if done.rebuilt != count:
            raise RuntimeError(f"only {done.rebuilt} of {count} films were rebuilt")
        report = await check_parity(pool, url, RebuildRequest(), processes=processes)
        if not report.is_equal:
            raise RuntimeError(f"rows differ: {report.differences}")
    return count / done.seconds, count / report.seconds


def measure_storage(url: str, films: int) -> dict[str, tuple[float, float]]:
    """Return megabytes of tables and of indexes a 10,000 films."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")
        rows = conn.execute(_SIZES).fetchall()
    scale = _PER / films / 1_000_000
    return {
        what: (float(tables) * scale, float(indexes) * scale)
        for what, tables, indexes in rows
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run all rounds."""
    bodies = read_bodies(options.films)
    films = make_films(bodies)
    count, processes = len(films), options.processes
    sides = [side.format(processes) for side in (BARE_ONE, BARE_MANY, REBUILD, CHECK)]
    rounds: dict[str, list[float]] = {side: [] for side in sides}
    with harness.postgres() as server:
        for _ in range(options.rounds):
            for side, many in zip(sides[:2], (1, processes), strict=True):
                url = harness.fresh_database(server, "bench")
                rounds[side].append(run_bare(url, bodies, many))
            url = harness.fresh_database(server, "bench")
            migrate.upgrade(url)
            asyncio.run(fill(url, films))
            speeds = asyncio.run(run_rebuild(url, count, processes))
            for side, speed in zip(sides[2:], speeds, strict=True):
                rounds[side].append(speed)
            for side in sides:
                print(f"{side}: {rounds[side][-1]:.0f} films/s", flush=True)
        storage = measure_storage(url, count)
    medians = {side: statistics.median(taken) for side, taken in rounds.items()}
    rebuilt = rounds[sides[2]]
    ratios = {
        side: statistics.median(
            ours / theirs for ours, theirs in zip(rebuilt, rounds[side], strict=True)
        )
        for side in sides[:2]
    }
    return {
        "films": count,
        "medians": medians,
        "rounds": rounds,
        "rebuild_to": ratios,
        "storage": storage,
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[1] if __doc__ else ""
    )
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    figures = measure(options)
    harness.show(
        f"rows of {figures['films']} recorded films, median of {options.rounds} rounds",
        ("", "films/s"),
        list(figures["medians"].items()),
    )
    for side, ratio in figures["rebuild_to"].items():
        print(f"rebuild: {ratio:.2f} of the {side} (asked for 1.00)")
    harness.show(
        "on disk, MB a 10,000 films",
        ("", "tables", "indexes", "together"),
        [
            (what, tables, indexes, tables + indexes)
            for what, (tables, indexes) in figures["storage"].items()
        ],
    )
    harness.save("rebuild", {"options": vars(options), **figures})


if __name__ == "__main__":
    main()
