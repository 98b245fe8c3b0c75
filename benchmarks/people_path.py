"""
Who worked with whom over the recorded films: what computing costs, and how long a chain of films takes to find.

`python benchmarks/people_path.py [--films N] [--pairs N] [--copies N]`. The films are stored and computed all at once.
Then some are computed one by one, as `EnrichMovie` does, after one more vote, after they are gone, and after they have
returned. Then chains are looked for between people taken at random, by their names, over one connection. With
`--copies` the same films come so many times more under other ids, with other people, to see whether a film still costs
the same in a larger catalogue.
"""

import argparse
import asyncio
import random
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import harness
import psycopg
from open import _store_all, make_films, read_bodies

from cinegraph.db import migrate
from cinegraph.db.pool import Pool, open_pool
from cinegraph.enrichment.collaborations import browse, paths
from cinegraph.enrichment.collaborations.storing import rebuild, rebuild_all

_SINGLE = 500
"""Films that are computed one by one."""
_VOTED = "UPDATE ratings SET value = least(value + 0.001, 10) WHERE movie_id = ANY (%s)"
_TAKE_AWAY = "UPDATE movies SET gone_at = now() WHERE id = ANY (%s)"
_GIVE_BACK = "UPDATE movies SET gone_at = NULL WHERE id = ANY (%s)"
_SIZES = """
SELECT relname, pg_total_relation_size(oid) / 1e6 AS megabytes
FROM pg_class WHERE relkind = 'r' AND relname LIKE 'collaboration%' ORDER BY 1
"""
_COPY = """
WITH made AS (
    INSERT INTO movies (title, release_date, revenue_usd, created_at, updated_at)
    SELECT 'copy of ' || id, release_date, revenue_usd, now(), now() FROM movies WHERE tmdb_id IS NOT NULL
    RETURNING id, substr(title, 9)::bigint AS of_id
), person AS (
    INSERT INTO people (name, stated_on, created_at, updated_at)
    SELECT 'copy of ' || id, stated_on, now(), now() FROM people
    WHERE tmdb_id IS NOT NULL AND id IN (SELECT person_id FROM credits WHERE kind = 'cast' OR job = ANY (%(jobs)s))
    RETURNING id, substr(name, 9)::bigint AS of_id
)
INSERT INTO credits (movie_id, person_id, credit_id, kind, department, job, position)
SELECT made.id, person.id, credit_id, kind, department, job, position
FROM credits JOIN made ON made.of_id = credits.movie_id JOIN person ON person.of_id = credits.person_id
"""


async def compute(pool: Pool) -> float:
    """Compute all films; return films a second."""
    started = time.perf_counter()
    done = await rebuild_all(pool, now=datetime.now(UTC))
    return done.changed / (time.perf_counter() - started)


async def compute_singly(pool: Pool, change: str, count: int) -> list[float]:
    """Change films and compute them one by one; return the milliseconds of each."""
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT id FROM movies WHERE tmdb_id IS NOT NULL ORDER BY md5(id::text) LIMIT %s",
            [count],
        )
        ids = [row[0] for row in await cursor.fetchall()]
        await conn.execute(change, [ids])
        await conn.commit()
        taken = []
        for movie_id in ids:
            started = time.perf_counter()
            async with conn.transaction():
                await rebuild(conn, [movie_id], now=datetime.now(UTC))
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def find_chains(pool: Pool, pairs: int) -> tuple[list[float], list[int | None]]:
    """Look for chains between people at random; return the milliseconds and the films of each."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    taken: list[float] = []
    lengths: list[int | None] = []
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT DISTINCT p.name FROM people AS p JOIN collaboration_people AS c ON c.person_id = p.id"
            " WHERE p.tmdb_id IS NOT NULL ORDER BY 1"
        )
        names = [row[0] for row in await cursor.fetchall()]
        for _ in range(pairs):
            a, b = dice.sample(names, 2)
            started = time.perf_counter()
            [one, *_] = await browse.find_people(conn, name=a)
            [other, *_] = await browse.find_people(conn, name=b)
            found = await paths.find_path(conn, one.id, other.id)
            taken.append((time.perf_counter() - started) * 1000)
            lengths.append(None if found is None else len(found))
    return taken, lengths


def p95(taken: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(taken, n=20)[-1]


def grow(url: str, copies: int) -> None:
    """Store the films again under other ids, with other people."""
    from cinegraph.enrichment.collaborations.counting import JOBS  # noqa: PLC0415

    with psycopg.connect(url, autocommit=True) as conn:
        for _ in range(copies):
            conn.execute(_COPY, {"jobs": list(JOBS)})
        conn.execute("VACUUM (ANALYZE)")


async def measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything on a database that holds the films."""
    figures: dict[str, Any] = {}
    async with await open_pool(url, size=2, application_name="bench") as pool:
        figures["all at once, films/s"] = await compute(pool)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("VACUUM (ANALYZE)")
        for name, change in (
            ("a vote", _VOTED),
            ("taken away", _TAKE_AWAY),
            ("new", _GIVE_BACK),
        ):
            taken = await compute_singly(pool, change, _SINGLE)
            figures[f"one film, {name}, ms (median)"] = statistics.median(taken)
            figures[f"one film, {name}, ms (p95)"] = p95(taken)
        taken, lengths = await find_chains(pool, options.pairs)
        figures["chain, ms (median)"] = statistics.median(taken)
        figures["chain, ms (p95)"] = p95(taken)
        figures["chain, ms (worst)"] = max(taken)
        figures["chain, films (mean)"] = statistics.fmean(
            one for one in lengths if one is not None
        )
        figures["chain, none"] = lengths.count(None)
    with psycopg.connect(url, autocommit=True) as conn:
        for name, megabytes in conn.execute(_SIZES).fetchall():
            figures[f"{name}, MB"] = float(megabytes)
        for table in ("movies", "collaborations"):
            row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type] # noqa: S608 - names
            figures[f"{table}, rows"] = row[0] if row else 0
    return figures


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--copies", type=int, default=0)
    options = parser.parse_args()
    films = make_films(read_bodies(options.films))
    with harness.postgres() as server:
        url = harness.fresh_database(server, "bench")
        migrate.upgrade(url)
        asyncio.run(_store_all(url, films))
        grow(url, options.copies)
        figures = asyncio.run(measure(url, options))
    harness.show(
        f"who worked with whom, {len(films):,} recorded films",
        ("", "figure"),
        list(figures.items()),
    )
    harness.save("people_path", figures)


if __name__ == "__main__":
    main()
