"""
The arithmetic of a quota a day: whose turn it is, when a day ends, what a refusal teaches. Pure.

A day of the source begins at `reset_seconds` of the UTC day, midnight until it is known better. Time is Cinegraph's.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

BACKGROUND_SHARE: Final = 0.79
"""Of the day, for work that nobody waits for: under 80 % of what the upstream allows."""

DAY: Final = timedelta(days=1)
PROBE_INTERVAL: Final = timedelta(minutes=15)
"""
How often a source that is used up is asked whether it is so still, whatever hour its day is believed to begin at: 96
requests a day at most, and a new day is noticed a quarter of an hour late.
"""
KEEP_LEARNED: Final = timedelta(days=7)
"""After a week the configured limit is tried again: a key may have been paid for. Costs one used-up day a week."""
CLEARLY_BELOW: Final = 0.9
"""A refusal after less than this part of the limit is not explained by requests that we do not know of."""
FEWEST_TO_LEARN_FROM: Final = 20
"""A refusal after fewer only shows that somebody else uses the key; no plan is so small."""
EXACT_WITHIN: Final = timedelta(hours=1)
"""A beginning of the day seen as exactly as this counts as known; some reset on the full hour, and one fits then."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
_ROUNDING: Final = 1e-9
"""0.79 × 1000 is a hair above 790 or below it, as the machine likes."""


class Quota(msgspec.Struct, frozen=True):
    """The row of one source and key; the columns say what they are."""

    daily_limit: int
    learned_limit: int | None
    learned_at: datetime | None
    day_started_at: datetime
    day_ends_at: datetime
    used: int
    background_used: int
    exhausted_at: datetime | None
    refused_at: datetime | None
    refusals: int
    probed_at: datetime | None
    reset_seconds: int
    is_reset_known: bool

    @property
    def limit(self) -> int:
        """What may be asked in a day: as configured, or less where the source let through less."""
        if self.learned_limit is None:
            return self.daily_limit
        return min(self.learned_limit, self.daily_limit)

    def background_limit(self, share: float) -> int:
        """The part of `limit` that work nobody waits for may use."""
        return int(self.limit * share + _ROUNDING)


class QuotaDay(msgspec.Struct, frozen=True):
    """A day that is over, or what was counted of it."""

    day_started_at: datetime
    day_ended_at: datetime
    daily_limit: int
    used: int
    background_used: int
    exhausted_at: datetime | None


class Leave(msgspec.Struct, frozen=True):
    """What a request that asked for its place in the day was told."""

    quota: Quota
    """The row from now on."""
    is_granted: bool
    is_probe: bool = False
    """The source said that the day is used up; this request finds out whether that is so still."""
    reason: str = ""
    """Why not, in words."""


def new_quota(daily_limit: int, *, now: datetime) -> Quota:
    """A quota nothing is known of yet: counted from *now* on, and a day by hearsay."""
    return Quota(
        daily_limit=daily_limit,
        learned_limit=None,
        learned_at=None,
        day_started_at=now,
        day_ends_at=day_start(now, 0) + DAY,
        used=0,
        background_used=0,
        exhausted_at=None,
        refused_at=None,
        refusals=0,
        probed_at=None,
        reset_seconds=0,
        is_reset_known=False,
    )


def day_start(at: datetime, reset_seconds: int) -> datetime:
    """When the day began that *at* lies in."""
    first = _EPOCH + timedelta(seconds=reset_seconds)
    return first + (at - first) // DAY * DAY


def is_over(quota: Quota, *, now: datetime) -> bool:
    """
    Whether another day is on.

    A clock set back by up to a day changes nothing, for what was asked was asked; one set back further was an imitated
    one, whose day would count for too long.
    """
    return not quota.day_started_at - DAY <= now < quota.day_ends_at


def begin_day(quota: Quota, *, now: datetime, known: QuotaDay | None = None) -> Quota:
    """
    The quota in the day of *now*. A refusal stands until a request succeeds: the hour is only believed.

    Args:
        known: What was counted of that day already, where the clock was set back to it.
    """
    start = day_start(now, quota.reset_seconds)
    is_fresh = quota.learned_at is not None and (
        timedelta(0) <= now - quota.learned_at < KEEP_LEARNED
    )
    return msgspec.structs.replace(
        quota,
        day_started_at=start,
        day_ends_at=start + DAY,
        used=known.used if known else 0,
        background_used=known.background_used if known else 0,
        refusals=0,
        learned_limit=quota.learned_limit if is_fresh else None,
        learned_at=quota.learned_at if is_fresh else None,
    )


def end_day(quota: Quota, *, at: datetime | None = None) -> QuotaDay:
    """The day of *quota* as it was; ended *at*, or when it was believed to."""
    return QuotaDay(
        day_started_at=quota.day_started_at,
        day_ended_at=quota.day_ends_at if at is None else at,
        daily_limit=quota.limit,
        used=quota.used,
        background_used=quota.background_used,
        exhausted_at=quota.exhausted_at,
    )


def ask_leave(
    quota: Quota, *, now: datetime, is_background: bool, share: float
) -> Leave:
    """Decide on one request of today: counted if it may go."""
    if quota.exhausted_at is not None:
        if not is_probe_due(quota, now=now):
            return Leave(quota, is_granted=False, reason="it said that it is used up")
        probing = msgspec.structs.replace(quota, probed_at=now)
        counted = _count(probing, is_background=is_background)
        return Leave(counted, is_granted=True, is_probe=True)
    if quota.used >= quota.limit:
        words = f"all {quota.limit} requests of the day are used"
        return Leave(quota, is_granted=False, reason=words)
    most = quota.background_limit(share)
    if is_background and quota.background_used >= most:
        words = f"all {most} requests of the day that nobody waits for are used"
        return Leave(quota, is_granted=False, reason=words)
    return Leave(_count(quota, is_background=is_background), is_granted=True)


def is_probe_due(quota: Quota, *, now: datetime) -> bool:
    """Whether a source that is used up may be asked once: a while after the last time, and when a day begins."""
    last = _last_asked(quota)
    if last is None:
        return False
    # Later than now: the clock was set back.
    return last < quota.day_started_at or abs(now - last) >= PROBE_INTERVAL


def next_probe_at(quota: Quota, *, now: datetime) -> datetime | None:
    """When it may be asked next; None when it is not used up."""
    last = _last_asked(quota)
    if last is None:
        return None
    if is_probe_due(quota, now=now):
        return now
    return min(last + PROBE_INTERVAL, max(now, quota.day_ends_at))


def resumes_at(quota: Quota, *, now: datetime) -> datetime:
    """
    When there is something left again, as far as is known.

    Once the day that was believed to bring it has come and the source says "used up" still, nobody knows: then it is
    when it is asked next.
    """
    exhausted_at = quota.exhausted_at
    if exhausted_at is None or exhausted_at >= quota.day_started_at:
        return quota.day_ends_at
    return next_probe_at(quota, now=now) or quota.day_ends_at


def note_refusal(quota: Quota, *, now: datetime, used_before: int | None) -> Quota:
    """
    The quota after the source said that the day is used up.

    What it let through is believed at the first probe that is refused as well: one refusal alone may be a slip.

    Args:
        used_before: In the day that ended when this one began; None: there is none.
    """
    refused = msgspec.structs.replace(
        quota,
        exhausted_at=quota.exhausted_at or now,
        refused_at=now,
        refusals=quota.refusals + 1,
    )
    learned = _learn_limit(refused, used_before)
    return msgspec.structs.replace(
        refused,
        learned_limit=quota.learned_limit if learned is None else learned,
        learned_at=quota.learned_at if learned is None else now,
    )


def note_answer(
    quota: Quota, *, now: datetime, is_background: bool
) -> tuple[Quota, QuotaDay | None]:
    """
    The quota after a probe was answered, and the day that ended with it.

    The new day began between the last refusal and now. Where the hour we believe in lies between, it was right.
    Otherwise it is the full hour between them, or the middle; unless the one refusal came long before the limit: that
    was a slip, and the day goes on.
    """
    resumed = msgspec.structs.replace(
        quota, exhausted_at=None, refused_at=None, refusals=0, probed_at=None
    )
    refused_at = quota.refused_at
    if refused_at is None or refused_at >= now:
        return resumed, None
    is_exact = now - refused_at <= EXACT_WITHIN
    if day_start(now, quota.reset_seconds) > refused_at:
        known = quota.is_reset_known or is_exact
        return msgspec.structs.replace(resumed, is_reset_known=known), None
    is_slip = quota.refusals == 1
    if is_slip and quota.used < CLEARLY_BELOW * quota.limit:
        return resumed, None
    began_at = _guess_beginning(refused_at, now)
    today = msgspec.structs.replace(
        resumed,
        reset_seconds=int((began_at - _EPOCH) % DAY / timedelta(seconds=1)),
        is_reset_known=is_exact,
        day_started_at=began_at,
        day_ends_at=began_at + DAY,
        used=0,
        background_used=0,
    )
    ended = end_day(quota, at=began_at) if began_at > quota.day_started_at else None
    return _count(today, is_background=is_background), ended


def _count(quota: Quota, *, is_background: bool) -> Quota:
    return msgspec.structs.replace(
        quota,
        used=quota.used + 1,
        background_used=quota.background_used + is_background,
    )


def _last_asked(quota: Quota) -> datetime | None:
    times = (quota.refused_at, quota.probed_at)
    return max((at for at in times if at is not None), default=None)


def _learn_limit(quota: Quota, used_before: int | None) -> int | None:
    """
    What the source let through in its day, where that is clearly below the limit; None: it shows nothing.

    While the hour of its day is not known, yesterday's requests may belong to its day as well.
    """
    exhausted_at, learned_at = quota.exhausted_at, quota.learned_at
    if exhausted_at is None or quota.probed_at is None:
        return None
    if learned_at is not None and learned_at >= exhausted_at:
        return None
    day_began_at = day_start(quota.day_started_at, quota.reset_seconds)
    if used_before is not None and quota.day_started_at != day_began_at:
        return None  # somebody deleted the row: what was asked before is not in it
    earlier = 0 if quota.is_reset_known else used_before or 0
    answered = quota.used - quota.refusals + earlier
    is_telling = FEWEST_TO_LEARN_FROM <= answered < CLEARLY_BELOW * quota.limit
    return answered if is_telling else None


def _guess_beginning(refused_at: datetime, now: datetime) -> datetime:
    """The full hour in (refused_at, now], the one nearest to the middle; the middle itself where there is none."""
    middle = refused_at + (now - refused_at) / 2
    hour = day_start(middle, 0) + (middle - day_start(middle, 0)) // _HOUR * _HOUR
    between = [at for at in (hour, hour + _HOUR) if refused_at < at <= now]
    return min(
        between,
        key=lambda at: abs(at - middle),
        default=middle.replace(microsecond=0),
    )
