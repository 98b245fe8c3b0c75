"""When a thing is looked at again; pure, the only place that decides it."""

from datetime import datetime, timedelta

RECHECK_FRESH = timedelta(days=30)
"""A film nobody asks for is looked at monthly; TMDB's terms allow keeping what is not refreshed for 180 days."""
RECHECK_ABSENT = timedelta(days=90)
"""Ids are never reused, but a film taken off may come back."""
RECHECK_QUARANTINED = timedelta(days=7)
"""The upstream mends a broken body, or we mend our reader, within days."""
RETRY_FAILED = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
)
"""A film that keeps failing backs off; an outage of an hour costs no more than one."""

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
