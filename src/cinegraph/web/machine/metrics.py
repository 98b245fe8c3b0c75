"""
Every metric, as data: its name, what it says, and how it is read from what the dashboard reads.

Imported by `exposing` and the reference page. To add a metric, write a row of `METRICS`; the names are stable, since
dashboards and alert rules elsewhere use them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cinegraph import __version__
from cinegraph.api.telling import DeploymentStatus, ScheduleEntry
from cinegraph.jobs.browse import NodeRow
from cinegraph.limits.browse import Usage
from cinegraph.monitoring.levels import Verdict
from cinegraph.monitoring.rules import Severity

type Value = tuple[tuple[str, ...], float]
"""Labels in their order, and the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one scrape is made of."""

    status: DeploymentStatus
    nodes: Sequence[NodeRow]
    usage: Sequence[Usage]
    """Of the last hour, by minute."""
    schedules: Sequence[ScheduleEntry]
    zombies: int
    unacknowledged: int
    last_position: int
    """Of the change log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric."""

    name: str
    help: str
    """What it says, without a full stop."""
    read: Callable[[Facts], Iterable[Value]]
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"
    """A counter's name ends in `_total`."""
    group: str


def _one(read: Callable[[Facts], float | None]) -> Callable[[Facts], Iterable[Value]]:
    """Make one number of a reading; none where it is not known."""

    def values(facts: Facts) -> Iterable[Value]:
        value = read(facts)
        if value is not None:
            yield (), float(value)

    return values


def _age(facts: Facts, at: datetime | None) -> float | None:
    """Return seconds of Cinegraph's time since *at*."""
    return None if at is None else (facts.status.read_at - at).total_seconds()


def _levels(facts: Facts) -> Iterable[Value]:
    for one in facts.status.service_levels.levels:
        if one.value is not None:
            yield (one.name,), one.value


def _levels_met(facts: Facts) -> Iterable[Value]:
    for one in facts.status.service_levels.levels:
        if one.verdict is not Verdict.UNKNOWN:
            yield (one.name,), float(one.verdict is Verdict.MET)


def _films(facts: Facts) -> Iterable[Value]:
    status = facts.status
    yield ("known",), status.total_movies
    yield ("imported",), status.imported_movies
    yield ("wanted",), status.wanted_movies
    yield ("failed",), status.failed_movies
    yield ("absent",), status.absent_movies


def _requests(facts: Facts) -> Iterable[Value]:
    counts: dict[tuple[str, str], int] = {}
    for one in facts.usage:
        for outcome, requests in one.outcomes.items():
            key = (one.source, outcome)
            counts[key] = counts.get(key, 0) + requests
    yield from counts.items()


def _endpoint_requests(facts: Facts) -> Iterable[Value]:
    counts: dict[tuple[str, str], int] = {}
    for one in facts.usage:
        key = (one.source, one.endpoint)
        counts[key] = counts.get(key, 0) + one.requests
    yield from counts.items()


def _endpoint_seconds(facts: Facts) -> Iterable[Value]:
    worst: dict[tuple[str, str], tuple[datetime, float]] = {}
    for one in facts.usage:
        key = (one.source, one.endpoint)
        worst[key] = max(
            worst.get(key, (one.period_at, 0.0)), (one.period_at, one.p95_seconds)
        )
    yield from ((key, seconds) for key, (_, seconds) in worst.items())


def _alerts(facts: Facts) -> Iterable[Value]:
    for severity in Severity:
        found = [one for one in facts.status.alerts if one.severity == severity]
        yield (severity.value,), len(found)


def _alert_kinds(facts: Facts) -> Iterable[Value]:
    counts: dict[tuple[str, str], int] = {}
    for one in facts.status.alerts:
        key = (one.kind, one.severity)
        counts[key] = counts.get(key, 0) + 1
    yield from counts.items()


def _run_films(facts: Facts) -> Iterable[Value]:
    for run in facts.status.active_runs:
        about = (str(run.id), run.kind)
        yield (*about, "done"), run.done
        yield (*about, "absent"), run.absent
        yield (*about, "failed"), run.failed
        yield (*about, "quarantined"), run.quarantined
        yield (*about, "left"), run.left


def _live(facts: Facts) -> dict[str, NodeRow]:
    return {row.node: row for row in facts.nodes if row.is_live}


_CATALOGUE, _LEVELS, _JOBS, _SOURCES = "Catalogue", "Service levels", "Jobs", "Sources"
_RUNS, _ALERTS, _NODES = "Runs and schedules", "Alerts", "Nodes"

METRICS: tuple[Metric, ...] = (
    Metric(
        group=_CATALOGUE,
        name="cinegraph_info",
        help="Always 1; which version of Cinegraph answers",
        labels=("version",),
        read=lambda _: [((__version__,), 1.0)],
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_read_at_seconds",
        help="As of when most of these numbers are, in Cinegraph's time, since 1970",
        read=_one(lambda facts: facts.status.read_at.timestamp()),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_films",
        help="Films by what is known of them; `known` is all",
        labels=("state",),
        read=_films,
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_people",
        help="People stored",
        read=_one(lambda facts: facts.status.people),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_credits",
        help="Credits stored",
        read=_one(lambda facts: facts.status.credits),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_quarantined_bodies",
        help="Bodies that break their source's schema",
        read=_one(lambda facts: facts.status.quarantined_bodies),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_ledger_things",
        help="Things by source, kind and state of their ledger",
        labels=("source", "kind", "state"),
        read=lambda facts: (
            ((one.source, one.kind, one.state), one.things)
            for one in facts.status.ledger
        ),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_films_imported_last_hour",
        help="Films stored within the last 60 minutes",
        read=_one(lambda facts: facts.status.imported_last_hour),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_last_sync_age_seconds",
        help="Since a film was last stored; missing before the first",
        read=_one(lambda facts: _age(facts, facts.status.last_sync_at)),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_feed_age_seconds",
        help="Since the feed of changes was last read",
        read=_one(lambda facts: _age(facts, facts.status.service_levels.feed_read_at)),
    ),
    Metric(
        group=_CATALOGUE,
        name="cinegraph_changes_position",
        help="The newest position of the change log",
        read=_one(lambda facts: facts.last_position),
    ),
    Metric(
        group=_LEVELS,
        name="cinegraph_service_level",
        help="Each service level, in the unit of its target; missing while there is nothing to measure",
        labels=("level",),
        read=_levels,
    ),
    Metric(
        group=_LEVELS,
        name="cinegraph_service_level_met",
        help="1 where a service level is on target, 0 where it is missed",
        labels=("level",),
        read=_levels_met,
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_jobs",
        help="Jobs by queue and state",
        labels=("queue", "state"),
        read=lambda facts: (
            ((queue.queue, state), jobs)
            for queue in facts.status.queues
            for state, jobs in queue.counts.items()
        ),
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_queue_wait_seconds",
        help="How long the oldest job waits that could run; 0 where none does",
        labels=("queue",),
        read=lambda facts: (
            ((queue.queue,), max(queue.waiting_seconds or 0.0, 0.0))
            for queue in facts.status.queues
        ),
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_queue_slots",
        help="Jobs at once, all nodes together",
        labels=("queue",),
        read=lambda facts: (
            ((queue.queue,), queue.slots) for queue in facts.status.queues
        ),
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_queue_paused",
        help="1 where a person has paused a queue",
        labels=("queue",),
        read=lambda facts: (
            ((queue.queue,), float(queue.paused)) for queue in facts.status.queues
        ),
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_zombie_jobs",
        help="Jobs that count as running on nodes that are silent",
        read=_one(lambda facts: facts.zombies),
    ),
    Metric(
        group=_JOBS,
        name="cinegraph_unacknowledged_jobs",
        help="Jobs that have ended on live nodes and count as running",
        read=_one(lambda facts: facts.unacknowledged),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_budget_per_second",
        help="Requests a second that a source's budget allows; 0: no limit",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), one.configured_per_second) for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_budget_now_per_second",
        help="Requests a second that are allowed now: fewer after answers that we ask too much",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), one.rate_now_per_second) for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_source_paused_seconds",
        help="For how long a source is still not asked, as it demanded",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), one.paused_seconds) for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_source_halted",
        help="1 where a source refuses our key, and stands still until somebody mends it",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), float(one.halted_at is not None))
            for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_source_down",
        help="1 where a source is taken for down, and asked now and then alone",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), float(one.circuit_opened_at is not None))
            for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_throttled_answers_total",
        help="Answers that we ask too much (429)",
        labels=("source",),
        kind="counter",
        read=lambda facts: (
            ((one.source,), one.throttled_count) for one in facts.status.sources
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_requests_last_hour",
        help="Requests of the last 60 minutes by source and outcome; a gauge, since usage is kept by minute",
        labels=("source", "outcome"),
        read=_requests,
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_endpoint_requests_last_hour",
        help="Requests of the last 60 minutes by source and endpoint",
        labels=("source", "endpoint"),
        read=_endpoint_requests,
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_endpoint_p95_seconds",
        help="Within which 95 % of the requests of the last minute in which there were any were answered",
        labels=("source", "endpoint"),
        read=_endpoint_seconds,
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_limit_used_ratio",
        help="Of what the source itself allows, in the busiest minute of the last day",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), one.worst_minute_share)
            for one in facts.status.service_levels.efficiency
            if one.worst_minute_share is not None
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_quota_limit",
        help="Requests that a source allows in its day",
        labels=("source",),
        read=lambda facts: (((one.source,), one.limit) for one in facts.status.quotas),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_quota_used",
        help="Requests of its day, by who waited for them: people, or nobody (background)",
        labels=("source", "by"),
        read=lambda facts: (
            value
            for one in facts.status.quotas
            for value in (
                ((one.source, "background"), one.background_used),
                ((one.source, "people"), one.used - one.background_used),
            )
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_quota_left",
        help="Requests that are left of its day, for whoever waits",
        labels=("source",),
        read=lambda facts: (((one.source,), one.left) for one in facts.status.quotas),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_quota_exhausted",
        help="1 where a source says that its day is used up",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), float(one.exhausted_at is not None))
            for one in facts.status.quotas
        ),
    ),
    Metric(
        group=_SOURCES,
        name="cinegraph_quota_reset_seconds",
        help="Until there is something left again, in Cinegraph's time",
        labels=("source",),
        read=lambda facts: (
            ((one.source,), (one.resets_at - facts.status.read_at).total_seconds())
            for one in facts.status.quotas
        ),
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_active_runs",
        help="Runs that go on or are paused",
        labels=("state",),
        read=lambda facts: (
            ((state,), sum(run.state == state for run in facts.status.active_runs))
            for state in ("running", "paused")
        ),
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_run_films",
        help="Films of each active run, by what became of them; `left` are not settled yet",
        labels=("run", "kind", "state"),
        read=_run_films,
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_run_films_per_second",
        help="Films that each active run settled a second, in its last minute",
        labels=("run", "kind"),
        read=lambda facts: (
            ((str(run.id), run.kind), run.films_per_second)
            for run in facts.status.active_runs
        ),
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_schedule_age_seconds",
        help="Since the last slot that was done, in Cinegraph's time",
        labels=("schedule",),
        read=lambda facts: (
            ((one.name,), age)
            for one in facts.schedules
            if one.state is not None
            and (age := _age(facts, one.state.last_at)) is not None
        ),
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_schedule_missed_total",
        help="Slots that passed while nobody was there",
        labels=("schedule",),
        kind="counter",
        read=lambda facts: (
            ((one.name,), one.state.missed)
            for one in facts.schedules
            if one.state is not None
        ),
    ),
    Metric(
        group=_RUNS,
        name="cinegraph_schedule_paused",
        help="1 where a person lets a schedule rest",
        labels=("schedule",),
        read=lambda facts: (
            ((one.name,), float(one.state.is_paused))
            for one in facts.schedules
            if one.state is not None
        ),
    ),
    Metric(
        group=_ALERTS,
        name="cinegraph_alerts_open",
        help="Alerts that are open, by severity",
        labels=("severity",),
        read=_alerts,
    ),
    Metric(
        group=_ALERTS,
        name="cinegraph_alerts_open_by_kind",
        help="Alerts that are open, by rule; missing where there is none",
        labels=("kind", "severity"),
        read=_alert_kinds,
    ),
    Metric(
        group=_NODES,
        name="cinegraph_nodes",
        help="Worker nodes that live",
        read=_one(lambda facts: len(_live(facts))),
    ),
    Metric(
        group=_NODES,
        name="cinegraph_leaders",
        help="Worker nodes that lead: 1, or 0 where nothing is scheduled or fed",
        read=_one(lambda facts: sum(row.is_leader for row in _live(facts).values())),
    ),
    Metric(
        group=_NODES,
        name="cinegraph_node_silent_seconds",
        help="Since a node's last heartbeat, one of which comes every second",
        labels=("node", "version"),
        read=lambda facts: (
            ((name, str(row.meta.get("version"))), max(row.silent_seconds, 0.0))
            for name, row in {row.node: row for row in facts.nodes}.items()
        ),
    ),
    Metric(
        group=_NODES,
        name="cinegraph_node_listener_silent_seconds",
        help="Since a live node heard its own echo through the database",
        labels=("node",),
        read=lambda facts: (
            ((name,), float(row.meta["listener_silent_seconds"]))
            for name, row in _live(facts).items()
            if "listener_silent_seconds" in row.meta
        ),
    ),
    Metric(
        group=_NODES,
        name="cinegraph_node_running_jobs",
        help="Jobs that a live node runs, by queue",
        labels=("node", "queue"),
        read=lambda facts: (
            ((row.node, row.queue), float(row.meta.get("running", 0)))
            for row in facts.nodes
            if row.is_live
        ),
    ),
)
"""Every metric, by group."""
