"""When a backlog that is served day by day will be done; pure."""

import math
from datetime import datetime, timedelta

import msgspec

_DAY_SECONDS = 86_400


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to ask of a source with a quota a day."""

    things: int
    """Wanted, and those whose jobs wait."""
    a_day: int
    """What the quota gives background work in a day."""
    left_today: int
    resets_at: datetime | None
    """When the next day begins."""
    done_at: datetime | None
    """When the last of them will be asked, if nothing is added; None: there is none, or no quota to do it with."""


def reckon(
    things: int,
    *,
    a_day: int,
    left_today: int,
    resets_at: datetime,
    now: datetime,
    per_second: float,
) -> Backlog:
    """
    Return when *things* will be done.

    Args:
        a_day: What the quota gives background work in a day.
        left_today: What is left of it until *resets_at*.
        per_second: How fast the source is asked while there is quota, in Cinegraph's time; 0: it is not known.
    """
    return Backlog(
        things=things,
        a_day=a_day,
        left_today=left_today,
        resets_at=resets_at,
        done_at=_done_at(things, a_day, left_today, resets_at, now, per_second),
    )


def _done_at(  # noqa: PLR0917 - the facts of one sum
    things: int,
    a_day: int,
    left_today: int,
    resets_at: datetime,
    now: datetime,
    per_second: float,
) -> datetime | None:
    if things == 0:
        return None
    if per_second > 0 and a_day > 0:
        # A quota is not used up where the source answers too slowly for it.
        until_reset = (resets_at - now).total_seconds()
        left_today = min(left_today, int(per_second * until_reset))
        a_day = max(1, min(a_day, int(per_second * _DAY_SECONDS)))
    if things <= left_today:
        return now + _taking(things, per_second)
    if a_day <= 0:
        return None
    rest = things - max(left_today, 0)
    whole_days = math.ceil(rest / a_day) - 1
    last = rest - whole_days * a_day
    begins = resets_at + timedelta(days=whole_days)
    return begins + _taking(last, per_second)


def _taking(things: int, per_second: float) -> timedelta:
    return timedelta(seconds=things / per_second) if per_second > 0 else timedelta(0)
