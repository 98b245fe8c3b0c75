"""
How often each film's votes change: what films like it do, corrected by what was seen of it; pure.

A look at a film tells whether its votes moved since the look before, not how often. From such looks the rate of change
is reckoned by J. Cho and H. Garcia-Molina, "Estimating frequency of change" (ACM Transactions on Internet Technology 3,
2003; looks at any time, the last change is not known): the rate λ is the one under which what was seen is most likely,

    Σ over looks that found a move  t / (1 - e^(-λt))  =  Σ over all looks  t

where t are the days between two looks. All that was seen of a film is kept as three sums, so t is their mean there. A
film with little history borrows from films of its popularity and age: a Gamma prior is the same as having seen so many
moves in so many days before. It also takes away the bias that they remove by adding half a move.
"""

import math
from typing import Final

import msgspec

PRIOR_MOVES: Final = 0.5
"""
What is borrowed weighs as much as half a move that was seen: films alike in popularity and age still differ tenfold.
Of 0.5, 1 and 2 it left the fewest stale film-hours (benchmarks/freshness.py), whether or not popularity tells the rate.
"""
_STEPS = 8
"""Of Newton's method, which at a concave function comes from one side, and doubles its digits."""


class Rate(msgspec.Struct, frozen=True):
    """A rate of change that is known only so well: a Gamma distribution."""

    moves: float
    """Its shape: as if so many changes had been seen …"""
    days: float
    """… in so many days of watching."""

    @property
    def per_day(self) -> float:
        """The mean."""
        return self.moves / self.days


class Seen(msgspec.Struct, frozen=True):
    """What looks at a film found, summed; as the ledger keeps it."""

    watched_days: float = 0.0
    """Between looks at its votes."""
    moves: float = 0.0
    """Looks that found them moved."""
    moved_days: float = 0.0
    """Between those and the looks before them."""


class Pace(msgspec.Struct, frozen=True):
    """What films of a popularity and age do: log-linear, and the same for all films."""

    base: float = math.log(1 / 60)
    """Natural logarithm of the changes a day of an old film of popularity 1."""
    by_popularity: float = 0.5
    """What a unit of the popularity's natural logarithm adds."""
    young: float = 0.5
    """What a release in the last or next months adds."""


DEFAULT_PACE = Pace()
"""Until the deployment has seen films move: a change in 60 days at popularity 1, in 13 at 20; `fit` finds its own."""
_LEAST_POPULARITY = 0.1
"""Of lower ones TMDB's figure says nothing."""
_BELIEF = Pace(base=3.0, by_popularity=3.0, young=3.0)
"""How many moves outweigh each default."""


class Kin(msgspec.Struct, frozen=True):
    """Films alike in popularity and age, and what was seen of them, summed."""

    popularity: float
    is_young: bool
    """Whether it came out in the last months: its votes move more than its popularity tells."""
    seen: Seen


def prior(popularity: float | None, *, is_young: bool, pace: Pace) -> Rate:
    """Return what is expected of a film that nobody has watched."""
    per_day = math.exp(_dot(pace, _features(popularity, is_young=is_young)))
    return Rate(PRIOR_MOVES, PRIOR_MOVES / per_day)


def learn(expected: Rate, seen: Seen) -> Rate:
    """Return what is known of a film's rate of change after having watched it."""
    moves = expected.moves + seen.moves
    watched = expected.days + max(seen.watched_days, 0.0)
    per_day = expected.moves / watched
    # The ledger's sums are rounded each by itself: of two that are equal the part may come out greater than the whole.
    moved_days = min(seen.moved_days, seen.watched_days)
    if seen.moves > 0 and moved_days > 0:
        mean_days = moved_days / seen.moves
        for _ in range(_STEPS):
            changes, slope = _changes(per_day * mean_days)
            excess = per_day * watched - seen.moves * changes - expected.moves
            per_day -= excess / (watched - moved_days * slope)
    # Of two changes between two looks one is known: the mean is the estimate, the certainty that of the moves seen.
    return Rate(moves, moves / per_day)


def note(seen: Seen, days: float, *, is_moved: bool) -> Seen:
    """Return what is known after one more look, so many days after the one before."""
    return Seen(
        seen.watched_days + days,
        seen.moves + is_moved,
        seen.moved_days + days * is_moved,
    )


def fit(kin: list[Kin], default: Pace = DEFAULT_PACE) -> Pace:
    """
    Return what films of a popularity and age do by what was seen of them.

    Least squares of the logarithms, each kind of film weighing as many moves as were seen of it; the default counts as
    some moves too, so that a few films do not overturn it.
    """
    matrix = [
        [weight if row == column else 0.0 for column in range(3)]
        for row, weight in enumerate(_numbers(_BELIEF))
    ]
    sums = [0.0, 0.0, 0.0]
    for each in kin:
        features = _features(each.popularity, is_young=each.is_young)
        expected = Rate(0.5, 0.5 / math.exp(_dot(default, features)))
        surprise = math.log(learn(expected, each.seen).per_day / expected.per_day)
        # A kind of film that never moves tells as much as one that did once.
        weight = max(each.seen.moves, min(each.seen.watched_days * expected.per_day, 1))
        for row in range(3):
            sums[row] += weight * features[row] * surprise
            for column in range(3):
                matrix[row][column] += weight * features[row] * features[column]
    return Pace(*map(sum, zip(_numbers(default), _solve(matrix, sums), strict=True)))


_TINY = 1e-3
"""Below this x / (1 - e^(-x)) is 1 + x / 2 to seven digits."""


def _changes(x: float) -> tuple[float, float]:
    """Return how many changes there were where there was at least one and *x* are expected, and its derivative."""
    if x < _TINY:
        return 1 + x / 2, 0.5
    missed = -math.expm1(-x)
    return x / missed, (missed - x * (1 - missed)) / missed**2


def _features(
    popularity: float | None, *, is_young: bool
) -> tuple[float, float, float]:
    known = popularity if popularity is not None and math.isfinite(popularity) else 0.0
    return 1.0, math.log(max(known, _LEAST_POPULARITY)), float(is_young)


def _numbers(pace: Pace) -> tuple[float, float, float]:
    return pace.base, pace.by_popularity, pace.young


def _dot(pace: Pace, features: tuple[float, float, float]) -> float:
    return sum(
        factor * feature
        for factor, feature in zip(_numbers(pace), features, strict=True)
    )


def _solve(matrix: list[list[float]], sums: list[float]) -> list[float]:
    """Solve three equations, positive definite, by Gauss-Jordan."""
    rows = [[*row, value] for row, value in zip(matrix, sums, strict=True)]
    for pivot in range(3):
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(3):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [
                    value - factor * unit
                    for value, unit in zip(rows[other], rows[pivot], strict=True)
                ]
    return [row[3] for row in rows]
