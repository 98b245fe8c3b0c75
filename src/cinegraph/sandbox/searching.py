"""Which films a search names: those one of whose titles holds all its words, the most popular first. No I/O."""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from cinegraph.sandbox.content import ROWS_A_PAGE, Body, pack_json
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb import sandbox as vendor

ALL_FILMS = 200_000
"""Worlds up to this size are searched whole: their index is made within some seconds."""
POPULAR_FILMS = 50_000
"""Of a larger world the most popular are searched."""
_ALTERNATIVE_FILMS = 2_000
"""So many of the most popular films are found by alternative titles: a whole film costs fifty times its two names."""
_SEARCHES_CACHED = 1_000
_WORDS = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'\u2019`")


class Searchable(msgspec.Struct, frozen=True, gc=False):
    """A film as a search finds it."""

    tmdb_id: int
    popularity: float
    year: int | None
    titles: frozenset[str]


def fold(text: str) -> list[str]:
    """Give the words of *text* without case, accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORDS.findall(kept.casefold())


class SearchIndex:
    """
    Words of titles, and the films that have them.

    A word of a query has to be a whole word of a title, and all words have to be in one and the same title.
    """

    def __init__(self, films: Iterable[Searchable]) -> None:
        by_fame = sorted(films, key=lambda film: (-film.popularity, film.tmdb_id))
        self._ids = array("q", (film.tmdb_id for film in by_fame))
        self._years = array("h", (film.year or 0 for film in by_fame))
        self._title_owners = array("I")
        self._titles: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for place, film in enumerate(by_fame):
            for title in sorted(film.titles):
                for word in set(fold(title)):
                    self._titles[word].append(len(self._title_owners))
                self._title_owners.append(place)
        self.find = lru_cache(_SEARCHES_CACHED)(self._find)

    def _find(self, query: str, year: int | None) -> tuple[int, ...]:
        """List the films that *query* names, of *year* alone if one is given."""
        words = set(fold(query))
        if not words or not all(word in self._titles for word in words):
            return ()
        lists = sorted((self._titles[word] for word in words), key=len)
        titles = set(lists[0]).intersection(*lists[1:])
        places = sorted({self._title_owners[title] for title in titles})
        return tuple(
            self._ids[place] for place in places if year in {None, self._years[place]}
        )


def searchable_films(world: World) -> Iterator[Searchable]:
    """List what of a world can be searched: up to 200,000 films all, else the 50,000 most popular; no adult's."""
    count = world.size if world.size <= ALL_FILMS else POPULAR_FILMS
    for rank in range(count):
        number = world.places.by_popularity.at(rank)
        tmdb_id = world.places.id_of(number)
        titles = set(world.films.names(number))
        if rank < _ALTERNATIVE_FILMS:
            movie = world.make_plain(world.standing(number))
            titles.update(other.title for other in movie.alternative_titles)
        day = world.films.released_on(world.places.by_date.rank(number))
        popularity = world.films.listing(number, rank)[1]
        year = None if day is None else day.year
        yield Searchable(tmdb_id, popularity, year, frozenset(titles))


def search_page(ids: tuple[int, ...], rows: list[object], page: int) -> Body:
    """Write the page with the *rows* out of all *ids* that were found."""
    total = len(ids)
    pages = max(1, -(-total // ROWS_A_PAGE))
    return pack_json(
        vendor.list_page(rows, page=page, total_results=total, total_pages=pages)
    )
