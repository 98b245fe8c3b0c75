"""The feed of changes of an evolving world: which films were changed in which days. No I/O."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cinegraph.sandbox.aspects import ASPECTS
from cinegraph.sandbox.chronicle import Event, What
from cinegraph.sandbox.dice import unit
from cinegraph.sandbox.evolving import EvolvingWorld

ROWS_A_PAGE = 100
LAG = timedelta(minutes=2)
"""How long after a change the feed names the film."""
_REPEATED = 0.03
"""Names that come once more on the same day without another change."""
_UNCLEAR = 0.05
"""Names of which the feed does not say whether they are for adults."""
_COLLECTIONS = 0.01
"""Ids of collections among those of films, as recorded."""
_FIRST_COLLECTION = 10
_DAYS_CACHED = 64
_LAG_DAYS = LAG / timedelta(days=1)


class Mention(NamedTuple):
    """One row of the feed."""

    at: float
    """Days since the beginning; the feed shows it `LAG` later."""
    tmdb_id: int
    is_adult: bool | None


class Feed:
    """
    What `/movie/changes` answers.

    Args:
        world: Whose changes.
        reach: Days that began longer ago are answered as if nothing had happened, as a feed that forgets does.
    """

    def __init__(self, world: EvolvingWorld, reach: timedelta) -> None:
        self._world = world
        self._reach = reach
        self._day = lru_cache(_DAYS_CACHED)(self._make_day)

    def rows(self, first: date, end: date, now: datetime) -> list[dict[str, Any]]:
        """List the rows of the days from *first* to before *end* that are shown now, newest first."""
        origin, shown = self._world.first_day, self._world.days_until(now) - _LAG_DAYS
        oldest = (now - self._reach).date()
        days = range(max((max(first, oldest) - origin).days, 0), (end - origin).days)
        found = chain.from_iterable(self._day(day) for day in days if day <= shown)
        mentions = sorted(
            (each for each in found if each.at <= shown),
            key=lambda each: (each.at, each.tmdb_id),
            reverse=True,
        )
        return [{"id": each.tmdb_id, "adult": each.is_adult} for each in mentions]

    def changes_of(
        self, tmdb_id: int, first: date, end: date, now: datetime
    ) -> list[dict[str, Any]]:
        """List what `/movie/{id}/changes` tells: by key, when it was changed."""
        world = self._world
        number = world.beginning.places.number_of(tmdb_id)
        until = world.days_until(now)
        if number is None:
            return []
        start, stop = (first - world.first_day).days, (end - world.first_day).days
        keys: dict[str, list[dict[str, Any]]] = {}
        for place, event in enumerate(
            world.chronicle.first_of(number, world.chronicle.count(number, until))
        ):
            if not start <= event.at < stop:
                continue
            for key in _keys(event):
                keys.setdefault(key, []).append(
                    {
                        "id": f"{number:012x}{place:012x}",
                        "action": "updated",
                        "time": f"{world.time_of(event.at):%Y-%m-%d %H:%M:%S} UTC",
                        "iso_639_1": "",
                        "iso_3166_1": "",
                    }
                )
        return [{"key": key, "items": items} for key, items in keys.items()]

    def _make_day(self, day: int) -> tuple[Mention, ...]:
        """List a day's names."""
        events = [
            event for event in self._world.chronicle.day(day) if event.is_reported
        ]
        return tuple(
            chain.from_iterable(self._names(day, n, e) for n, e in enumerate(events))
        )

    def _names(self, day: int, place: int, event: Event) -> list[Mention]:
        """List the rows that an event makes."""
        begun = self._world.beginning
        tmdb_id = begun.places.id_of(event.number)
        is_adult = begun.size <= event.number < begun.total
        drawn = unit(begun.base, 90, day, place)
        unclear = unit(begun.base, 91, day, place) < _UNCLEAR
        mentions = [Mention(event.at, tmdb_id, None if unclear else is_adult)]
        if drawn < _REPEATED:
            again = event.at + (day + 1 - event.at) * (drawn / _REPEATED)
            mentions.append(Mention(again, tmdb_id, is_adult))
        elif drawn > 1 - _COLLECTIONS:
            series = _FIRST_COLLECTION + event.number // 24
            mentions.append(Mention(event.at, series, is_adult=False))
        return mentions


def _keys(event: Event) -> tuple[str, ...]:
    """Give TMDB's names of what an event changes."""
    match event.what:
        case What.CHANGED:
            return ASPECTS[event.aspect].keys
        case What.IMDB:
            return ("imdb_id",)
        case What.RELEASED:
            return ("status",)
        case What.ADDED:
            return ("general",)
        case _:
            return ()
