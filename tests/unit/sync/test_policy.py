"""When things come due: the whole policy, by its own table."""

from datetime import UTC, datetime, timedelta

import pytest

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
