"""What an import will cost, reckoned before it starts."""

from typing import Any

import pytest

from cinegraph.sync import estimating
from cinegraph.sync.estimating import Estimate, Known

NOTHING = Known(listed=0, answered=0, titles_answered=0)


def _estimate(films: int, known: Known = NOTHING, **changes: Any) -> Estimate:
    given = {
        "is_exact": True,
        "list_pages": 0,
        "limit": None,
        "requests_per_second": 39.0,
        "titles_a_day": 790,
    }
    return estimating.estimate(films, known, **(given | changes))


def test_a_whole_catalogue_from_nothing() -> None:
    """A request a film and one a list page, at the budget; OMDb for those with an IMDb id."""
    found = _estimate(1_238_234, list_pages=200)
    assert (found.films, found.answered, found.requests) == (1_238_234, 0, 1_238_434)
    assert found.seconds == pytest.approx(1_238_434 / 39)
    assert found.titles == 697_126
    assert found.omdb_days == pytest.approx(697_126 / 790)
    assert found.disk_bytes == 1_238_234 * estimating.DISK_BYTES_A_FILM


def test_what_is_there_is_not_fetched_again() -> None:
    """Neither at TMDB nor, as far as it was asked, at OMDb."""
    known = Known(listed=1000, answered=400, titles_answered=200)
    found = _estimate(1000, known)
    assert (found.films, found.answered, found.requests) == (600, 400, 600)
    assert found.titles == 563 - 200


def test_a_limit_bounds_what_is_fetched() -> None:
    """The titles of films that are there already are asked for all the same."""
    known = Known(listed=1000, answered=400, titles_answered=0)
    found = _estimate(1000, known, limit=100)
    assert (found.films, found.requests) == (100, 100)
    assert found.titles == 282
    assert _estimate(1000, known, limit=900).films == 600


def test_without_a_limit_a_second_there_is_no_time() -> None:
    """And without OMDb no days."""
    found = _estimate(10, requests_per_second=0, titles_a_day=None)
    assert (found.seconds, found.omdb_days, found.titles) == (None, None, 0)


def test_more_answered_than_there_are_costs_nothing() -> None:
    """A range whose every id was answered, or a list that shrank."""
    found = _estimate(10, Known(listed=10, answered=25, titles_answered=90))
    assert (found.films, found.answered, found.requests, found.titles) == (0, 10, 0, 0)


def test_the_size_of_an_export_tells_its_lines() -> None:
    """Within a hundredth for the one that was measured."""
    assert estimating.lines_of(27_700_000) == pytest.approx(1_238_234, rel=0.01)
    assert estimating.lines_of(0) == 0
