"""
When a film's votes are looked at again, so that films are stale for the fewest hours at a given number of looks; pure.

A film is stale from its first change that we have not seen until the next look. The problem is that of J. Cho and
H. Garcia-Molina, "Effective page refresh policies for web crawlers" (ACM Transactions on Database Systems 28, 2003,
section 4.3): under a budget the best frequencies are those at which one look more would save the same everywhere. A
look at a film after t days, instead of none, gains it

    gain(t) = ∫₀ᵗ F(s) ds - t F(t)        F(s) = P(unchanged s days after a look)

fresh days, so each film comes due when its gain has grown to one *price*, the same for all; the price is the multiplier
of their Lagrange condition, in days. Films that change very often reach it late or never: they are stale again at once
whatever is spent on them, which is the surprising part of their result. Where the rate is not known but a Gamma
distribution of it, as in `rates`, F(s) = (1 + s / days)^-moves: what is uncertain is looked at a little sooner or later
than its mean would be, and no film is given up for a guess.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from cinegraph.sync.rates import Rate

SHORTEST_DAYS: Final = 1.0
"""No film is looked at more often than daily."""
LONGEST_DAYS: Final = 150.0
"""Then a film is fetched whole in any case: TMDB's terms."""
LONGEST_RECENT_DAYS: Final = 7.0
"""A film of these months is looked at weekly even if its votes never move: its revenue and status do."""
FIRST_SPREAD: Final = 0.9
"""A catalogue that was imported in a day would be looked at in a lump one interval later."""
SPREAD: Final = 0.1
"""Films that were looked at together come due up to so much sooner, or they would for ever come in lumps."""
DEFAULT_PRICE: Final = 4.0
"""Until films were counted: what a look a film in 30 days costs where `rates.DEFAULT_PACE` is true."""
_CHEAPEST, _DEAREST = 1e-4, 150.0
_HALVINGS = 30
_NEARLY_ONE = 1e-6
"""So near to 1 the integral's general formula is a division of nothing by nothing."""


class Bounds(msgspec.Struct, frozen=True):
    """Between how many days a film is looked at again, whatever its rate."""

    shortest: float = SHORTEST_DAYS
    longest: float = LONGEST_DAYS


class Group(msgspec.Struct, frozen=True):
    """Films of which the same is known."""

    films: int
    rate: Rate
    bounds: Bounds


def bounds(*, is_popular: bool, is_recent: bool, update_interval_days: float) -> Bounds:
    """
    Return between which intervals a film is looked at.

    Args:
        is_popular: Whether people look it up all the time: then the operator says how often, and its rate does not.
        is_recent: Whether it came out in the last months.
        update_interval_days: The interval of popular films, and the shortest of recent ones.
    """
    if is_popular:
        return Bounds(update_interval_days, update_interval_days)
    if is_recent:
        longest = max(LONGEST_RECENT_DAYS, update_interval_days)
        return Bounds(update_interval_days, longest)
    return Bounds()


def gain(rate: Rate, days: float) -> float:
    """Return how many fresh days a look gains, on average, at a film that was looked at so many days ago."""
    reach = days / rate.days
    unchanged = math.pow(1 + reach, -rate.moves)
    if abs(rate.moves - 1) < _NEARLY_ONE:
        fresh = rate.days * math.log1p(reach)
    else:
        fresh = rate.days * (1 - unchanged * (1 + reach)) / (rate.moves - 1)
    return fresh - days * unchanged


def interval_days(rate: Rate, price: float, within: Bounds) -> float:
    """Return after how many days a film is looked at again: when its gain reaches the price."""
    low, high = within.shortest, within.longest
    if gain(rate, low) >= price:
        return low
    if gain(rate, high) <= price:
        return high
    while high > low * 1.01:
        middle = math.sqrt(low * high)
        if gain(rate, middle) < price:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def looks_a_day(groups: Sequence[Group], price: float) -> float:
    """Return how many looks a day come due at a price, once films are looked at by it."""
    return sum(
        group.films / interval_days(group.rate, price, group.bounds) for group in groups
    ) / (1 - SPREAD / 2)


def solve(groups: Sequence[Group], budget: float) -> float:
    """
    Return the lowest price at which no more looks a day come due than the budget.

    Args:
        budget: Looks a day. Where the bounds alone ask for more, the price is the highest.
    """
    low, high = _CHEAPEST, _DEAREST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if looks_a_day(groups, middle) > budget:
            low = middle
        else:
            high = middle
    return high


def spread(days: float, share: float, *, is_first: bool = False) -> timedelta:
    """
    Return an interval that is a little shorter by film, and the first one of any length up to it.

    Args:
        share: Of the film, 0 to 1; `windows.share`.
        is_first: Whether nobody has looked at the film before.
    """
    return timedelta(days=days * (1 - (FIRST_SPREAD if is_first else SPREAD) * share))
