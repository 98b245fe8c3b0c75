"""
The cultural-relevance index over many films: what a pass over all of them takes, and what one film does.

`python benchmarks/cri.py [--films N] [--credits N] [--singles N] [--backtest]`. Films, votes, credits, lists, awards
and recommendations are made by SQL, as many and as unevenly spread as TMDB's: 45 % of the films have votes, most of
them few. A first pass writes every score, a second one none. The memory is that of this process, as it was at most.
"""

import argparse
import asyncio
import resource
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import harness
import psycopg

from cinegraph.db import migrate
from cinegraph.db.pool import Pool, open_pool
from cinegraph.enrichment.cri.backtest import run_backtest
from cinegraph.enrichment.cri.storing import score_all, score_films

_NOW = datetime(2026, 11, 28, tzinfo=UTC)
_MAKE = (
    # Whatever follows changes is not told to anybody: only the index is measured.
    "SET session_replication_role = replica",
    "SELECT setseed(0.5)",
    """INSERT INTO movies (tmdb_id, imdb_id, title, release_date, popularity, created_at, updated_at)
    SELECT n, 'tt' || lpad(n::text, 8, '0'), 'Film ' || n,
        CASE WHEN random() < 0.95 THEN date '2027-01-01' - (random() ^ 2 * 42000)::integer END, random() ^ 6 * 100,
        now(), now()
    FROM generate_series(1, %(films)s) AS n""",
    """INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
    SELECT id, 'tmdb', 'user_score', 3 + random() * 6, 1 + floor(exp(random() ^ 3 * 10)), now()
    FROM movies WHERE random() < 0.45""",
    """INSERT INTO ratings (movie_id, source, kind, value, votes, as_of)
    SELECT id, 'omdb', 'imdb', 3 + random() * 6, 5 + floor(exp(random() ^ 2 * 13)), now()
    FROM movies WHERE random() < 0.3""",
    """INSERT INTO ratings (movie_id, source, kind, value, as_of)
    SELECT id, 'omdb', kind, random() * 100, now()
    FROM movies, (VALUES ('metacritic', 0.02), ('rotten_tomatoes', 0.04)) AS of (kind, share) WHERE random() < share""",
    """INSERT INTO movie_countries (movie_id, kind, country_code, position)
    SELECT id, 'production', CASE WHEN random() < 0.35 THEN 'US' ELSE 'FR' END, 0 FROM movies""",
    """INSERT INTO credits (movie_id, person_id, credit_id, kind, job, position)
    SELECT id, (random() ^ 2 * %(films)s / 4)::bigint, id || '-d', 'crew', 'Director', 0 FROM movies
    UNION ALL
    SELECT id, (random() ^ 2 * %(films)s)::bigint, id || '-' || n, 'cast', NULL, n
    FROM movies, generate_series(1, %(credits)s) AS n""",
    """INSERT INTO source_recommendations (movie_id, source, recommended_tmdb_id, position)
    SELECT id, 'tmdb', (1 + random() ^ 3 * %(films)s)::integer, n
    FROM movies, generate_series(1, 20) AS n WHERE id %% 3 = 0
    ON CONFLICT DO NOTHING""",
    """INSERT INTO lists (key, name, authority, weight, source, location, is_ranked, created_at, updated_at)
    SELECT 'list-' || n, 'List ' || n, 'Somebody', 0.5 + random() / 2, 'file', '', n %% 2 = 0, now(), now()
    FROM generate_series(1, 20) AS n""",
    """INSERT INTO list_entries (list_id, entry_key, position, tmdb_id, imdb_id, movie_id, joined_at)
    SELECT list.id, film.imdb_id, row_number() OVER (PARTITION BY list.id), film.tmdb_id, film.imdb_id, film.id, now()
    FROM lists AS list, LATERAL (
        SELECT * FROM ratings INNER JOIN movies ON movies.id = movie_id
        WHERE votes > 2000 AND ratings.source = 'tmdb' AND (movies.id + list.id) %% 3 = 0 LIMIT 1000
    ) AS film""",
    """INSERT INTO festival_ceremonies (organization_id, year, created_at, updated_at)
    SELECT id, year, now(), now() FROM festival_organizations, generate_series(1950, 2026) AS year""",
    """INSERT INTO festival_categories (organization_id, name, is_competitive)
    SELECT id, CASE n WHEN 1 THEN 'best film' ELSE 'best category ' || n END, true
    FROM festival_organizations, generate_series(1, 20) AS n""",
    """INSERT INTO festival_nominations (
        ceremony_id, category_id, category_name, movie_id, is_winner, position, created_at, updated_at
    )
    SELECT edition.id, category.id, category.name, 1 + floor(random() ^ 2 * %(films)s), n = 1, n, now(), now()
    FROM festival_ceremonies AS edition
    INNER JOIN festival_categories AS category ON category.organization_id = edition.organization_id
    CROSS JOIN generate_series(1, 5) AS n""",
    """INSERT INTO nomination_films (nomination_id, position, title, folded, imdb_id, movie_id)
    SELECT id, 0, '', '', 'tt' || lpad(movie_id::text, 8, '0'), movie_id FROM festival_nominations""",
    "SET session_replication_role = origin",
    "VACUUM (ANALYZE)",
)
_ROWS = ("movies", "ratings", "credits", "source_recommendations", "nomination_films")
_SIZE = "SELECT pg_total_relation_size('cri_scores') / 1e6"


def fill(url: str, films: int, credits_: int) -> None:
    """Make a catalogue."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in _MAKE:
            conn.execute(statement, {"films": films, "credits": credits_})


async def measure_singles(pool: Pool, count: int) -> list[float]:
    """Score films one by one after one more vote; return the milliseconds of each."""
    taken = []
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT movie_id FROM ratings WHERE source = 'tmdb' ORDER BY md5(movie_id::text) LIMIT %s",
            [count],
        )
        ids = [row[0] for row in await cursor.fetchall()]
        await conn.execute(
            "UPDATE ratings SET votes = votes * 2 WHERE movie_id = ANY (%s)", [ids]
        )
        await conn.commit()
        for movie_id in ids:
            started = time.perf_counter()
            async with conn.transaction():
                await score_films(conn, [movie_id], now=_NOW)
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure passes, single films, and a backtest."""
    figures: dict[str, Any] = {}
    async with await open_pool(url, size=2, application_name="bench") as pool:
        for name in ("first pass", "second pass"):
            started = time.perf_counter()
            spent = time.process_time(), harness.postgres_cpu_seconds(url)
            done = await score_all(pool, now=_NOW)
            figures[f"{name}, s (asked: 300)"] = time.perf_counter() - started
            figures[f"{name}, CPU s of the process"] = time.process_time() - spent[0]
            figures[f"{name}, CPU s of PostgreSQL"] = (
                harness.postgres_cpu_seconds(url) - spent[1]
            )
            figures[f"{name}, films written"] = done.changed
        figures["without a score"] = done.impossible
        figures["memory, MiB (asked: 2,048)"] = _peak()
        taken = await measure_singles(pool, options.singles)
        figures["one film, ms (median; asked: 50)"] = statistics.median(taken)
        figures["one film, ms (p95)"] = statistics.quantiles(taken, n=20)[-1]
        if options.backtest:
            started = time.perf_counter()
            await run_backtest(pool, "list-1", now=_NOW)
            figures["backtest, s"] = time.perf_counter() - started
            figures["memory with the backtest, MiB"] = _peak()
    with psycopg.connect(url) as conn:
        for table in _ROWS:
            row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type] # noqa: S608 - names
            figures[f"{table}, rows"] = row[0] if row else 0
        row = conn.execute(_SIZE).fetchone()
        figures["cri_scores, MB"] = float(row[0]) if row else 0.0
    return figures


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=200_000)
    parser.add_argument("--credits", type=int, default=5)
    parser.add_argument("--singles", type=int, default=500)
    parser.add_argument("--backtest", action="store_true")
    options = parser.parse_args()
    with harness.postgres() as server:
        url = harness.fresh_database(server, "bench")
        migrate.upgrade(url)
        fill(url, options.films, options.credits)
        figures = asyncio.run(measure(url, options))
    harness.show(
        f"cultural relevance of {options.films:,} films",
        ("", "figure"),
        list(figures.items()),
    )
    harness.save("cri", figures)


if __name__ == "__main__":
    main()
