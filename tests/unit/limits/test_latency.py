"""The histogram of durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.limits.latency import (
    BOUNDS_SECONDS,
    empty_histogram,
    estimate_quantile,
    find_bucket,
)


def _histogram(durations: list[float]) -> list[int]:
    histogram = empty_histogram()
    for duration in durations:
        histogram[find_bucket(duration)] += 1
    return histogram


@given(
    durations=st.lists(st.floats(0, 30), min_size=1),
    share=st.floats(0.01, 1),
)
def test_a_quantile_lies_in_the_bucket_of_the_true_one(
    durations: list[float], share: float
) -> None:
    """The estimate and the true quantile fall into the same bucket, so it errs by a bucket at most."""
    rank = next(
        place for place in range(len(durations)) if place + 1 >= share * len(durations)
    )
    truth = sorted(durations)[rank]
    estimate = estimate_quantile(_histogram(durations), share)

    assert estimate is not None
    place = find_bucket(truth)
    lower = BOUNDS_SECONDS[place - 1] if place else 0.0
    assert lower <= estimate <= BOUNDS_SECONDS[place]


def test_nothing_has_no_quantile() -> None:
    """An empty histogram gives None, not 0."""
    assert estimate_quantile(empty_histogram(), 0.95) is None


def test_the_open_bucket_answers_with_its_bound() -> None:
    """Durations beyond the last bound count, and the estimate stops there."""
    assert estimate_quantile(_histogram([100.0, 200.0]), 0.95) == pytest.approx(30.0)
