"""
Store films with everything that belongs to them: the body as received and every row made from it.

Works on several films at once because their statements then cost one round trip: each table takes one JSON parameter
for the whole group, and all statements go out in one pipeline. The caller owns the transaction.

Order is what keeps two writers from deadlocking: documents first (the row lock is the film's mutex), then shared
tables in a fixed sequence and each in the order of its key, then the films' own sets, which only the holder of the
mutex touches.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import msgspec
from psycopg import AsyncConnection, AsyncCursor

from cinegraph.catalog.recent import RecentStatements
from cinegraph.db import sql
from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import MovieRecord

_encode = msgspec.json.Encoder().encode


class Film(msgspec.Struct, frozen=True):
    """What one source sent about a film, and what it says."""

    document: DocumentRecord
    record: MovieRecord


class StoredFilm(msgspec.Struct, frozen=True):
    """What storing a film came to."""

    tmdb_id: int
    is_new: bool
    is_changed: bool
    """Whether the body differs from the one stored before; always true of a new film."""


class _MovieRow(msgspec.Struct, frozen=True, gc=False):
    """The columns of `movies`, as upsert_movies.sql reads them."""

    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str | None
    original_language: str | None
    overview: str | None
    tagline: str | None
    homepage: str | None
    status: str | None
    released_on: date | None
    runtime_minutes: int | None
    budget_usd: int | None
    revenue_usd: int | None
    popularity: float | None
    is_adult: bool
    is_video: bool
    poster_path: str | None
    backdrop_path: str | None
    collection_tmdb_id: int | None


class _Statements(msgspec.Struct, frozen=True):
    """What one film says about shared things, and on which day."""

    stated_on: date
    rows: Sequence[msgspec.Struct]


class _FilmSet(msgspec.Struct, frozen=True):
    """One complete set of one film; `changed` when the film may have stored rows already."""

    movie: int
    changed: bool
    rows: Sequence[msgspec.Struct | int]


class _Rating(msgspec.Struct, frozen=True):
    movie: int
    kind: str
    value: float
    votes: int | None
    as_of: datetime


type _Rows = Callable[[MovieRecord], Sequence[Any]]


def _collection(record: MovieRecord) -> Sequence[Any]:
    return () if record.collection is None else (record.collection,)


def _countries(record: MovieRecord) -> Sequence[Any]:
    return record.production_countries + record.origin_countries


SHARED_TABLES: tuple[tuple[str, _Rows], ...] = (
    ("upsert_collections.sql", _collection),
    ("upsert_companies.sql", attrgetter("companies")),
    ("upsert_countries.sql", _countries),
    ("upsert_genres.sql", attrgetter("genres")),
    ("upsert_keywords.sql", attrgetter("keywords")),
    ("upsert_languages.sql", attrgetter("spoken_languages")),
    ("upsert_watch_providers.sql", attrgetter("watch_providers")),
)
"""Things many films speak of, in the order in which they are locked; people and films follow."""

FILM_SETS: tuple[tuple[str, dict[str, str], _Rows], ...] = (
    ("replace_credits.sql", {}, attrgetter("credits")),
    ("replace_movie_genres.sql", {}, attrgetter("genres")),
    ("replace_movie_keywords.sql", {}, attrgetter("keywords")),
    ("replace_movie_companies.sql", {}, attrgetter("companies")),
    (
        "replace_movie_countries.sql",
        {"kind": "production"},
        attrgetter("production_countries"),
    ),
    ("replace_movie_countries.sql", {"kind": "origin"}, attrgetter("origin_countries")),
    ("replace_movie_languages.sql", {}, attrgetter("spoken_languages")),
    ("replace_videos.sql", {}, attrgetter("videos")),
    ("replace_releases.sql", {}, attrgetter("releases")),
    ("replace_alternative_titles.sql", {}, attrgetter("alternative_titles")),
    ("replace_external_ids.sql", {}, attrgetter("external_ids")),
    ("replace_recommendations.sql", {}, attrgetter("recommended_tmdb_ids")),
    ("replace_watch_offers.sql", {}, attrgetter("watch_offers")),
)
"""Sets that belong to one film: SQL file, its fixed parameters, where the rows are in the record."""


async def store_films(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    *,
    now: datetime,
    recent: RecentStatements | None = None,
) -> list[StoredFilm]:
    """
    Store *films* in the transaction that is open on *conn*.

    A film whose body is the one stored already, or older than it, changes nothing but is reported.

    Args:
        films: From one source, each film at most once.
        now: The time to write into `created_at` and `updated_at`.
        recent: Statements that are known to be stored; those new to it are noted there as pending until the
            caller says that the transaction was committed.

    Returns:
        One result a film, in the order given.

    Locks: the films' documents, then what upserts lock, in one order for every caller.
    """
    async with conn.pipeline():
        changed_cursor = await _upsert_documents(conn, films)
        stored_cursor = await conn.execute(
            sql.load("cinegraph.catalog", "list_stored_movies.sql"),
            {"tmdb_ids": [film.record.tmdb_id for film in films]},
        )
        changed_ids = {row[0] for row in await changed_cursor.fetchall()}
        stored_ids = {row[0] for row in await stored_cursor.fetchall()}
    changed = [film for film in films if film.document.external_id in changed_ids]
    if changed:
        await _write_rows(conn, changed, stored_ids, now, recent)
    return [
        StoredFilm(
            tmdb_id=film.record.tmdb_id,
            is_new=film.record.tmdb_id not in stored_ids,
            is_changed=film.document.external_id in changed_ids,
        )
        for film in films
    ]


async def _upsert_documents(
    conn: AsyncConnection[Any], films: Sequence[Film]
) -> AsyncCursor[Any]:
    """Return a cursor over the external ids of documents that are new or changed."""
    documents = [film.document for film in films]
    return await conn.execute(
        sql.load("cinegraph.catalog", "upsert_documents.sql"),
        {
            "source": documents[0].source,
            "kind": documents[0].kind,
            "external_ids": [document.external_id for document in documents],
            "bodies": [document.body_gzip for document in documents],
            "hashes": [document.sha256 for document in documents],
            "sizes": [document.size_bytes for document in documents],
            "etags": [document.etag for document in documents],
            "fetched_ats": [document.fetched_at for document in documents],
        },
    )


async def _write_rows(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    stored_ids: set[int],
    now: datetime,
    recent: RecentStatements | None,
) -> None:
    execute = conn.execute
    async with conn.pipeline():
        await execute(sql.load("cinegraph.catalog", "prefer_index_lookups.sql"))
        for name, rows_of in SHARED_TABLES:
            if statements := _new_statements(name, films, rows_of, recent):
                await execute(
                    sql.load("cinegraph.catalog", name),
                    {"statements": _json(statements)},
                )
        if people := _new_statements("people", films, attrgetter("people"), recent):
            parameters = {"statements": _json(people), "now": now}
            await execute(
                sql.load("cinegraph.catalog", "insert_people.sql"), parameters
            )
            await execute(
                sql.load("cinegraph.catalog", "update_people.sql"), parameters
            )
        await execute(
            sql.load("cinegraph.catalog", "upsert_movies.sql"),
            {"films": _json([_movie_row(film.record) for film in films]), "now": now},
        )
        source = films[0].document.source
        for name, fixed, rows_of in FILM_SETS:
            if sets := _film_sets(films, rows_of, stored_ids):
                await execute(
                    sql.load("cinegraph.catalog", name),
                    {"films": _json(sets), "source": source, **fixed},
                )
        if ratings := [_rating(film) for film in films if film.record.rating]:
            await execute(
                sql.load("cinegraph.catalog", "upsert_ratings.sql"),
                {"source": source, "ratings": _json(ratings)},
            )


def _json(rows: Sequence[msgspec.Struct]) -> str:
    return _encode(rows).decode()


def _new_statements(
    table: str, films: Iterable[Film], rows_of: _Rows, recent: RecentStatements | None
) -> list[_Statements]:
    """Return what *films* say about one shared table, without what is known to be stored."""
    statements = []
    for film in films:
        rows = rows_of(film.record)
        day = film.document.fetched_at.date()
        if recent is not None and rows:
            rows = recent.unknown(table, day, rows)
        if rows:
            statements.append(_Statements(stated_on=day, rows=rows))
    return statements


def _film_sets(
    films: Iterable[Film], rows_of: _Rows, stored_ids: set[int]
) -> list[_FilmSet]:
    """Return the sets to make equal; an empty set of a new film needs nothing."""
    sets = []
    for film in films:
        rows = rows_of(film.record)
        changed = film.record.tmdb_id in stored_ids
        if rows or changed:
            sets.append(_FilmSet(movie=film.record.tmdb_id, changed=changed, rows=rows))
    return sets


def _movie_row(record: MovieRecord) -> _MovieRow:
    return _MovieRow(
        tmdb_id=record.tmdb_id,
        imdb_id=record.imdb_id,
        title=record.title,
        original_title=record.original_title,
        original_language=record.original_language,
        overview=record.overview,
        tagline=record.tagline,
        homepage=record.homepage,
        status=record.status,
        released_on=record.released_on,
        runtime_minutes=record.runtime_minutes,
        budget_usd=record.budget_usd,
        revenue_usd=record.revenue_usd,
        popularity=record.popularity,
        is_adult=record.is_adult,
        is_video=record.is_video,
        poster_path=record.poster_path,
        backdrop_path=record.backdrop_path,
        collection_tmdb_id=record.collection.tmdb_id if record.collection else None,
    )


def _rating(film: Film) -> _Rating:
    rating = film.record.rating
    assert rating is not None  # noqa: S101 - callers ask only for films that have one
    return _Rating(
        movie=film.record.tmdb_id,
        kind=rating.kind,
        value=rating.value,
        votes=rating.votes,
        as_of=film.document.fetched_at,
    )
