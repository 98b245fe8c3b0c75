"""Rates and priorities."""

import pytest

from cinegraph.errors import ConfigError
from cinegraph.limits.rates import Priority, RateLimit


def test_a_person_waiting_goes_first() -> None:
    """Sorted, interactive comes before refresh and backfill last."""
    assert sorted(Priority) == [
        Priority.INTERACTIVE,
        Priority.REFRESH,
        Priority.BACKFILL,
    ]


@pytest.mark.parametrize("rate", [-1.0, float("inf"), float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    """A rate must be a number from 0 upwards."""
    with pytest.raises(ConfigError, match="requests a second"):
        RateLimit(rate)


def test_a_burst_of_nothing_is_refused() -> None:
    """A burst below 1 would let no request through, ever."""
    with pytest.raises(ConfigError, match="burst"):
        RateLimit(39.0, burst=0)
