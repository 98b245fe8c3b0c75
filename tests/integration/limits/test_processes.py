"""Real processes that share one budget, and die."""

import time
from collections.abc import Callable, Iterator

import pytest

from polling import eventually

from .processes import Printing, killed_afterwards

type Asker = Printing[float]
"""Asks as fast as it may; `seen` is when it did."""


@pytest.fixture
def start(database_url: str) -> Iterator[Callable[[], Asker]]:
    """Return a starter of processes that are killed afterwards."""
    with killed_afterwards(
        lambda: Printing("asking.py", database_url, "39", read=float)
    ) as begin:
        yield begin


def between(moments: list[float], start: float, end: float) -> int:
    """Return how many lie in [start, end)."""
    return sum(start <= moment < end for moment in moments)


def test_processes_use_the_whole_budget_and_no_more(
    start: Callable[[], Asker],
) -> None:
    """Three processes use 98 % of 39 a second together, and no second holds more than rate and burst."""
    askers = [start() for _ in range(3)]
    eventually(lambda: all(asker.seen for asker in askers))
    begin = time.monotonic()
    time.sleep(3.0)  # this is the measurement
    moments = sorted(moment for asker in askers for moment in list(asker.seen))

    assert between(moments, begin, begin + 2.9) >= 0.98 * 39 * 2.9 - 1
    worst = max(between(moments, moment, moment + 1.0) for moment in moments)
    assert worst <= 43


def test_a_killed_process_loses_little(start: Callable[[], Asker]) -> None:
    """When two of three are killed, the third goes on with the whole budget: at most 0.3 s of it are lost."""
    askers = [start() for _ in range(3)]
    eventually(lambda: all(len(asker.seen) > 5 for asker in askers))
    killed = time.monotonic()
    for asker in askers[1:]:
        asker.kill()
    time.sleep(2.5)  # this is the measurement
    moments = [moment for asker in askers for moment in list(asker.seen)]

    assert between(moments, killed, killed + 2.4) >= (2.4 - 0.3) * 39 - 1
