"""
What comes due by age alone, once a day: films that the feed does not cover, and those near the limit of TMDB's terms.

A film that the feed covers is left to its own interval (`looks` says how little is asked for then). All are spread over
the day that follows, so that they never wait in a lump.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import strategies
from cinegraph.sync.looks import WHOLE_AFTER, WHOLE_SPREAD, Proof, is_behind

UNPROVEN_AFTER = timedelta(days=6)
"""A day before the promise of a week is broken: so long it takes until they are fetched."""
UNPROVEN_SLOWLY = timedelta(days=30)
"""Where the budget does not allow more."""
SWEEP_SHARE = 0.5
"""Of the budget that may go to it: new and changed films come first, and a day offline is caught up."""

_DAY = timedelta(days=1)
_NEVER = timedelta(0)


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What comes due by age within a day."""

    unproven: int
    old: int
    unproven_after: timedelta


def unproven_after(films: int, requests_per_second: float) -> timedelta:
    """
    Return after how long a film is fetched again that the feed proves nothing about.

    Args:
        films: How many films are kept fresh.
        requests_per_second: The budget; 0: no limit.
    """
    requests_a_day = requests_per_second * _DAY.total_seconds()
    is_affordable = films / (UNPROVEN_AFTER / _DAY) <= requests_a_day * SWEEP_SHARE
    return (
        UNPROVEN_AFTER if is_affordable or requests_per_second <= 0 else UNPROVEN_SLOWLY
    )


async def sweep(
    conn: AsyncConnection[Any],
    proof: Proof | None,
    *,
    source: str,
    kind: str,
    after: timedelta,
    now: datetime,
) -> Swept:
    """
    Let films come due within the next day that are too old for what is known of them.

    Args:
        proof: What the feed proves; None: nothing.
        after: How old a film may be that it does not cover; see `unproven_after`.

    Locks: the rows, in order of id; those that somebody is at are left, and looked at tomorrow.
    """
    is_following = proof is not None and not is_behind(proof, now)
    entry = {"source": source, "kind": kind, "now": now, "day": _DAY}
    unproven = await conn.execute(
        sql.load("cinegraph.sync", "sweep_by_age.sql"),
        {
            **entry,
            "before": proof.since if proof is not None and is_following else now,
            "age": after,
            "spread": _NEVER,
            "reason": strategies.UNPROVEN.told,
        },
    )
    old = await conn.execute(
        sql.load("cinegraph.sync", "sweep_by_age.sql"),
        {
            **entry,
            "before": now,
            "age": WHOLE_AFTER,
            "spread": WHOLE_SPREAD,
            "reason": strategies.TERMS.told,
        },
    )
    return Swept(unproven=unproven.rowcount, old=old.rowcount, unproven_after=after)
