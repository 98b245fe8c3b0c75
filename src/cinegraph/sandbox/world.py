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
from cinegraph.sandbox.dice import mix, unit
from cinegraph.sandbox.drift import ExportRow, days_since, drift
from cinegraph.sandbox.films import Films, Standing
from cinegraph.sandbox.people import People
from cinegraph.sandbox.places import Places
from cinegraph.sandbox.titles import Titles

_DRIFT_SHARE = 0.5
"""
Pages that begin with the last film of the page before: 10,000 recorded rows held 9,752
films.
"""
_RECOMMENDED_GONE = 0.01
_RECOMMENDED_ALIKE = 0.7
"""Of recommendations, the share that stays in the film's cluster of taste."""
_POPULAR_FILMS = 10_000
_FILMS_AN_ADULT = 200
"""
Beside so many films there is one for adults, which no list names but the export of its
own.
"""
LIST_NAMES = ("popular", "top_rated", "now_playing", "upcoming", "trending")


class Truth:
    """What tests compare a database with: a world, or one moment of it."""

    def movie(self, tmdb_id: int) -> MovieRecord | None:
        """Give the whole film, or `None` where the id has none."""
        raise NotImplementedError

    def title(self, imdb_id: str) -> RatedTitleRecord | None:
        """Give what OMDb says of the film, or `None` where it holds no such title."""
        raise NotImplementedError

    def imdb_id_of(self, tmdb_id: int) -> str | None:
        """Give the IMDb id of a film that is there."""
        raise NotImplementedError

    def person(self, tmdb_id: int) -> PersonRecord | None:
        """Give the person as every credit names them."""
        raise NotImplementedError

    def expected(self, ids: Iterable[int]) -> dict[int, MovieRecord]:
        """Give what a database should hold after importing *ids*."""
        movies = ((tmdb_id, self.movie(tmdb_id)) for tmdb_id in set(ids))
        return {tmdb_id: movie for tmdb_id, movie in movies if movie is not None}

    def expected_titles(self, ids: Iterable[int | str]) -> dict[str, RatedTitleRecord]:
        """
        Give what a database should hold of OMDb after asking for the films *ids*.

        A film is named by its TMDb id (a number) or its IMDb id; the answer goes by
        IMDb id and leaves out what OMDb does not hold.
        """
        numbers = {i for i in ids if isinstance(i, int)}
        named = {i for i in ids if isinstance(i, str)}
        named.update(filter(None, map(self.imdb_id_of, numbers)))
        titles = ((imdb_id, self.title(imdb_id)) for imdb_id in sorted(named))
        return {imdb_id: title for imdb_id, title in titles if title is not None}


class World(Truth):
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
        self.today = today
        self.total = films + films // _FILMS_AN_ADULT
        self.seed = seed
        self.base = mix(seed)
        self.places = Places(films, self.base)
        self.page_starts = self._drifting_page_starts()
        self.people = People(2 * films + 60 * min(films, _POPULAR_FILMS), seed)
        self.films = Films(films, self.base, today)
        self._titles = Titles(self.base, self.films.films_ahead)
        self._credits = Credits(self.people, self.base, self.films.tastes)
        self.summary = lru_cache(20_000)(self._summary)

    def __len__(self) -> int:
        """Count the films."""
        return self.size

    def ids(self) -> Iterator[int]:
        """List the ids of all films, ascending."""
        return (self.places.id_of(number) for number in range(self.size))

    def adult_ids(self) -> Iterator[int]:
        """List the ids of the films for adults, ascending; `ids` has none of them."""
        return map(self.places.id_of, range(self.size, self.total))

    def movie(self, tmdb_id: int) -> MovieRecord | None:
        """Give the whole film, or `None` where the id has none."""
        number = self._number_of(tmdb_id)
        if number is None:
            return None
        return self.make_movie(self.standing(number))

    def make_movie(self, standing: Standing) -> MovieRecord:
        """Give the whole film of a place in the world."""
        return self._credits.add(self.make_plain(standing), standing.popularity_rank)

    def make_plain(self, standing: Standing) -> MovieRecord:
        """Give the film of a place in the world without its credits."""
        return self.films.movie(standing, self._recommend(standing.number))

    def cluster_of(self, tmdb_id: int) -> int | None:
        """Say to which cluster of taste a film belongs, or `None` where the id has none."""
        number = self._number_of(tmdb_id)
        if number is None:
            return None
        return self.films.tastes.cluster(self.places.fame(number))

    def imdb_id_of(self, tmdb_id: int) -> str | None:
        """Give the IMDb id of a film that is there."""
        film = self.summary(tmdb_id)
        return None if film is None else film.imdb_id

    def _summary(self, tmdb_id: int) -> MovieRecord | None:
        """Give the film as lists show it: no credits, videos or other parts."""
        number = self._number_of(tmdb_id)
        if number is None:
            return None
        return self.films.summary(self.standing(number))

    def person(self, tmdb_id: int) -> PersonRecord | None:
        """Give the person as every credit names them."""
        return self.people.find(tmdb_id)

    def find_person(self, imdb_id: str) -> PersonRecord | None:
        """Find the person who has this IMDb id."""
        return self.people.find_imdb(imdb_id)

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Find the film that has this IMDb id."""
        number = self._number_of_imdb(imdb_id)
        return None if number is None else self.places.id_of(number)

    def title(self, imdb_id: str) -> RatedTitleRecord | None:
        """Give what OMDb says of the film, or `None` where it holds no such title."""
        number = self._number_of_imdb(imdb_id)
        if number is None:
            return None
        return self.make_title(self.standing(number))

    def named(self, imdb_id: str) -> MovieRecord | None:
        """Give the film of a title at OMDb, as lists show it."""
        number = self._number_of_imdb(imdb_id)
        return None if number is None else self.summary(self.places.id_of(number))

    def make_title(self, standing: Standing) -> RatedTitleRecord | None:
        """Give what OMDb says of the film of a place in the world."""
        return self._titles.title(self.films.summary(standing), standing)

    def imdb_ratings(self) -> Iterator[tuple[str, float, int]]:
        """List id, rating and votes of every title IMDb's users voted on, by id."""
        places = sorted((self.places.imdb_place(n), n) for n in range(self.size))
        for _, number in places:
            imdb_id = self.places.imdb_id(number)
            if imdb_id is None:
                continue
            rating = self._titles.imdb_rating(
                number, self.places.fame(number), self.places.by_date.rank(number)
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
        first, end = (self.size, self.total) if is_adult else (0, self.size)
        listing, fame = self.films.listing, self.places.fame
        for number in range(first, end):
            title, popularity, is_video = listing(number, fame(number))
            popularity = drift(popularity, number, self.base, days)
            yield ExportRow(self.places.id_of(number), title, popularity, is_video)

    def popular_ids(self, page: int) -> tuple[int, ...]:
        """List the films of a page of `popular`; pages overlap a little, as TMDB's."""
        return self.list_ids("popular", page)

    def list_ids(self, name: str, page: int) -> tuple[int, ...]:
        """List the films of a page, 1 to 500, of a list; it may be empty."""
        start = self.page_starts[page - 1]
        ranks = range(start, min(start + ROWS_A_PAGE, self.list_length(name)))
        return tuple(self.places.id_of(self.number_at(name, rank)) for rank in ranks)

    def list_length(self, name: str) -> int:
        """Count the films of a list; its 500 pages may not show them all."""
        if name == "trending":
            return self.places.by_trend.size
        released_from = self.films.films_ahead
        if name == "upcoming":
            return released_from
        if name == "now_playing":
            return min(self.films.films_playing, self.size - released_from)
        return self.size

    def number_at(self, name: str, rank: int) -> int:
        """Say which film has this rank in the list."""
        match name:
            case "top_rated":
                return self.places.by_rating.at(rank)
            case "now_playing":
                return self.places.by_date.at(rank + self.films.films_ahead)
            case "upcoming":
                return self.places.by_date.at(self.films.films_ahead - 1 - rank)
            case "trending":
                return self.places.by_popularity.at(self.places.by_trend.at(rank))
            case _:
                return self.places.by_popularity.at(rank)

    def standing(self, number: int) -> Standing:
        """Collect what a film's place in the world is."""
        return Standing(
            tmdb_id=self.places.id_of(number),
            number=number,
            imdb_id=self.places.imdb_id(number),
            popularity_rank=self.places.fame(number),
            rating_rank=self.places.by_rating.rank(number),
            date_rank=self.places.by_date.rank(number),
            is_adult=number >= self.size,
        )

    def _number_of_imdb(self, imdb_id: str) -> int | None:
        """Find the film of an IMDb id, as `_number_of` does of a TMDb id."""
        number = self.places.number_of_imdb(imdb_id)
        return number if number is not None and number < self.total else None

    def _number_of(self, tmdb_id: int) -> int | None:
        """Find the film of an id."""
        number = self.places.number_of(tmdb_id)
        return number if number is not None and number < self.total else None

    def _recommend(self, number: int) -> tuple[int, ...]:
        """Choose similar films, popular ones rather; a few of them exist no longer."""
        found: dict[int, None] = {}
        count = int(22 * unit(self.base, 6, number) ** 2) - 1
        cluster = self.films.tastes.cluster(self.places.fame(number))
        for place in range(max(count, 0)):
            drawn = unit(self.base, 7, number, place)
            rank = int(self.size * drawn**4)
            if unit(self.base, 14, number, place) < _RECOMMENDED_ALIKE:
                near = self.films.tastes.near(rank, cluster)
                rank = near if near < self.size else rank
            other = self.places.by_popularity.at(rank)
            gone = unit(self.base, 8, number, place) < _RECOMMENDED_GONE
            found[self.places.gap_near(other) if gone else self.places.id_of(other)] = (
                None
            )
        found.pop(self.places.id_of(number), None)
        return tuple(found)

    def _drifting_page_starts(self) -> tuple[int, ...]:
        """Say with which rank each page begins."""
        starts = []
        drifted = 0
        for page in range(LAST_PAGE):
            drifted += page > 0 and unit(self.base, 9, page) < _DRIFT_SHARE
            starts.append(page * ROWS_A_PAGE - drifted)
        return tuple(starts)
