"""
An invented film world: films derived from the seed and their id, not stored.

A film has a *number* (0…films-1) and four ranks, by popularity, rating, date and trend.
Ids and ranks are one-to-one with numbers and can be asked in both directions, so a
list's page, a film's details and `/find` agree by construction.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from cinegraph.records.movie import MovieRecord, PersonRecord
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sandbox.content import LAST_PAGE, ROWS_A_PAGE
from cinegraph.sandbox.credits import Credits
from cinegraph.sandbox.dice import Shuffle, mix, unit
from cinegraph.sandbox.drift import ExportRow, days_since, drift
from cinegraph.sandbox.films import Films, Standing
from cinegraph.sandbox.people import People
from cinegraph.sandbox.titles import Titles

_BLOCK_IDS = 5
_BLOCK_FILMS = 4
"""Of five ids in a row one has no film, as in TMDB's numbering."""
_IMDB_PRIME = 9_999_991
"""
Largest prime of seven digits: IMDb numbers are a one-to-one scattering of film numbers
over them.
"""
_LONG_IMDB_PRIME = 999_999_937
_TRENDING_FILMS = 2_000
_DRIFT_SHARE = 0.5
"""
Pages that begin with the last film of the page before: 10,000 recorded rows held 9,752
films.
"""
_RECOMMENDED_GONE = 0.01
_POPULAR_FILMS = 10_000
_FILMS_AN_ADULT = 200
"""
Beside so many films there is one for adults, which no list names but the export of its
own.
"""
LIST_NAMES = ("popular", "top_rated", "now_playing", "upcoming", "trending")


class World:
    """
    The films, people and lists of one seed: what tests compare a database with.

    Args:
        films: How many films there are, exactly; those for adults come on top.
        seed: Two worlds of the same size and seed are equal.
        today: What has been released and what is still to come.
    """

    def __init__(
        self, films: int = 1_240_000, seed: int = 1, *, today: date = date(2026, 9, 1)
    ) -> None:
        self.size = films
        self._total = films + films // _FILMS_AN_ADULT
        self.seed = seed
        self._base = mix(seed)
        self._by_popularity = Shuffle(films, self._base ^ 1)
        self._by_rating = Shuffle(films, self._base ^ 2)
        self._by_date = Shuffle(films, self._base ^ 3)
        self._by_trend = Shuffle(min(films, _TRENDING_FILMS), self._base ^ 4)
        self._imdb = Shuffle(
            _IMDB_PRIME if films < _IMDB_PRIME // 2 else _LONG_IMDB_PRIME, self._base
        )
        self._page_starts = self._drifting_page_starts()
        self.people = People(2 * films + 60 * min(films, _POPULAR_FILMS), seed)
        self._films = Films(films, self._base, today)
        self._titles = Titles(self._base, self._films.films_ahead)
        self._credits = Credits(self.people, self._base)
        self.summary = lru_cache(20_000)(self._summary)

    def __len__(self) -> int:
        """Count the films."""
        return self.size

    def ids(self) -> Iterator[int]:
        """List the ids of all films, ascending."""
        return (self._id_of(number) for number in range(self.size))

    def adult_ids(self) -> Iterator[int]:
        """List the ids of the films for adults, ascending; `ids` has none of them."""
        return map(self._id_of, range(self.size, self._total))

    def movie(self, tmdb_id: int) -> MovieRecord | None:
        """Give the whole film, or `None` where the id has none."""
        number = self._number_of(tmdb_id)
        if number is None:
            return None
        return self._credits.add(
            self._films.movie(self._standing(number, tmdb_id), self._recommend(number)),
            self._fame(number),
        )

    def _summary(self, tmdb_id: int) -> MovieRecord | None:
        """Give the film as lists show it: no credits, videos or other parts."""
        number = self._number_of(tmdb_id)
        if number is None:
            return None
        return self._films.summary(self._standing(number, tmdb_id))

    def person(self, tmdb_id: int) -> PersonRecord | None:
        """Give the person as every credit names them."""
        return self.people.find(tmdb_id)

    def expected(self, ids: Iterable[int]) -> dict[int, MovieRecord]:
        """Give what a database should hold after importing *ids*."""
        movies = ((tmdb_id, self.movie(tmdb_id)) for tmdb_id in set(ids))
        return {tmdb_id: movie for tmdb_id, movie in movies if movie is not None}

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Find the film that has this IMDb id."""
        number = self._number_of_imdb(imdb_id)
        return None if number is None else self._id_of(number)

    def title(self, imdb_id: str) -> RatedTitleRecord | None:
        """Give what OMDb says of the film, or `None` where it holds no such title."""
        number = self._number_of_imdb(imdb_id)
        if number is None:
            return None
        standing = self._standing(number, self._id_of(number))
        return self._titles.title(self._films.summary(standing), standing)

    def expected_titles(self, ids: Iterable[int | str]) -> dict[str, RatedTitleRecord]:
        """
        Give what a database should hold of OMDb after asking for the films *ids*.

        A film is named by its TMDb id (a number) or its IMDb id; the answer goes by
        IMDb id and leaves out what OMDb does not hold.
        """
        numbers = {i for i in ids if isinstance(i, int)}
        named = {i for i in ids if isinstance(i, str)}
        films = filter(None, map(self.summary, numbers))
        named.update(film.imdb_id for film in films if film.imdb_id)
        titles = ((imdb_id, self.title(imdb_id)) for imdb_id in sorted(named))
        return {imdb_id: title for imdb_id, title in titles if title is not None}

    def imdb_ratings(self) -> Iterator[tuple[str, float, int]]:
        """List id, rating and votes of every title IMDb's users voted on, by id."""
        places = sorted((self._imdb.at(n), n) for n in range(self.size))
        for _, number in places:
            imdb_id = self._imdb_id(number)
            if imdb_id is None:
                continue
            rating = self._titles.imdb_rating(
                number, self._fame(number), self._by_date.rank(number)
            )
            if rating is not None:
                yield imdb_id, *rating

    def export_rows(
        self, day: date, first_day: date | None = None, *, is_adult: bool = False
    ) -> Iterator[ExportRow]:
        """
        List the films as the export of *day* does, ascending by id.

        On *first_day* (by default *day* itself) popularity is what `movie` says; from
        then on one film in fifty has another each day.
        """
        days = days_since(first_day, day)
        first, end = (self.size, self._total) if is_adult else (0, self.size)
        listing, fame = self._films.listing, self._fame
        for number in range(first, end):
            title, popularity, is_video = listing(number, fame(number))
            popularity = drift(popularity, number, self._base, days)
            yield ExportRow(self._id_of(number), title, popularity, is_video)

    def popular_ids(self, page: int) -> tuple[int, ...]:
        """List the films of a page of `popular`; pages overlap a little, as TMDB's."""
        return self.list_ids("popular", page)

    def list_ids(self, name: str, page: int) -> tuple[int, ...]:
        """List the films of a page, 1 to 500, of a list; it may be empty."""
        start = self._page_starts[page - 1]
        ranks = range(start, min(start + ROWS_A_PAGE, self.list_length(name)))
        return tuple(self._id_of(self._at(name, rank)) for rank in ranks)

    def list_length(self, name: str) -> int:
        """Count the films of a list; its 500 pages may not show them all."""
        if name == "trending":
            return self._by_trend.size
        released_from = self._films.films_ahead
        if name == "upcoming":
            return released_from
        if name == "now_playing":
            return min(self._films.films_playing, self.size - released_from)
        return self.size

    def _at(self, name: str, rank: int) -> int:
        """Say which film has this rank in the list."""
        match name:
            case "top_rated":
                return self._by_rating.at(rank)
            case "now_playing":
                return self._by_date.at(rank + self._films.films_ahead)
            case "upcoming":
                return self._by_date.at(self._films.films_ahead - 1 - rank)
            case "trending":
                return self._by_popularity.at(self._by_trend.at(rank))
            case _:
                return self._by_popularity.at(rank)

    def _standing(self, number: int, tmdb_id: int) -> Standing:
        """Collect what a film's place in the world is."""
        return Standing(
            tmdb_id=tmdb_id,
            number=number,
            imdb_id=self._imdb_id(number),
            popularity_rank=self._fame(number),
            rating_rank=self._by_rating.rank(number),
            date_rank=self._by_date.rank(number),
        )

    def _fame(self, number: int) -> int:
        """Give the rank by popularity; films for adults have the last."""
        return self._by_popularity.rank(number) if number < self.size else self.size

    def _number_of_imdb(self, imdb_id: str) -> int | None:
        """Find the film of an IMDb id, as `_number_of` does of a TMDb id."""
        digits = imdb_id.removeprefix("tt")
        if not digits.isdecimal() or not digits.isascii():
            return None
        number = self._imdb.rank(int(digits)) if int(digits) < self._imdb.size else -1
        if not 0 <= number < self._total or self._imdb_id(number) != imdb_id:
            return None
        return number

    def _imdb_id(self, number: int) -> str | None:
        """Give the IMDb id; among the many unpopular films every second has none."""
        rank = self._fame(number)
        share = 0.986 if rank < _POPULAR_FILMS else 0.56
        if unit(self._base, 5, number) >= share:
            return None
        return f"tt{self._imdb.at(number):07d}"

    def _recommend(self, number: int) -> tuple[int, ...]:
        """Choose similar films, popular ones rather; a few of them exist no longer."""
        found: dict[int, None] = {}
        count = int(22 * unit(self._base, 6, number) ** 2) - 1
        for place in range(max(count, 0)):
            drawn = unit(self._base, 7, number, place)
            other = self._by_popularity.at(int(self.size * drawn**4))
            gone = unit(self._base, 8, number, place) < _RECOMMENDED_GONE
            found[self._gap_near(other) if gone else self._id_of(other)] = None
        found.pop(self._id_of(number), None)
        return tuple(found)

    def _missing(self, block: int) -> int:
        """Say which of a block's ids has no film."""
        return mix(self._base ^ (block << 8)) % _BLOCK_IDS

    def _id_of(self, number: int) -> int:
        """Give the id of a film."""
        block, place = divmod(number, _BLOCK_FILMS)
        return 1 + block * _BLOCK_IDS + place + (place >= self._missing(block))

    def _gap_near(self, number: int) -> int:
        """Give the id near a film that has none."""
        block = number // _BLOCK_FILMS
        return 1 + block * _BLOCK_IDS + self._missing(block)

    def _number_of(self, tmdb_id: int) -> int | None:
        """Find the film of an id."""
        block, place = divmod(tmdb_id - 1, _BLOCK_IDS)
        missing = self._missing(block) if block >= 0 else place
        number = block * _BLOCK_FILMS + place - (place > missing)
        return None if place == missing or number >= self._total else number

    def _drifting_page_starts(self) -> tuple[int, ...]:
        """Say with which rank each page begins."""
        starts = []
        drifted = 0
        for page in range(LAST_PAGE):
            drifted += page > 0 and unit(self._base, 9, page) < _DRIFT_SHARE
            starts.append(page * ROWS_A_PAGE - drifted)
        return tuple(starts)
