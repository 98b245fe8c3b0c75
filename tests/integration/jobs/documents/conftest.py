"""Catalogues with real bodies: films and titles as their sources' JSON, stored as jobs store them."""

import gzip
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest
from psycopg import AsyncConnection

from cinegraph.catalog.identity import settle_ids
from cinegraph.catalog.storing import Film, store_films
from cinegraph.catalog.titles import Title, lock_titles, store_titles
from cinegraph.db.pool import Pool
from cinegraph.records.document import DocumentRecord
from cinegraph.sandbox import World
from cinegraph.sources.providers.omdb import sandbox as omdb
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title
from cinegraph.sources.providers.tmdb import sandbox as tmdb
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS, decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record
from factories import NOON


def film_body(world: World, tmdb_id: int, parts: Sequence[str] = MOVIE_PARTS) -> bytes:
    """Return TMDB's JSON of an invented film."""
    movie = world.movie(tmdb_id)
    assert movie is not None

    rows = tmdb.movie_parts(movie, parts, lambda other: {"id": other})
    told = tmdb.movie_details(movie) | rows
    return msgspec.json.encode(told)


def make_document(
    source: str, kind: str, external_id: str, body: bytes, fetched_at: datetime = NOON
) -> DocumentRecord:
    """Return a body as if it had just come."""
    return DocumentRecord(
        source=source,
        kind=kind,
        external_id=external_id,
        body_gzip=gzip.compress(body, mtime=0),
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=fetched_at,
    )


def film_of(body: bytes, fetched_at: datetime = NOON) -> Film:
    """Return the film in *body*."""
    record = to_record(decode_movie(body, parts=()))
    external_id = str(record.tmdb_id)
    document = make_document("tmdb", "movie", external_id, body, fetched_at)
    return Film(document=document, record=record)


def title_of(body: bytes, fetched_at: datetime = NOON) -> Title:
    """Return the title in *body*."""
    record = to_title(decode_title(body))
    document = make_document("omdb", "title", record.imdb_id, body, fetched_at)
    return Title(document=document, record=record)


class Catalogue:
    """A world of which some is stored."""

    def __init__(self, pool: Pool, world: World) -> None:
        self.pool = pool
        self.world = world
        self.ids = list(world.ids())

    async def store(self) -> None:
        """Store every film and title."""
        films = [film_of(film_body(self.world, each)) for each in self.ids]
        told = self.world.expected_titles(self.ids)
        titles = [
            title_of(msgspec.json.encode(omdb.title_body(title, {})))
            for title in told.values()
        ]
        async with self.pool.connection() as conn, conn.transaction():
            await lock_titles(conn, told)
            await store_films(conn, films, now=NOON)
            await settle_ids(conn, films, now=NOON)
            await store_titles(conn, titles, now=NOON)

    async def run(self, query: Any, parameters: Sequence[object] = ()) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a statement; rows of one column come as values."""
        async with self.pool.connection() as conn:
            cursor = await conn.execute(query, parameters)
            rows = await cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    async def empty(self) -> None:
        """Take away every row but documents."""
        async with self.pool.connection() as conn:
            await truncate_rows(conn)


async def truncate_rows(conn: AsyncConnection[Any]) -> None:
    """Take away every row that documents give."""
    await conn.execute(
        "TRUNCATE movies, people, collections, companies, countries, genres, keywords,"
        " languages, watch_providers CASCADE"
    )


@pytest.fixture
async def catalogue(pool: Pool) -> Catalogue:
    """Return a stored world of some hundred films with titles."""
    catalogue = Catalogue(pool, World(films=120, seed=5))
    await catalogue.store()
    return catalogue
