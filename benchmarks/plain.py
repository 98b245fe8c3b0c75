"""
The rival: what a good developer writes in an afternoon to get films into PostgreSQL.

aiohttp, 20 tasks, a pool, one transaction a film, executemany upserts (psycopg sends them as a pipeline) of movies,
people, credits and genres with foreign keys. Rows are sorted, so that tasks do not deadlock on shared people; a request
is tried three times. No queue, no documents, no ledger, no request budget, nothing survives a kill. It imports nothing
of Cinegraph and keeps its tables in a schema of its own, `plain`, which it makes anew.

    python benchmarks/plain.py --base-url http://127.0.0.1:8765/3 --database-url postgresql://… --pages 50
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

TRIES = 3

SCHEMA = """
DROP SCHEMA IF EXISTS plain CASCADE;
CREATE SCHEMA plain;
CREATE TABLE plain.movies (
    id integer PRIMARY KEY, imdb_id text, title text NOT NULL, original_title text, original_language text,
    overview text, tagline text, homepage text, status text, release_date date, runtime integer, budget bigint,
    revenue bigint, popularity double precision, vote_average double precision, vote_count integer,
    adult boolean NOT NULL, poster_path text, backdrop_path text
);
CREATE TABLE plain.people (
    id integer PRIMARY KEY, name text NOT NULL, original_name text, gender smallint, known_for_department text,
    profile_path text, popularity double precision
);
CREATE TABLE plain.credits (
    credit_id text PRIMARY KEY, movie_id integer NOT NULL REFERENCES plain.movies,
    person_id integer NOT NULL REFERENCES plain.people, kind text NOT NULL, department text, job text,
    character text, position integer
);
CREATE INDEX ON plain.credits (movie_id);
CREATE INDEX ON plain.credits (person_id);
CREATE TABLE plain.genres (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE plain.movie_genres (
    movie_id integer REFERENCES plain.movies, genre_id integer REFERENCES plain.genres,
    PRIMARY KEY (movie_id, genre_id)
);
"""
MOVIE = """
INSERT INTO plain.movies VALUES (
    %(id)s, %(imdb_id)s, %(title)s, %(original_title)s, %(original_language)s, %(overview)s, %(tagline)s, %(homepage)s,
    %(status)s, %(release_date)s, %(runtime)s, %(budget)s, %(revenue)s, %(popularity)s, %(vote_average)s,
    %(vote_count)s, %(adult)s, %(poster_path)s, %(backdrop_path)s
) ON CONFLICT (id) DO UPDATE SET
    imdb_id = excluded.imdb_id, title = excluded.title, original_title = excluded.original_title,
    original_language = excluded.original_language, overview = excluded.overview, tagline = excluded.tagline,
    homepage = excluded.homepage, status = excluded.status, release_date = excluded.release_date,
    runtime = excluded.runtime, budget = excluded.budget, revenue = excluded.revenue,
    popularity = excluded.popularity, vote_average = excluded.vote_average, vote_count = excluded.vote_count,
    adult = excluded.adult, poster_path = excluded.poster_path, backdrop_path = excluded.backdrop_path
"""
PERSON = """
INSERT INTO plain.people VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, original_name = excluded.original_name, gender = excluded.gender,
    known_for_department = excluded.known_for_department, profile_path = excluded.profile_path,
    popularity = excluded.popularity
"""
CREDIT = """
INSERT INTO plain.credits VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (credit_id) DO UPDATE SET
    movie_id = excluded.movie_id, person_id = excluded.person_id, kind = excluded.kind,
    department = excluded.department, job = excluded.job, character = excluded.character, position = excluded.position
"""
GENRE = """
INSERT INTO plain.genres VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name
WHERE genres.name <> excluded.name
"""
MOVIE_GENRE = "INSERT INTO plain.movie_genres VALUES (%s, %s) ON CONFLICT DO NOTHING"

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did; *failed* counts films given up after three tries or refused by the database."""

    films: int
    absent: int
    failed: int
    seconds: float
    films_per_second: float
    cpu_seconds: float
    """Of this process alone: user and system."""
    cpu_seconds_per_1000_films: float


class NotFoundError(Exception):
    """TMDB has no such film."""


class Importer:
    """Fetches and stores films; counts how they ended."""

    def __init__(
        self, http: aiohttp.ClientSession, pool: AsyncConnectionPool, base_url: str
    ) -> None:
        self._http = http
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self.films = self.absent = self.failed = 0

    async def list_popular(self, pages: int) -> list[int]:
        """Read the ids of the first *pages* pages of popular films."""
        ids: dict[int, None] = {}
        for first in range(1, pages + 1, 20):
            numbers = range(first, min(first + 20, pages + 1))
            answers = await asyncio.gather(
                *(self._get("/movie/popular", page=number) for number in numbers)
            )
            ids |= {film["id"]: None for page in answers for film in page["results"]}
        return list(ids)

    async def run(self, ids: list[int], tasks: int) -> None:
        """Import every film of *ids*, *tasks* at once."""
        waiting = iter(ids)
        async with asyncio.TaskGroup() as group:
            for _ in range(tasks):
                group.create_task(self._work(waiting))

    async def _work(self, waiting: Iterator[int]) -> None:
        for movie_id in waiting:
            try:
                movie = await self._get(
                    f"/movie/{movie_id}", append_to_response="credits"
                )
                async with self._pool.connection() as connection:
                    await store(connection, movie)
            except NotFoundError:
                self.absent += 1
            except Exception as error:  # noqa: BLE001 - one bad film must not end the run
                self.failed += 1
                print(f"film {movie_id}: {error!r}")
            else:
                self.films += 1

    async def _get(self, path: str, **params: str | int) -> Json:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._get_once(path, params)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                if attempt == TRIES:
                    raise
                await asyncio.sleep(attempt)
        raise AssertionError

    async def _get_once(self, path: str, params: dict[str, str | int]) -> Json:
        async with self._http.get(self._base_url + path, params=params) as response:
            if response.status == HTTPStatus.NOT_FOUND:
                raise NotFoundError(path)
            response.raise_for_status()
            answer: Json = await response.json()
            return answer


async def store(connection: AsyncConnection[Any], movie: Json) -> None:
    """Store one film in the connection's transaction."""
    movie_id = movie["id"]
    people, credit_rows = split_credits(movie_id, movie["credits"])
    genres = sorted((genre["id"], genre["name"]) for genre in movie["genres"])
    async with connection.cursor() as cursor:
        await cursor.execute(
            MOVIE, movie | {"release_date": movie["release_date"] or None}
        )
        await cursor.executemany(GENRE, genres)
        await cursor.executemany(
            MOVIE_GENRE, [(movie_id, genre) for genre, _ in genres]
        )
        await cursor.executemany(PERSON, people)
        await cursor.executemany(CREDIT, credit_rows)


def split_credits(
    movie_id: int, parts: Json
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows of people, each once, and of credits, both sorted by key."""
    people: dict[int, tuple[Any, ...]] = {}
    rows: dict[str, tuple[Any, ...]] = {}
    for kind in ("cast", "crew"):
        for position, credit in enumerate(parts[kind]):
            person = credit["id"]
            people[person] = (
                person,
                credit["name"],
                credit.get("original_name"),
                credit.get("gender"),
                credit.get("known_for_department"),
                credit.get("profile_path"),
                credit.get("popularity"),
            )
            rows[credit["credit_id"]] = (
                credit["credit_id"],
                movie_id,
                person,
                kind,
                credit.get("department"),
                credit.get("job"),
                credit.get("character"),
                credit.get("order", position),
            )
    return [people[key] for key in sorted(people)], [rows[key] for key in sorted(rows)]


async def measure(arguments: argparse.Namespace) -> Report:
    """Import what the command line asks for, from the first list page to the last commit."""
    headers = {"Authorization": f"Bearer {arguments.key}"}
    pool = AsyncConnectionPool(
        arguments.database_url, min_size=arguments.connections, open=False
    )
    async with pool, aiohttp.ClientSession(headers=headers) as http:
        async with pool.connection() as connection:
            await connection.execute(SCHEMA)
        importer = Importer(http, pool, arguments.base_url)
        started, cpu = time.perf_counter(), time.process_time()
        if arguments.ids:
            ids = [int(line) for line in arguments.ids.read_text().split()]
        else:
            ids = await importer.list_popular(arguments.pages)
        await importer.run(ids, arguments.tasks)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Report(
        films=importer.films,
        absent=importer.absent,
        failed=importer.failed,
        seconds=round(seconds, 3),
        films_per_second=round(importer.films / seconds, 1),
        cpu_seconds=round(cpu, 3),
        cpu_seconds_per_1000_films=round(1000 * cpu / max(importer.films, 1), 3),
    )


def main() -> None:
    """Run and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
    parser.add_argument("--base-url", required=True, help="of TMDB, with /3")
    parser.add_argument("--database-url", required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--ids", type=Path, metavar="FILE", help="one TMDB id a line")
    what.add_argument("--pages", type=int, metavar="N", help="of popular films")
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--key", default=os.environ.get("TMDB_API_KEY", "none"))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    report = asyncio.run(measure(arguments))
    if arguments.json:
        print(json.dumps(asdict(report)))
        return
    print(
        f"{report.films} films in {report.seconds:.1f} s: {report.films_per_second:.0f} films/s,"
        f" {report.cpu_seconds:.1f} CPU seconds ({report.cpu_seconds_per_1000_films:.1f} per 1,000 films);"
        f" {report.absent} absent, {report.failed} failed"
    )


if __name__ == "__main__":
    main()
