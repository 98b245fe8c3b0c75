"""The invented world as TMDB would tell it, made when it is asked for."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain

import msgspec

from cinegraph.records.movie import MovieRecord, PersonRecord
from cinegraph.sandbox.awards.awarded import AwardedWorld
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
from cinegraph.sandbox.user_lists import invent_rows
from cinegraph.sandbox.words import COUNTRIES, GENRES, LANGUAGES
from cinegraph.sandbox.world import LIST_NAMES, World
from cinegraph.sources.providers.omdb import sandbox as omdb
from cinegraph.sources.providers.tmdb import sandbox as vendor

_BODIES_CACHED = 4_000
"""About 40 MB: enough that the films asked for again and again cost nothing."""
_ROWS_CACHED = 30_000
"""About 20 MB; recommendations name popular films over and over."""


class InventedContent:
    """
    Answers from a `World` that stands still.

    Args:
        world: What is told.
        awarded: Made on top of *world*: its films and people are told first.
    """

    def __init__(self, world: World, awarded: AwardedWorld | None = None) -> None:
        self.world = world
        self.awarded = awarded
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
        if self._is_awarded(tmdb_id):
            return self._body(tmdb_id, parts)
        return self._movie(tmdb_id, parts)

    def _movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the film of the seeded world."""
        return self._body(tmdb_id, parts)

    def _make_body(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        movie = (self.awarded or self.world).movie(tmdb_id)
        if movie is None:
            return None
        return self._pack_movie(movie, parts)

    def _is_awarded(self, tmdb_id: int) -> bool:
        return self.awarded is not None and self.awarded.has_film(tmdb_id)

    def _owner(self, imdb_id: str) -> World | Moment | AwardedWorld:
        """Say who tells of an IMDb id of a film."""
        if self.awarded is not None and self.awarded.claims(imdb_id):
            return self.awarded
        return self._view()

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
        return self._owner(imdb_id).tmdb_id_of(imdb_id)

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

    def user_list_rows(self, number: int) -> Sequence[msgspec.Raw] | None:
        """Give all rows of a list that a user keeps."""
        return invent_rows(number, self.world.list_ids, self._row)

    def find(self, external_id: str) -> Body:
        """Give the film, the person or the TV show of an IMDb id."""
        if external_id.startswith("nm"):
            return self._find_person(external_id)
        view = self._owner(external_id)
        tmdb_id = view.tmdb_id_of(external_id)
        shows = self.awarded and self.awarded.show(external_id)
        rows = [] if tmdb_id is None else [self._find_row(tmdb_id)]
        told = vendor.find_results(
            rows, shows=[vendor.show_row(shows)] if shows else []
        )
        return pack_json(told)

    def _find_row(self, tmdb_id: int) -> object:
        movie = self._summary(tmdb_id)
        assert movie is not None  # noqa: S101 - who has an IMDb id is there
        return {**vendor.list_row(movie), "media_type": "movie"}

    def _find_person(self, imdb_id: str) -> Body:
        person = (self.awarded or self.world).find_person(imdb_id)
        if person is None:
            return pack_json(vendor.find_results())
        films = self.awarded.known_for(person.tmdb_id) if self.awarded else ()
        known_for = [{**vendor.list_row(film), "media_type": "movie"} for film in films]
        row = vendor.person_row(person, known_for)
        return pack_json(vendor.find_results(people=[row]))

    def _summary(self, tmdb_id: int) -> MovieRecord | None:
        """Give a film as lists show it, if it is there."""
        if self.awarded is not None and self.awarded.has_film(tmdb_id):
            return self.awarded.movie(tmdb_id)
        return self._view().summary(tmdb_id)

    def person(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the person with their *parts*."""
        person = (self.awarded or self.world).person(tmdb_id)
        if person is None:
            return None
        life = (self.awarded or self.world.people).life(person)
        return _pack_person(person, life, parts)

    @cached_property
    def _index(self) -> SearchIndex:
        awarded = () if self.awarded is None else self.awarded.searchable()
        return SearchIndex(chain(searchable_films(self.world), awarded))

    def search(self, query: str, year: int | None, page: int) -> Body:
        """
        Give a page of the films whose titles hold all words of *query*, the most popular first.

        A world of more than 200,000 films is searched among the awarded and its 50,000 most popular ones. One that goes
        on is searched by the titles it began with; what was removed since is left out of its page.
        """
        ids = self._index.find(query, year)
        shown = ids[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        movies = filter(None, map(self._summary, shown))
        return search_page(ids, [vendor.list_row(movie) for movie in movies], page)

    def other(self, path: str) -> Body | None:
        """Give the configuration or the genres."""
        if path == "/configuration":
            return pack_json(CONFIGURATION)
        if path == "/genre/movie/list":
            return pack_json({"genres": [{"id": i, "name": n} for i, n in GENRES]})
        return None

    def title(self, imdb_id: str) -> Body | None:
        """Give OMDb's body of a title, if it holds it."""
        view = self._owner(imdb_id)
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
