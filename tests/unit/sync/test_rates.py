"""Rates of change: borrowed where nothing was seen, the film's own where much was, without the bias of counting."""

import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import rates
from cinegraph.sync.rates import DEFAULT_PACE, Kin, Pace, Rate, Seen

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)


def _watch(
    per_day: float, interval: float, looks: int, chance: random.Random
) -> list[bool]:
    return [chance.random() < -math.expm1(-per_day * interval) for _ in range(looks)]


def _seen(moved: list[bool], interval: float) -> Seen:
    seen = Seen()
    for is_moved in moved:
        seen = rates.note(seen, interval, is_moved=is_moved)
    return seen


def test_a_film_nobody_watched_is_expected_to_do_what_films_like_it_do() -> None:
    """More popular and younger films move more."""
    quiet = rates.prior(1.0, is_young=False, pace=DEFAULT_PACE)
    popular = rates.prior(50.0, is_young=False, pace=DEFAULT_PACE)
    young = rates.prior(1.0, is_young=True, pace=DEFAULT_PACE)

    assert quiet.per_day == pytest.approx(1 / 60)
    assert popular.per_day > quiet.per_day
    assert young.per_day > quiet.per_day
    assert rates.learn(quiet, Seen()) == quiet


@pytest.mark.parametrize("popularity", [None, 0.0, -1.0, math.nan, math.inf])
def test_a_popularity_that_says_nothing_is_the_least(popularity: float | None) -> None:
    """No export row, or one with nonsense."""
    least = rates.prior(0.1, is_young=False, pace=DEFAULT_PACE)

    assert rates.prior(popularity, is_young=False, pace=DEFAULT_PACE) == least


def test_much_watching_outweighs_what_was_borrowed() -> None:
    """A film that was thought quiet and moves every other day is known to."""
    chance = random.Random(1)  # noqa: S311 - a simulation
    seen = _seen(_watch(0.5, 1.0, 2_000, chance), 1.0)

    learned = rates.learn(Rate(1.0, 60.0), seen)

    assert learned.per_day == pytest.approx(0.5, rel=0.1)


def test_moves_that_hide_behind_each_other_are_reckoned_with() -> None:
    """Looks every ten days at a film that changes every five: counting moves would halve the rate."""
    chance = random.Random(2)  # noqa: S311 - a simulation
    seen = _seen(_watch(0.2, 10.0, 5_000, chance), 10.0)

    assert seen.moves / seen.watched_days < 0.1
    assert rates.learn(Rate(1.0, 60.0), seen).per_day == pytest.approx(0.2, rel=0.1)


def test_a_film_that_moved_at_every_look_has_a_finite_rate() -> None:
    """Nothing says how much more often it moves; the most likely rate alone would be infinite."""
    seen = Seen(watched_days=30.0, moves=10.0, moved_days=30.0)

    assert 0.1 < rates.learn(Rate(0.5, 30.0), seen).per_day < 10


def test_a_part_that_was_rounded_above_its_whole_is_the_whole() -> None:
    """The ledger's sums are rounded each by itself."""
    expected = Rate(rates.PRIOR_MOVES, 1e-7)
    learned = rates.learn(expected, Seen(100.0, 3.0, 100.00001))

    assert learned == rates.learn(expected, Seen(100.0, 3.0, 100.0))
    assert 0 < learned.per_day < math.inf


@given(
    looks=st.lists(st.tuples(st.floats(0.01, 200), st.booleans()), max_size=30),
    days=st.floats(0.1, 10_000),
)
def test_whatever_is_seen_a_rate_is_a_rate(
    looks: list[tuple[float, bool]], days: float
) -> None:
    """Positive, finite; a move never lowers it, as a look without one never raises it."""
    seen = Seen()
    for interval, is_moved in looks:
        seen = rates.note(seen, interval, is_moved=is_moved)
    expected = Rate(rates.PRIOR_MOVES, days)
    learned = rates.learn(expected, seen)

    assert 0 < learned.per_day < math.inf
    still = rates.learn(expected, rates.note(seen, 5.0, is_moved=False))
    assert still.per_day <= learned.per_day * (1 + 1e-6)


def test_the_pace_of_all_films_is_found() -> None:
    """From some hundred films of each kind the three numbers come out that they were drawn from."""
    chance = random.Random(3)  # noqa: S311 - a simulation
    true = Pace(base=math.log(1 / 200), by_popularity=0.8, young=1.0)
    kin = []
    for octave in range(-2, 8):
        for is_young in (False, True):
            expected = rates.prior(2.0**octave, is_young=is_young, pace=true)
            moved = _watch(expected.per_day, 7.0, 3_000, chance)
            kin.append(Kin(2.0**octave, is_young, _seen(moved, 7.0)))

    found = rates.fit(kin)

    assert found.base == pytest.approx(true.base, abs=0.2)
    assert found.by_popularity == pytest.approx(true.by_popularity, abs=0.1)
    assert found.young == pytest.approx(true.young, abs=0.2)


def test_a_deployment_that_saw_nothing_keeps_the_default() -> None:
    """No films, or films that nobody has looked at twice."""
    assert rates.fit([]) == DEFAULT_PACE
    assert rates.fit([Kin(3.0, is_young=True, seen=Seen())]) == DEFAULT_PACE
