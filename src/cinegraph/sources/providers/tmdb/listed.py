"""
What the rows of a list tell of films beside their ids: votes and popularity, of twenty films in one request; pure.

A row is cut to what is taken of it, and kept as a short answer that tells nothing else (`records.fields.LISTED`).
"""

import gzip
import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cinegraph.errors import SourceError
from cinegraph.records.document import DocumentRecord
from cinegraph.records.listing import ListedMovie
from cinegraph.sources.providers.tmdb.payloads import (
    LARGEST_ID,
    SOURCE_NAME,
    decode_movie,
)
from cinegraph.sources.providers.tmdb.transform import to_record

_COMPRESSION: Final = 6


class _Row(msgspec.Struct, frozen=True, gc=False):
    """What has to be there, all of it: a row that lacks a part proves nothing about it."""

    id: Annotated[int, Meta(ge=1, le=LARGEST_ID)]
    title: Annotated[str, Meta(min_length=1)]
    popularity: float
    vote_average: float
    vote_count: Annotated[int, Meta(ge=0)]
    adult: bool
    video: bool
    media_type: str | None = None


class _Page(msgspec.Struct, frozen=True, gc=False):
    results: list[msgspec.Raw] = []


class _Told(msgspec.Struct, frozen=True, gc=False):
    """A row as a short answer, in which null stands where it tells nothing."""

    id: int
    title: str
    popularity: float
    vote_average: float
    vote_count: int
    adult: bool
    video: bool
    genres: None = None
    production_companies: None = None
    production_countries: None = None
    spoken_languages: None = None


_pages = msgspec.json.Decoder(_Page)
_rows = msgspec.json.Decoder(_Row)


def to_listed_movies(body: bytes, *, fetched_at: datetime) -> tuple[ListedMovie, ...]:
    """Return what a page's rows tell, each film once; rows that are not films, or lack something, are passed over."""
    told: dict[int, ListedMovie] = {}
    for row in _read(body):
        try:
            told.setdefault(row.id, _to_movie(row, fetched_at))
        except SourceError:
            continue
    return tuple(told.values())


def _read(body: bytes) -> Iterator[_Row]:
    try:
        page = _pages.decode(body)
    except msgspec.MsgspecError:
        return
    for raw in page.results:
        try:
            row = _rows.decode(raw)
        except msgspec.MsgspecError:
            continue
        if row.media_type in (None, "", "movie"):
            yield row


def _to_movie(row: _Row, fetched_at: datetime) -> ListedMovie:
    told = _Told(
        row.id,
        row.title,
        row.popularity,
        row.vote_average,
        row.vote_count,
        row.adult,
        row.video,
    )
    body = msgspec.json.encode(told)
    document = DocumentRecord(
        source=SOURCE_NAME,
        kind="movie",
        external_id=str(row.id),
        # Without the time, so that the same row is the same bytes.
        body_gzip=gzip.compress(body, _COMPRESSION, mtime=0),
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=fetched_at,
    )
    record = to_record(decode_movie(body, expected_id=row.id, parts=()))
    return ListedMovie(document, record)
