"""
What the change log costs those who store films.

`python benchmarks/change_log.py [--films N] [--rounds N]`. In every round the same recorded films are stored by a bare
loop into an empty database, stored again with one change each, and their popularity is moved by a list; with the log's
triggers and without them, in alternating order. The positions are given afterwards, and measured alone. All figures are
CPU seconds of the one database session that does it: the clock of a shared machine would say more about its neighbours.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import harness
import psycopg
from msgspec.structs import replace
from open import make_films, read_bodies

from cinegraph.catalog import change_log
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, store_films
from cinegraph.db import migrate
from cinegraph.jobs.film_writer import GROUP_SIZE

type Connection = psycopg.AsyncConnection[Any]
STEPS = ("first import", "one change a film", "a list of all")
_DROP = """
DO $$
DECLARE made record;
BEGIN
    FOR made IN
        SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger
        WHERE tgname IN ('log_inserts', 'log_updates', 'log_deletes')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', made.tgname, made.relation);
    END LOOP;
END $$
"""


def change(film: Film) -> Film:
    """Return *film* with another vote and another revenue, received a day later."""
    rating = film.record.rating
    record = replace(
        film.record,
        revenue_usd=(film.record.revenue_usd or 0) + 1000,
        rating=rating and replace(rating, votes=rating.votes + 1),
    )
    document = replace(
        film.document,
        sha256=sha256(film.document.sha256).digest(),
        fetched_at=film.document.fetched_at + timedelta(days=1),
    )
    return Film(document=document, record=record)


async def _store(conn: Connection, films: Sequence[Film]) -> None:
    recent = RecentStatements()
    for first in range(0, len(films), GROUP_SIZE):
        group = films[first : first + GROUP_SIZE]
        async with conn.transaction():
            await store_films(conn, group, now=datetime.now(UTC), recent=recent)
        recent.commit()


async def _move(conn: Connection) -> None:
    async with conn.transaction():
        await change_log.note_reason(conn, change_log.Reason.LISTED)
        await conn.execute(
            "UPDATE movies SET popularity = popularity + 1, updated_at = %s",
            (datetime.now(UTC),),
        )


async def _sequence(conn: Connection) -> None:
    taken = change_log.BATCH
    while taken >= change_log.BATCH:
        async with conn.transaction():
            taken = await change_log.sequence(conn, now=datetime.now(UTC))


async def play(url: str, films: Sequence[Film]) -> dict[str, float]:
    """Do all steps on the database at *url* and return the CPU seconds of each, and of giving positions."""
    changed = [change(film) for film in films]
    conn = await psycopg.AsyncConnection.connect(url, autocommit=True)
    steps = {
        STEPS[0]: lambda: _store(conn, films),
        "positions": lambda: _sequence(conn),
        "statistics": lambda: conn.execute("ANALYZE"),
        STEPS[1]: lambda: _store(conn, changed),
        STEPS[2]: lambda: _move(conn),
    }
    seconds = {}
    for step, do in steps.items():
        before = harness.cpu_seconds(conn.info.backend_pid)
        await do()
        seconds[step] = harness.cpu_seconds(conn.info.backend_pid) - before
    await conn.close()
    return seconds


def measure(options: argparse.Namespace) -> dict[bool, list[dict[str, float]]]:
    """Run all rounds; by whether there are triggers."""
    films = make_films(read_bodies(options.films))
    taken: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    with harness.postgres() as server:
        for number in range(options.rounds):
            for has_triggers in (True, False) if number % 2 else (False, True):
                url = harness.fresh_database(server, "bench")
                migrate.upgrade(url)
                if not has_triggers:
                    with psycopg.connect(url) as conn:
                        conn.execute(_DROP)
                seconds = asyncio.run(play(url, films))
                taken[has_triggers].append(seconds)
                said = ", ".join(f"{step} {one:.2f}" for step, one in seconds.items())
                print(f"round {number + 1}, log {has_triggers}: {said}", flush=True)
    return taken


def summarise(taken: dict[bool, list[dict[str, float]]]) -> dict[str, Any]:
    """Return by step the median seconds with and without the log, and the median of the rounds' ratios."""
    return {
        step: {
            "with": statistics.median(one[step] for one in taken[True]),
            "without": statistics.median(one[step] for one in taken[False]),
            "ratio": statistics.median(
                a[step] / max(b[step], 0.01)
                for a, b in zip(taken[True], taken[False], strict=True)
            ),
        }
        for step in (*STEPS, "positions")
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write; *arguments* are the command line's unless given."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[1] if __doc__ else ""
    )
    parser.add_argument("--films", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    figures = summarise(measure(options))
    harness.show(
        f"{options.films} recorded films, median of {options.rounds} rounds, CPU seconds",
        ("", "with the log", "without", "ratio"),
        [(step, *one.values()) for step, one in figures.items()],
    )
    harness.save("change_log", {"options": vars(options), **figures})


if __name__ == "__main__":
    main()
