"""
An invented world that goes on: any moment of it, as a function of its seed, its size and its first day. No I/O.

`World` is what it was at the beginning. What happens since is told by a `Chronicle`; votes and popularity drift beside
it, unreported, as they do at TMDB.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

import msgspec

from cinegraph.records.movie import MovieRecord, PersonRecord
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sandbox import aspects
from cinegraph.sandbox.chronicle import Chronicle, Event, Pace, What
from cinegraph.sandbox.content import ROWS_A_PAGE
from cinegraph.sandbox.dice import dice, unit
from cinegraph.sandbox.drift import ExportRow, count_turns, drift_by
from cinegraph.sandbox.films import Standing
from cinegraph.sandbox.voting import Votes
from cinegraph.sandbox.world import Truth, World

EXPORT_HOUR = 7
"""When TMDB begins to write its exports; popularity is reckoned anew then."""
_DAY = timedelta(days=1)
_INSTANT = 1e-6
_LISTED_DAYS = 30
_PLAYING_DAYS = 45
_FILMS_CACHED = 2_000


class State(msgspec.Struct, frozen=True, gc=False):
    """How far a film has come; it tells the film entirely."""

    events: int
    vote_steps: int
    popularity_turns: int


class EvolvingWorld:
    """
    A world whose days go by.

    Args:
        films: How many films it begins with.
        seed: Two worlds of the same size, seed, first day and pace are equal at every moment.
        first_day: The day, UTC, with which it begins.
        pace: How much happens in a day.
    """

    def __init__(
        self,
        films: int = 1_240_000,
        seed: int = 1,
        *,
        first_day: date = date(2026, 9, 1),
        pace: Pace | None = None,
    ) -> None:
        self.beginning = World(films, seed, today=first_day)
        self.first_day = first_day
        self._midnight = datetime.combine(first_day, time(), UTC)
        self.chronicle = Chronicle(
            self.beginning.places,
            self.beginning.films,
            self.beginning.total,
            first_day,
            pace or Pace(),
        )
        self._votes = Votes(films, self.beginning.base)
        self._begun = lru_cache(_FILMS_CACHED)(self._make_begun)
        self.movie = lru_cache(_FILMS_CACHED)(self._make_movie)

    def at(self, moment: datetime) -> "Moment":
        """Give the world as it is at a *moment* (aware)."""
        return Moment(self, self.days_until(moment))

    def days_until(self, moment: datetime) -> float:
        """Count the days from the beginning to a *moment*."""
        return (moment - self._midnight) / _DAY

    def time_of(self, days: float) -> datetime:
        """Give the moment so many *days* after the beginning, to the second."""
        return (self._midnight + days * _DAY).replace(microsecond=0)

    def standing(self, number: int) -> Standing:
        """Collect the place in the world of a film that was ever there; IMDb's id is the one it began with."""
        begun, born = self.beginning, self.chronicle.birth(number)
        if born is None:
            return begun.standing(number)
        return Standing(
            tmdb_id=begun.places.id_of(number),
            number=number,
            imdb_id=begun.places.imdb_id(number),
            popularity_rank=int(begun.size * unit(begun.base, 83, number)),
            rating_rank=int(begun.size * unit(begun.base, 84, number)),
            # First by date: OMDb's houses have not rated it.
            date_rank=0,
            birth=born[1],
        )

    def was_added(self, number: int, days: float) -> bool:
        """Whether a film was ever there until then."""
        return 0 <= number < self.beginning.total + self.chronicle.births(days)

    def state(self, number: int, days: float) -> State | None:
        """Say how far a film has come; None: it is not there."""
        if (
            not self.was_added(number, days)
            or self.chronicle.gone_at(number, days) is not None
        ):
            return None
        born = self.chronicle.birth(number)
        fame = self.standing(number).popularity_rank
        return State(
            self.chronicle.count(number, days),
            self._votes.steps(number, fame, days - (born[0] if born else 0.0)),
            self.turns(number, days),
        )

    def turns(self, number: int, days: float) -> int:
        """Count how often a film's popularity has changed."""
        # A moment more: the hour itself belongs to the new day, whatever floats make of it.
        reckoned = int(max(days - EXPORT_HOUR / 24 + _INSTANT, 0.0))
        return count_turns(number, self.beginning.base, reckoned)

    def _make_movie(self, number: int, state: State) -> MovieRecord:
        """Give the whole film as it is in a state."""
        return self._become(self._begun(number), number, state)

    def summary(self, number: int, state: State) -> MovieRecord:
        """Give what a list shows of the film in a state."""
        begun = self.beginning.films.summary(self.standing(number))
        return self._become(begun, number, state)

    def first_owner(self, imdb_id: str, days: float) -> int | None:
        """Find the number of the film that first had an IMDb id: OMDb knows no other."""
        number = self.beginning.places.number_of_imdb(imdb_id)
        return number if number is not None and self.was_added(number, days) else None

    def _make_begun(self, number: int) -> MovieRecord:
        """Give the whole film as it was when it was added."""
        return self.beginning.make_movie(self.standing(number))

    def _become(self, movie: MovieRecord, number: int, state: State) -> MovieRecord:
        """Let what happened to a film happen to *movie*."""
        counts: Counter[str] = Counter()
        for place, event in enumerate(self.chronicle.first_of(number, state.events)):
            match event.what:
                case What.CHANGED:
                    movie = self._edit(movie, event, place, counts[event.aspect])
                    counts[event.aspect] += 1
                case What.IMDB:
                    movie = aspects.with_imdb_id(movie, event.imdb_id)
                case What.RELEASED:
                    movie = msgspec.structs.replace(movie, status="Released")
        base = self.beginning.base
        return msgspec.structs.replace(
            movie,
            rating=self._votes.drifted(movie.rating, number, state.vote_steps),
            popularity=drift_by(
                movie.popularity or 0.0, number, base, state.popularity_turns
            ),
        )

    def _edit(
        self, movie: MovieRecord, event: Event, place: int, count: int
    ) -> MovieRecord:
        edit = aspects.Edit(
            dice(self.beginning.base, 71, event.number, place),
            self.time_of(event.at),
            count,
            self.beginning.people,
        )
        return aspects.apply(movie, event.aspect, edit)


class Moment(Truth):
    """The world at one moment; made for each question, and kept by nobody."""

    def __init__(self, world: EvolvingWorld, days: float) -> None:
        self._world = world
        self._days = days
        self._begun = world.beginning
        self._places = world.beginning.places

    def is_live(self, tmdb_id: int) -> bool:
        """Whether there is a film with this id."""
        return self.find(tmdb_id)[1] is not None

    def ids(self) -> Iterator[int]:
        """List the ids of all films but those for adults, ascending."""
        return map(self._places.id_of, filter(self._is_there, self._numbers()))

    def gone_ids(self) -> dict[int, int | None]:
        """List the ids of films that went, and what they were merged into; None: they were removed."""
        removed: dict[int, int | None] = {}
        for event in self._world.chronicle.between(-1.0, self._days):
            if event.what is What.REMOVED:
                removed[self._places.id_of(event.number)] = None
            elif event.what is What.MERGED and event.into is not None:
                into = self._places.id_of(event.into)
                removed[self._places.id_of(event.number)] = into
        return removed

    def find(self, tmdb_id: int) -> tuple[int, State | None]:
        """Find the number of a film and how far it has come; None: there is none."""
        number = self._places.number_of(tmdb_id)
        if number is None:
            return -1, None
        return number, self._world.state(number, self._days)

    def movie(self, tmdb_id: int) -> MovieRecord | None:
        """Give the whole film, or `None` where the id has none."""
        number, state = self.find(tmdb_id)
        return None if state is None else self._world.movie(number, state)

    def summary(self, tmdb_id: int) -> MovieRecord | None:
        """Give the film as lists show it: no credits, videos or other parts."""
        number, state = self.find(tmdb_id)
        return None if state is None else self._world.summary(number, state)

    def imdb_id_of(self, tmdb_id: int) -> str | None:
        """Give the IMDb id of a film that is there."""
        film = self.summary(tmdb_id)
        return None if film is None else film.imdb_id

    def person(self, tmdb_id: int) -> PersonRecord | None:
        """Give the person as every credit names them."""
        return self._begun.person(tmdb_id)

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Find the film that has this IMDb id now."""
        number = self._world.chronicle.owner(imdb_id, self._days)
        if number is None or not self._is_there(number):
            return None
        return self._places.id_of(number)

    def title(self, imdb_id: str) -> RatedTitleRecord | None:
        """
        Give what OMDb says of an IMDb id, or `None` where it holds no such title.

        It tells of the film that first had the id, wherever TMDB has moved it.
        """
        number = self._world.first_owner(imdb_id, self._days)
        if number is None:
            return None
        return self._begun.make_title(self._world.standing(number))

    def named(self, imdb_id: str) -> MovieRecord | None:
        """Give the film of a title at OMDb, as lists showed it at first."""
        number = self._world.first_owner(imdb_id, self._days)
        if number is None:
            return None
        return self._begun.films.summary(self._world.standing(number))

    def imdb_ratings(self) -> Iterator[tuple[str, float, int]]:
        """List id, rating and votes of the titles with which the world began, by id; IMDb's stand still."""
        return self._begun.imdb_ratings()

    def export_rows(self, *, is_adult: bool = False) -> Iterator[ExportRow]:
        """List the films as an export that is written now does, ascending by id."""
        world, begun = self._world, self._begun
        for number in self._numbers(is_adult=is_adult):
            if not self._is_there(number):
                continue
            fame = (
                world.standing(number).popularity_rank
                if number >= begun.total
                else begun.places.fame(number)
            )
            title, popularity, is_video = begun.films.listing(number, fame)
            turns = world.turns(number, self._days)
            popularity = drift_by(popularity, number, begun.base, turns)
            yield ExportRow(self._places.id_of(number), title, popularity, is_video)

    def list_ids(self, name: str, page: int) -> tuple[int, ...]:
        """List the films of a page, 1 to 500, of a list; what went leaves a gap, as TMDB's pages have none of it."""
        start = self._begun.page_starts[page - 1]
        end = min(start + ROWS_A_PAGE, self.list_length(name))
        newest = self._newest(name)
        numbers = [
            newest[place]
            if place < len(newest)
            else self._at(name, place - len(newest))
            for place in range(start, end)
        ]
        return tuple(map(self._places.id_of, filter(self._is_there, numbers)))

    def list_length(self, name: str) -> int:
        """Count the films of a list; its 500 pages may not show them all."""
        begun = self._begun
        if name == "upcoming":
            return len(self._newest(name)) + self._films_ahead()
        if name == "now_playing":
            playing = min(begun.films.films_playing, begun.size - self._films_ahead())
            return len(self._newest(name)) + playing
        return begun.list_length(name)

    def _at(self, name: str, rank: int) -> int:
        """Say which of the films with which the world began has this rank in the list."""
        match name:
            case "now_playing":
                return self._places.by_date.at(rank + self._films_ahead())
            case "upcoming":
                return self._places.by_date.at(self._films_ahead() - 1 - rank)
            case _:
                return self._begun.number_at(name, rank)

    def _films_ahead(self) -> int:
        """Count the films of the beginning that are still to come."""
        films, today = self._begun.films, self._today()
        return bisect_left(
            range(films.films_ahead),
            True,  # noqa: FBT003 - what the key gives
            key=lambda rank: (films.released_on(rank) or today) <= today,
        )

    def _newest(self, name: str) -> list[int]:
        """List the films added last that a list shows first, newest first."""
        if name not in {"now_playing", "upcoming"}:
            return []
        total, today = self._begun.total, self._today()
        shown = []
        for number in reversed(
            range(total, total + self._world.chronicle.births(self._days))
        ):
            born = self._world.chronicle.birth(number)
            if born is None or born[0] < self._days - _LISTED_DAYS:
                break
            day = born[1].released_on
            if day is None:
                continue
            is_ahead = day > today
            is_playing = today - timedelta(days=_PLAYING_DAYS) < day <= today
            if is_ahead if name == "upcoming" else is_playing:
                shown.append(number)
        return shown

    def _today(self) -> date:
        return self._world.first_day + timedelta(days=int(self._days))

    def _numbers(self, *, is_adult: bool = False) -> Iterator[int]:
        """List the numbers of all films that were ever there, so that their ids ascend."""
        begun = self._begun
        if is_adult:
            return iter(range(begun.size, begun.total))
        births = self._world.chronicle.births(self._days)
        return chain(range(begun.size), range(begun.total, begun.total + births))

    def _is_there(self, number: int) -> bool:
        return (
            self._world.was_added(number, self._days)
            and self._world.chronicle.gone_at(number, self._days) is None
        )
