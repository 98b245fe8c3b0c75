"""The invented world as TMDB would tell it, made when it is asked for."""

from functools import lru_cache

import msgspec

from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox.content import (
    CONFIGURATION,
    ROWS_A_PAGE,
    Body,
    pack,
    pack_json,
)
from cinegraph.sandbox.words import COUNTRIES, GENRES, LANGUAGES
from cinegraph.sandbox.world import LIST_NAMES, World
from cinegraph.sources.providers.omdb import sandbox as omdb
from cinegraph.sources.providers.tmdb import sandbox as vendor

_BODIES_CACHED = 4_000
"""About 40 MB: enough that the films asked for again and again cost nothing."""
_ROWS_CACHED = 30_000
"""About 20 MB; recommendations name popular films over and over."""


class InventedContent:
    """Answers from a `World`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.export_rows = world.export_rows
        self.imdb_ratings = world.imdb_ratings
        self._row = lru_cache(_ROWS_CACHED)(self._make_row)
        self.movie = lru_cache(_BODIES_CACHED)(self._make_movie)

    def _make_movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the film with its *parts*."""
        movie = self.world.movie(tmdb_id)
        if movie is None:
            return None
        told = vendor.movie_details(movie)
        told.update(vendor.movie_parts(movie, parts, self._row))
        return pack(msgspec.json.encode(told))

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Give the film that has this IMDb id."""
        return self.world.tmdb_id_of(imdb_id)

    def page(self, name: str, page: int) -> Body | None:
        """Give a page of a list."""
        if name not in LIST_NAMES:
            return None
        rows: list[object] = [
            self._row(tmdb_id) for tmdb_id in self.world.list_ids(name, page)
        ]
        total = self.world.list_length(name)
        return pack_json(
            vendor.list_page(
                rows,
                page=page,
                total_results=total,
                total_pages=max(1, -(-total // ROWS_A_PAGE)),
            )
        )

    def find(self, external_id: str) -> Body:
        """Give the film of an IMDb id; people of the invented world have none."""
        tmdb_id = self.world.tmdb_id_of(external_id)
        movie = None if tmdb_id is None else self.world.summary(tmdb_id)
        rows = [] if movie is None else [vendor.list_row(movie)]
        return pack_json(
            vendor.find_results([{**row, "media_type": "movie"} for row in rows])
        )

    def other(self, path: str) -> Body | None:
        """Give the configuration or the genres."""
        if path == "/configuration":
            return pack_json(CONFIGURATION)
        if path == "/genre/movie/list":
            return pack_json({"genres": [{"id": i, "name": n} for i, n in GENRES]})
        return None

    def title(self, imdb_id: str) -> Body | None:
        """Give OMDb's body of a title, if it holds it."""
        tmdb_id = self.world.tmdb_id_of(imdb_id)
        title = self.world.title(imdb_id)
        movie = None if tmdb_id is None else self.world.summary(tmdb_id)
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
