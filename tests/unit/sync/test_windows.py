"""Days of the changes feed: none is skipped, none is believed too easily, and what changed twice is fetched twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.sync import windows
from cinegraph.sync.windows import WindowRead

DAY = date(2026, 9, 10)
NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 9, 11, 1, tzinfo=UTC)
"""When the day has settled."""


def _read(began_at: datetime = NOON, *, ids: int = 10, empty: int = 0) -> WindowRead:
    times = {100 + number: 1 for number in range(ids)}
    return WindowRead(
        day=DAY, began_at=began_at, pages=3, times=times, empty_pages=empty
    )


def test_a_day_is_over_when_it_has_settled() -> None:
    """The feed lags, so a day's end is not the end of what it has to say."""
    assert not windows.is_over(DAY, datetime(2026, 9, 11, tzinfo=UTC))
    assert not windows.is_over(DAY, AFTER - timedelta(seconds=1))
    assert windows.is_over(DAY, AFTER)


@given(
    last=st.dates(date(2020, 1, 1), date(2026, 9, 10)),
    hours=st.floats(0, 23.9),
)
def test_days_follow_each_other(last: date, hours: float) -> None:
    """From the day after the last known one to today, without a gap, or as far back as is ever asked."""
    now = datetime(2026, 9, 10, tzinfo=UTC) + timedelta(hours=hours)
    days = windows.days_to_open(last, None, now)
    if last == now.date():
        assert days == []
        return
    assert days[-1] == now.date()
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert days[0] == max(last + timedelta(days=1), now.date() - windows.WALK_BACK)


def test_a_feed_that_was_never_read_begins_with_the_oldest_film() -> None:
    """Nothing before the first fetch needs a proof; without films it begins today."""
    assert windows.days_to_open(None, None, NOON) == [DAY]
    three_ago = NOON - timedelta(days=3)
    assert windows.days_to_open(None, three_ago, NOON)[0] == date(2026, 9, 7)
    long_ago = NOON - timedelta(days=300)
    assert windows.days_to_open(None, long_ago, NOON)[0] == DAY - windows.REACH


@pytest.mark.parametrize(
    ("ids", "expected", "is_doubted"),
    [
        (0, None, True),
        (0, 400.0, True),
        # A small world has quiet days.
        (0, 2.0, False),
        (10, None, False),
        (79, 400.0, True),
        (81, 400.0, False),
        (1, 40.0, False),
    ],
)
def test_an_implausible_day_is_doubted(
    ids: int, expected: float | None, *, is_doubted: bool
) -> None:
    """Nothing all day, or far less than usual, is unknown and not "nothing changed"."""
    read = _read(AFTER, ids=ids)
    assert (windows.doubt(read, expected) is not None) is is_doubted


def test_a_day_that_lasts_is_doubted_by_how_much_of_it_has_passed() -> None:
    """At noon 11 hours count, because the feed lags; in its first hour nothing is expected."""
    assert windows.doubt(_read(NOON, ids=0), 400.0)
    assert windows.doubt(_read(NOON, ids=36), 400.0)
    assert not windows.doubt(_read(NOON, ids=37), 400.0)
    assert not windows.doubt(_read(NOON - timedelta(hours=11), ids=0), 400.0)
    assert not windows.doubt(_read(NOON, ids=0), None)


def test_a_page_without_names_is_doubted() -> None:
    """A hole in the middle may hide a hundred films."""
    assert "named nothing" in (windows.doubt(_read(empty=1), 10.0) or "")


def test_what_was_never_fetched_is_fetched() -> None:
    """A film that the feed names and that has no body is wanted in any case."""
    assert windows.needs_fetch(None, _read(), is_named_anew=False)


def test_what_was_fetched_before_it_was_named_is_fetched() -> None:
    """And not what was fetched after the reading began."""
    before, after = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
    assert windows.needs_fetch(before, _read(), is_named_anew=True)
    assert not windows.needs_fetch(before, _read(), is_named_anew=False)
    assert not windows.needs_fetch(after, _read(), is_named_anew=True)


def test_what_changed_twice_in_a_day_is_fetched_after_it() -> None:
    """A film that was fetched during its day is fetched once more when the day is over."""
    final = _read(AFTER)
    assert windows.needs_fetch(NOON, final, is_named_anew=False)
    assert not windows.needs_fetch(AFTER, final, is_named_anew=False)


def test_what_people_watch_is_fetched_at_once() -> None:
    """The rest when its day is over, over half a day; always at the same time for the same film."""
    read = _read()
    assert windows.due_after_naming(5, read, NOON, is_watched=True) == NOON
    due = [windows.due_after_naming(n, read, NOON, is_watched=False) for n in range(99)]
    assert all(AFTER <= at <= AFTER + windows.SPREAD_OTHERS for at in due)
    assert due[7] == windows.due_after_naming(7, read, NOON, is_watched=False)
    assert len({at.hour for at in due}) == 12


def test_after_the_day_everything_is_due_within_half_a_day() -> None:
    """What people watch within minutes."""
    final = _read(AFTER)
    for number in range(50):
        watched = windows.due_after_naming(number, final, AFTER, is_watched=True)
        assert AFTER <= watched <= AFTER + windows.SPREAD_WATCHED
        other = windows.due_after_naming(number, final, AFTER, is_watched=False)
        assert AFTER <= other <= AFTER + windows.SPREAD_OTHERS


def test_a_doubted_day_is_given_up_after_days() -> None:
    """Its films are looked at by age then; without that one odd day would stop the proof for ever."""
    late = AFTER + timedelta(days=3)
    assert not windows.is_given_up(DAY, AFTER + timedelta(days=2), failures=500)
    assert not windows.is_given_up(DAY, late, failures=windows.DOUBTS - 1)
    assert windows.is_given_up(DAY, late, failures=windows.DOUBTS)
    assert not windows.is_beyond_reach(DAY, AFTER + timedelta(days=12))
    assert windows.is_beyond_reach(DAY, AFTER + timedelta(days=14))


@given(st.integers(1, 2**31 - 1))
def test_a_share_is_within_one(thing: int) -> None:
    """Of any id."""
    assert 0 <= windows.share(thing) < 1
