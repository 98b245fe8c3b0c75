"""
TMDB's daily export, as large as the real one, from the file on disk to the committed merge.

`python benchmarks/export_merge.py [--lines N] [--stored N]`. Makes two days of an export (2 % of the second day's lines
say something else, 0.05 % are new, 0.05 % are gone), and merges them, each in a process of its own whose peak memory
is measured, into a database where some of the films are stored with their documents. Targets for 1.24 million lines:
at most 60 s and 300 MB, the second day clearly faster. The last row is the yardstick within the run: the same lines
into a table by COPY, with no check and no merge.
"""

import argparse
import asyncio
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import harness
import psycopg

from cinegraph import clock
from cinegraph.catalog.listing import merge_export
from cinegraph.db import migrate
from cinegraph.db.pool import open_pool
from cinegraph.sources.downloads import ExportFile
from cinegraph.sources.export_files import describe
from cinegraph.sources.providers.tmdb.export_lines import read_movies
from cinegraph.sources.providers.tmdb.exports import file_name

_FIRST_DAY = date(2026, 8, 30)
_SEED = 7
_CHANGED = 0.02
_STORE = """
INSERT INTO movies (tmdb_id, title, popularity, created_at, updated_at)
    SELECT n, 'Film ' || n, 0, now(), now() FROM generate_series(1, %(films)s) AS n;
INSERT INTO documents (source, kind, external_id, body_gzip, sha256, size_bytes, fetched_at, checked_at)
    SELECT 'tmdb', 'movie', n::text, decode(repeat(md5(n::text), 190), 'hex'), '', 0, '2026-08-01', '2026-08-01'
    FROM generate_series(1, %(films)s) AS n;
ANALYZE movies, documents
"""


def make_lines(count: int, day: int) -> Iterator[bytes]:
    """Give the lines of an export: the same for the same day, and mostly the same from day to day."""
    draw = random.Random(_SEED)  # noqa: S311 - invented films
    change = random.Random(_SEED + day)  # noqa: S311 - the same
    for number in range(1, count + count // 2000 * day + 1):
        popularity = round(draw.paretovariate(1.2) * 0.6, 4)
        title = f"Film {draw.getrandbits(60):x} {'é' * draw.randrange(4)}"
        if day and number <= count // 2000:
            continue  # gone
        if day and change.random() < _CHANGED:
            popularity = round(popularity * 1.1, 4)
        yield (
            f'{{"adult":false,"id":{number},"original_title":"{title}","popularity":{popularity},'
            f'"video":{"true" if number % 97 == 0 else "false"}}}\n'
        ).encode()


def write_export(folder: Path, count: int, day: int) -> Path:
    """Write the export of *day* (0 or 1)."""
    path = folder / file_name("movie", _FIRST_DAY + timedelta(days=day))
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.writelines(make_lines(count, day))
    return path


async def merge(url: str, path: Path, listed_on: date) -> dict[str, object]:
    """Merge the file at *path* as the job does, and say how long it took and what it came to."""
    file = ExportFile(day=listed_on, url=path.name, size_bytes=None, etag=None)
    started = time.perf_counter()
    async with await open_pool(url, size=2, application_name="merge") as pool:
        now = clock.now()
        export = describe(path, file, fetched_at=now)
        async with pool.connection() as conn, conn.transaction():
            merged = await merge_export(
                conn, partial(read_movies, path), kind="movie", export=export, now=now
            )
        seconds = time.perf_counter() - started
    assert merged is not None  # noqa: S101 - each day is merged once
    return {"seconds": seconds, **_peak(), "merged": repr(merged)}


async def copy(url: str, path: Path) -> dict[str, object]:
    """Copy the lines of *path* unread into a table of text."""
    started = time.perf_counter()
    async with (
        await psycopg.AsyncConnection.connect(url) as conn,
        conn.cursor() as cursor,
    ):
        await cursor.execute("CREATE TEMPORARY TABLE line (text text)")
        with gzip.open(path) as file:
            async with cursor.copy(
                "COPY line FROM STDIN (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02')"
            ) as into:
                while block := file.read(1 << 20):
                    await into.write(block)
    return {"seconds": time.perf_counter() - started, **_peak()}


def _peak() -> dict[str, float]:
    # Linux counts it in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak_mib": peak}


def _measure(*arguments: str) -> dict[str, float | str]:
    command = [sys.executable, __file__, *arguments]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
    return dict(json.loads(finished.stdout))


def _run(lines: int, stored: int) -> dict[str, object]:
    with harness.postgres() as server, tempfile.TemporaryDirectory() as folder:
        url = harness.fresh_database(server, "bench_export")
        migrate.upgrade(url)
        with psycopg.connect(url, autocommit=True) as conn:
            psycopg.ClientCursor(conn).execute(_STORE, {"films": stored})
            conn.execute("CHECKPOINT")
        paths = [write_export(Path(folder), lines, day) for day in (0, 1)]
        measured: dict[str, object] = {"lines": lines, "stored": stored}
        for day, path in enumerate(paths):
            listed_on = _FIRST_DAY + timedelta(days=day)
            measured[f"day {day + 1}"] = _measure(
                "--merge", url, str(path), str(listed_on)
            )
        measured["COPY alone"] = _measure("--copy", url, str(paths[0]))
        measured["megabytes"] = paths[0].stat().st_size / 1e6
    return measured


def main() -> None:
    """Measure, or be the measured process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_240_000)
    parser.add_argument("--stored", type=int, default=200_000)
    parser.add_argument("--merge", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--copy", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.merge:
        url, path, day = arguments.merge
        print(json.dumps(asyncio.run(merge(url, Path(path), date.fromisoformat(day)))))
        return
    if arguments.copy:
        print(json.dumps(asyncio.run(copy(arguments.copy[0], Path(arguments.copy[1])))))
        return
    figures = _run(arguments.lines, arguments.stored)
    rows = []
    for name, figure in figures.items():
        if isinstance(figure, dict):
            seconds = figure["seconds"]
            rows.append(
                (name, seconds, round(arguments.lines / seconds), figure["peak_mib"])
            )
            print(name, figure.get("merged", ""))
    harness.show(
        f"{arguments.lines:,} lines ({figures['megabytes']:.1f} MB), {arguments.stored:,} films stored",
        ("", "seconds", "lines/s", "peak MiB"),
        rows,
    )
    harness.save("export_merge", {**figures, "day": str(datetime.now(UTC).date())})


if __name__ == "__main__":
    main()
