"""
The rules of alerts, as data: what is wrong, how it is found, why it matters, what to do.

To add one, write its query and one row of `RULES`; a test wants its trouble.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from cinegraph.enrichment.due import taking
from cinegraph.monitoring import levels
from cinegraph.sync import schedule

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
    `minute`, how much of Cinegraph's time passes in a real minute, and `disk_free`, in bytes, null where nobody knows.
    """


_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)

SOURCE = "tmdb"
"""Whose service levels are looked at."""
_LEVELS: Mapping[str, object] = MappingProxyType({"source": SOURCE})

BROKEN = "alert_rule"
"""Kind of the alert on a rule that cannot be looked at: silence of the rules is silence too."""

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
        name="nothing_finished",
        severity=Severity.CRITICAL,
        reason="the feed of changes alone is four jobs an hour: where none ends well, everything fails or hangs",
        sql="alert_nothing_finished.sql",
        hint="See why: `cinegraph jobs list --state retryable`; the log of the leading node says more.",
        parameters={"longest": _HOUR, "grace": ALIVE},
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
        name="listener_dead",
        severity=Severity.WARNING,
        reason="it is built anew after four seconds; what stays deaf is cut off by something between it and the server",
        sql="alert_listener_dead.sql",
        hint="A pooler between nodes and database must keep sessions (LISTEN); restart the node if there is none.",
        parameters={"longest": _MINUTE, "grace": ALIVE},
    ),
    Rule(
        name="disk_low",
        severity=Severity.WARNING,
        reason="a full disk stops the database; an upgrade or a rebuild writes a fifth of it anew",
        sql="alert_disk_low.sql",
        hint="Make room on the disk of CINEGRAPH_HOME, or move it; old backups and downloads are the first to go.",
        parameters={"least_bytes": 2 * 1024**3, "share": 0.2},
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
