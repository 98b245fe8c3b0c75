"""When a backlog will be done: against the same reckoned call by call."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import backlog

NOW = datetime(2026, 9, 1, 18, tzinfo=UTC)
RESET = datetime(2026, 9, 2, tzinfo=UTC)


def _done_at(
    things: int, *, a_day: int = 790, left_today: int = 0, per_second: float = 0.0
) -> datetime | None:
    return backlog.reckon(
        things,
        a_day=a_day,
        left_today=left_today,
        resets_at=RESET,
        now=NOW,
        per_second=per_second,
    ).done_at


@pytest.mark.parametrize(
    ("things", "left_today", "done_at"),
    [
        (300, 300, NOW),
        (301, 300, RESET),
        (790, 0, RESET),
        (791, 0, RESET + timedelta(days=1)),
        (1580, 0, RESET + timedelta(days=1)),
        (1581, 0, RESET + timedelta(days=2)),
        (1881, 300, RESET + timedelta(days=2)),
        (100, -5, RESET),
    ],
)
def test_days_are_used_up_one_after_the_other(
    things: int, left_today: int, done_at: datetime
) -> None:
    """What is left today first, then whole days from the reset on."""
    assert _done_at(things, left_today=left_today) == done_at


def test_the_last_day_takes_its_time() -> None:
    """With the pace known, the last calls end later than the reset that begins their day."""
    done_at = _done_at(790 + 600, per_second=2.0)
    assert done_at == RESET + timedelta(days=1, seconds=300)
    assert _done_at(60, left_today=100, per_second=2.0) == NOW + timedelta(seconds=30)


def test_a_slow_source_uses_up_no_quota() -> None:
    """What it can answer until the reset, and in a day, counts where that is less than its quota."""
    slowly = 0.001  # 86 a day, 21 until the reset
    assert _done_at(21, left_today=790, per_second=slowly) == NOW + timedelta(
        seconds=21_000
    )
    assert _done_at(21 + 86 + 1, left_today=790, per_second=slowly) == (
        RESET + timedelta(days=1, seconds=1000)
    )


def test_nothing_left_has_no_date() -> None:
    """Nor has what can never be asked."""
    assert _done_at(0) is None
    assert _done_at(10, a_day=0) is None
    assert _done_at(10, a_day=0, left_today=10) == NOW


@given(
    things=st.integers(1, 500),
    a_day=st.integers(1, 60),
    left_today=st.integers(0, 60),
)
def test_it_is_the_day_on_which_the_last_call_is_made(
    things: int, a_day: int, left_today: int
) -> None:
    """As if every call were counted off."""
    left, day, begins = left_today, 0, NOW
    for _ in range(things):
        if left == 0:
            left, begins, day = a_day, RESET + timedelta(days=day), day + 1
        left -= 1
    assert _done_at(things, a_day=a_day, left_today=left_today) == begins
