"""When a thing is looked at again; pure, the only place that decides it."""

import math
from datetime import date, datetime, timedelta

RECHECK_FRESH = timedelta(days=30)
"""Of what has no interval of its own (`freshness`); TMDB's terms allow keeping what is not refreshed for 180 days."""
RECHECK_POPULAR = timedelta(days=7)
"""Popular films, unless the operator says otherwise (`update_interval_days`)."""
RECHECK_ABSENT = timedelta(days=90)
"""Ids are never reused, but a film taken off may come back."""
RECHECK_CACHED = timedelta(minutes=15)
"""At the soonest, of a film that has changed since a cache made the answer that it gives: it may not say how long."""
RECHECK_DENIED = timedelta(hours=6)
"""A film that is stored, or that a list names, was denied: one 404 may be a fault, which lasts hours at most."""
RECHECK_DENIED_AGAIN = timedelta(days=7)
"""It was denied hours apart, and the daily lists decide now."""
ENOUGH_DENIALS = 2
"""That a film is gone takes so many, beside what the daily lists say (`gone`)."""
DENIALS_APART = timedelta(hours=4)
"""Between two that count: what a cache or a fault of the source tells twice in a row is one."""
RECHECK_CANCELLED = timedelta(days=1)
"""A person ended its job: not now; what people see of it gets older every day."""
RECHECK_QUARANTINED = timedelta(days=7)
"""The upstream mends a broken body, or we mend our reader, within days."""
RETRY_FAILED = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
)
"""A film that keeps failing backs off; an outage of an hour costs no more than one."""

RECHECK_EMPTY_YOUNG = timedelta(days=3)
"""A film of the last months that OMDb has no ratings of yet: IMDb's arrive there within days (omdbapi/OMDb-API#96)."""
RECHECK_EMPTY_OLD = timedelta(days=60)
"""An old film without ratings seldom gets any."""
YOUNG = timedelta(days=180)
"""Since its release: while a film's numbers move."""

ROUND_DELAYS = (timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=20))
"""
How long after its attempts are used up a film of a run gets a further round of attempts, by round.

Backoff inside a round lasts two minutes; these let a run outlive an outage of half an hour before it counts a film
as failed.
"""

RECHECK_ABSENCE = timedelta(seconds=20)
"""How long after a first 404 a film that a list names is asked for once more: caches in front of TMDB lag seconds."""


def due_after_found(now: datetime) -> datetime:
    """Return when a film that was just fetched is due again."""
    return now + RECHECK_FRESH


def due_after_absent(now: datetime) -> datetime:
    """Return when an id that the source does not know is asked for again."""
    return now + RECHECK_ABSENT


def due_after_denied(now: datetime, *, is_again: bool) -> datetime:
    """Return when a film that ought to be there is asked for again: soon, until it was denied hours apart."""
    return now + (RECHECK_DENIED_AGAIN if is_again else RECHECK_DENIED)


def due_after_cancelled(now: datetime) -> datetime:
    """Return when a film is asked for again whose job a person ended, and that no run waits for."""
    return now + RECHECK_CANCELLED


def due_after_quarantined(now: datetime) -> datetime:
    """Return when a film whose body could not be read is asked for again."""
    return now + RECHECK_QUARANTINED


def due_after_failed(now: datetime, failures: int) -> datetime:
    """
    Return when a film that could not be fetched is due again.

    Args:
        failures: How often it was given up since the last answer, at least 1; all rounds of a run are one.
    """
    step = min(max(failures, 1), len(RETRY_FAILED)) - 1
    return now + RETRY_FAILED[step]


def next_round_at(now: datetime, finished_round: int) -> datetime | None:
    """
    Return when a run tries again what used up its attempts, or `None` when it counts as failed.

    Args:
        finished_round: The round that has just ended, 1 the first.
    """
    if finished_round > len(ROUND_DELAYS):
        return None
    return now + ROUND_DELAYS[finished_round - 1]


POPULAR = 20.0
"""TMDB's popularity from which a film is among some 2,000 that people look up all the time."""


def is_watched(
    popularity: float | None,
    released_on: date | None,
    *,
    now: datetime,
    popular_from: float = POPULAR,
) -> bool:
    """
    Whether a film's numbers move: it is popular, came out in the last months, or is about to.

    Args:
        popular_from: The popularity from which a film is among the 2,000 most popular ones today.
    """
    if popularity is not None and popularity >= popular_from:
        return True
    if released_on is None:
        return False
    return (now - YOUNG).date() < released_on < (now + YOUNG).date()


def due_after_empty(now: datetime, released_on: date | None) -> datetime:
    """Return when a film is asked for again of which the source holds nothing yet."""
    is_young = released_on is None or released_on > (now - YOUNG).date()
    return now + (RECHECK_EMPTY_YOUNG if is_young else RECHECK_EMPTY_OLD)


VIDEO_SHARE = 0.1
"""What a recording (a concert, a making-of) is worth beside a film of the same popularity."""
NEW_BONUS = 20.0
"""A film of the last months is asked for as often as one of popularity 20, which is among the first 2,000."""
NOMINATED_BONUS = 50.0
LISTED_BONUS = 30.0
"""Nominations and cultural lists outlast popularity: their films are looked up for decades."""
NEVER_ASKED_FACTOR = 2.0
"""The first answer brings all ratings, a later one only what moved."""


def film_value(popularity: float | None, *, is_video: bool = False) -> float:
    """
    Return what fetching a film is worth, from 0: its popularity, less for recordings.

    Args:
        popularity: TMDB's, 0 to some thousands; unknown is 0.
        is_video: Whether TMDB calls it a video.
    """
    value = popularity if popularity and math.isfinite(popularity) else 0.0
    return max(value, 0.0) * (VIDEO_SHARE if is_video else 1.0)


def title_value(
    popularity: float | None,
    *,
    released_on: date | None,
    now: datetime,
    is_nominated: bool = False,
    is_listed: bool = False,
) -> float:
    """
    Return what one call of a daily quota is worth for a film, from 0.

    Nominated before listed before new before popular. Asking again is worth less: `NEVER_ASKED_FACTOR`.
    """
    value = film_value(popularity)
    if is_nominated:
        value += NOMINATED_BONUS
    if is_listed:
        value += LISTED_BONUS
    if released_on is not None and (now - YOUNG).date() < released_on <= now.date():
        value += NEW_BONUS
    return value


FEED_SECONDS = 30.0
"""Jobs that wait are what the budget serves in so long: enough to outlive a change of leader, few enough to reorder."""
FEWEST_FED = 200
MOST_FED = 5_000
"""A tenth of the live rows that the jobs' table may hold; open imports take it in ten seconds."""
FEED_BATCH = 1_000
"""Jobs made in one turn, some 50 ms."""
REFILL_SHARE = 0.75
"""A queue is topped up when it has fallen to this share: small turns that change nothing cost nothing."""
CHANGED_SHARE = 0.5
"""
Of a queue's depth, beside it, for what changed upstream.

It goes before all else that waits in the queue. Without room of its own it would not get in while routine fills it: in
a month of 50,000 films popular ones that had changed waited for a day.
"""


def queue_depth(requests_per_second: float) -> int:
    """
    Return how many jobs of a source may wait in its queue.

    Args:
        requests_per_second: What the budget gives now; 0 is no limit.
    """
    if requests_per_second <= 0:
        return MOST_FED
    return round(min(max(requests_per_second * FEED_SECONDS, FEWEST_FED), MOST_FED))


def changed_depth(depth: int) -> int:
    """Return how many jobs may wait with those of what changed upstream, in a queue of *depth*."""
    return round(depth * (1 + CHANGED_SHARE))


def feed_size(
    *, waiting: int, depth: int, allowance: int | None, batch: int = FEED_BATCH
) -> int:
    """
    Return how many jobs to make now.

    Args:
        waiting: Jobs of the source that have not ended.
        depth: Of its queue.
        allowance: What is left of the day's quota for background work, whoever asks; None: there is no quota.
        batch: The most in one turn.
    """
    if waiting > depth * REFILL_SHARE:
        return 0
    room = depth - waiting
    if allowance is not None:
        # Every job that waits will take one of the day's.
        room = min(room, allowance - waiting)
    return max(0, min(room, batch))
