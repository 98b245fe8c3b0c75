"""Chance that is a function of numbers."""

from collections import Counter

import pytest

from cinegraph.sandbox.dice import Lot, Shuffle, dice, mix, unit


@pytest.mark.parametrize("size", [1, 2, 3, 10, 97, 1000])
def test_a_shuffle_visits_every_place_once(size: int) -> None:
    """Every rank belongs to one item, whatever the size."""
    shuffle = Shuffle(size, seed=7)

    assert sorted(shuffle.at(rank) for rank in range(size)) == list(range(size))


@pytest.mark.parametrize("size", [1, 2, 97, 1_240_000])
def test_a_shuffle_can_be_asked_backwards(size: int) -> None:
    """The rank of who has a rank is that rank."""
    shuffle = Shuffle(size, seed=7)

    for rank in range(0, size, max(1, size // 100)):
        assert shuffle.rank(shuffle.at(rank)) == rank


def test_chance_is_the_same_in_every_process() -> None:
    """The numbers drawn are fixed: worlds are equal on all machines."""
    assert mix(1) == 10451216379200822465
    assert unit(1, 2, 3) == unit(1, 2, 3) != unit(1, 3, 2)
    assert dice(5, 6).random() == dice(5, 6).random() != dice(6, 5).random()


def test_units_are_spread_evenly() -> None:
    """A share of 5 % is met by about 5 % of the draws."""
    below = sum(unit(1, number) < 0.05 for number in range(20_000))

    assert 900 < below < 1100


def test_a_lot_chooses_evenly() -> None:
    """Each number is chosen about as often, one choice apart from the next."""
    pairs = [(lot.pick(7), lot.pick(5)) for lot in (Lot(mix(n)) for n in range(7_000))]
    counts = Counter(pairs)

    assert len(counts) == 35
    assert all(140 < count < 260 for count in counts.values())
