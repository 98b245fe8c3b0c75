"""
Days of the changes feed: which to read, when one is whole, what to doubt, and when a film it names is asked for; pure.

The feed says that something of a film changed within a window of days, not what, and not when. It is read in windows of
one day, UTC. A day is read again and again while it lasts, and is done when it was read whole some time after its end,
because the feed lags behind what it reports. Days follow each other without a gap, so what none of them names has not
changed.

```
        done            done            open: over, not read whole since       open: today
  ┌──────────────┬──────────────┬───────────────────────────────────────┬───────────────────── now
  unbroken_from                 watermark
```
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import msgspec

DAY = timedelta(days=1)
SETTLE = timedelta(hours=1)
"""
How long after its end a day is read for the last time.

Update feeds lag by minutes (thetvdb/v4-api#46), and nothing is lost by waiting.
"""
REACH = timedelta(days=14)
"""How far back TMDB says that its feed answers; it may answer for longer, which is tried."""
WALK_BACK = timedelta(days=90)
"""After months off no older day is asked for: a feed that answered so far back was never seen."""
DOUBT_FOR = timedelta(days=3)
"""How long after its end a day is asked for again whose answers are implausible, before it counts as lost."""
DOUBTS = 96
"""Readings of a day in a row that failed or were doubted, before it counts as lost: a day of quarter hours."""
FEWEST_EXPECTED = 5.0
"""Ids a day from which an empty day is not believed: by chance it is once in 150 such days (Poisson)."""
SMALLEST_SHARE = 0.2
"""Of the ids of an ordinary day: less is a feed that was cut, not a quiet day."""
SHARE_EXPECTED_FROM = 50.0
SPREAD_WATCHED = timedelta(minutes=10)
SPREAD_OTHERS = timedelta(hours=12)
"""Over which the films of a day that is done are asked for: the queue stays short, and the next day comes after it."""


class WindowRead(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading of a day's pages found."""

    day: date
    began_at: datetime
    """What the feed showed then is in it."""
    pages: int
    times: Mapping[int, int]
    """How often each id was named."""
    adult_ids: frozenset[int] = frozenset()
    """Ids that the feed calls adult; of others it says no, or nothing."""
    empty_pages: int = 0
    """Pages before the last that named nothing."""


def end_of(day: date) -> datetime:
    """Return when a day ends, UTC."""
    return datetime.combine(day, time(0), UTC) + DAY


def is_over(day: date, at: datetime) -> bool:
    """Whether what a reading that began *at* says of a day is all there is to say."""
    return at >= end_of(day) + SETTLE


def days_to_open(
    last: date | None, oldest_check: datetime | None, now: datetime
) -> list[date]:
    """
    Return the days that are to be read from now on, ascending, so that they follow what is known without a gap.

    Args:
        last: The last day that is known; None: the feed was never read.
        oldest_check: When the film that was fetched longest ago was; nothing before needs a proof.
    """
    today = now.astimezone(UTC).date()
    if last is not None:
        first = max(last + DAY, today - WALK_BACK)
    elif oldest_check is not None:
        first = max(oldest_check.astimezone(UTC).date(), today - REACH)
    else:
        first = today
    return [first + days * DAY for days in range((today - first).days + 1)]


def is_beyond_reach(day: date, now: datetime) -> bool:
    """Whether TMDB does not promise to answer for a day any more."""
    return now - end_of(day) > REACH - DAY


def doubt(read: WindowRead, expected_ids: float | None) -> str | None:
    """
    Return why a reading of a day is not believed; None: it is.

    While the day lasts less is expected, by how much of it has passed.

    Args:
        expected_ids: Of an ordinary day; None while no day was ever done.
    """
    passed = min((read.began_at - end_of(read.day) - SETTLE) / DAY + 1, 1.0)
    if expected_ids is not None:
        expected_ids *= max(passed, 0.0)
    elif passed < 1:
        return None
    if read.empty_pages:
        return f"{read.empty_pages} of {read.pages} pages named nothing"
    found = len(read.times)
    if found == 0 and (expected_ids is None or expected_ids >= FEWEST_EXPECTED):
        return f"the feed named nothing {'so far' if passed < 1 else 'all day'}"
    if expected_ids is None or expected_ids < SHARE_EXPECTED_FROM:
        return None
    if found < expected_ids * SMALLEST_SHARE:
        return f"the feed named {found} ids, an ordinary day has {expected_ids:.0f} by then"
    return None


def is_given_up(day: date, now: datetime, *, failures: int) -> bool:
    """
    Whether a day whose answers are doubted counts as lost: its films are looked at by age instead.

    Args:
        failures: Readings in a row that failed or were doubted: after days off, one bad answer is no evidence.
    """
    return now - end_of(day) > DOUBT_FOR and failures >= DOUBTS


def needs_fetch(
    checked_at: datetime | None, read: WindowRead, *, is_named_anew: bool
) -> bool:
    """
    Whether a film that a reading names has to be fetched (again).

    Args:
        checked_at: When it was last fetched whole; None: never.
        is_named_anew: Whether the reading names it more often than the one before.
    """
    if checked_at is None:
        return True
    if is_named_anew:
        return checked_at < read.began_at
    # What changed twice in a day may be named once: after the day's end it is fetched once more.
    return is_over(read.day, read.began_at) and checked_at < end_of(read.day) + SETTLE


def due_after_naming(
    tmdb_id: int, read: WindowRead, now: datetime, *, is_watched: bool
) -> datetime:
    """
    Return when a film that the feed names is fetched.

    What people watch at once; the rest when its day is over, because it may change again until then, and one request
    serves both.
    """
    if is_over(read.day, read.began_at):
        return now + share(tmdb_id) * (SPREAD_WATCHED if is_watched else SPREAD_OTHERS)
    if is_watched:
        return now
    return end_of(read.day) + SETTLE + share(tmdb_id) * SPREAD_OTHERS


def share(thing: int) -> float:
    """
    Return a number from 0 to 1 that is always the same for a thing, and spreads neighbours far apart.

    Source: Knuth's multiplicative hashing, The Art of Computer Programming 3, 6.4.
    """
    return (thing * 2_654_435_761 % 2**32) / 2**32
