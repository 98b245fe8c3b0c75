"""The heat map of freshness: days become ages."""

from datetime import date, timedelta

import pytest

from cinegraph.monitoring.freshness import BANDS, NAMES, arrange, name_age

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-1, "today"),
        (0, "today"),
        (1, "yesterday"),
        (2, "2–3 days"),
        (7, "4–7 days"),
        (8, "8–14 days"),
        (30, "15–30 days"),
        (90, "31–90 days"),
        (180, "91–180 days"),
        (181, "older"),
    ],
)
def test_an_age_has_a_name(days: int, name: str) -> None:
    """The last day of each counts to it."""
    assert name_age(TODAY - timedelta(days=days), TODAY) == name


def test_films_are_arranged_by_band_and_age() -> None:
    """Days of one age add up; what was never fetched stands last; less than none is none."""
    grid = arrange(
        [
            (1, TODAY, 3),
            (2, TODAY - timedelta(days=2), 4),
            (2, TODAY - timedelta(days=3), 5),
            (4, None, 7),
            (4, TODAY, -1),
        ],
        TODAY,
    )
    assert len(grid) == len(BANDS)
    assert grid[0][0] == 3
    assert grid[1][NAMES.index("2–3 days")] == 9
    assert grid[3][-1] == 7
    assert grid[3][0] == 0
