"""How much of a film is asked for when it is due again: all of it, or a look at its votes; pure but for one reading."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import windows

WHOLE_AFTER = timedelta(days=150)
"""After this a film is fetched whole whatever the feed says: TMDB's terms allow 180 days; a month is for outages."""
WHOLE_SPREAD = timedelta(days=30)
"""By how much some are sooner: a catalogue that was imported in a day is not fetched again in one."""
PROVEN_LATELY = timedelta(days=2)
"""How far behind the feed may be while what it does not name counts as unchanged; a day is done an hour after it."""


class Proof(msgspec.Struct, frozen=True):
    """What the changes feed proves: a film fetched since `since`, and not named, is unchanged until `until`."""

    since: datetime
    until: datetime


def is_behind(proof: Proof, now: datetime) -> bool:
    """Whether the feed has not been read for so long that what it does not name may have changed."""
    return now - proof.until > PROVEN_LATELY


def whole_after(external_id: int) -> timedelta:
    """Return how old a thing may get until it is fetched whole, whatever the feed says."""
    return WHOLE_AFTER - windows.share(external_id) * WHOLE_SPREAD


def is_look(
    external_id: int,
    checked_at: datetime | None,
    changed_upstream_at: datetime | None,
    proof: Proof | None,
    now: datetime,
) -> bool:
    """
    Whether a look at what the feed does not report is enough for a film that is due.

    Args:
        checked_at: When it was last fetched whole; None: never.
        changed_upstream_at: When the feed named it, if it was not fetched since.
        proof: None: the feed was never read.
    """
    if checked_at is None or changed_upstream_at is not None or proof is None:
        return False
    if is_behind(proof, now) or checked_at < proof.since:
        return False
    return now - checked_at < whole_after(external_id)


async def find_proof(
    conn: AsyncConnection[Any], *, source: str, kind: str
) -> Proof | None:
    """Return what the feed of a source proves now."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_change_proof.sql"),
        {"source": source, "kind": kind},
    )
    row = await cursor.fetchone()
    return None if row is None else Proof(*map(_midnight, row))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
