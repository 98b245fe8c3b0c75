"""A histogram of request durations small enough for a row of every minute."""

from bisect import bisect_left
from collections.abc import Sequence

BOUNDS_SECONDS = (
    *(0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4),
    *(0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0),
)
"""Where the buckets end; finest about TMDB's usual 0.2 s. What is longer than 30 s counts in one more bucket."""


def empty_histogram() -> list[int]:
    """Return a histogram of nothing."""
    return [0] * (len(BOUNDS_SECONDS) + 1)


def find_bucket(elapsed_seconds: float) -> int:
    """Return the place of the bucket that *elapsed_seconds* falls into."""
    return bisect_left(BOUNDS_SECONDS, elapsed_seconds)


def estimate_quantile(histogram: Sequence[int], share: float) -> float | None:
    """
    Return the duration (seconds) that *share* (0 to 1) of the requests did not exceed; None for an empty histogram.

    Interpolated within its bucket; never above the last bound.
    """
    total = sum(histogram)
    if not total:
        return None
    rank, before = share * total, 0
    for place, count in enumerate(histogram[: len(BOUNDS_SECONDS)]):
        if count and before + count >= rank:
            start = BOUNDS_SECONDS[place - 1] if place else 0.0
            within = (rank - before) / count
            return start + within * (BOUNDS_SECONDS[place] - start)
        before += count
    return BOUNDS_SECONDS[-1]
