"""When a slot is: pure reckoning with days and parts of days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import schedule
from cinegraph.sync.schedule import Schedule

DAILY = Schedule(
    name="Daily",
    every=timedelta(days=1),
    at=timedelta(hours=8, minutes=15),
    reason="for tests",
)
QUARTERLY = Schedule(
    name="Quarterly",
    every=timedelta(minutes=15),
    at=timedelta(hours=2, minutes=5),
    reason="for tests",
)
SCHEDULES = [DAILY, QUARTERLY]
TIMES = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "slot"),
    [
        ("2026-09-01T08:14:59", "2026-09-01T08:15"),
        ("2026-09-01T08:15", "2026-09-02T08:15"),
        ("2026-09-01T23:59:59.999999", "2026-09-02T08:15"),
        ("2026-09-01T00:00", "2026-09-01T08:15"),
        ("2026-12-31T12:00", "2027-01-01T08:15"),
        ("2028-02-28T12:00", "2028-02-29T08:15"),
    ],
)
def test_the_next_slot_of_a_day(after: str, slot: str) -> None:
    """The first one later; a slot is not later than itself."""
    assert schedule.next_slot(DAILY, _at(after)) == _at(slot)


@pytest.mark.parametrize(
    ("after", "slot"),
    [
        ("2026-09-01T00:00", "2026-09-01T00:05"),
        ("2026-09-01T00:04:59", "2026-09-01T00:05"),
        ("2026-09-01T00:05", "2026-09-01T00:20"),
        ("2026-09-01T23:50", "2026-09-02T00:05"),
        ("2026-09-01T23:58", "2026-09-02T00:05"),
    ],
)
def test_the_next_slot_of_a_quarter_of_an_hour(after: str, slot: str) -> None:
    """Slots before the first of the day count back from it."""
    assert schedule.next_slot(QUARTERLY, _at(after)) == _at(slot)


@given(after=TIMES, which=st.sampled_from(SCHEDULES))
def test_slots_follow_each_other_without_a_gap(
    after: datetime, which: Schedule
) -> None:
    """From any moment the next slot is within one step, and every step is one slot."""
    first = schedule.next_slot(which, after)
    assert timedelta(0) < first - after <= which.every
    assert schedule.next_slot(which, first) == first + which.every


@given(
    after=TIMES,
    which=st.sampled_from(SCHEDULES),
    steps=st.integers(0, 40),
    rest=st.floats(0, 0.999),
)
def test_slots_that_passed_are_counted(
    after: datetime, which: Schedule, steps: int, rest: float
) -> None:
    """From a slot on: the slot itself, and each full step since."""
    first = schedule.next_slot(which, after)
    now = first + steps * which.every + rest * which.every
    assert schedule.slots_between(which, first, now) == steps + 1
    before = first - timedelta(microseconds=1)
    assert schedule.slots_between(which, first, before) == 0


def test_a_schedule_says_when_in_words() -> None:
    """A person reads the hour, not a number of seconds."""
    assert DAILY.words() == "daily at 08:15 UTC"
    assert QUARTERLY.words() == "every 15 minutes"


def test_every_schedule_has_its_reason_and_its_own_name() -> None:
    """The table is what the documents show; its steps divide a day, or slots would wander."""
    assert len(schedule.BY_NAME) == len(schedule.SCHEDULE)
    for one in schedule.SCHEDULE:
        assert one.reason
        assert timedelta(days=1) % one.every == timedelta(0)
        assert timedelta(0) <= one.at < timedelta(days=1)
