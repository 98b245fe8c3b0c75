"""
Recorded bodies, told as they were recorded.

A folder holds `movies.jsonl.gz` (a body of `/movie/{id}?append_to_response=…` a line),
and may hold `popular_pages.jsonl.gz` (a page a line) and `interactions.jsonl.gz`
(requests with their answers); OMDb's bodies are in an `omdb` beside it. Bodies are kept
deflated in pieces that can be joined without packing them again: `{details`
`,"credits":…` `,"videos":…}`.
"""

import zlib
from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from cinegraph.errors import UsageError
from cinegraph.sandbox import charts
from cinegraph.sandbox.content import (
    CONFIGURATION,
    ROWS_A_PAGE,
    Body,
    pack,
    pack_json,
    seal,
)
from cinegraph.sandbox.drift import ExportRow, days_since, drift
from cinegraph.sandbox.recorded_titles import RecordedTitles
from cinegraph.sandbox.recordings import read_lines
from cinegraph.sandbox.searching import Searchable, SearchIndex, search_page
from cinegraph.sources.providers.tmdb import sandbox as vendor

_MOVIES = "movies.jsonl.gz"
_PAGES = "popular_pages.jsonl.gz"
_INTERACTIONS = "interactions.jsonl.gz"
_LEVEL = 3
"""Half of gzip's usual time at 7 % more bytes."""
_PARTS = tuple(vendor.EMPTY_PARTS)
_BODIES_CACHED = 500


class _Film(msgspec.Struct, frozen=True, gc=False):
    """A body in pieces."""

    deflated: bytes
    """The JSON without its last brace, flushed to a byte boundary."""
    crc: int
    """Check sum of the same bytes."""
    size_bytes: int
    parts: tuple[str, ...]
    """The parts the body holds, in its order."""


class _Interaction(msgspec.Struct, frozen=True):
    """One recorded request."""

    method: str
    path: str
    status: int
    host: str = "api.themoviedb.org"
    query: dict[str, Any] = {}
    body: msgspec.Raw = msgspec.Raw(b"null")


class RecordedContent:
    """Answers from recorded bodies: a missing part is empty, a missing film absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = _data_folder(folder)
        self._films: dict[int, _Film] = {}
        self._rows: dict[int, charts.Row] = {}
        self._by_imdb: dict[str, int] = {}
        self._load_movies()
        self._pages = dict(_load_pages(self.folder / _PAGES))
        self._others = dict(_load_others(self.folder / _INTERACTIONS))
        self._charts = charts.derive(self._rows)
        titles = RecordedTitles(self.folder)
        self.title = titles.title
        self.imdb_ratings = titles.imdb_ratings
        self.movie = lru_cache(_BODIES_CACHED)(self._movie)

    def __len__(self) -> int:
        """Count the bodies."""
        return len(self._films)

    def ids(self) -> list[int]:
        """List the ids of all films that have a body."""
        return list(self._films)

    def _movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the recorded body with the *parts* asked for and no others."""
        film = self._films.get(tmdb_id)
        if film is None:
            return None
        if not set(film.parts).issubset(parts):
            return self._cut_down(film, parts)
        tail = _make_empty_tail(tuple(part for part in parts if part not in film.parts))
        return seal(
            film.deflated + tail.deflated,
            zlib.crc32(tail.plain, film.crc),
            film.size_bytes + len(tail.plain),
        )

    @staticmethod
    def _cut_down(film: _Film, parts: tuple[str, ...]) -> Body:
        """Leave out the parts not asked for; rare, so it may unpack and pack."""
        plain = zlib.decompressobj(-15).decompress(film.deflated) + b"}"
        fields = msgspec.json.decode(plain, type=dict[str, msgspec.Raw])
        kept = {
            name: value
            for name, value in fields.items()
            if name not in film.parts or name in parts
        }
        tail = _make_empty_tail(tuple(part for part in parts if part not in film.parts))
        return pack(_join(kept) + tail.plain, _LEVEL)

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Give the film that has this IMDb id."""
        return self._by_imdb.get(imdb_id)

    def page(self, name: str, page: int) -> Body | None:
        """Give a recorded page of `popular`, or one derived from the bodies."""
        if name == "popular" and self._pages:
            recorded = self._pages.get(page)
            return self._empty_page(page) if recorded is None else recorded
        ids = self._charts.get(name)
        if ids is None:
            return None
        shown = ids[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        rows: list[object] = [self._rows[tmdb_id].told for tmdb_id in shown]
        return pack_json(_page(rows, page, len(ids)))

    def find(self, external_id: str) -> Body:
        """Give the film of an IMDb id, or what was recorded for another id."""
        tmdb_id = self._by_imdb.get(external_id)
        if tmdb_id is None:
            empty = pack_json(vendor.find_results([]))
            return self._others.get(f"/find/{external_id}", empty)
        row = msgspec.json.decode(self._rows[tmdb_id].told)
        return pack_json(vendor.find_results([{**row, "media_type": "movie"}]))

    def person(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give what was recorded of the person: mostly nothing, since credits tell but names."""
        del parts
        return self._others.get(f"/person/{tmdb_id}")

    @cached_property
    def _index(self) -> SearchIndex:
        return SearchIndex(map(_searchable, self._rows.values()))

    def search(self, query: str, year: int | None, page: int) -> Body:
        """Give a page of the films whose title or original title holds all words of *query*."""
        ids = self._index.find(query, year)
        shown = ids[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        return search_page(ids, [self._rows[tmdb_id].told for tmdb_id in shown], page)

    def other(self, path: str) -> Body | None:
        """Give what was recorded for any other path; films come only from bodies."""
        if path == "/configuration" and path not in self._others:
            return pack_json(CONFIGURATION)
        return self._others.get(path)

    def export_rows(
        self, day: date, first_day: date | None = None, *, is_adult: bool = False
    ) -> Iterator[ExportRow]:
        """List exactly the films that have a body; they drift as the invented ones."""
        days = days_since(first_day, day)
        for tmdb_id, row in sorted(self._rows.items()):
            if row.is_adult is is_adult:
                popularity = drift(row.popularity, tmdb_id, 0, days)
                title = row.original_title
                yield ExportRow(tmdb_id, title, popularity, row.is_video)

    def _empty_page(self, page: int) -> Body:
        """Give a page beyond what was recorded."""
        return pack_json(_page([], page, len(self._pages) * ROWS_A_PAGE))

    def _load_movies(self) -> None:
        """Read every body, keeping it packed."""
        path = self.folder / _MOVIES
        for number, line in enumerate(read_lines(path), 1):
            try:
                fields = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
                row = charts.row_of(line)
            except msgspec.MsgspecError as error:
                raise UsageError(
                    f"{path}, line {number}: no body of a film ({error})",
                    hint="A recording holds one JSON object of /movie/{id} a line.",
                ) from error
            self._films[row.tmdb_id] = _pack_film(fields)
            self._rows[row.tmdb_id] = row
            if row.imdb_id:
                self._by_imdb[row.imdb_id] = row.tmdb_id


class _Titled(msgspec.Struct):
    """What of a row is not in it yet."""

    title: str | None = None


def _searchable(row: charts.Row) -> Searchable:
    """Give a recorded film as a search finds it."""
    title = msgspec.json.decode(row.told, type=_Titled).title
    year = row.release_date[:4]
    titles = frozenset(filter(None, (title, row.original_title)))
    is_year = year.isdecimal()
    return Searchable(
        row.tmdb_id, row.popularity, int(year) if is_year else None, titles
    )


class _Tail(msgspec.Struct, frozen=True):
    """The end of a body: empty parts and the last brace."""

    plain: bytes
    deflated: bytes


@lru_cache(256)
def _make_empty_tail(parts: tuple[str, ...]) -> _Tail:
    """Write *parts* as TMDB writes them when they hold nothing, and close the body."""
    told = {part: vendor.EMPTY_PARTS[part] for part in parts}
    inner = msgspec.json.encode(told)[1:-1]
    plain = (b"," + inner if inner else b"") + b"}"
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return _Tail(plain, squeeze.compress(plain) + squeeze.flush())


def _join(fields: dict[str, msgspec.Raw]) -> bytes:
    """Write an object from its fields as recorded, leaving the last brace open."""
    inner = b",".join(
        msgspec.json.encode(name) + b":" + bytes(value)
        for name, value in fields.items()
    )
    return b"{" + inner


def _pack_film(fields: dict[str, msgspec.Raw]) -> _Film:
    """Pack a body so that more parts can be joined to its end."""
    plain = _join(fields)
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    deflated = squeeze.compress(plain) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    held = tuple(name for name in fields if name in vendor.EMPTY_PARTS)
    return _Film(deflated, zlib.crc32(plain), len(plain), held)


def _page(rows: list[object], page: int, total: int) -> dict[str, Any]:
    """Write a page of a list of *total* films."""
    return vendor.list_page(
        rows,
        page=page,
        total_results=total,
        total_pages=max(1, -(-total // ROWS_A_PAGE)),
    )


def _data_folder(folder: Path) -> Path:
    """Find the folder of bodies: the one given, or `tmdb` in it."""
    for candidate in (folder, folder / "tmdb"):
        if (candidate / _MOVIES).is_file():
            return candidate
    raise UsageError(
        f"{folder} is no recording: it has no {_MOVIES}",
        hint=f"Give the folder that holds {_MOVIES}, or the one above its tmdb/.",
    )


class _Numbered(msgspec.Struct):
    """What of a page must be known to serve it."""

    page: int


def _load_pages(path: Path) -> Iterator[tuple[int, Body]]:
    """Read the recorded pages, to be sent as they are."""
    if not path.is_file():
        return
    for line in read_lines(path):
        told = line.strip()
        try:
            page = msgspec.json.decode(told, type=_Numbered).page
        except msgspec.MsgspecError as error:
            raise UsageError(
                f"{path}: a line is no page of a list ({error})",
                hint="A recording of pages holds one JSON object with `page` a line.",
            ) from error
        yield page, pack(told, _LEVEL)


def _load_others(path: Path) -> Iterator[tuple[str, Body]]:
    """Read what was recorded of other endpoints: plain questions that were answered."""
    if not path.is_file():
        return
    for line in read_lines(path):
        try:
            seen = msgspec.json.decode(line, type=_Interaction)
        except msgspec.MsgspecError as error:
            raise UsageError(
                f"{path}: a line is no recorded request ({error})",
                hint="A recording of requests holds method, path, status and body.",
            ) from error
        is_answer = seen.method == "GET" and seen.status == HTTPStatus.OK
        if is_answer and seen.host == "api.themoviedb.org":
            plain_query = set(seen.query) <= {"external_source"}
            if plain_query:
                yield seen.path.removeprefix("/3"), pack(bytes(seen.body), _LEVEL)
