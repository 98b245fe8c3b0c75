"""
What has to be true of the whole database, looked at once a day: queries as data, one row of `self_audits` each.

These read every row, which takes seconds at a million films; what is watched all the time is in `alerts`, whose rule
`audit_failed` reads what was found here. To add one, write its query and one row of `AUDITS`.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db.sql import load

_PACKAGE = "cinegraph.monitoring"
LONGEST_UNREFRESHED = timedelta(days=180)
"""TMDB's terms: nothing of theirs is kept for longer without having been fetched again."""


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to be true."""

    name: str
    reason: str
    """Why it has to be."""
    sql: str
    """File of a query that returns offenders (how many) and example (one, in words)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The last look at one thing."""

    name: str
    offenders: int
    example: str | None
    checked_at: datetime
    good_at: datetime | None


AUDITS: tuple[Audit, ...] = (
    Audit(
        name="unrefreshed",
        reason="TMDB's terms allow keeping a film for 180 days without fetching it again",
        sql="audit_unrefreshed.sql",
    ),
    Audit(
        name="ledger_counts",
        reason="status and levels read counts that triggers keep; they have to be those of the rows",
        sql="audit_ledger_counts.sql",
    ),
    Audit(
        name="catalog_counts",
        reason="status shows how many films, people and credits there are without counting them",
        sql="audit_catalog_counts.sql",
    ),
    Audit(
        name="unknown_to_ledger",
        reason="a stored film that the ledger does not know is never looked at again",
        sql="audit_unknown_to_ledger.sql",
    ),
    Audit(
        name="never_due",
        reason="a stored film that is due at no time is never looked at again",
        sql="audit_never_due.sql",
    ),
    Audit(
        name="uncomputed",
        reason="a stored film that is not computed, nor due, has no score, pairs or recommendations until it changes",
        sql="audit_uncomputed.sql",
    ),
)


async def audit(conn: AsyncConnection[Any], *, now: datetime) -> list[Finding]:
    """Look at everything and write down what was found; return it, in the order of `AUDITS`."""
    await conn.execute(load(_PACKAGE, "allow_long_audit.sql"))
    for one in AUDITS:
        cursor = await conn.execute(
            load(_PACKAGE, one.sql),
            {"now": now, "longest_unrefreshed": LONGEST_UNREFRESHED},
        )
        [(offenders, example)] = await cursor.fetchall()
        await conn.execute(
            load(_PACKAGE, "note_audit.sql"),
            {
                "name": one.name,
                "offenders": offenders,
                "example": example,
                "now": now,
            },
        )
    found = {one.name: one for one in await list_findings(conn)}
    return [found[one.name] for one in AUDITS]


async def list_findings(conn: AsyncConnection[Any]) -> list[Finding]:
    """Return the last look at each thing, by name; nothing before the first."""
    async with conn.cursor(row_factory=class_row(Finding)) as cursor:
        await cursor.execute(load(_PACKAGE, "list_audits.sql"))
        return await cursor.fetchall()
