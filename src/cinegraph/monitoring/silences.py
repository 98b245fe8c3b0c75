"""Silences: alerts that somebody knows of and does not want to hear about for a while. Real time."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db.sql import load
from cinegraph.errors import UsageError
from cinegraph.monitoring.rules import BROKEN, RULES
from cinegraph.scrubbing import presentable

LONGEST = timedelta(days=30)
"""What is silent for longer is forgotten."""
_PACKAGE = "cinegraph.monitoring"


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """One silence that lasts."""

    id: int
    kind: str
    """Of the alerts: the name of a rule."""
    subject: str | None
    """None: every one of the kind."""
    who: str
    created_at: datetime
    until: datetime


async def add(
    conn: AsyncConnection[Any],
    *,
    kind: str,
    subject: str | None,
    lasts: timedelta,
    who: str,
    real_now: datetime,
) -> Silence:
    """
    Let alerts be silent: neither banners nor messages tell of them.

    Raises:
        UsageError: There is no such rule, or it is to last for no time or too long.
    """
    kinds = [*(rule.name for rule in RULES), BROKEN]
    if kind not in kinds:
        raise UsageError(
            f"there is no alert {kind!r}", hint=f"Alerts: {', '.join(kinds)}."
        )
    if not timedelta(0) < lasts <= LONGEST:
        raise UsageError(
            f"alerts cannot be silent for {lasts.total_seconds() / 3600:g} hours",
            hint=f"Give up to {LONGEST // timedelta(hours=1)} hours.",
        )
    values = {
        "kind": kind,
        "subject": presentable(subject) if subject else None,
        "who": presentable(who),
        "real_now": real_now,
        "until": real_now + lasts,
    }
    cursor = await conn.execute(load(_PACKAGE, "add_silence.sql"), values)
    [(id_,)] = await cursor.fetchall()
    return Silence(
        id=id_,
        kind=kind,
        subject=subject or None,
        who=who,
        created_at=real_now,
        until=real_now + lasts,
    )


async def end(conn: AsyncConnection[Any], id_: int, *, real_now: datetime) -> bool:
    """Let alerts be told again; False: that silence was over."""
    cursor = await conn.execute(
        load(_PACKAGE, "end_silence.sql"), {"id": id_, "real_now": real_now}
    )
    return bool(cursor.rowcount)


async def list_lasting(
    conn: AsyncConnection[Any], *, real_now: datetime
) -> list[Silence]:
    """Return the silences that last, the one that ends first first."""
    async with conn.cursor(row_factory=class_row(Silence)) as cursor:
        await cursor.execute(
            load(_PACKAGE, "list_silences.sql"), {"real_now": real_now}
        )
        return await cursor.fetchall()
