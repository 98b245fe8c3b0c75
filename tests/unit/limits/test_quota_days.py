"""The arithmetic of a quota a day: days, shares, refusals, and what they teach."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.limits.quota_days import (
    DAY,
    KEEP_LEARNED,
    PROBE_INTERVAL,
    Quota,
    QuotaDay,
    ask_leave,
    begin_day,
    day_start,
    end_day,
    is_over,
    is_probe_due,
    new_quota,
    next_probe_at,
    note_answer,
    note_refusal,
    resumes_at,
)

SHARE = 0.79
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)


def minutes(count: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=count)


def make_quota(**changes: Any) -> Quota:
    """Return a quota of 1,000 a day, counted since midnight, of which 100 are used."""
    quota = msgspec.structs.replace(
        new_quota(1000, now=MIDNIGHT), used=100, background_used=80
    )
    return msgspec.structs.replace(quota, **changes)


def make_exhausted(at: datetime = NOON, **changes: Any) -> Quota:
    """Return a quota whose source said at *at* that it is used up."""
    facts = {"exhausted_at": at, "refused_at": at, "refusals": 1, "used": 1000}
    return make_quota(**(facts | changes))


class TestDays:
    """When a day begins and ends."""

    def test_a_new_quota_counts_from_now_until_midnight(self) -> None:
        """What was asked before is not known, and midnight is hearsay."""
        quota = new_quota(1000, now=NOON)

        assert (quota.day_started_at, quota.day_ends_at) == (NOON, MIDNIGHT + DAY)
        assert (quota.used, quota.is_reset_known) == (0, False)

    @given(
        st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - made aware below
        st.integers(0, 86_399),
    )
    def test_a_day_holds_its_moment(self, at: datetime, reset_seconds: int) -> None:
        """It begins at the hour of reset, at most a day before."""
        now = at.replace(tzinfo=UTC)

        start = day_start(now, reset_seconds)

        assert start <= now < start + DAY
        midnight = start.replace(hour=0, minute=0, second=0)
        assert (start - midnight).seconds == reset_seconds

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            (MIDNIGHT, False),
            (MIDNIGHT + DAY - minutes(1), False),
            (MIDNIGHT + DAY, True),
            (MIDNIGHT - minutes(60), False),
            (MIDNIGHT - DAY, False),
            (MIDNIGHT - DAY - minutes(1), True),
        ],
    )
    def test_a_clock_set_back_gives_no_second_day(
        self, now: datetime, *, expected: bool
    ) -> None:
        """Only one that was an imitated one, more than a day ahead, begins another."""
        assert is_over(make_quota(), now=now) is expected

    def test_a_day_begins_with_nothing_used(self) -> None:
        """The limit learned a while ago still holds."""
        quota = make_quota(learned_limit=500, learned_at=NOON, refusals=3)

        begun = begin_day(quota, now=MIDNIGHT + 3 * DAY + minutes(5))

        assert begun.day_started_at == MIDNIGHT + 3 * DAY
        assert begun.day_ends_at == MIDNIGHT + 4 * DAY
        assert (begun.used, begun.background_used, begun.refusals) == (0, 0, 0)
        assert (begun.learned_limit, begun.limit) == (500, 500)

    @pytest.mark.parametrize("age", [KEEP_LEARNED, timedelta(minutes=-1)])
    def test_what_was_learned_long_ago_is_forgotten(self, age: timedelta) -> None:
        """After a week, or under another clock, the configured limit is tried again."""
        now = MIDNIGHT + 8 * DAY
        quota = make_quota(learned_limit=500, learned_at=now - age)

        begun = begin_day(quota, now=now)

        assert (begun.learned_limit, begun.learned_at, begun.limit) == (
            None,
            None,
            1000,
        )

    def test_a_refusal_outlives_the_day(self) -> None:
        """The hour is only believed: until a request succeeds the source is used up."""
        begun = begin_day(make_exhausted(), now=MIDNIGHT + DAY)

        assert begun.exhausted_at == NOON

    def test_a_day_that_comes_again_goes_on(self) -> None:
        """A clock set back by days finds what was asked of that day."""
        earlier = end_day(make_quota(used=700, background_used=600))
        later = begin_day(make_quota(), now=MIDNIGHT + 9 * DAY)

        again = begin_day(later, now=NOON, known=earlier)

        assert (again.used, again.background_used) == (700, 600)

    def test_an_ended_day_is_what_was_counted(self) -> None:
        """With the limit that was in force."""
        quota = make_quota(learned_limit=300)

        assert end_day(quota) == QuotaDay(MIDNIGHT, MIDNIGHT + DAY, 300, 100, 80, None)
        assert end_day(quota, at=NOON).day_ended_at == NOON


class TestLeave:
    """Who may ask."""

    @pytest.mark.parametrize(
        ("used", "background_used", "is_background", "expected"),
        [
            (789, 789, True, True),
            (790, 790, True, False),
            (790, 790, False, True),
            (999, 790, False, True),
            (1000, 790, False, False),
            (1000, 0, True, False),
            (999, 0, True, True),
        ],
    )
    def test_background_leaves_the_rest_to_people(
        self, used: int, background_used: int, *, is_background: bool, expected: bool
    ) -> None:
        """Background uses 790 of 1,000, people use all; together never more than 1,000."""
        quota = make_quota(used=used, background_used=background_used)

        leave = ask_leave(quota, now=NOON, is_background=is_background, share=SHARE)

        assert leave.is_granted is expected
        assert leave.is_probe is False
        assert leave.quota.used == used + expected
        assert leave.quota.background_used == background_used + (
            expected and is_background
        )
        assert bool(leave.reason) is not expected

    @given(st.integers(1, 2**31 - 1))
    def test_the_share_is_rounded_down(self, limit: int) -> None:
        """As whole numbers have it, whatever floating point makes of it."""
        assert new_quota(limit, now=NOON).background_limit(SHARE) == limit * 79 // 100

    def test_a_larger_limit_is_not_learned(self) -> None:
        """The configured limit is what the person wants at most."""
        assert make_quota(learned_limit=5000).limit == 1000

    def test_one_probe_goes_while_the_source_is_used_up(self) -> None:
        """A quarter of an hour after the refusal one request may go, and the next only as long after it."""
        quota = make_exhausted()

        early = ask_leave(
            quota, now=NOON + minutes(14), is_background=True, share=SHARE
        )
        probe = ask_leave(
            quota, now=NOON + minutes(15), is_background=True, share=SHARE
        )
        second = ask_leave(
            probe.quota, now=NOON + minutes(29), is_background=False, share=SHARE
        )

        assert (early.is_granted, early.quota) == (False, quota)
        assert (probe.is_granted, probe.is_probe) == (True, True)
        assert (probe.quota.used, probe.quota.background_used) == (1001, 81)
        assert probe.quota.probed_at == NOON + minutes(15)
        assert second.is_granted is False

    def test_a_probe_goes_as_soon_as_the_day_is_believed_to_begin(self) -> None:
        """Not only a quarter of an hour later."""
        late = MIDNIGHT + DAY - minutes(5)
        begun = begin_day(make_exhausted(late), now=MIDNIGHT + DAY)

        assert is_probe_due(begun, now=MIDNIGHT + DAY)
        assert next_probe_at(begun, now=MIDNIGHT + DAY) == MIDNIGHT + DAY

    def test_no_probe_where_the_source_answers(self) -> None:
        """Nothing is to be found out."""
        assert is_probe_due(make_quota(), now=NOON) is False
        assert next_probe_at(make_quota(), now=NOON) is None

    def test_a_clock_set_back_delays_no_probe(self) -> None:
        """A refusal in the far future is as good as an old one."""
        assert is_probe_due(make_exhausted(), now=NOON - minutes(20))

    def test_the_next_probe(self) -> None:
        """A quarter of an hour after the last request, or when the day ends."""
        quota = make_exhausted()
        late = make_exhausted(MIDNIGHT + DAY - minutes(5))

        assert next_probe_at(quota, now=NOON) == NOON + PROBE_INTERVAL
        assert next_probe_at(late, now=MIDNIGHT + DAY - minutes(1)) == MIDNIGHT + DAY

    def test_work_goes_on_when_the_day_ends(self) -> None:
        """Unless the source says "used up" in the new day still: then when it is asked next."""
        begun = begin_day(make_exhausted(), now=MIDNIGHT + DAY)
        asked = msgspec.structs.replace(begun, probed_at=MIDNIGHT + DAY)

        assert resumes_at(make_quota(), now=NOON) == MIDNIGHT + DAY
        assert resumes_at(make_exhausted(), now=NOON) == MIDNIGHT + DAY
        assert (
            resumes_at(asked, now=MIDNIGHT + DAY + minutes(1))
            == MIDNIGHT + DAY + PROBE_INTERVAL
        )


def refuse_twice(quota: Quota, *, used_before: int | None = None) -> Quota:
    """Return *quota* after it was refused and the probe after it as well."""
    refused = note_refusal(quota, now=NOON, used_before=used_before)
    later = NOON + PROBE_INTERVAL
    probe = ask_leave(refused, now=later, is_background=True, share=SHARE)
    assert probe.is_probe
    return note_refusal(probe.quota, now=later, used_before=used_before)


class TestRefusals:
    """What "used up" teaches."""

    def test_a_refusal_stops_everybody_and_teaches_nothing_yet(self) -> None:
        """One alone may be a slip."""
        noted = note_refusal(make_quota(), now=NOON, used_before=None)

        assert (noted.exhausted_at, noted.refused_at, noted.refusals) == (NOON, NOON, 1)
        assert noted.learned_limit is None

    def test_the_limit_is_learned_at_the_first_refused_probe(self) -> None:
        """A key that may ask less than was configured: 500 answered, the 501st and the probe refused."""
        noted = refuse_twice(make_quota(used=501))

        assert (noted.learned_limit, noted.learned_at) == (500, NOON + PROBE_INTERVAL)
        assert noted.exhausted_at == NOON

    def test_it_is_learned_once(self) -> None:
        """Later probes, also those of the next day, change nothing."""
        noted = refuse_twice(make_quota(used=501))
        begun = begin_day(noted, now=MIDNIGHT + DAY)

        again = note_refusal(begun, now=MIDNIGHT + DAY, used_before=900)

        assert again.learned_limit == 500

    @pytest.mark.parametrize("used", [901, 1001, 20])
    def test_what_is_near_the_limit_or_nearly_nothing_teaches_nothing(
        self, used: int
    ) -> None:
        """Somebody else uses the key as well, or a few requests were not counted."""
        assert refuse_twice(make_quota(used=used)).learned_limit is None

    def test_yesterday_counts_while_the_hour_is_not_known(self) -> None:
        """210 today and 790 yesterday may be one day of the source."""
        assert refuse_twice(make_quota(used=211), used_before=790).learned_limit is None
        assert refuse_twice(make_quota(used=211), used_before=90).learned_limit == 300

    def test_yesterday_does_not_count_once_the_hour_is_known(self) -> None:
        """Then our day is the source's."""
        quota = make_quota(used=211, is_reset_known=True)

        assert refuse_twice(quota, used_before=790).learned_limit == 210

    def test_a_row_that_was_deleted_teaches_nothing(self) -> None:
        """It does not hold what was asked before it was made again."""
        quota = make_quota(used=211, day_started_at=MIDNIGHT + minutes(300))

        assert refuse_twice(quota, used_before=790).learned_limit is None
        assert refuse_twice(quota).learned_limit == 210


def answer(
    refused_at: datetime, now: datetime, **changes: Any
) -> tuple[Quota, QuotaDay | None]:
    """Return what is known after an answer at *now*, the last refusal being that of *refused_at*."""
    facts = {"refused_at": refused_at, "refusals": 9, "used": 1009}
    quota = make_exhausted(NOON, **(facts | changes))
    return note_answer(quota, now=now, is_background=True)


class TestNewDays:
    """What the first answer after "used up" teaches."""

    @pytest.mark.parametrize(
        ("refused_at", "answered_at", "expected"),
        [
            # The full hour between them.
            (minutes(17 * 60 + 50), minutes(18 * 60 + 5), minutes(18 * 60)),
            (minutes(17 * 60 + 45), minutes(18 * 60), minutes(18 * 60)),
            # None is between: the middle.
            (minutes(18 * 60), minutes(18 * 60 + 20), minutes(18 * 60 + 10)),
            # Several are: the one nearest to the middle.
            (minutes(14 * 60), minutes(19 * 60), minutes(16 * 60)),
        ],
    )
    def test_the_hour_is_learned(
        self, refused_at: timedelta, answered_at: timedelta, expected: timedelta
    ) -> None:
        """The new day began between the last refusal and the answer."""
        quota, ended = answer(MIDNIGHT + refused_at, MIDNIGHT + answered_at)

        began_at = MIDNIGHT + expected
        assert quota.reset_seconds == expected.total_seconds()
        assert (quota.day_started_at, quota.day_ends_at) == (began_at, began_at + DAY)
        assert quota.is_reset_known is (answered_at - refused_at <= minutes(60))
        assert (quota.used, quota.background_used) == (1, 1)
        assert quota.exhausted_at is quota.refused_at is quota.probed_at is None
        assert ended == QuotaDay(MIDNIGHT, began_at, 1000, 1009, 80, NOON)

    def test_the_believed_hour_is_confirmed(self) -> None:
        """The day that began then goes on."""
        begun = begin_day(make_exhausted(refusals=9), now=MIDNIGHT + DAY)
        asked = msgspec.structs.replace(
            begun, used=1, refused_at=MIDNIGHT + DAY - minutes(5)
        )

        quota, ended = note_answer(
            asked, now=MIDNIGHT + DAY + minutes(1), is_background=True
        )

        assert (quota.reset_seconds, quota.is_reset_known) == (0, True)
        assert (quota.used, quota.day_started_at) == (1, MIDNIGHT + DAY)
        assert quota.exhausted_at is None
        assert ended is None

    def test_a_night_without_asking_confirms_nothing(self) -> None:
        """The hour stays hearsay where the gap is wide, and stays known where it was."""
        late = MIDNIGHT + DAY + minutes(500)

        assert answer(NOON, late)[0].is_reset_known is False
        assert answer(NOON, late, is_reset_known=True)[0].is_reset_known is True

    def test_the_day_after_a_wrong_belief(self) -> None:
        """Where midnight came and brought nothing, the short day since is kept apart."""
        begun = begin_day(make_exhausted(refusals=9), now=MIDNIGHT + DAY)
        five = MIDNIGHT + DAY + minutes(300)
        asked = msgspec.structs.replace(
            begun, used=20, refusals=19, refused_at=five - minutes(10)
        )

        quota, ended = note_answer(asked, now=five + minutes(5), is_background=False)

        assert (quota.day_started_at, quota.reset_seconds) == (five, 18_000)
        assert (quota.used, quota.background_used) == (1, 0)
        assert ended is not None
        assert (ended.day_started_at, ended.day_ended_at, ended.used) == (
            MIDNIGHT + DAY,
            five,
            20,
        )

    def test_a_single_refusal_long_before_the_limit_was_a_slip(self) -> None:
        """The day goes on with its counts, and no hour is learned."""
        quota, ended = answer(NOON, NOON + minutes(15), refusals=1, used=102)

        assert (quota.used, quota.reset_seconds, ended) == (102, 0, None)
        assert quota.exhausted_at is None

    def test_a_single_refusal_at_the_limit_is_believed(self) -> None:
        """Nobody asked until the next day had begun."""
        quota, _ = answer(NOON, NOON + minutes(15), refusals=1, used=1000)

        assert quota.reset_seconds == minutes(12 * 60 + 7.5).total_seconds()

    def test_a_day_that_began_before_we_counted_leaves_no_day(self) -> None:
        """A row made after that moment has no day before it."""
        quota, ended = answer(
            NOON, NOON + minutes(15), day_started_at=NOON + minutes(9)
        )

        assert quota.used == 1
        assert ended is None

    def test_a_clock_set_back_teaches_nothing(self) -> None:
        """An answer before the refusal says only that the source answers."""
        quota, ended = answer(NOON, NOON - minutes(20))

        assert (quota.used, quota.exhausted_at, ended) == (1009, None, None)

    def test_an_answer_without_a_refusal_changes_nothing(self) -> None:
        """Somebody else resumed before."""
        quota, ended = note_answer(make_quota(), now=NOON, is_background=True)

        assert (quota, ended) == (make_quota(), None)
