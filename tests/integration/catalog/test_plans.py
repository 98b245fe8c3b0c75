"""The hot statements of storing find stored rows by index, however large the tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from cinegraph.catalog import people, storing, titles, updating
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.records.movie import RatingRecord
from cinegraph.records.person import PersonDetailsRecord
from cinegraph.records.title import FactRecord
from cinegraph.sources.awards import to_document
from factories import make_film, make_person, make_title, make_whole_record, read_made

NOW = datetime(2026, 9, 1, tzinfo=UTC)
WRITING = ("replace_", "restate_", "upsert_", "insert_", "update_", "touch_", "fill_")
LARGE = (
    "movies",
    "people",
    "credits",
    "documents",
    "partial_documents",
    "listed_movies",
)
FILL = """
INSERT INTO people (tmdb_id, name, stated_on, created_at, updated_at)
    SELECT n, 'Person ' || n, '2026-01-01', now(), now() FROM generate_series(100001, 120000) AS n;
INSERT INTO movies (tmdb_id, title, created_at, updated_at)
    SELECT n, 'Film ' || n, now(), now() FROM generate_series(1, 20000) AS n;
INSERT INTO documents (source, kind, external_id, body_gzip, sha256, size_bytes, fetched_at, checked_at)
    SELECT 'tmdb', 'movie', n::text, '', '', 0, '2026-01-01', '2026-01-01' FROM generate_series(1, 20000) AS n;
INSERT INTO partial_documents (source, kind, external_id, fields, body_gzip, sha256, size_bytes, fetched_at, checked_at)
    SELECT 'tmdb', 'movie', n::text, '{}', '', '', 0, '2026-01-01', '2026-01-01' FROM generate_series(1, 20000) AS n;
INSERT INTO credits (movie_id, person_id, credit_id, kind)
    SELECT m.id, p.id, 'c' || m.id, 'cast' FROM movies AS m JOIN people AS p ON p.tmdb_id = m.tmdb_id + 100000;
INSERT INTO listed_movies (tmdb_id, popularity, is_adult, is_video, stated_on)
    SELECT n, 1, false, false, '2026-01-01' FROM generate_series(1, 20000) AS n;
INSERT INTO export_snapshots (source, kind, listed_on, state, fetched_at)
    SELECT 'tmdb', 'movie', '2026-01-01'::date - n, 'merged', now() FROM generate_series(0, 400) AS n;
ANALYZE movies, people, credits, documents, partial_documents, listed_movies, export_snapshots;
"""


class Watched:
    """A connection that explains what is sent through it, in front of the real one."""

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        self._conn = conn
        self.plans: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the connection's
        return getattr(self._conn, name)

    async def execute(self, query: str, parameters: Any = None) -> Any:  # noqa: ANN401 - as the connection's
        """Explain, then run."""
        if parameters is not None:
            cursor = await self._conn.execute(
                "EXPLAIN (FORMAT JSON) " + query, parameters
            )  # type: ignore[operator]
            row = await cursor.fetchone()
            assert row is not None
            self.plans[query] = row[0][0]["Plan"]
        return await self._conn.execute(query, parameters)  # type: ignore[arg-type]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


@pytest.fixture
async def plans(pool: Pool) -> dict[str, Any]:
    """Return the plan of every statement that storing changed, unchanged and outdated films sends."""
    record = make_whole_record(777)
    async with pool.connection() as conn:
        await conn.execute(FILL)
        await storing.store_films(conn, [make_film(record)], now=NOW)
        await conn.commit()
        watched = Watched(conn)
        changed = make_film(
            replace(record, title="Other"), fetched_at=datetime.now(UTC)
        )
        for film in (changed, changed, make_film(record)):
            await storing.store_films(watched, [film], now=NOW)  # type: ignore[arg-type] - in front of a connection
        later = make_film(record, fetched_at=datetime.now(UTC) + timedelta(hours=1))
        await updating.store_updates(
            watched,  # type: ignore[arg-type] - as above
            [updating.Update(later, ("videos",))],
            read=read_made,
            now=NOW,
        )
        imdb_id = record.imdb_id or ""
        rating, fact = RatingRecord("imdb", 8.0, 10), FactRecord("awards", "1 win.")
        await titles.store_titles(watched, [make_title(imdb_id, rating, fact)], now=NOW)  # type: ignore[arg-type] - as above
        person = PersonDetailsRecord(person=make_person(10, "Ann One"))
        # Of any kind: what is in it is told beside it.
        body = to_document("tmdb", "10", b"{}", fetched_at=NOW)
        told = people.Person(document=body, record=person)
        await people.store_people(watched, [told], now=NOW)  # type: ignore[arg-type] - as above
    return watched.plans


async def test_no_statement_reads_a_large_table_whole(plans: dict[str, Any]) -> None:
    """Not one sequential scan of films, people, credits or documents."""
    scans = [
        (query.splitlines()[0], node["Relation Name"])
        for query, plan in plans.items()
        for node in _nodes(plan)
        if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in LARGE
    ]
    assert len(plans) > 20
    assert scans == []


async def test_every_statement_of_the_catalogue_was_looked_at(
    plans: dict[str, Any],
) -> None:
    """A new statement of storing is guarded without anybody thinking of it."""
    written = {
        entry.name
        for entry in files("cinegraph.catalog").joinpath("sql").iterdir()
        if entry.name.startswith(WRITING)
    }
    texts = {name: sql.load("cinegraph.catalog", name) for name in written}
    assert {name for name, text in texts.items() if text not in plans} == set()
