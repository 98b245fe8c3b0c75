"""
Store what a second source says of films by their IMDb ids: the body as received, ratings, facts and their history.

A title is known before its film as well as after it, so rows are made from both ends: whoever stores a title gives its
rows to the films of its id (`store_titles`), whoever stores a film fetches the title of its id (`attach_titles`). Both
take the locks of the ids first, or each would miss the other. A film's rows are what the stored title of its present
IMDb id says, and nothing where there is none.

Only a value has a history: when it was said, and until when. Votes are counted up in place.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog.documents import StoredDocument, touch_or_replace
from cinegraph.db import sql
from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import RatingRecord
from cinegraph.records.title import FactRecord, RatedTitleRecord

SOURCE = "omdb"
"""Whose rows they are, in `documents`, `ratings` and `movie_facts`."""
KIND = "title"
"""Of their documents; the external id is an IMDb id."""

_encode = msgspec.json.Encoder().encode

type ReadTitle = Callable[[StoredDocument], RatedTitleRecord | None]
"""Reads a stored body; `None` where that cannot be: its films keep the rows they have."""


class Title(msgspec.Struct, frozen=True):
    """What one source sent about a title, and what it says."""

    document: DocumentRecord
    record: RatedTitleRecord


class StoredTitle(msgspec.Struct, frozen=True):
    """What storing a title came to."""

    imdb_id: str
    is_changed: bool
    """Whether its body became the stored one."""
    movie_ids: tuple[int, ...]
    """Ours: the films that have this IMDb id, mostly one; none when none is stored yet."""
    tmdb_ids: tuple[int, ...]
    """TMDB's ids of the same films, in the same order."""
    is_empty: bool
    """Whether what came holds nothing yet."""


class Attached(msgspec.Struct, frozen=True):
    """A film whose title is stored."""

    tmdb_id: int
    fetched_at: datetime
    """When the title's body first came."""
    is_empty: bool


class _Film(msgspec.Struct, frozen=True, gc=False):
    """A film and what is said of it; `until` is when that ended what was said before."""

    movie_id: int
    said_at: datetime
    until: datetime
    ratings: Sequence[RatingRecord] = ()
    facts: Sequence[FactRecord] = ()


def is_empty(record: RatedTitleRecord) -> bool:
    """Whether the source holds nothing yet: no rating, and no fact but for whom the film is fit."""
    return not record.ratings and all(fact.kind == "rated" for fact in record.facts)


async def lock_titles(conn: AsyncConnection[Any], imdb_ids: Iterable[str]) -> None:
    """
    Let no other transaction write these titles, or films that get or lose these ids, until this one ends.

    Call it before the first row is locked, also before `store_films` when `attach_titles` follows.
    """
    if ids := sorted(set(imdb_ids)):
        await conn.execute(
            sql.load("cinegraph.catalog", "lock_titles.sql"), {"imdb_ids": ids}
        )


async def store_titles(
    conn: AsyncConnection[Any], titles: Sequence[Title], *, now: datetime
) -> list[StoredTitle]:
    """
    Store *titles* in the transaction that is open on *conn*, and give their rows to the films that have their ids.

    A body that is the stored one moves only the time of its document; one older than the stored one changes nothing;
    an empty one does not replace one that gave a film something.

    Args:
        titles: From one source, each at most once.
        now: Cinegraph's time.

    Returns:
        One result a title, in the order given.

    Locks: the titles, their documents, their films.
    """
    del now  # times are the documents'
    await lock_titles(conn, (title.document.external_id for title in titles))
    films = await _films_of(conn, titles)
    taken = await _without_emptying(conn, titles)
    changed_ids = await touch_or_replace(conn, [title.document for title in taken])
    changed = [title for title in taken if title.document.external_id in changed_ids]
    await _replace_rows(
        conn,
        [
            _said(movie_id, title.record, title.document.fetched_at)
            for title in changed
            for movie_id, _ in films.get(title.document.external_id, ())
        ],
    )
    return [
        StoredTitle(
            imdb_id=imdb_id,
            is_changed=imdb_id in changed_ids,
            movie_ids=tuple(movie_id for movie_id, _ in films.get(imdb_id, ())),
            tmdb_ids=tuple(tmdb_id for _, tmdb_id in films.get(imdb_id, ())),
            is_empty=is_empty(title.record),
        )
        for title in titles
        for imdb_id in (title.document.external_id,)
    ]


async def attach_titles(
    conn: AsyncConnection[Any],
    tmdb_ids: Sequence[int],
    *,
    read: ReadTitle,
    now: datetime,
    keeps_history: bool = True,
) -> list[Attached]:
    """
    Make the rows of films, just stored in this transaction, what the stored titles of their IMDb ids say.

    A film without a title loses the rows of another one that it had before.

    Args:
        tmdb_ids: TMDB's ids of the films.
        read: Reads a stored body.
        now: When the films got their ids: until then what they had before was said.
        keeps_history: False where rows are mended and nothing new was said.

    Returns:
        The films that have a title, in order of TMDB's ids.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_attachable_titles.sql"),
        {"source": SOURCE, "kind": KIND, "tmdb_ids": list(tmdb_ids)},
    )
    rows, attached = [], []
    for movie_id, tmdb_id, *columns in await cursor.fetchall():
        if columns[0] is None:
            rows.append(_Film(movie_id, said_at=now, until=now))
            continue
        document = StoredDocument(SOURCE, KIND, *columns)
        if (record := read(document)) is not None:
            rows.append(_said(movie_id, record, document.fetched_at, until=now))
            attached.append(Attached(tmdb_id, document.fetched_at, is_empty(record)))
    await _replace_rows(conn, rows, keeps_history=keeps_history)
    return attached


async def rewrite_titles(
    conn: AsyncConnection[Any],
    records: Mapping[str, tuple[RatedTitleRecord, datetime]],
) -> None:
    """
    Make the rows of the films of these titles again: nothing new is said, so nothing goes into history.

    Args:
        records: By IMDb id, what the stored document says and when it was fetched.

    Locks: the films; the caller has locked the titles.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_titled_movies.sql"),
        {"imdb_ids": list(records)},
    )
    films = [
        _said(movie_id, *records[imdb_id])
        for imdb_id, movie_id, _ in await cursor.fetchall()
    ]
    await _replace_rows(conn, films, keeps_history=False)


async def _films_of(
    conn: AsyncConnection[Any], titles: Sequence[Title]
) -> dict[str, list[tuple[int, int]]]:
    """Return our and TMDB's ids of the films that have the ids of *titles*, by these; the films are locked."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_titled_movies.sql"),
        {"imdb_ids": [title.document.external_id for title in titles]},
    )
    films: dict[str, list[tuple[int, int]]] = {}
    for imdb_id, movie_id, tmdb_id in await cursor.fetchall():
        films.setdefault(imdb_id, []).append((movie_id, tmdb_id))
    return films


async def _without_emptying(
    conn: AsyncConnection[Any], titles: Sequence[Title]
) -> list[Title]:
    """Return *titles* without the empty ones whose films have something from a fuller body."""
    empty = [t.document.external_id for t in titles if is_empty(t.record)]
    if not empty:
        return list(titles)
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "list_rated_titles.sql"),
        {"source": SOURCE, "imdb_ids": empty},
    )
    kept = {row[0] for row in await cursor.fetchall()}
    return [
        title
        for title in titles
        if not (is_empty(title.record) and title.document.external_id in kept)
    ]


def _said(
    movie_id: int,
    record: RatedTitleRecord,
    said_at: datetime,
    *,
    until: datetime | None = None,
) -> _Film:
    return _Film(movie_id, said_at, until or said_at, record.ratings, record.facts)


async def _replace_rows(
    conn: AsyncConnection[Any], films: Sequence[_Film], *, keeps_history: bool = True
) -> None:
    if not films:
        return
    parameters = {
        "films": _encode(films).decode(),
        "source": SOURCE,
        "keeps_history": keeps_history,
    }
    async with conn.pipeline():
        await conn.execute(sql.load("cinegraph.catalog", "prefer_index_lookups.sql"))
        for name in ("replace_title_ratings.sql", "replace_title_facts.sql"):
            await conn.execute(sql.load("cinegraph.catalog", name), parameters)
