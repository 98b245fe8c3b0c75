"""Looks under a budget: at the films where they save most, which is neither the quietest nor the wildest."""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import freshness
from cinegraph.sync.freshness import Bounds, Group
from cinegraph.sync.rates import Rate

ROOT = Path(__file__).resolve().parents[3]


def _benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "freshness.py"
    spec = importlib.util.spec_from_file_location("benchmark_freshness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _certain(per_day: float) -> Rate:
    return Rate(1e4, 1e4 / per_day)


def test_a_film_comes_due_when_its_gain_has_grown_to_the_price() -> None:
    """Between the bounds, to a hundredth."""
    rate = Rate(3.0, 60.0)
    days = freshness.interval_days(rate, 2.0, Bounds())

    assert freshness.SHORTEST_DAYS < days < freshness.LONGEST_DAYS
    assert freshness.gain(rate, days) == pytest.approx(2.0, rel=0.03)


def test_what_moves_more_is_looked_at_more_until_it_is_hopeless() -> None:
    """Cho and Garcia-Molina's result: looks at what changes all the time are wasted."""
    slow, middling, wild = (
        freshness.interval_days(_certain(rate), 5.0, Bounds())
        for rate in (1 / 500, 1 / 30, 2.0)
    )

    assert middling < slow
    assert wild == freshness.LONGEST_DAYS


@given(
    moves=st.floats(0.3, 100),
    days=st.floats(0.1, 10_000),
    interval=st.floats(0.5, 300),
)
def test_the_gain_grows_while_nobody_looks(
    moves: float, days: float, interval: float
) -> None:
    """So that there is one time at which it reaches the price; never more than the days that passed."""
    rate = Rate(moves, days)
    gain = freshness.gain(rate, interval)

    assert -1e-6 <= gain <= interval
    assert freshness.gain(rate, interval * 1.1) >= gain - 1e-6


def test_the_gain_is_steady_where_its_formula_changes() -> None:
    """At a shape of 1 the integral is a logarithm."""
    assert freshness.gain(Rate(1.0, 60.0), 30.0) == pytest.approx(
        freshness.gain(Rate(1.0001, 60.0), 30.0), rel=1e-3
    )


def test_the_price_spends_the_budget() -> None:
    """Not a look more, and hardly one less."""
    groups = [
        Group(1_000, Rate(1.0 + moves, 20.0 * 2**step), Bounds())
        for moves in range(5)
        for step in range(8)
    ]
    price = freshness.solve(groups, 40_000 / 30)

    assert 0.97 < freshness.looks_a_day(groups, price) / (40_000 / 30) <= 1.001


def test_bounds_that_ask_for_more_than_the_budget_have_the_highest_price() -> None:
    """Then everything is looked at as seldom as it may."""
    groups = [Group(100, Rate(1.0, 60.0), Bounds(1.0, 7.0))]
    price = freshness.solve(groups, 1.0)

    assert freshness.looks_a_day(groups, price) == pytest.approx(100 / 7 / 0.95)


@pytest.mark.parametrize("days", [1, 7, 30])
def test_popular_films_are_looked_at_as_the_operator_says(days: float) -> None:
    """Whatever their votes do."""
    popular = freshness.bounds(
        is_popular=True, is_recent=True, update_interval_days=days
    )

    assert Bounds(days, days) == popular


def test_recent_films_are_looked_at_weekly_at_least() -> None:
    """And never more often than popular ones; all others as their votes move."""
    prod, dev, monthly = (
        freshness.bounds(is_popular=False, is_recent=True, update_interval_days=days)
        for days in (1, 7, 30)
    )

    assert Bounds(1, 7) == prod
    assert Bounds(7, 7) == dev
    assert Bounds(30, 30) == monthly
    assert Bounds() == freshness.bounds(
        is_popular=False, is_recent=False, update_interval_days=7
    )


def test_intervals_are_spread() -> None:
    """Never longer, up to a tenth shorter."""
    assert timedelta(days=30) == freshness.spread(30, 0)
    assert timedelta(days=27) == freshness.spread(30, 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_votes_are_stale_for_less_than_at_fixed_intervals(seed: int) -> None:
    """The simulation of benchmarks/freshness.py on a smaller world: 70 % at most, and no look more."""
    fixed, ours = _benchmark().compare(
        films=800, days=60, seed=seed, rho=0.8, update_days=1.0
    )

    assert ours.looks <= fixed.looks
    assert ours.stale_days <= 0.7 * fixed.stale_days
