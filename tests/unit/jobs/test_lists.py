"""Which pages of the list of popular films are read in which hour."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.jobs.lists import (
    PASS_SHARE,
    pages_a_day,
    pages_an_hour,
    passed_pages,
)
from cinegraph.sources.providers.tmdb.client import LAST_PAGE

NIGHT = datetime(2026, 9, 1, 0, 35, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("days", [1, 3, 7, 30, 1_000])
def test_every_page_is_read_in_time(days: int) -> None:
    """Whenever a pass begins, each page has been read once before a film on it comes due by itself."""
    hours = int(timedelta(days=days) * PASS_SHARE / HOUR)
    for begin in (NIGHT, NIGHT + 17 * HOUR):
        read = Counter(
            page
            for hour in range(hours)
            for page in passed_pages(begin + hour * HOUR, days, LAST_PAGE)
        )
        assert read.keys() == set(range(1, LAST_PAGE + 1))
        if days <= 30:
            # Of a pass that begins anew some come a second time.
            assert sum(read.values()) <= LAST_PAGE * 1.1


@pytest.mark.parametrize("total", [0, 1, 5, 499, LAST_PAGE, 53_906])
def test_no_page_is_asked_for_that_is_not_there(total: int) -> None:
    """TMDB claims more pages than it serves, and a small list has few."""
    read = {
        page
        for hour in range(500)
        for page in passed_pages(NIGHT + hour * HOUR, 7, total)
    }
    assert read == set(range(1, min(total, LAST_PAGE) + 1))


def test_what_both_schedules_read_is_reckoned() -> None:
    """The demand that `update plan` shows."""
    assert pages_an_hour(7) == 4
    assert pages_an_hour(1) == 28
    assert pages_a_day(7, is_whole=True) == 24 * (10 + 4 + 4)
    assert pages_a_day(7, is_whole=False) == 24 * (10 + 4)
