"""The audit log: what people did through the dashboard or its API, kept a year."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph.db.sql import load
from cinegraph.scrubbing import presentable, scrub

KEEP = timedelta(days=400)
"""A year and a month: to see what was done in the same season."""
_PACKAGE = "cinegraph.monitoring"


class OperatorAction(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did, or was refused. Real time."""

    id: int
    at: datetime
    who: str
    role: str
    action: str
    """Such as `run.pause`."""
    arguments: dict[str, Any]
    things: int
    """How many jobs, films or others it concerned."""
    outcome: str
    """What the person was told."""
    error_code: str | None
    """None: it was done."""


async def note(
    conn: AsyncConnection[Any],
    *,
    at: datetime,
    who: str,
    role: str,
    action: str,
    arguments: Mapping[str, Any],
    things: int,
    outcome: str,
    error_code: str | None = None,
) -> None:
    """Write down what somebody did; secrets are taken out."""
    told = msgspec.json.decode(scrub(msgspec.json.encode(arguments).decode()))
    await conn.execute(
        load(_PACKAGE, "note_operator_action.sql"),
        {
            "at": at,
            "who": presentable(who),
            "role": role,
            "action": action,
            "arguments": Jsonb(told),
            "things": things,
            "outcome": presentable(outcome),
            "error_code": error_code,
        },
    )


async def list_actions(
    conn: AsyncConnection[Any],
    *,
    action: str | None = None,
    who: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[OperatorAction]:
    """Return what was done, the latest first; *before* is the last id of the page before."""
    async with conn.cursor(row_factory=class_row(OperatorAction)) as cursor:
        await cursor.execute(
            load(_PACKAGE, "list_operator_actions.sql"),
            {"action": action, "who": who, "before": before, "limit": limit},
        )
        return await cursor.fetchall()


async def forget(conn: AsyncConnection[Any], *, before: datetime) -> int:
    """Delete what was done before *before* (real time); return how many."""
    cursor = await conn.execute(
        load(_PACKAGE, "forget_operator_actions.sql"), {"before": before}
    )
    return cursor.rowcount
