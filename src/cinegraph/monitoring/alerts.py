"""
Troubles that nobody has to look for: rules as data, each a query of small tables; an alert is open while one finds it.

`evaluate` is called by the leading node every few seconds. What it changes is told in the log, and by the events
`cinegraph.monitoring.alert.opened` and `….closed`. To add a rule, write its query and one row of `RULES`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.enrichment.due import taking
from cinegraph.monitoring import levels
from cinegraph.sync import schedule
from cinegraph.telemetry import emit

_PACKAGE = "cinegraph.monitoring"
_log = structlog.get_logger(__name__)

ALIVE = timedelta(seconds=30)
"""A node whose heartbeat, one a second, is silent for longer counts as dead; its jobs go to others far earlier."""


class Severity(StrEnum):
    """How much it matters; equal to the stored text, the gravest first."""

    CRITICAL = "critical"
    """Work stands still until a person does something."""
    WARNING = "warning"
    """Work suffers; it may mend by itself."""
    NOTICE = "notice"
    """As it should be, but worth knowing."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble, and how it is found."""

    name: str
    """Stored as the kind of its alerts."""
    severity: Severity
    reason: str
    """Why it matters."""
    sql: str
    """File of a query that returns subject and message of each thing that is wrong."""
    hint: str
    """What a person can do."""
    reads_levels: bool = False
    """Whether the query takes the service levels, computed once a look, as the parameter `level`."""
    parameters: Mapping[str, object] = MappingProxyType({})
    """
    Thresholds, beside what every query may use: `now` (Cinegraph's time), `real_now` (the database's clock) and
    `minute`, how much of Cinegraph's time passes in a real minute.
    """


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


class Changes(msgspec.Struct, frozen=True):
    """What became different with one look at all rules."""

    opened: tuple[Alert, ...]
    closed: tuple[Alert, ...]


_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)

_SOURCE = "tmdb"
"""Whose service levels are looked at."""
_LEVELS: Mapping[str, object] = MappingProxyType({"source": _SOURCE})

RULES: tuple[Rule, ...] = (
    Rule(
        name="key_refused",
        severity=Severity.CRITICAL,
        reason="the source stands still until somebody mends the key",
        sql="alert_key_refused.sql",
        hint="Check the key (`cinegraph doctor`); its work waits and nothing is lost.",
    ),
    Rule(
        name="circuit_open",
        severity=Severity.WARNING,
        reason="a restart takes a minute; what lasts longer delays everything of that source",
        sql="alert_circuit_open.sql",
        hint="Look at the source's own status page and at the network; work goes on by itself when it answers.",
        parameters={"longest": 5 * _MINUTE},
    ),
    Rule(
        name="source_throttled",
        severity=Severity.WARNING,
        reason="pauses double up to a minute, so ten minutes of 429 are no passing crowd",
        sql="alert_source_throttled.sql",
        hint="Somebody else may use the same key or address; `cinegraph limits` shows what we ask.",
        parameters={"longest": 10 * _MINUTE, "lately": 2 * _MINUTE},
    ),
    Rule(
        name="quota_used_up",
        severity=Severity.NOTICE,
        reason="nothing of that source is fetched until its next day, also for people who wait",
        sql="alert_quota_used_up.sql",
        hint="It goes on by itself; `cinegraph limits` shows what used the day.",
    ),
    Rule(
        name="quota_below_configured",
        severity=Severity.WARNING,
        reason="plans and predictions reckon with what is configured",
        sql="alert_quota_below_configured.sql",
        hint="Set the limit that the key really has, or use the key that was paid for.",
        # The learning itself takes anything clearly below for real; a fifth is what a shared key may explain.
        parameters={"least_share": 0.8},
    ),
    Rule(
        name="awards_source_failing",
        severity=Severity.WARNING,
        reason="nominations and winners come from there alone; what was said before stays",
        sql="alert_awards_source_failing.sql",
        hint="`cinegraph festivals status` says what is wrong: down, blocked, empty or another layout. A page that you"
        " save yourself is imported with `festivals import EVENT --file FILE`.",
        parameters={"longest": 36 * _HOUR},
    ),
    Rule(
        name="award_stage_idle",
        severity=Severity.WARNING,
        reason="a way of finding films or people that never wins is broken, and nothing else would tell",
        sql="alert_award_stage_idle.sql",
        hint="`cinegraph festivals status` counts every way; `festivals unresolved` shows what is missing.",
    ),
    Rule(
        name="list_failing",
        severity=Severity.WARNING,
        reason="its members stay as they were, and nobody would notice that it went on without us",
        sql="alert_list_failing.sql",
        hint="`cinegraph lists list` says what is wrong; `lists import KEY --accept-shrunk` where that is right.",
        parameters={"longest": 36 * _HOUR},
    ),
    Rule(
        name="enrichment_behind",
        severity=Severity.WARNING,
        reason="what changed is computed within seconds, all films within hours; older scores and lists are wrong",
        sql="alert_enrichment_behind.sql",
        hint="Does a node run the queue `enrichment`? `cinegraph enrich status` tells what is due.",
        parameters={
            "longest": 2 * _HOUR,
            "longest_pass": timedelta(days=1),
            "rest": float(taking.REST),
        },
    ),
    Rule(
        name="enrichment_failing",
        severity=Severity.WARNING,
        reason="single films may have odd data; many that fail twice are a fault of ours",
        sql="alert_enrichment_failing.sql",
        hint="See why: `cinegraph jobs list --queue enrichment --state discarded`; they are tried again by themselves.",
        parameters={"fewest": 20},
    ),
    Rule(
        name="export_refused",
        severity=Severity.WARNING,
        reason="new films and removals are seen in the daily list alone; yesterday's is kept",
        sql="alert_export_refused.sql",
        hint="The next try comes by itself; if it goes on, look at the file at its source.",
        parameters={"lately": timedelta(days=2)},
    ),
    Rule(
        name="export_stale",
        severity=Severity.WARNING,
        reason="one missed day is caught up the next; after two nobody sees new films",
        sql="alert_export_stale.sql",
        hint="Look for failed jobs (`cinegraph jobs list --state discarded`) and at TMDB_EXPORTS_URL.",
        # Other lists are switched on and off by settings.
        parameters={"longest": timedelta(days=2), "kinds": ["movie"]},
    ),
    Rule(
        name="changes_stale",
        severity=Severity.WARNING,
        reason="it is read every 15 minutes, a day is done an hour after it; without it nothing is proven unchanged",
        sql="alert_changes_stale.sql",
        hint="`cinegraph update feed` shows its days and why they fail; is the schedule FollowChanges paused?",
        parameters={"longest": _HOUR, "behind": timedelta(days=2)},
    ),
    Rule(
        name="schedule_late",
        severity=Severity.WARNING,
        reason="the leading node starts what is due within seconds",
        sql="alert_schedule_late.sql",
        hint="Is a node at work (`cinegraph doctor`)? What was missed is caught up.",
        parameters={"longest": 30 * _MINUTE, "names": list(schedule.BY_NAME)},
    ),
    Rule(
        name="silence",
        severity=Severity.CRITICAL,
        reason="a wedged queue fails without an error; the longest job takes minutes",
        sql="alert_stuck_queue.sql",
        hint="See what runs (`cinegraph jobs list --state executing`) and restart the node that holds it.",
        parameters={"has_node": True, "longest": 15 * _MINUTE, "grace": ALIVE},
    ),
    Rule(
        name="no_worker",
        severity=Severity.CRITICAL,
        reason="a rolling restart takes less than five minutes; otherwise nobody will do this work",
        sql="alert_stuck_queue.sql",
        hint="Start a node that runs the queue: `cinegraph work`.",
        parameters={"has_node": False, "longest": 5 * _MINUTE, "grace": ALIVE},
    ),
    Rule(
        name="no_leader",
        severity=Severity.WARNING,
        reason="without one no run ends, nothing is fed and no schedule starts; a change of leader takes 5 s",
        sql="alert_no_leader.sql",
        hint="Restart the nodes one by one; their log says why none is elected.",
        parameters={"longest": _MINUTE, "grace": ALIVE},
    ),
    Rule(
        name="quarantine_rate",
        severity=Severity.WARNING,
        reason="single bodies are spoilt; many of a kind mean that the source changed its format",
        sql="alert_quarantine_rate.sql",
        hint="`cinegraph movie ID --trace` shows one; a new version may read them, `cinegraph rebuild` then does.",
        # Below five a quiet hour of a hundred films would be an alert for one.
        parameters={"span": _HOUR, "enough": 20, "fewest": 5, "share": 0.01},
    ),
    Rule(
        name="failure_rate",
        severity=Severity.WARNING,
        reason="one film in a hundred may fail in all its rounds; more is a fault of ours or of the source",
        sql="alert_failure_rate.sql",
        hint="See why: `cinegraph jobs list --state discarded`; then ask again for those of the run that failed.",
        # A thousand are read in two milliseconds and tell the share within one in a hundred.
        parameters={
            "span": _HOUR,
            "fewest": 20,
            "share": 0.05,
            "sample": 1000,
            "runs": 20,
        },
    ),
    Rule(
        name="stuck_jobs",
        severity=Severity.WARNING,
        reason="jobs of a dead node go to others after 5 s; a minute later that does not work",
        sql="alert_stuck_jobs.sql",
        hint="Is a node leading (`cinegraph doctor`)? `cinegraph jobs list --state executing` shows them.",
        parameters={"longest": _MINUTE},
    ),
    Rule(
        name="queue_paused",
        severity=Severity.NOTICE,
        reason="a pause outlives restarts, and who paused may have forgotten it",
        sql="alert_queue_paused.sql",
        hint="`cinegraph queues resume QUEUE` lets it run.",
        parameters={"longest": timedelta(days=1)},
    ),
    Rule(
        name="mass_gone_held",
        severity=Severity.WARNING,
        reason="a source that forgets half a percent of its films in a day has a fault rather than that many removals",
        sql="alert_mass_gone_held.sql",
        hint="Look at some of them upstream: `cinegraph gone held`; then `gone allow` or `gone refuse`.",
    ),
    Rule(
        name="freshness_low",
        severity=Severity.WARNING,
        reason="the promise is 95 % within 7 days; below it consumers see outdated films",
        sql="alert_freshness_low.sql",
        hint="`cinegraph update plan` tells whether the budget allows it, `cinegraph update feed` what is proven.",
        reads_levels=True,
        # In a small catalogue single films are whole percents.
        parameters={**_LEVELS, "share": levels.TARGET_FRESHNESS, "fewest": 100},
    ),
    Rule(
        name="latency_high",
        severity=Severity.WARNING,
        reason="the promise is that changes of popular films are here within the hour, 95 of 100",
        sql="alert_latency_high.sql",
        hint="Is the queue of imports full (`cinegraph status`), and is the feed read every 15 minutes?",
        reads_levels=True,
        parameters={**_LEVELS, "longest": levels.TARGET_LATENCY, "fewest": 20},
    ),
    Rule(
        name="success_low",
        severity=Severity.WARNING,
        reason="the promise is that 99 of 100 films asked for are found, or known to be absent",
        sql="alert_success_low.sql",
        hint="See why: `cinegraph jobs list --state discarded`. They are tried again by themselves, at once by"
        " `cinegraph runs retry RUN`.",
        reads_levels=True,
        parameters={**_LEVELS, "share": levels.TARGET_SUCCESS, "fewest": 500},
    ),
    Rule(
        name="audit_failed",
        severity=Severity.CRITICAL,
        reason="something is not as everything else relies on, and nobody would notice",
        sql="alert_audit_failed.sql",
        hint="`cinegraph schedules run SelfAudit` looks again; if it stays, report it with the example.",
    ),
)

BROKEN = "alert_rule"
"""Kind of the alert on a rule that cannot be looked at: silence of the rules is silence too."""
_BROKEN_HINT = (
    "This is a bug, or the database is overloaded; the log has the whole error."
)


class _Found(msgspec.Struct, frozen=True):
    subject: str
    message: str


async def evaluate(conn: psycopg.AsyncConnection[Any], *, now: datetime) -> Changes:
    """
    Look at every rule: open what is new, close what is found no longer. Two nodes at once do no harm.

    A rule that fails keeps its alerts as they are, becomes an alert itself and stops no other.

    Args:
        conn: Outside of a transaction, so that each step is one and what is told has been committed.

    Raises:
        psycopg.OperationalError: The connection is lost.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    unknown: list[str] = []
    async with conn.transaction():
        [real_now] = await _fetch_times(conn, "cinegraph.db", "read_clock.sql")
    times = {"now": now, "real_now": real_now, "minute": clock.speed() * _MINUTE}
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
        },
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
        row = await levels.read_row(conn, source=_SOURCE, now=now)
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
