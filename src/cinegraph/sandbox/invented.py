"""The invented world as TMDB would tell it, made when it is asked for."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache

import msgspec

from cinegraph.records.movie import MovieRecord, PersonRecord
from cinegraph.sandbox.content import (
    CONFIGURATION,
    ROWS_A_PAGE,
    Body,
    pack,
    pack_json,
)
from cinegraph.sandbox.drift import ExportRow
from cinegraph.sandbox.evolving import Moment
from cinegraph.sandbox.searching import SearchIndex, search_page, searchable_films
from cinegraph.sandbox.words import COUNTRIES, GENRES, LANGUAGES
from cinegraph.sandbox.world import LIST_NAMES, World
from cinegraph.sources.providers.omdb import sandbox as omdb
from cinegraph.sources.providers.tmdb import sandbox as vendor

_BODIES_CACHED = 4_000
"""About 40 MB: enough that the films asked for again and again cost nothing."""
_ROWS_CACHED = 30_000
"""About 20 MB; recommendations name popular films over and over."""


class InventedContent:
    """Answers from a `World` that stands still."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.imdb_ratings = world.imdb_ratings
        self._row = lru_cache(_ROWS_CACHED)(self._make_row)
        self._body = lru_cache(_BODIES_CACHED)(self._make_body)

    def export_rows(
        self, day: date, first_day: date | None = None, *, is_adult: bool = False
    ) -> Iterator[ExportRow]:
        """List the films of the export of *day*."""
        return self.world.export_rows(day, first_day, is_adult=is_adult)

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the film with its *parts*."""
        return self._body(tmdb_id, parts)

    def _make_body(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the film with its *parts*."""
        movie = self.world.movie(tmdb_id)
        if movie is None:
            return None
        return self._pack_movie(movie, parts)

    def _pack_movie(self, movie: MovieRecord, parts: tuple[str, ...]) -> Body:
        """Tell a film with its *parts*."""
        told = vendor.movie_details(movie)
        told.update(vendor.movie_parts(movie, parts, self._row))
        return pack(msgspec.json.encode(told))

    def _view(self) -> World | Moment:
        """Give the world as it is told now."""
        return self.world

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Give the film that has this IMDb id."""
        return self._view().tmdb_id_of(imdb_id)

    def page(self, name: str, page: int) -> Body | None:
        """Give a page of a list."""
        if name not in LIST_NAMES:
            return None
        view = self._view()
        rows = [self._listed(view, tmdb_id) for tmdb_id in view.list_ids(name, page)]
        total = view.list_length(name)
        return pack_json(
            vendor.list_page(
                rows,
                page=page,
                total_results=total,
                total_pages=max(1, -(-total // ROWS_A_PAGE)),
            )
        )

    def find(self, external_id: str) -> Body:
        """Give the film or the person of an IMDb id."""
        if external_id.startswith("nm"):
            person = self.world.people.find_imdb(external_id)
            people = [] if person is None else [vendor.person_row(person)]
            return pack_json(vendor.find_results(people=people))
        view = self._view()
        tmdb_id = view.tmdb_id_of(external_id)
        movie = None if tmdb_id is None else view.summary(tmdb_id)
        rows = [] if movie is None else [vendor.list_row(movie)]
        return pack_json(
            vendor.find_results([{**row, "media_type": "movie"} for row in rows])
        )

    def person(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the person with their *parts*."""
        person = self.world.person(tmdb_id)
        if person is None:
            return None
        return _pack_person(person, self.world.people.life(person), parts)

    @cached_property
    def _index(self) -> SearchIndex:
        return SearchIndex(searchable_films(self.world))

    def search(self, query: str, year: int | None, page: int) -> Body:
        """
        Give a page of the films whose titles hold all words of *query*, the most popular first.

        A world of more than 200,000 films is searched among its 50,000 most popular ones. One that goes on is
        searched by the titles it began with; what is removed is not found.
        """
        view = self._view()
        ids = self._index.find(query, year)
        shown = ids[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        rows = [self._listed(view, i) for i in shown if view.summary(i) is not None]
        return search_page(ids, rows, page)

    def other(self, path: str) -> Body | None:
        """Give the configuration or the genres."""
        if path == "/configuration":
            return pack_json(CONFIGURATION)
        if path == "/genre/movie/list":
            return pack_json({"genres": [{"id": i, "name": n} for i, n in GENRES]})
        return None

    def title(self, imdb_id: str) -> Body | None:
        """Give OMDb's body of a title, if it holds it."""
        view = self._view()
        title, movie = view.title(imdb_id), view.named(imdb_id)
        if title is None or movie is None:
            return None
        texts = {
            "Genre": ", ".join(genre.name for genre in movie.genres),
            "Plot": movie.overview or "",
            "Language": LANGUAGES.get(movie.original_language or "", ("",))[0],
            "Country": ", ".join(COUNTRIES[c.code] for c in movie.origin_countries),
            "totalSeasons": "1",
        }
        return pack_json(omdb.title_body(title, texts))

    def _listed(self, view: World | Moment, tmdb_id: int) -> object:
        """Give a film's row in a list."""
        del view
        return self._row(tmdb_id)

    def _make_row(self, tmdb_id: int) -> msgspec.Raw:
        """Give a film's row; one that no longer exists is told as it once was."""
        movie = self.world.summary(tmdb_id) or MovieRecord(
            tmdb_id=tmdb_id,
            title="Removed",
            original_title="Removed",
            original_language="en",
            popularity=0.0,
        )
        return msgspec.Raw(msgspec.json.encode(vendor.list_row(movie)))


def _pack_person(
    person: PersonRecord, life: vendor.Life, parts: tuple[str, ...]
) -> Body:
    """Tell a person with their *parts*."""
    told = vendor.person_details(person, life)
    if "external_ids" in parts:
        told["external_ids"] = vendor.person_external_ids(life)
    return pack_json(told)
