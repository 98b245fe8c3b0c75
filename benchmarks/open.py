"""
Importing films as fast as it goes, beside two rivals in the same run.

`python benchmarks/open.py [--films N] [--rounds N] [--concurrency N]`. In every round each side imports the same
recorded films into an empty database on the same throw-away server, in turn: the whole of Cinegraph (jobs, HTTP,
documents, every table, ledger, acknowledgement) with one worker process and with two, `plain.py` (what a good developer
writes in an afternoon), and a bare loop over the store function with bodies decoded in memory. Sandbox, database and
importers share the machine. Medians are compared; figures mean something only as ratios within one run.

`--omdb` and `--ledger N` measure what `open_fed.py` says instead.
"""

import argparse
import asyncio
import gzip
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import harness
import open_fed
from importers import (
    RUN_SECONDS,
    Measured,
    cpu_of,
    medians_of,
    ratios_of,
    run_plain,
)

import cinegraph
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, store_films
from cinegraph.db import migrate
from cinegraph.db.pool import open_pool
from cinegraph.jobs.film_writer import GROUP_SIZE
from cinegraph.records.document import DocumentRecord
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record

_EMPTY_PARTS = (
    b',"external_ids":{"imdb_id":null},"keywords":{"keywords":[]},"videos":{"results":[]},'
    b'"release_dates":{"results":[]},"recommendations":{"page":1,"results":[],"total_pages":1,'
    b'"total_results":0},"alternative_titles":{"titles":[]},"watch/providers":{"results":{}}}'
)
"""What the sandbox adds to a recorded body that holds only credits."""
ONE_WORKER, TWO_WORKERS = "cinegraph, 1 worker", "cinegraph, 2 workers"
PLAIN, BARE = "plain.py", "bare loop"
SIDES = (ONE_WORKER, PLAIN, TWO_WORKERS, BARE)


def read_bodies(count: int) -> list[bytes]:
    """Return the first *count* recorded bodies, with every part in its form."""
    with gzip.open(harness.recordings() / "movies.jsonl.gz") as lines:
        return [
            line.rstrip()[:-1] + _EMPTY_PARTS
            for line, _ in zip(lines, range(count), strict=False)
        ]


def run_cinegraph(
    url: str,
    sandbox: ChildSandbox,
    ids: Sequence[int],
    *,
    workers: int,
    concurrency: int,
) -> Measured:
    """
    Import *ids* with real workers; the clock runs from the first job's insertion to the run's end.

    Args:
        concurrency: Films in flight in the whole deployment.
    """
    migrate.upgrade(url)
    environment = {
        "DATABASE_URL": url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_MAX_CONCURRENT_IMPORTS": str(concurrency // workers),
        "CINEGRAPH_LOG_LEVEL": "warning",
    }
    with harness.workers(workers, environment) as processes:
        return asyncio.run(
            _import_and_measure(url, sandbox, ids, [p.pid for p in processes])
        )


async def _import_and_measure(
    url: str, sandbox: ChildSandbox, ids: Sequence[int], pids: Sequence[int]
) -> Measured:
    async with cinegraph.open(
        database_url=url, tmdb_base_url=sandbox.base_url, tmdb_api_key=harness.FAKE_KEY
    ) as c:
        await harness.until_working(c, len(pids))
        before = cpu_of(url, sandbox, pids)
        run = await c.import_movies(ids)
        async with asyncio.timeout(RUN_SECONDS):
            progress = await c.wait_for_run(run)
        spent = [
            after - first
            for after, first in zip(cpu_of(url, sandbox, pids), before, strict=True)
        ]
    if progress.done != len(ids):
        raise RuntimeError(f"only {progress.done} of {len(ids)} films arrived")
    seconds = progress.elapsed.total_seconds()
    return Measured(len(ids) / seconds, *(value / len(ids) * 1000 for value in spent))


def run_bare(url: str, films: Sequence[Film]) -> Measured:
    """Store *films*, decoded already, group by group in one loop on one connection."""
    migrate.upgrade(url)
    before = (time.process_time(), harness.postgres_cpu_seconds(url))
    seconds = asyncio.run(_store_all(url, films))
    spent = (
        time.process_time() - before[0],
        harness.postgres_cpu_seconds(url) - before[1],
        0.0,
    )
    return Measured(
        len(films) / seconds, *(value / len(films) * 1000 for value in spent)
    )


async def _store_all(url: str, films: Sequence[Film]) -> float:
    pool = await open_pool(url, size=1, application_name="bare loop")
    recent = RecentStatements()
    started = time.perf_counter()
    async with pool.connection() as conn:
        for first in range(0, len(films), GROUP_SIZE):
            async with conn.transaction():
                await store_films(
                    conn,
                    films[first : first + GROUP_SIZE],
                    now=datetime.now(UTC),
                    recent=recent,
                )
            recent.commit()
    seconds = time.perf_counter() - started
    await pool.close()
    return seconds


def make_films(bodies: Sequence[bytes]) -> list[Film]:
    """Return the films of *bodies*, ready to be stored."""
    films = []
    for body in bodies:
        record = to_record(decode_movie(body))
        document = DocumentRecord(
            source="tmdb",
            kind="movie",
            external_id=str(record.tmdb_id),
            body_gzip=gzip.compress(body, 6),
            sha256=hashlib.sha256(body).digest(),
            size_bytes=len(body),
            fetched_at=datetime.now(UTC),
        )
        films.append(Film(document=document, record=record))
    return films


def measure(options: argparse.Namespace) -> dict[str, list[Measured]]:
    """Run all rounds."""
    films = make_films(read_bodies(options.films))
    ids = [film.record.tmdb_id for film in films]
    rounds: dict[str, list[Measured]] = {side: [] for side in SIDES}
    recorded = SandboxSettings(
        port=0, rate=0, latency="none", recorded=harness.recordings()
    )
    with harness.postgres() as server, start_child(recorded) as sandbox:
        for number in range(options.rounds):
            for side, taken in rounds.items():
                url = harness.fresh_database(server, "bench")
                if side in (ONE_WORKER, TWO_WORKERS):
                    result = run_cinegraph(
                        url,
                        sandbox,
                        ids,
                        workers=1 if side == ONE_WORKER else 2,
                        concurrency=options.concurrency,
                    )
                elif side == PLAIN:
                    result = run_plain(url, sandbox, ids)
                else:
                    result = run_bare(url, films)
                taken.append(result)
                print(
                    f"round {number + 1}: {side} {result.films_per_second:.0f} films/s",
                    flush=True,
                )
            harness.drop_database(server, "bench")
    return rounds


def summarise(rounds: dict[str, list[Measured]]) -> dict[str, Any]:
    """Return medians and the ratios that count."""
    return {
        "medians": medians_of(rounds),
        "to_plain": {
            side: ratios_of(rounds, side, PLAIN) for side in (ONE_WORKER, TWO_WORKERS)
        },
        "to_bare": {
            side: ratios_of(rounds, side, BARE) for side in (ONE_WORKER, TWO_WORKERS)
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write; *arguments* are the command line's unless given."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[1] if __doc__ else ""
    )
    parser.add_argument("--films", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=40)
    parser.add_argument("--workers", type=int, default=1, help="with --ledger")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--omdb", action="store_true", help="OMDb's ratings too")
    what.add_argument("--ledger", type=int, metavar="N", help="on top of N films")
    options = parser.parse_args(arguments)
    if options.omdb or options.ledger:
        open_fed.run(options)
        return
    figures = summarise(measure(options))
    harness.show(
        f"open import of {options.films} recorded films, median of {options.rounds} rounds",
        ("", "films/s", "importer", "postgres", "sandbox", "CPU s a 1,000 films"),
        [
            (side, *(one[name] for name in one))
            for side, one in figures["medians"].items()
        ],
    )
    for side in (ONE_WORKER, TWO_WORKERS):
        plain, bare = (
            figures["to_plain"][side]["median"],
            figures["to_bare"][side]["median"],
        )
        print(
            f"{side}: {plain:.2f} of plain.py (asked for 0.80, aim 1.00), {bare:.2f} of the bare loop"
        )
    harness.save("open", {"options": vars(options), **figures})


if __name__ == "__main__":
    main()
