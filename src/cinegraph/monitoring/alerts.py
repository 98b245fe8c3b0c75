"""
Troubles that nobody has to look for: rules as data, each a query of small tables; an alert is open while one finds it.

`evaluate` is called by the leading node every few seconds. What it changes is told in the log, and by the events
`cinegraph.monitoring.alert.opened` and `….closed`. To add a rule, see `monitoring.rules`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.monitoring import levels
from cinegraph.monitoring.rules import BROKEN, RULES, SOURCE, Rule, Severity
from cinegraph.telemetry import emit

_PACKAGE = "cinegraph.monitoring"
_MINUTE = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble, while it lasts and afterwards."""

    id: int
    kind: str
    """The rule's name."""
    subject: str
    """What it is about: a source, a queue, a schedule, a run."""
    severity: str
    message: str
    hint: str | None
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    """None while it lasts."""
    seen_count: int
    silenced_until: datetime | None = None
    """Real time; None: it is told."""


class Changes(msgspec.Struct, frozen=True):
    """What became different with one look at all rules."""

    opened: tuple[Alert, ...]
    closed: tuple[Alert, ...]


_BROKEN_HINT = (
    "This is a bug, or the database is overloaded; the log has the whole error."
)


class _Found(msgspec.Struct, frozen=True):
    subject: str
    message: str


async def evaluate(
    conn: psycopg.AsyncConnection[Any], *, now: datetime, disk_free: int | None = None
) -> Changes:
    """
    Look at every rule: open what is new, close what is found no longer. Two nodes at once do no harm.

    A rule that fails keeps its alerts as they are, becomes an alert itself and stops no other.

    Args:
        conn: Outside of a transaction, so that each step is one and what is told has been committed.
        disk_free: Bytes that are left on the database's disk; None: nobody knows.

    Raises:
        psycopg.OperationalError: The connection is lost.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    unknown: list[str] = []
    async with conn.transaction():
        [real_now] = await _fetch_times(conn, "cinegraph.db", "read_clock.sql")
    times = {
        "now": now,
        "real_now": real_now,
        "minute": clock.speed() * _MINUTE,
        "disk_free": disk_free,
    }
    for rule in RULES:
        try:
            if rule.reads_levels and "level" not in times:
                times["level"] = await _read_levels(conn, now)
            troubles = await _look(conn, rule, times)
        except Exception as error:
            if conn.closed:
                raise
            _log.exception("an alert rule cannot be looked at", rule=rule.name)
            unknown.append(rule.name)
            found[BROKEN, rule.name] = _broken(rule, error)
        else:
            for trouble in troubles:
                found[rule.name, trouble.subject] = _describe(rule, trouble)
    changes = await _store(conn, list(found.values()), unknown, times)
    _tell(changes)
    return changes


async def list_alerts(
    conn: psycopg.AsyncConnection[Any], *, open_only: bool = True, limit: int = 50
) -> list[Alert]:
    """Return the open alerts, the gravest first; with *open_only* off then the closed ones, the latest first."""
    return await _fetch_alerts(
        conn,
        "list_alerts.sql",
        {
            "open_only": open_only,
            "severities": [severity.value for severity in Severity],
            "limit": limit,
            "real_now": clock.real_now(),
        },
    )


async def list_closed(
    conn: psycopg.AsyncConnection[Any],
    *,
    kind: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Return what is over, opened last first; *before* is the last id of the page before."""
    return await _fetch_alerts(
        conn,
        "list_closed_alerts.sql",
        {"kind": kind, "before": before, "limit": limit},
    )


async def forget_closed(conn: psycopg.AsyncConnection[Any], *, before: datetime) -> int:
    """Delete alerts that were over before *before*; return how many."""
    cursor = await conn.execute(load(_PACKAGE, "forget_alerts.sql"), {"before": before})
    return cursor.rowcount


async def find_last_check(conn: psycopg.AsyncConnection[Any]) -> datetime | None:
    """Return when the rules were last looked at (real time); None: never."""
    times = await _fetch_times(conn, _PACKAGE, "find_alert_check.sql")
    return times[0] if times else None


async def _read_levels(conn: psycopg.AsyncConnection[Any], now: datetime) -> str:
    async with conn.transaction():
        row = await levels.read_row(conn, source=SOURCE, now=now)
    return msgspec.json.encode(row).decode()


async def _look(
    conn: psycopg.AsyncConnection[Any], rule: Rule, times: Mapping[str, Any]
) -> list[_Found]:
    # A transaction of its own: an error within spoils nothing else.
    async with conn.transaction(), conn.cursor(row_factory=class_row(_Found)) as cursor:
        await cursor.execute(load(_PACKAGE, rule.sql), {**times, **rule.parameters})
        return await cursor.fetchall()


async def _store(
    conn: psycopg.AsyncConnection[Any],
    found: Sequence[Mapping[str, str]],
    unknown: Sequence[str],
    times: Mapping[str, Any],
) -> Changes:
    values = {"found": Jsonb(found), "unknown": unknown, "now": times["now"]}
    async with conn.transaction():
        opened = await _fetch_alerts(conn, "open_alerts.sql", values)
        closed = await _fetch_alerts(conn, "close_alerts.sql", values)
        await conn.execute(
            load(_PACKAGE, "note_alert_check.sql"), {"at": times["real_now"]}
        )
    return Changes(tuple(opened), tuple(closed))


async def _fetch_alerts(
    conn: psycopg.AsyncConnection[Any], name: str, values: Mapping[str, object]
) -> list[Alert]:
    async with conn.cursor(row_factory=class_row(Alert)) as cursor:
        await cursor.execute(load(_PACKAGE, name), values)
        return await cursor.fetchall()


async def _fetch_times(
    conn: psycopg.AsyncConnection[Any], package: str, name: str
) -> list[datetime]:
    cursor = await conn.execute(load(package, name))
    return [row[0] for row in await cursor.fetchall()]


def _describe(rule: Rule, trouble: _Found) -> dict[str, str]:
    return {
        "kind": rule.name,
        "subject": trouble.subject,
        "severity": rule.severity.value,
        "message": trouble.message,
        "hint": rule.hint,
    }


def _broken(rule: Rule, error: Exception) -> dict[str, str]:
    first_line = (str(error).splitlines() or [""])[0]
    return {
        "kind": BROKEN,
        "subject": rule.name,
        "severity": Severity.WARNING.value,
        "message": f"cannot be looked at: {type(error).__name__}: {first_line}",
        "hint": _BROKEN_HINT,
    }


def _tell(changes: Changes) -> None:
    for alert in changes.opened:
        facts = {"kind": alert.kind, "subject": alert.subject, "text": alert.message}
        write = _log.info if alert.severity == Severity.NOTICE else _log.warning
        write("alert", severity=alert.severity, **facts)
        emit("cinegraph.monitoring.alert.opened", alert=alert)
    for alert in changes.closed:
        _log.info("alert is over", kind=alert.kind, subject=alert.subject)
        emit("cinegraph.monitoring.alert.closed", alert=alert)
