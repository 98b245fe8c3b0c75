"""How votes come in: each film at a rate of its own, well-known films faster; the same in every run. No I/O."""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import msgspec

from cinegraph.records.movie import RatingRecord
from cinegraph.sandbox.dice import unit

MEDIAN_DAYS: Final = 60.0
"""Between two changes of the film in the middle."""
SPREAD: Final = 1.5
"""Standard deviation of the rates' logarithm."""
LIKENESS: Final = 0.8
"""How far a film's rate goes with its popularity: the correlation of their normal scores (a Gaussian copula)."""
_STEP: Final = 0.004
"""Votes that come at once, as a share of those that were there when the world began."""
_WOBBLE: Final = 0.2
_MOST_A_DAY: Final = 24.0
_HIGHEST: Final = 10.0
_NORMAL: Final = NormalDist()
_EDGE: Final = 1e-9


class Votes:
    """
    The votes of a world's films as time goes on.

    Args:
        films: How many films have a rank.
        base: What all chance of the world begins with.
    """

    def __init__(self, films: int, base: int) -> None:
        self._films = max(films, 1)
        self._base = base
        self.rate = lru_cache(100_000)(self._rate)

    def _rate(self, number: int, popularity_rank: int) -> float:
        """Give how often a day the votes of a film change: log-normal over the films."""
        place = min((popularity_rank + 0.5) / self._films, 1 - _EDGE)
        known = _NORMAL.inv_cdf(1 - place)
        own = _NORMAL.inv_cdf(min(max(unit(self._base, 80, number), _EDGE), 1 - _EDGE))
        score = LIKENESS * known + math.sqrt(1 - LIKENESS**2) * own
        return min(math.exp(SPREAD * score) / MEDIAN_DAYS, _MOST_A_DAY)

    def steps(self, number: int, popularity_rank: int, days: float) -> int:
        """Count the changes in the first *days* of a film: one in each interval of its rate, at any time in it."""
        if days <= 0:
            return 0
        passed = self.rate(number, popularity_rank) * days
        whole = int(passed)
        return whole + (passed - whole >= unit(self._base, 81, number, whole))

    def drifted(
        self, rating: RatingRecord | None, number: int, steps: int
    ) -> RatingRecord | None:
        """Give a film's rating after so many changes; what nobody voted on stays so."""
        if rating is None or steps == 0:
            return rating
        votes = rating.votes or 0
        value = rating.value + _WOBBLE * (unit(self._base, 82, number, steps) - 0.5)
        return msgspec.structs.replace(
            rating,
            value=round(min(max(value, 0.0), _HIGHEST), 3),
            votes=votes + steps * max(1, round(_STEP * votes)),
        )
