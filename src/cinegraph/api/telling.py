"""
What programs are told, where it is not a stored record as it stands: the same by `--json` and by the API.

The names are stable. Pure but for `read_…`, which ask for all that an answer is made of.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from cinegraph import clock
from cinegraph.jobs.browse import NodeRow
from cinegraph.jobs.causes import Cause
from cinegraph.jobs.queues import QUEUES
from cinegraph.limits.browse import BudgetState, Load, Period, Usage
from cinegraph.limits.quota_state import QuotaState
from cinegraph.monitoring.alerts import Alert
from cinegraph.monitoring.insights import STATES, QueueState, Status
from cinegraph.monitoring.levels import ServiceLevels
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sync.backlog import Backlog
from cinegraph.sync.ledger import Count
from cinegraph.sync.schedule import SCHEDULE, ScheduleState

if TYPE_CHECKING:
    from cinegraph.api import Cinegraph


class Run(RunProgress, frozen=True, kw_only=True):
    """A run, with what is worked out from its numbers."""

    ended: int
    """Films that are settled one way or another."""
    films_per_second: float
    """Over the last minute while running, over the whole run when ended."""
    elapsed_seconds: float | None
    """Since the start; until the end when it has ended."""
    eta_seconds: float | None
    """Until the films known so far are settled; null when nothing moves."""
    limited_by: Cause | None
    """What limits it at this moment, where that was asked for."""


class Queue(QueueState, frozen=True, kw_only=True):
    """A queue, with what the nodes that live run of it."""

    slots: int
    """Jobs at once, all nodes together."""
    nodes: int


class DeploymentStatus(Status, frozen=True, kw_only=True):
    """The whole at a glance."""

    queues: Sequence[Queue]
    """Every queue there is, also those where nothing ever was."""
    active_runs: Sequence[Run]
    service_levels: ServiceLevels
    sources: list[BudgetState]
    """The request budget of every source that was ever asked."""
    ledger: list[Count]
    """How many things are in each state at each source."""
    quotas: list[QuotaState]
    omdb_backlog: Backlog | None
    """What is left to ask of OMDb; null: it was never asked."""
    alerts: list[Alert]
    """That are open, the gravest first."""
    nodes: int
    """Worker nodes that live."""


class NodeQueue(msgspec.Struct, frozen=True):
    """A queue on one node."""

    running: int
    limit: int
    """Jobs at once; 0 while it is paused."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A worker node."""

    node: str
    host: str | None
    pid: int | None
    version: str | None
    is_live: bool
    """Whether its heartbeat is fresh enough that nobody takes its jobs."""
    is_leader: bool
    silent_seconds: float
    """Since its last heartbeat, one of which comes every second."""
    listener_silent_seconds: float | None = None
    """Since it last heard its own echo: how old news of jobs, pauses and cancellations can be."""
    started_at: datetime
    queues: dict[str, NodeQueue]


class ScheduleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happens by itself."""

    name: str
    when: str
    reason: str
    state: ScheduleState | None
    """Null: it is switched off."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How fast we may ask, and how fast we do."""

    budgets: list[BudgetState]
    quotas: list[QuotaState]
    omdb_backlog: Backlog | None
    usage: list[Usage]
    """By UTC day, source and endpoint."""
    load: list[Load]
    """By minute and source."""


def tell_run(reading: RunProgress, cause: Cause | None = None) -> Run:
    """Return a run with what is worked out from its numbers."""
    return Run(
        **msgspec.structs.asdict(reading),
        ended=reading.ended,
        films_per_second=round(reading.films_per_second, 3),
        elapsed_seconds=_seconds_of(reading.elapsed),
        eta_seconds=_seconds_of(reading.eta),
        limited_by=cause,
    )


def tell_queues(found: Sequence[QueueState], nodes: Sequence[NodeRow]) -> list[Queue]:
    """Return every queue there is, also those where nothing ever was, with what live nodes run of it."""
    rows = {row.queue: row for row in found}
    live = [node for node in nodes if node.is_live]
    names = [queue.name for queue in QUEUES]
    names += sorted(rows.keys() - set(names))
    told = []
    for name in names:
        own = [node for node in live if node.queue == name]
        told.append(
            Queue(
                **msgspec.structs.asdict(rows.get(name) or _unused(name)),
                slots=sum(node.slots for node in own),
                nodes=len(own),
            )
        )
    return told


def tell_nodes(rows: Sequence[NodeRow]) -> list[Node]:
    """Return one entry a node, of the rows of its queues."""
    by_name: dict[str, list[NodeRow]] = {}
    for row in rows:
        by_name.setdefault(row.node, []).append(row)
    return [_node(own) for own in by_name.values()]


def tell_schedules(states: Sequence[ScheduleState]) -> list[ScheduleEntry]:
    """Return every schedule, with where it stands."""
    by_name = {state.name: state for state in states}
    return [
        ScheduleEntry(
            name=one.name,
            when=one.words(),
            reason=one.reason,
            state=by_name.get(one.name),
        )
        for one in SCHEDULE
    ]


def tell_status(  # noqa: PLR0917 - all that the whole is made of
    status: Status,
    levels: ServiceLevels,
    queues: Sequence[Queue],
    sources: list[BudgetState],
    ledger: list[Count],
    quotas: list[QuotaState],
    omdb_backlog: Backlog | None,
    alerts: list[Alert],
    nodes: Sequence[NodeRow],
) -> DeploymentStatus:
    """Return the whole at a glance."""
    told: dict[str, Any] = msgspec.structs.asdict(status)
    told |= {
        "queues": queues,
        "active_runs": [tell_run(run) for run in status.active_runs],
    }
    return DeploymentStatus(
        **told,
        service_levels=levels,
        sources=sources,
        ledger=ledger,
        quotas=quotas,
        omdb_backlog=omdb_backlog,
        alerts=alerts,
        nodes=len({node.node for node in nodes if node.is_live}),
    )


async def read_queues(c: "Cinegraph") -> list[Queue]:
    """Return every queue there is."""
    return tell_queues(await c.list_queues(), await c.list_nodes())


async def read_status(c: "Cinegraph") -> DeploymentStatus:
    """Return the whole at a glance, read now."""
    return tell_status(
        await c.get_sync_status(),
        await c.get_service_levels(),
        await read_queues(c),
        await c.list_budgets(),
        await c.list_ledger(),
        await c.list_quotas(),
        await c.get_omdb_backlog(),
        await c.list_alerts(),
        await c.list_nodes(),
    )


async def read_limits(c: "Cinegraph", *, hours: int) -> Limits:
    """Return budgets and quotas, and what was asked in the last *hours*."""
    since = clock.real_now() - timedelta(hours=hours)
    return Limits(
        budgets=await c.list_budgets(),
        quotas=await c.list_quotas(),
        omdb_backlog=await c.get_omdb_backlog(),
        usage=await c.list_usage(since, period=Period.DAY),
        load=await c.list_load(since, period=Period.MINUTE),
    )


def _seconds_of(time: timedelta | None) -> float | None:
    """Return *time* in seconds, for JSON."""
    return None if time is None else round(time.total_seconds(), 3)


def _unused(name: str) -> QueueState:
    return QueueState(
        queue=name,
        counts=dict.fromkeys(STATES, 0),
        waiting_seconds=None,
        paused=False,
        node_limit=None,
    )


def _node(rows: Sequence[NodeRow]) -> Node:
    first = rows[0]
    heard = [row.meta.get("listener_silent_seconds") for row in rows]
    return Node(
        node=first.node,
        host=first.meta.get("host"),
        pid=first.meta.get("pid"),
        version=first.meta.get("version"),
        is_live=first.is_live,
        is_leader=first.is_leader,
        silent_seconds=round(first.silent_seconds, 1),
        listener_silent_seconds=max(
            (float(each) for each in heard if each is not None), default=None
        ),
        started_at=first.started_at,
        queues={
            row.queue: NodeQueue(int(row.meta.get("running", 0)), row.slots)
            for row in rows
        },
    )
