"""How popularity changes from day to day: a few films each day, the same in every run. No I/O."""

from datetime import date
from typing import NamedTuple

from cinegraph.sandbox.dice import mix, unit

_DAYS_BETWEEN = 50
"""A film's popularity changes every so many days, so one film in fifty has a new one each day."""
_SPREAD = 0.1


class ExportRow(NamedTuple):
    """A film as the daily export lists it."""

    tmdb_id: int
    original_title: str
    popularity: float
    is_video: bool


def count_turns(key: int, seed: int, days: int) -> int:
    """Count how often the popularity of the film *key* has changed in so many *days*."""
    return (days + mix(seed ^ key ^ 0xDA) % _DAYS_BETWEEN) // _DAYS_BETWEEN


def drift_by(popularity: float, key: int, seed: int, turns: int) -> float:
    """Give a film's popularity after so many changes: within a tenth of where it began."""
    if turns == 0:
        return popularity
    return round(popularity * (1 + _SPREAD * (2 * unit(seed, 41, key, turns) - 1)), 4)


def drift(popularity: float, key: int, seed: int, days: int) -> float:
    """
    Give a film's popularity so many *days* after the first day, on which it is *popularity*.

    The film is told by *key*; what it drifts to is within a tenth of where it began.
    """
    return drift_by(popularity, key, seed, count_turns(key, seed, days))


def days_since(first_day: date | None, day: date) -> int:
    """Count the days; without a first day *day* is it."""
    return 0 if first_day is None else (day - first_day).days
