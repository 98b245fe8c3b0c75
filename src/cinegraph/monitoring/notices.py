"""
Messages about alerts: what is told of them, when, and what became of each message.

An alert is told once when it opens and once when it is over, whichever node leads and however often it restarts: what
was told stands beside the alert, in the transaction that makes the message. Several within a minute are one message.
What opens again within a minute of its end goes on, for who hears of it. Notices, and what somebody silenced, are not
told. `cinegraph.jobs.notifying` sends.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.monitoring.alerts import Alert
from cinegraph.monitoring.rules import Severity
from cinegraph.monitoring.targets import Target

GAP = timedelta(minutes=1)
"""Between two messages, and after the end of an alert: what happens within is told at once."""
TOLD = (Severity.CRITICAL, Severity.WARNING)
FIRST_PAUSE = timedelta(seconds=30)
"""Before the second try; it doubles."""
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP = timedelta(days=1)
"""News of yesterday's trouble help nobody; the page still shows it."""
KEEP = timedelta(days=90)
"""As alerts."""
_MOST_LINES = 20
_ORDER = {severity.value: place for place, severity in enumerate(Severity)}
_PACKAGE = "cinegraph.monitoring"


class Text(msgspec.Struct, frozen=True):
    """What a message says."""

    title: str
    body: str


class DueMessage(msgspec.Struct, frozen=True):
    """A message that is to be sent now."""

    id: int
    created_at: datetime
    target: str
    """Fingerprint of the address."""
    title: str
    body: str
    is_test: bool


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message to one address. Real time."""

    id: int
    name: str
    """Of the address."""
    title: str
    body: str
    is_test: bool
    created_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    next_try_at: datetime
    attempts: int
    problem: str | None
    """Of the last try; None: there was none, or it was sent."""

    @property
    def state(self) -> str:
        """In one word."""
        if self.sent_at:
            return "sent"
        if self.given_up_at:
            return "failed" if self.is_test else "given up"
        return "waiting" if self.problem is None else "failed"


def compose(opened: Sequence[Alert], closed: Sequence[Alert]) -> Text:
    """Say what opened, the gravest first, and what is over; pure."""
    gravest_first = sorted(
        opened, key=lambda one: (_ORDER[one.severity], one.opened_at, one.id)
    )
    parts = [_opening(one) for one in gravest_first] + [_end(one) for one in closed]
    if len(parts) == 1:
        [one] = [*opened, *closed]
        word = one.severity if opened else "over"
        title = f"{word}: {_plain(one.kind)} ({one.subject})"
    else:
        counts = [(len(opened), "open"), (len(closed), "over")]
        title = "alerts: " + ", ".join(f"{n} {word}" for n, word in counts if n)
    left_out = len(parts) - _MOST_LINES
    if left_out > 0:
        parts[_MOST_LINES:] = [f"and {left_out} more: cinegraph alerts"]
    return Text(f"Cinegraph: {title}", "\n\n".join(parts))


async def make_due(
    conn: AsyncConnection[Any], targets: Sequence[Target], *, real_now: datetime
) -> int:
    """Make the messages that are due for *targets*, in the caller's transaction; return how many."""
    cursor = await conn.execute(load(_PACKAGE, "find_last_message.sql"))
    [(last,)] = await cursor.fetchall()
    if last is not None and last <= real_now < last + GAP:
        return 0
    values: dict[str, object] = {
        "real_now": real_now,
        "severities": [severity.value for severity in TOLD],
        "before": clock.now() - GAP * clock.speed(),
    }
    await conn.execute(load(_PACKAGE, "inherit_told.sql"), values)
    opened = await _take(conn, "take_opened.sql", values)
    closed = await _take(conn, "take_closed.sql", values)
    closed = [one for one in closed if one.silenced_until is None]
    if not opened and not closed:
        return 0
    text = compose(opened, closed)
    return await add(conn, targets, text, is_test=False, real_now=real_now)


async def add(
    conn: AsyncConnection[Any],
    targets: Sequence[Target],
    text: Text,
    *,
    is_test: bool,
    real_now: datetime,
) -> int:
    """Let *text* be sent to each of *targets*; return how many messages that are."""
    told = [{"target": one.fingerprint, "name": one.name} for one in targets]
    cursor = await conn.execute(
        load(_PACKAGE, "add_messages.sql"),
        {
            "targets": Jsonb(told),
            "title": text.title,
            "body": text.body,
            "is_test": is_test,
            "real_now": real_now,
        },
    )
    return cursor.rowcount


async def claim(conn: AsyncConnection[Any], *, real_now: datetime) -> DueMessage | None:
    """Take the next message that is due; unless its try is noted it is due again, later. None: there is none."""
    async with conn.cursor(row_factory=class_row(DueMessage)) as cursor:
        await cursor.execute(
            load(_PACKAGE, "claim_message.sql"),
            {"first": FIRST_PAUSE, "longest": LONGEST_PAUSE, "real_now": real_now},
        )
        return await cursor.fetchone()


async def note_try(
    conn: AsyncConnection[Any],
    message: DueMessage,
    problem: str | None,
    *,
    gives_up: bool = False,
    real_now: datetime,
) -> None:
    """Note why a message was not sent; None: it was."""
    is_old = real_now >= message.created_at + GIVE_UP
    await conn.execute(
        load(_PACKAGE, "note_try.sql"),
        {
            "id": message.id,
            "problem": problem,
            # Who tests is looking, and tests again.
            "gives_up": gives_up or is_old or message.is_test,
            "real_now": real_now,
        },
    )


async def list_messages(
    conn: AsyncConnection[Any], *, limit: int = 20
) -> list[Message]:
    """Return what became of the last messages, the latest first."""
    async with conn.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(load(_PACKAGE, "list_messages.sql"), {"limit": limit})
        return await cursor.fetchall()


async def forget(conn: AsyncConnection[Any], *, before: datetime) -> None:
    """Delete messages, and silences that were over, before *before* (real time)."""
    await conn.execute(load(_PACKAGE, "forget_messages.sql"), {"before": before})


async def _take(
    conn: AsyncConnection[Any], name: str, values: dict[str, object]
) -> list[Alert]:
    async with conn.cursor(row_factory=class_row(Alert)) as cursor:
        await cursor.execute(load(_PACKAGE, name), values)
        found = await cursor.fetchall()
    return sorted(found, key=lambda one: one.id)


def _opening(alert: Alert) -> str:
    told = f"{alert.severity.upper()} {_plain(alert.kind)} ({alert.subject}): {alert.message}"
    return f"{told}\n{alert.hint}" if alert.hint else told


def _end(alert: Alert) -> str:
    if alert.closed_at is None:
        return f"OVER {_plain(alert.kind)} ({alert.subject})"
    lasted = (alert.closed_at - alert.opened_at).total_seconds()
    return f"OVER {_plain(alert.kind)} ({alert.subject}), after {_minutes(lasted)}"


def _minutes(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"  # noqa: PLR2004 - two hours


def _plain(kind: str) -> str:
    return kind.replace("_", " ")
