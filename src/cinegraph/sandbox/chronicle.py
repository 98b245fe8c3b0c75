"""
What happens in an invented world as its days go by: which film when, the same in every run. No I/O.

A day's events follow from the seed, the world's size and the days before it. They are drawn when they are first asked
for and kept: going back in time reads them again.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from cinegraph.sandbox.aspects import ASPECTS
from cinegraph.sandbox.dice import dice
from cinegraph.sandbox.films import Birth, Films
from cinegraph.sandbox.places import Places

_FAME_POWER = 2.0
"""How much more often well-known films change: one change in five is of the first 4 % by popularity."""
_YOUNG_SHARE = 0.1
"""Of all changes, those of films that were added since the world began; they are still being described."""
_ADULT_SHARE = 0.005
_RELEASE_SPREAD_DAYS = 300
_TRIES = 20
_REMOVAL_REPORTED = 0.5
_EXCHANGED = 0.25
_DATED = 0.9
_AHEAD = 0.6


class What(StrEnum):
    """What can happen to a film."""

    ADDED = "added"
    CHANGED = "changed"
    RELEASED = "released"
    REMOVED = "removed"
    MERGED = "merged"
    IMDB = "imdb"
    """It has another IMDb id from then on, or none."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened to one film."""

    at: float
    """Days since the midnight, UTC, with which the first day began."""
    number: int
    what: What
    aspect: str = ""
    """Of `CHANGED`: what of the film; a key of `ASPECTS`."""
    imdb_id: str | None = None
    """Of `IMDB`."""
    into: int | None = None
    """Of `MERGED`: the number of the film that is the same."""
    is_reported: bool = True
    """Whether the feed of changes names the film for it."""


class Pace(msgspec.Struct, frozen=True):
    """How much happens in a day, as shares of the films with which the world began."""

    changed: float = 0.008
    """72 to 118 pages of 100 names were recorded of a day, of 1.24 million films."""
    added: float = 0.0005
    removed: float = 0.00015
    merged: float = 0.00005
    moved: float = 0.00004
    """IMDb ids that go to another film; every fourth time two films exchange theirs."""

    def times(self, factor: float) -> "Pace":
        """Let *factor* times as much happen."""
        return Pace(*(getattr(self, name) * factor for name in self.__struct_fields__))


class _State:
    """Who there is after the days that are drawn."""

    def __init__(
        self, places: Places, films: Films, total: int, first_day: date
    ) -> None:
        self.places = places
        self.total = total
        self.first_day = first_day
        self.births: list[tuple[float, Birth]] = []
        self.gone: dict[int, float] = {}
        self.imdb: dict[int, str | None] = {}
        self.owners: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
        self.releases: defaultdict[int, list[int]] = defaultdict(list)
        for rank in range(films.films_ahead):
            released_on = films.released_on(rank)
            if released_on is not None:
                day = (released_on - first_day).days
                self.releases[day].append(places.by_date.at(rank))

    def imdb_id(self, number: int) -> str | None:
        """Give the IMDb id that a film has."""
        return self.imdb[number] if number in self.imdb else self.places.imdb_id(number)


class Chronicle:
    """
    The events of a world.

    Args:
        places: Of the world the films are in.
        films: What they are; dates the releases to come.
        total: Films with which the world began, also those for adults, which have the last numbers.
        first_day: When it began.
        pace: How much happens.
    """

    def __init__(
        self, places: Places, films: Films, total: int, first_day: date, pace: Pace
    ) -> None:
        self._pace = pace
        self._days: list[tuple[Event, ...]] = []
        self._of: defaultdict[int, list[Event]] = defaultdict(list)
        self._state = _State(places, films, total, first_day)

    def day(self, day: int) -> tuple[Event, ...]:
        """List what happens on a day, counted from 0, in order of time."""
        while len(self._days) <= day:
            self._days.append(self._make_day(len(self._days)))
        return self._days[day] if day >= 0 else ()

    def between(self, start: float, end: float) -> Iterator[Event]:
        """List what happens after *start* and not after *end*, in order of time."""
        for day in range(max(int(start), 0), int(end) + 1):
            yield from (event for event in self.day(day) if start < event.at <= end)

    def count(self, number: int, until: float) -> int:
        """Count what happened to a film."""
        self.day(int(until))
        events = self._of.get(number, [])
        return bisect_right(events, until, key=lambda event: event.at)

    def first_of(self, number: int, count: int) -> list[Event]:
        """List the first events of a film, in order of time."""
        return self._of.get(number, [])[:count]

    def birth(self, number: int) -> tuple[float, Birth] | None:
        """Say when a film was added, in days, and how it began; None: it was there from the start, or is not drawn."""
        births, place = self._state.births, number - self._state.total
        return births[place] if 0 <= place < len(births) else None

    def births(self, until: float) -> int:
        """Count the films added."""
        self.day(int(until))
        return bisect_right(self._state.births, until, key=lambda birth: birth[0])

    def gone_at(self, number: int, until: float) -> float | None:
        """Say when a film went, removed or merged; None: it is there."""
        self.day(int(until))
        at = self._state.gone.get(number)
        return None if at is None or at > until else at

    def owner(self, imdb_id: str, until: float) -> int | None:
        """Find the number of the film that has an IMDb id, whether the film is still there or not."""
        self.day(int(until))
        changes = self._state.owners.get(imdb_id, [])
        place = bisect_right(changes, until, key=lambda change: change[0])
        return (
            changes[place - 1][1]
            if place
            else self._state.places.number_of_imdb(imdb_id)
        )

    def _make_day(self, day: int) -> tuple[Event, ...]:
        """Draw a day: what is rare comes first, and no film meets two things in a day."""
        maker = _Day(day, self._state)
        maker.add_films(self._count(self._pace.added, day))
        maker.release(self._state.releases.pop(day, []))
        maker.remove(self._count(self._pace.removed, day))
        maker.merge(self._count(self._pace.merged, day))
        maker.move_ids(self._count(self._pace.moved, day))
        maker.change(self._count(self._pace.changed, day))
        events = sorted(maker.events, key=lambda event: (event.at, event.number))
        for event in events:
            self._of[event.number].append(event)
        return tuple(events)

    def _count(self, share: float, day: int) -> int:
        """Say how often something happens on a day, so that its share is right over the days."""
        a_day = share * self._state.places.films
        return int(a_day * (day + 1)) - int(a_day * day)


class _Day:
    """One day while it is drawn."""

    def __init__(self, day: int, state: _State) -> None:
        self._state = state
        self._day = day
        self._places = state.places
        self._chance = dice(self._places.base, 70, day)
        self._touched: set[int] = set()
        self.events: list[Event] = []

    def add_films(self, count: int) -> None:
        """Add films, the first soon after midnight: their numbers are in order of time."""
        state, draw = self._state, self._chance.random
        today = state.first_day + timedelta(days=self._day)
        for at in sorted(self._day + draw() for _ in range(count)):
            ahead = int(_RELEASE_SPREAD_DAYS * (draw() - 1 + _AHEAD))
            released_on = today + timedelta(days=ahead) if draw() < _DATED else None
            number = state.total + len(state.births)
            state.births.append((at, Birth(today, released_on)))
            if released_on is not None and ahead > 0:
                state.releases[self._day + ahead].append(number)
            self._note(Event(at, number, What.ADDED))

    def release(self, numbers: list[int]) -> None:
        """Let films come out whose day it is, unless they are gone."""
        for number in numbers:
            if number not in self._state.gone:
                self._note(Event(self._draw_time(), number, What.RELEASED))

    def remove(self, count: int) -> None:
        """Remove films; the feed names half of them."""
        for _ in range(count):
            number = self._pick()
            if number is None:
                continue
            at, is_reported = (
                self._draw_time(),
                self._chance.random() < _REMOVAL_REPORTED,
            )
            self._note(Event(at, number, What.REMOVED, is_reported=is_reported))
            self._state.gone[number] = at

    def merge(self, count: int) -> None:
        """Remove films that were there twice: the one that stays takes the IMDb id."""
        for _ in range(count):
            # In a small world every film has an id: then the right one replaces it.
            twin = self._pick(has_imdb=True)
            stays = self._pick(has_imdb=False) or self._pick()
            if twin is None or stays is None:
                continue
            at = self._draw_time()
            self._note(Event(at, twin, What.MERGED, into=stays, is_reported=False))
            self._give(at, stays, self._state.imdb_id(twin))
            self._state.gone[twin] = at

    def move_ids(self, count: int) -> None:
        """Let IMDb ids that were entered wrongly go to the film they belong to."""
        for _ in range(count):
            is_exchange = self._chance.random() < _EXCHANGED
            former = self._pick(has_imdb=True)
            latter = self._pick(has_imdb=is_exchange) or self._pick(has_imdb=True)
            if former is None or latter is None:
                continue
            at = self._draw_time()
            ids = self._state.imdb_id(former), self._state.imdb_id(latter)
            self._give(at, former, ids[1])
            self._give(at, latter, ids[0])

    def change(self, count: int) -> None:
        """Let people edit films, well-known ones rather."""
        draw = self._chance.random
        names, weights = zip(*ASPECTS.items(), strict=True)
        aspects = self._chance.choices(
            names, [each.weight for each in weights], k=count
        )
        for aspect in aspects:
            number = self._pick_known(draw())
            if self._is_free(number):
                at = self._draw_time()
                self._note(Event(at, number, What.CHANGED, aspect=aspect))

    def _pick_known(self, drawn: float) -> int:
        """Draw a film to be edited."""
        state, chance = self._state, self._chance.random
        young, adult = len(state.births), state.total - self._places.films
        if drawn < _YOUNG_SHARE and young:
            return state.total + int(young * chance())
        if drawn > 1 - _ADULT_SHARE and adult:
            return self._places.films + int(adult * chance())
        rank = int(self._places.films * chance() ** _FAME_POWER)
        return self._places.by_popularity.at(rank)

    def _pick(self, *, has_imdb: bool | None = None) -> int | None:
        """Draw any film of those with which the world began; None: there is hardly one."""
        for _ in range(_TRIES):
            number = int(self._places.films * self._chance.random())
            if self._is_free(number) and (
                has_imdb is None
                or has_imdb is (self._state.imdb_id(number) is not None)
            ):
                self._touched.add(number)
                return number
        return None

    def _is_free(self, number: int) -> bool:
        return number not in self._touched and number not in self._state.gone

    def _give(self, at: float, number: int, imdb_id: str | None) -> None:
        """Let a film have an IMDb id from now on, or none."""
        self._state.imdb[number] = imdb_id
        if imdb_id is not None:
            self._state.owners[imdb_id].append((at, number))
        self._note(Event(at, number, What.IMDB, imdb_id=imdb_id))

    def _note(self, event: Event) -> None:
        self._touched.add(event.number)
        self.events.append(event)

    def _draw_time(self) -> float:
        return self._day + self._chance.random()
