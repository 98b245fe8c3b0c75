"""The audit log: what people did through the dashboard or its API, kept a year."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph.db.sql import load
from cinegraph.scrubbing import HIDDEN, presentable

KEEP = timedelta(days=400)
"""A year and a month: to see what was done in the same season."""
_LONGEST_TEXT = 1000
_LONGEST = 32 * 1024
"""Of the arguments of one line; a thousand ids are a third of that."""
_SECRET = re.compile("(?i)password|secret|token|api_?key")
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
    await conn.execute(
        load(_PACKAGE, "note_operator_action.sql"),
        {
            "at": at,
            "who": presentable(who),
            "role": role,
            "action": action,
            "arguments": Jsonb(_fit(_clean(arguments))),
            "things": things,
            "outcome": presentable(outcome),
            "error_code": error_code,
        },
    )


def _clean(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return what somebody sent as it may be stored: without secrets, and without what jsonb does not take."""
    match value:
        case None | bool() | int():
            return value
        case Mapping():
            return {
                presentable(str(name), _LONGEST_TEXT): HIDDEN
                if _SECRET.search(str(name))
                else _clean(inner)
                for name, inner in value.items()
            }
        case list() | tuple():
            return [_clean(inner) for inner in value]
        case _:
            return presentable(str(value), _LONGEST_TEXT)


def _fit(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return *arguments*, or how long they were: whoever is refused may have sent anything."""
    size = len(msgspec.json.encode(arguments))
    return arguments if size <= _LONGEST else {"left_out_bytes": size}


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
