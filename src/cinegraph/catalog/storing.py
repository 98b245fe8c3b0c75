"""
Store films with everything that belongs to them: the body as received and every row made from it.

Works on several films at once because their statements then cost one round trip: each table takes one JSON parameter
for the whole group, and all statements go out in one pipeline. The caller owns the transaction.

Order is what keeps two writers from deadlocking: documents first (the row lock is the film's mutex), then shared
tables in a fixed sequence and each in the order of its key, then the films' own rows, which only the holder of the
mutex touches.

A document is *changed* when its body becomes the stored one, *outdated* when a newer body is stored already: what it
says about shared things is merged like any other statement, of the film itself it may only fill a missing IMDb id.

Bodies that tell only some fields of a film and are newer than its whole one are laid over it (`partial_documents`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import msgspec
from psycopg import AsyncConnection, AsyncCursor

from cinegraph.catalog import change_log, partial_documents
from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.partial_documents import PartialDocument
from cinegraph.catalog.recent import RecentStatements
from cinegraph.db import sql
from cinegraph.errors import SourceError
from cinegraph.records.document import DocumentRecord
from cinegraph.records.fields import overlay
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
    """Whether its rows were written: the body differs from the one stored before, or the film had no row."""


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
    external_id: str
    """Of its document."""


class _Statements(msgspec.Struct, frozen=True):
    """What one film says about shared things, and on which day."""

    stated_on: date
    rows: Sequence[msgspec.Struct]


class _FilmSet(msgspec.Struct, frozen=True):
    """One complete set of one film; `changed` when the film may have stored rows already."""

    movie: int
    changed: bool
    rows: Sequence[msgspec.Struct | int]


class _ImdbIds(msgspec.Struct, frozen=True):
    """The IMDb id of a film, as its own and as one of its ids on other sites."""

    movie: int
    imdb_id: str | None
    listed: str | None


class _Rating(msgspec.Struct, frozen=True):
    kind: str
    value: float
    votes: int | None
    as_of: datetime


type _Rows = Callable[[Film], Sequence[Any]]
type ReadFilm = Callable[[StoredDocument], Film]
"""Makes a film of a stored body; raises `SourceError` where it cannot."""


def _collection(film: Film) -> Sequence[Any]:
    collection = film.record.collection
    return () if collection is None else (collection,)


def _countries(film: Film) -> Sequence[Any]:
    return film.record.production_countries + film.record.origin_countries


def _ratings(film: Film) -> Sequence[Any]:
    rating = film.record.rating
    if rating is None:
        return ()
    as_of = film.document.fetched_at
    return (_Rating(rating.kind, rating.value, rating.votes, as_of),)


SHARED_TABLES: tuple[tuple[str, _Rows], ...] = (
    ("upsert_collections.sql", _collection),
    ("upsert_companies.sql", attrgetter("record.companies")),
    ("upsert_countries.sql", _countries),
    ("upsert_genres.sql", attrgetter("record.genres")),
    ("upsert_keywords.sql", attrgetter("record.keywords")),
    ("upsert_languages.sql", attrgetter("record.spoken_languages")),
    ("upsert_watch_providers.sql", attrgetter("record.watch_providers")),
)
"""Things many films speak of, in the order in which they are locked; people and films follow."""

FILM_SETS: tuple[tuple[str, dict[str, str], _Rows], ...] = (
    ("replace_credits.sql", {}, attrgetter("record.credits")),
    ("replace_movie_genres.sql", {}, attrgetter("record.genres")),
    ("replace_movie_keywords.sql", {}, attrgetter("record.keywords")),
    ("replace_movie_companies.sql", {}, attrgetter("record.companies")),
    (
        "replace_movie_countries.sql",
        {"kind": "production"},
        attrgetter("record.production_countries"),
    ),
    (
        "replace_movie_countries.sql",
        {"kind": "origin"},
        attrgetter("record.origin_countries"),
    ),
    ("replace_movie_languages.sql", {}, attrgetter("record.spoken_languages")),
    ("replace_videos.sql", {}, attrgetter("record.videos")),
    ("replace_releases.sql", {}, attrgetter("record.releases")),
    ("replace_alternative_titles.sql", {}, attrgetter("record.alternative_titles")),
    ("replace_external_ids.sql", {}, attrgetter("record.external_ids")),
    ("replace_recommendations.sql", {}, attrgetter("record.recommended_tmdb_ids")),
    ("replace_watch_offers.sql", {}, attrgetter("record.watch_offers")),
    ("replace_ratings.sql", {}, _ratings),
)
"""Sets that belong to one film: SQL file, its fixed parameters, where the rows are in the film."""


async def store_films(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    *,
    now: datetime,
    recent: RecentStatements | None = None,
    read: ReadFilm | None = None,
) -> list[StoredFilm]:
    """
    Store *films* in the transaction that is open on *conn*.

    A film whose body is the one stored already writes nothing but the time of its document, and its popularity where
    a daily list said another one meanwhile; unless the film's row is gone, as after a deletion by hand: then it is
    stored like a changed one.

    Args:
        films: From one source, each film at most once.
        now: The time to write into `created_at` and `updated_at`.
        recent: Statements that are known to be stored; those new to it are noted there as pending until the
            caller says that the transaction was committed.
        read: Reads newer partial bodies that are laid over these; without it they are not.

    Returns:
        One result a film, in the order given.

    Locks: the films' documents, then what upserts lock, in one order for every caller.
    """
    changed_ids, stored_ids = await _upsert_documents(conn, films)
    again = [film for film in films if film.record.tmdb_id not in changed_ids]
    outdated_ids = await _touch_documents(conn, again) if again else set()
    changed_ids |= {
        film.record.tmdb_id
        for film in again
        if film.record.tmdb_id not in stored_ids | outdated_ids
    }
    partly = await _settle_partials(conn, films)
    changed_ids |= partly.superseded_ids - outdated_ids
    outdated = [film for film in again if film.record.tmdb_id in outdated_ids]
    current = [
        compose(film, told_by(partly.newer.get(film.document.external_id, ()), read))
        for film in films
        if film.record.tmdb_id not in outdated_ids
    ]
    changed = [film for film in current if film.record.tmdb_id in changed_ids]
    unchanged = [film for film in current if film.record.tmdb_id not in changed_ids]
    said = [film for film in films if film.record.tmdb_id in changed_ids]
    async with conn.pipeline():
        await conn.execute(sql.load("cinegraph.catalog", "prefer_index_lookups.sql"))
        await change_log.note_reason(conn, change_log.Reason.FETCHED)
        if changed or outdated:
            await _merge_shared(conn, said + outdated, now, recent)
            await _write_own(conn, changed, stored_ids, now)
            await _fill_imdb_ids(conn, outdated, now)
        if unchanged:
            await _write_movies(conn, "restate_movies.sql", unchanged, now)
    return [
        StoredFilm(
            tmdb_id=tmdb_id,
            is_new=tmdb_id in changed_ids - stored_ids,
            is_changed=tmdb_id in changed_ids,
        )
        for tmdb_id in (film.record.tmdb_id for film in films)
    ]


class _Partly(msgspec.Struct, frozen=True):
    """What partial bodies mean for films that come whole."""

    superseded_ids: set[int]
    """TMDB's ids of films that something was laid over which is older than what came now."""
    newer: dict[str, list[PartialDocument]]
    """By external id, what is still laid over."""


async def _settle_partials(
    conn: AsyncConnection[Any], films: Sequence[Film]
) -> _Partly:
    external_ids = [film.document.external_id for film in films]
    named = {"source": films[0].document.source, "kind": films[0].document.kind}
    superseded = await partial_documents.drop_stale(conn, external_ids, **named)
    newer = await partial_documents.read_newer(conn, external_ids, **named)
    return _Partly(
        {f.record.tmdb_id for f in films if f.document.external_id in superseded}, newer
    )


def told_by(
    partials: Iterable[PartialDocument], read: ReadFilm | None
) -> list[tuple[Film, tuple[str, ...]]]:
    """Return what partial bodies tell, and which fields; one that cannot be read tells nothing."""
    if read is None:
        return []
    told = []
    for part in partials:
        try:
            told.append((read(part.document), part.fields))
        except SourceError:
            # It could be read when it came: a rebuild puts it into quarantine, the film itself is good.
            continue
    return told


def compose(film: Film, partials: Iterable[tuple[Film, tuple[str, ...]]]) -> Film:
    """Return *film* with what newer bodies tell laid over it, oldest first; its document is then the newest one."""
    for told, fields in partials:
        film = Film(told.document, overlay(film.record, told.record, fields))
    return film


async def _upsert_documents(
    conn: AsyncConnection[Any], films: Sequence[Film]
) -> tuple[set[int], set[int]]:
    """Return the TMDB ids of films whose documents are new or changed, and of those that have a row."""
    documents = [film.document for film in films]
    async with conn.pipeline():
        changed = await conn.execute(
            sql.load("cinegraph.catalog", "upsert_documents.sql"),
            {
                **_identity(documents),
                "bodies": [document.body_gzip for document in documents],
                "sizes": [document.size_bytes for document in documents],
                "etags": [document.etag for document in documents],
            },
        )
        stored = await conn.execute(
            sql.load("cinegraph.catalog", "list_stored_movies.sql"),
            {"tmdb_ids": [film.record.tmdb_id for film in films]},
        )
        changed_ids = await _tmdb_ids(changed, films)
        return changed_ids, {row[0] for row in await stored.fetchall()}


async def _touch_documents(
    conn: AsyncConnection[Any], films: Sequence[Film]
) -> set[int]:
    """Move the times of documents that came again; return the TMDB ids of films whose document is outdated."""
    outdated = await conn.execute(
        sql.load("cinegraph.catalog", "touch_documents.sql"),
        _identity([film.document for film in films]),
    )
    return await _tmdb_ids(outdated, films)


def _identity(documents: Sequence[DocumentRecord]) -> dict[str, Any]:
    """Return as parameters whose documents they are, which, and of when."""
    return {
        "source": documents[0].source,
        "kind": documents[0].kind,
        "external_ids": [document.external_id for document in documents],
        "hashes": [document.sha256 for document in documents],
        "fetched_ats": [document.fetched_at for document in documents],
    }


async def _tmdb_ids(cursor: AsyncCursor[Any], films: Iterable[Film]) -> set[int]:
    """Return the TMDB ids of the *films* whose documents' external ids *cursor* holds."""
    external_ids = {row[0] for row in await cursor.fetchall()}
    return {
        film.record.tmdb_id
        for film in films
        if film.document.external_id in external_ids
    }


async def _merge_shared(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    now: datetime,
    recent: RecentStatements | None,
) -> None:
    """Merge what *films* say about things that others speak of too."""
    for name, rows_of in SHARED_TABLES:
        if statements := _new_statements(name, films, rows_of, recent):
            await conn.execute(
                sql.load("cinegraph.catalog", name), {"statements": _json(statements)}
            )
    people_of = attrgetter("record.people")
    if people := _new_statements("people", films, people_of, recent):
        parameters = {"statements": _json(people), "now": now}
        for name in ("insert_people.sql", "update_people.sql"):
            await conn.execute(sql.load("cinegraph.catalog", name), parameters)


async def _write_own(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    stored_ids: set[int],
    now: datetime,
    *,
    before: Mapping[int, Film] | None = None,
) -> None:
    """Make what belongs to *films* alone equal to what they say; a set that is as *before* is left."""
    if not films:
        return
    await _write_movies(conn, "upsert_movies.sql", films, now)
    source = films[0].document.source
    for name, fixed, rows_of in FILM_SETS:
        moved = [film for film in films if not _is_as_before(film, rows_of, before)]
        if sets := _film_sets(moved, rows_of, stored_ids):
            await conn.execute(
                sql.load("cinegraph.catalog", name),
                {"films": _json(sets), "source": source, **fixed},
            )


async def _write_movies(
    conn: AsyncConnection[Any], name: str, films: Sequence[Film], now: datetime
) -> None:
    """Give statement *name* the columns of `movies` of *films*, whose documents are stored."""
    document = films[0].document
    parameters = {"source": document.source, "kind": document.kind, "now": now}
    await conn.execute(
        sql.load("cinegraph.catalog", name),
        {"films": _json([_movie_row(film) for film in films]), **parameters},
    )


async def _fill_imdb_ids(
    conn: AsyncConnection[Any], films: Iterable[Film], now: datetime
) -> None:
    """Let outdated *films* give IMDb ids where none is stored."""
    ids = [_imdb_ids(film.record) for film in films]
    if known := [row for row in ids if row.imdb_id or row.listed]:
        await conn.execute(
            sql.load("cinegraph.catalog", "fill_imdb_ids.sql"),
            {"films": _json(known), "now": now},
        )


def _imdb_ids(record: MovieRecord) -> _ImdbIds:
    listed = (row.value for row in record.external_ids if row.site == "imdb")
    return _ImdbIds(record.tmdb_id, record.imdb_id, next(listed, None))


def _json(rows: Sequence[msgspec.Struct]) -> str:
    return _encode(rows).decode()


def _new_statements(
    table: str, films: Iterable[Film], rows_of: _Rows, recent: RecentStatements | None
) -> list[_Statements]:
    """Return what *films* say about one shared table, without what is known to be stored."""
    statements = []
    for film in films:
        rows = rows_of(film)
        day = film.document.fetched_at.date()
        if recent is not None and rows:
            rows = recent.unknown(table, day, rows)
        if rows:
            statements.append(_Statements(stated_on=day, rows=rows))
    return statements


def _is_as_before(
    film: Film, rows_of: _Rows, before: Mapping[int, Film] | None
) -> bool:
    old = (before or {}).get(film.record.tmdb_id)
    return old is not None and rows_of(old) == rows_of(film)


def _film_sets(
    films: Iterable[Film], rows_of: _Rows, stored_ids: set[int]
) -> list[_FilmSet]:
    """Return the sets to make equal; an empty set of a new film needs nothing."""
    sets = []
    for film in films:
        rows = rows_of(film)
        changed = film.record.tmdb_id in stored_ids
        if rows or changed:
            sets.append(_FilmSet(movie=film.record.tmdb_id, changed=changed, rows=rows))
    return sets


def _movie_row(film: Film) -> _MovieRow:
    record = film.record
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
        external_id=film.document.external_id,
    )


async def merge_statements(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    *,
    now: datetime,
    recent: RecentStatements | None = None,
) -> None:
    """Merge what *films* say about shared things, whether or not their documents are new: for `catalog.rebuilding`."""
    async with conn.pipeline():
        await conn.execute(sql.load("cinegraph.catalog", "prefer_index_lookups.sql"))
        await _merge_shared(conn, films, now, recent)


async def write_rows(
    conn: AsyncConnection[Any],
    films: Sequence[Film],
    *,
    stored_ids: set[int],
    now: datetime,
    before: Mapping[int, Film] | None = None,
) -> None:
    """
    Make what belongs to *films* alone equal to what they say, whether or not their documents are new.

    Args:
        stored_ids: TMDB's ids of those that have a row already.
        before: By TMDB's id, what the rows of a film say now, where that is known: its sets that differ are written.

    Locks: the films; the caller has locked the documents.
    """
    async with conn.pipeline():
        await conn.execute(sql.load("cinegraph.catalog", "prefer_index_lookups.sql"))
        await _write_own(conn, films, stored_ids, now, before=before)
