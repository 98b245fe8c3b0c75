"""What does the work, and when: queues, nodes, schedules."""

from collections.abc import Sequence
from itertools import groupby

import msgspec

from cinegraph.jobs.browse import NodeRow, ZombieRow
from cinegraph.jobs.queue_lines import MOST_AT_ONCE, QueueLine
from cinegraph.jobs.schedule_lines import SLOTS, ScheduleLine
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

QUEUES: Reading[list[QueueLine]] = Reading(
    "queue lines", 2.0, lambda c: c.list_queue_lines()
)
NODES: Reading[list[NodeRow]] = Reading("nodes", 1.0, lambda c: c.list_nodes())
ZOMBIES: Reading[list[ZombieRow]] = Reading("zombies", 2.0, lambda c: c.list_zombies())
SCHEDULES: Reading[list[ScheduleLine]] = Reading(
    "schedule lines", 2.0, lambda c: c.list_schedule_lines()
)
_DEAF_SECONDS = 10.0
"""A listener is rebuilt after four seconds without its echo; then it hears again within one."""


class NodeCard(msgspec.Struct, frozen=True, kw_only=True):
    """One node with its queues."""

    node: str
    version: str
    host: str
    pid: int | None
    is_live: bool
    is_leader: bool
    silent_seconds: float
    started_at: object
    deaf_seconds: float | None
    """For how long it hears nothing of the database; None: it does."""
    queues: list[NodeRow]
    running: int


@page("/queues", name="queues", title="Queues", section="Now", key="q")
async def queues(request: PageRequest) -> Context:
    """Show what waits where, and how many run at once."""
    return {"queues": await request.read(QUEUES), "most": MOST_AT_ONCE}


@page("/nodes", name="nodes", title="Nodes", section="Now", key="n")
async def nodes(request: PageRequest) -> Context:
    """Show who works, who leads, and what is stuck."""
    found = make_cards(await request.read(NODES))
    return {
        "nodes": found,
        "versions": sorted({node.version for node in found if node.is_live}),
        "zombies": await request.read(ZOMBIES),
    }


@page("/schedules", name="schedules", title="Schedules", section="Now", key="s")
async def schedules(request: PageRequest) -> Context:
    """Show what happens by itself: when, and what became of it."""
    return {"schedules": await request.read(SCHEDULES), "most": SLOTS}


def make_cards(rows: Sequence[NodeRow]) -> list[NodeCard]:
    """Return the nodes by name, each with its queues; *rows* are ordered by node."""
    return [
        _card(name, list(group)) for name, group in groupby(rows, lambda row: row.node)
    ]


def _card(name: str, rows: list[NodeRow]) -> NodeCard:
    newest = min(rows, key=lambda row: row.silent_seconds)
    facts = newest.meta
    deaf = float(facts.get("listener_silent_seconds") or 0)
    return NodeCard(
        node=name,
        version=str(facts.get("version") or "unknown"),
        host=str(facts.get("host") or "unknown"),
        pid=facts.get("pid"),
        is_live=newest.is_live,
        is_leader=any(row.is_leader for row in rows),
        silent_seconds=newest.silent_seconds,
        started_at=newest.started_at,
        deaf_seconds=deaf if newest.is_live and deaf > _DEAF_SECONDS else None,
        queues=rows,
        running=sum(int(row.meta.get("running") or 0) for row in rows),
    )
