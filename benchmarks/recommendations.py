"""
Recommendations on the invented world, whose clusters of taste are known: how good they are, what they cost.

`python benchmarks/recommendations.py [--films N] [--users N] [--singles N]`. The films are stored, then the pass over
all runs in a process of its own, whose memory is measured. Invented users like films of one to three clusters,
well-known ones rather; a fifth of what they like is held out. Then some films are computed one by one, as `EnrichMovie`
does: that has to write nothing, for both ways have to agree.
"""

import argparse
import asyncio
import gzip
import hashlib
import io
import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import harness
import msgspec
import psycopg
from open import _store_all

from cinegraph.catalog.storing import Film
from cinegraph.db import migrate
from cinegraph.db.pool import open_pool
from cinegraph.enrichment.recommendations import judging, ratings
from cinegraph.enrichment.recommendations.browse import list_recommendations
from cinegraph.enrichment.recommendations.storing import (
    recommend_all,
    recommend_films,
)
from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox import World

_GROUP = 2_000
_SEED = 1
_SIZES = """
SELECT relname, pg_total_relation_size(oid) / 1e6 AS megabytes
FROM pg_class WHERE relkind = 'r' AND relname LIKE 'recommendation%' ORDER BY 1
"""
_ALIKE = """
SELECT stored.movie_id, film.tmdb_id, ARRAY(
    SELECT other.tmdb_id FROM unnest(stored.movie_ids) WITH ORDINALITY AS pair (id, place)
    INNER JOIN movies AS other ON other.id = pair.id WHERE place <= 20
)
FROM recommendation_movies AS stored INNER JOIN movies AS film ON film.id = stored.movie_id
"""


def make_film(record: MovieRecord) -> Film:
    """Return an invented film, ready to be stored; of its body only a stub, which nothing reads here."""
    body = str(record.tmdb_id).encode()
    return Film(
        document=DocumentRecord(
            source="tmdb",
            kind="movie",
            external_id=str(record.tmdb_id),
            body_gzip=gzip.compress(body, 1),
            sha256=hashlib.sha256(body).digest(),
            size_bytes=len(body),
            fetched_at=datetime.now(UTC),
        ),
        record=record,
    )


def store(url: str, world: World) -> None:
    """Store all films, without what recommendations do not read: that would only take time."""
    for ids in batched(world.ids(), _GROUP, strict=False):
        films = [world.movie(tmdb_id) for tmdb_id in ids]
        plain = [
            msgspec.structs.replace(
                film, videos=(), releases=(), alternative_titles=(), watch_offers=()
            )
            for film in films
            if film is not None
        ]
        asyncio.run(_store_all(url, [make_film(film) for film in plain]))
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")


def invent_ratings(world: World, users: int) -> Iterator[str]:
    """Yield the lines of a CSV of ratings by users who like one to three clusters."""
    yield "user,tmdb_id,rating\n"
    dice = random.Random(_SEED)  # noqa: S311 - repeatable
    tastes = world.films.tastes
    for user in range(users):
        clusters = dice.sample(range(tastes.count), dice.randint(1, 3))
        rated: dict[int, float] = {}
        for _ in range(dice.randint(15, 60)):
            rank = int(world.size * dice.random() ** 3)
            likes = dice.random() < 0.9  # noqa: PLR2004 - one film in ten by chance
            if likes:
                near = tastes.near(rank, dice.choice(clusters))
                rank = near if near < world.size else rank
            film = world.places.id_of(world.places.by_popularity.at(rank))
            rated[film] = dice.choice((8, 9, 10)) if likes else dice.randint(3, 10)
        for film, value in rated.items():
            yield f"{user},{film},{value}\n"


async def run_pass(url: str) -> dict[str, float]:
    """Compute all films; return seconds by stage, and the memory of this process at its peak."""
    pool = await open_pool(url, size=2, application_name="recommendations")
    started = time.perf_counter()
    ended: dict[str, float] = {}

    def tell(stage: str, _done: int, _total: int) -> None:
        ended[stage] = time.perf_counter() - started

    done = await recommend_all(pool, now=datetime.now(UTC), on_progress=tell)
    await pool.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - started
    return {
        **{f"pass, {stage} ended after, s": at for stage, at in ended.items()},
        "pass, s": seconds,
        "pass, films/s": done.films / seconds,
        "pass, peak memory, MiB": peak,
        "pass, changed": done.changed,
        "pass, impossible": done.impossible,
    }


def run_child(url: str) -> dict[str, float]:
    """Run the pass in a process of its own."""
    command = [sys.executable, __file__, "--pass", url]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this program
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return figures


async def measure(
    url: str, world: World, options: argparse.Namespace
) -> dict[str, Any]:
    """Return how good what is stored is, and what one film costs."""
    pool = await open_pool(url, size=2, application_name="recommendations")
    figures: dict[str, Any] = {}
    lines = io.StringIO("".join(invent_ratings(world, options.users)))
    found = await judging.evaluate(pool, ratings.read(lines, name="invented"))
    async with pool.connection() as conn:
        for one in found.methods:
            figures[f"{one.name}: recall@20"] = (
                f"{one.recall:.3f} ({one.low:.3f} to {one.high:.3f})"
            )
            figures[f"{one.name}: coverage"] = one.coverage
        figures["of 20 recommended, of the film's cluster"] = await _alike(conn, world)
    ids = await _some(pool, options.singles)
    seconds, written = [], 0
    for movie_id in ids:
        async with pool.connection() as conn, conn.transaction():
            started = time.perf_counter()
            done = await recommend_films(conn, [movie_id], now=datetime.now(UTC))
            seconds.append(time.perf_counter() - started)
            written += done.changed
    figures["one film, s (median)"] = statistics.median(seconds)
    figures["one film, s (p95)"] = statistics.quantiles(seconds, n=20)[-1]
    figures["one film, s (worst)"] = max(seconds)
    figures["one film: differs from the pass"] = written
    figures["reading 20 with reasons, s (median)"] = await _read(pool, ids)
    await pool.close()
    return figures


async def _alike(conn: Any, world: World) -> float:  # noqa: ANN401 - a connection
    """Return the share of recommended films that are of the cluster of their film."""
    cursor = await conn.execute(_ALIKE)
    same = every = 0
    for _, tmdb_id, others in await cursor.fetchall():
        cluster = world.cluster_of(tmdb_id)
        same += sum(world.cluster_of(other) == cluster for other in others)
        every += len(others)
    return same / max(every, 1)


async def _some(pool: Any, count: int) -> Sequence[int]:  # noqa: ANN401 - a pool
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT id FROM movies ORDER BY id")
        every = [row[0] for row in await cursor.fetchall()]
    return random.Random(_SEED).sample(every, min(count, len(every)))  # noqa: S311 - repeatable


async def _read(pool: Any, ids: Sequence[int]) -> float:  # noqa: ANN401 - a pool
    seconds = []
    async with pool.connection() as conn:
        for movie_id in ids:
            started = time.perf_counter()
            await list_recommendations(conn, movie_id)
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--singles", type=int, default=100)
    parser.add_argument("--pass", dest="url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:
        print(json.dumps(asyncio.run(run_pass(options.url))))
        return
    world = World(options.films)
    with harness.postgres() as server:
        url = harness.fresh_database(server, "bench")
        migrate.upgrade(url)
        store(url, world)
        figures = run_child(url)
        again = run_child(url)
        figures["pass again, s"] = again["pass, s"]
        figures["pass again, changed"] = again["pass, changed"]
        figures |= asyncio.run(measure(url, world, options))
        with psycopg.connect(url, autocommit=True) as conn:
            for name, megabytes in conn.execute(_SIZES).fetchall():
                figures[f"{name}, MB"] = float(megabytes)
    harness.show(
        f"recommendations, {options.films:,} invented films, {world.films.tastes.count:,} clusters of taste",
        ("", "figure"),
        list(figures.items()),
    )
    harness.save("recommendations", figures)


if __name__ == "__main__":
    main()
