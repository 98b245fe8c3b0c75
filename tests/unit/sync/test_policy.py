"""When things come due: the whole policy, by its own table."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import policy

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_found_film_is_due_well_before_its_terms_end() -> None:
    """TMDB's terms allow 180 days; nothing waits that long."""
    assert NOW < policy.due_after_found(NOW) <= NOW + timedelta(days=60)


def test_absent_and_quarantined_things_come_again() -> None:
    """Neither is for ever: a film may come back, a body may be mended."""
    assert policy.due_after_absent(NOW) == NOW + policy.RECHECK_ABSENT
    assert policy.due_after_quarantined(NOW) == NOW + policy.RECHECK_QUARANTINED


@pytest.mark.parametrize(
    ("failures", "step"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3), (5, 3), (99, 3)]
)
def test_what_keeps_failing_backs_off_to_a_bound(failures: int, step: int) -> None:
    """Each failure waits longer than the one before, the last step for ever."""
    due = policy.due_after_failed(NOW, failures)
    assert due == NOW + policy.RETRY_FAILED[step]


def test_backing_off_only_grows() -> None:
    """A later failure never comes due sooner."""
    waits = [policy.due_after_failed(NOW, failures) for failures in range(1, 9)]
    assert waits == sorted(waits)


def test_rounds_are_spaced_and_end() -> None:
    """After each round but the last comes another, later; after the last none."""
    rounds = [
        policy.next_round_at(NOW, number)
        for number in range(1, len(policy.ROUND_DELAYS) + 2)
    ]
    assert rounds == [*(NOW + delay for delay in policy.ROUND_DELAYS), None]


def test_a_run_outlives_an_outage_of_twenty_minutes() -> None:
    """Before a film counts as failed there is more than that between first and last try."""
    assert sum(policy.ROUND_DELAYS, timedelta()) > timedelta(minutes=20)


class TestEmpty:
    """A film that OMDb holds no ratings of yet."""

    @pytest.mark.parametrize(
        ("released_on", "wait"),
        [
            (None, policy.RECHECK_EMPTY_YOUNG),
            (date(2026, 8, 1), policy.RECHECK_EMPTY_YOUNG),
            (date(2027, 8, 1), policy.RECHECK_EMPTY_YOUNG),
            (date(2026, 3, 6), policy.RECHECK_EMPTY_YOUNG),
            (date(2026, 3, 5), policy.RECHECK_EMPTY_OLD),
            (date(1931, 1, 1), policy.RECHECK_EMPTY_OLD),
        ],
        ids=["unknown", "new", "to come", "180 days less one", "180 days", "old"],
    )
    def test_a_young_film_is_asked_for_again_soon(
        self, released_on: date | None, wait: timedelta
    ) -> None:
        """Ratings arrive within days of a release; an old film without any seldom gets some."""
        assert policy.due_after_empty(NOW, released_on) == NOW + wait


class TestWatched:
    """Films whose numbers move."""

    @pytest.mark.parametrize(
        ("popularity", "released_on", "expected"),
        [
            (20.0, date(1972, 3, 14), True),
            (19.9, date(1972, 3, 14), False),
            (None, date(1972, 3, 14), False),
            (0.6, date(2026, 8, 1), True),
            (0.6, date(2026, 12, 24), True),
            (0.6, date(2027, 12, 24), False),
            (0.6, None, False),
            (None, None, False),
        ],
    )
    def test_popular_and_recent_films_are_watched(
        self, popularity: float | None, released_on: date | None, *, expected: bool
    ) -> None:
        """Popular, out in the last months or about to come out."""
        assert policy.is_watched(popularity, released_on, now=NOW) is expected


class TestValue:
    """What asking is worth."""

    @pytest.mark.parametrize(
        ("popularity", "expected"),
        [
            (None, 0.0),
            (0.0, 0.0),
            (-3.0, 0.0),
            (float("nan"), 0.0),
            (float("inf"), 0.0),
            (83.5, 83.5),
        ],
    )
    def test_a_film_is_worth_its_popularity(
        self, popularity: float | None, expected: float
    ) -> None:
        """What is no number is worth nothing, so the order of the ledger is total."""
        assert policy.film_value(popularity) == expected

    def test_a_recording_is_worth_less(self) -> None:
        """A concert is behind a film of half its popularity."""
        assert policy.film_value(40.0, is_video=True) < policy.film_value(20.0)

    def test_nominated_before_listed_before_new_before_popular(self) -> None:
        """The order in which a small quota is spent."""
        value = partial(policy.title_value, now=NOW)
        values = [
            value(1.0, released_on=date(1980, 1, 1), is_nominated=True),
            value(1.0, released_on=date(1980, 1, 1), is_listed=True),
            value(1.0, released_on=date(2026, 8, 1)),
            value(15.0, released_on=date(1980, 1, 1)),
            value(None, released_on=None),
        ]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) == len(values)

    def test_a_film_that_is_not_out_yet_is_not_new(self) -> None:
        """Nobody has rated it: a call would be wasted."""
        to_come = policy.title_value(5.0, released_on=date(2026, 9, 2), now=NOW)
        assert to_come == 5.0


class TestFeeding:
    """How many jobs are made."""

    @pytest.mark.parametrize(
        ("rate", "depth"),
        [
            (0.0, policy.MOST_FED),
            (-1.0, policy.MOST_FED),
            (0.1, policy.FEWEST_FED),
            (39.0, 1170),
            (100.0, 3000),
            (1e9, policy.MOST_FED),
        ],
    )
    def test_a_queue_holds_what_is_served_soon(self, rate: float, depth: int) -> None:
        """Half a minute's worth, within bounds; without a limit the most."""
        assert policy.queue_depth(rate) == depth

    @pytest.mark.parametrize(
        ("waiting", "depth", "allowance", "size"),
        [
            (0, 200, None, 200),
            (150, 200, None, 50),
            (151, 200, None, 0),
            (200, 200, None, 0),
            (999, 200, None, 0),
            (0, 5000, None, policy.FEED_BATCH),
            (0, 200, 790, 200),
            (0, 200, 30, 30),
            (10, 200, 30, 20),
            (30, 200, 30, 0),
            (40, 200, 30, 0),
            (0, 200, 0, 0),
            (0, 200, -5, 0),
        ],
    )
    def test_a_feed_fills_the_queue_within_the_quota(
        self, waiting: int, depth: int, allowance: int | None, size: int
    ) -> None:
        """Never beyond the depth, a batch or what is left of the day for the jobs that wait and the new ones."""
        found = policy.feed_size(waiting=waiting, depth=depth, allowance=allowance)
        assert found == size

    @given(
        waiting=st.integers(0, 20_000),
        depth=st.integers(1, policy.MOST_FED),
        allowance=st.none() | st.integers(-10, 100_000),
    )
    def test_no_feed_goes_beyond_any_bound(
        self, waiting: int, depth: int, allowance: int | None
    ) -> None:
        """Whatever the numbers: jobs that wait stay within depth and quota, and a turn within a batch."""
        size = policy.feed_size(waiting=waiting, depth=depth, allowance=allowance)
        assert 0 <= size <= policy.FEED_BATCH
        if size:
            assert waiting + size <= depth
            assert allowance is None or waiting + size <= allowance
