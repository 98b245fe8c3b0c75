"""A queue as who steers it sees it: what waits, what runs, on which nodes, how much it gets done."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from cinegraph import clock
from cinegraph.jobs import browse
from cinegraph.jobs.browse import NodeRow
from cinegraph.jobs.queues import BY_NAME, QUEUES
from cinegraph.monitoring import samples
from cinegraph.monitoring.depths import QueueDepth, list_depths

MOST_AT_ONCE = 500
"""Jobs of a queue on a node: each needs a connection to the database."""
_LATELY_MINUTES = 5


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """One queue; numbers of jobs are counted up to 10,000."""

    queue: str
    reason: str
    """Why it runs as many at once as it does."""
    paused: bool
    node_limit: int | None
    """Jobs at once on each node, where somebody has set it; None: as each node was configured."""
    available: int
    running: int
    scheduled: int
    retryable: int
    discarded: int
    waiting_seconds: float | None
    """Of the oldest job that could run; None: none waits."""
    slots: int
    """Jobs at once on all nodes; none where it is paused."""
    nodes: list[str]
    """That run it and are alive."""
    utilisation: float | None
    """Of the slots that are taken; None: there is none."""
    completed: list[int | None]
    """Jobs that ended well in each minute of the last hour, the oldest first; None: nobody sampled it."""
    per_minute: float | None
    """Jobs that ended well in a minute, over the last five that were sampled; None: none was."""


async def list_lines(conn: psycopg.AsyncConnection[Any]) -> list[QueueLine]:
    """Return every queue, also those where nothing ever was, in the order of `QUEUES`."""
    real_now = clock.real_now()
    nodes = [node for node in await browse.list_nodes(conn) if node.is_live]
    depths = await list_depths(
        conn, [queue.name for queue in QUEUES], real_now=real_now
    )
    hour = await samples.list_samples(conn, "1h", real_now=real_now)
    return [make_line(depth, nodes, hour.points) for depth in depths]


def make_line(
    depth: QueueDepth, nodes: Sequence[NodeRow], points: Sequence[samples.Point]
) -> QueueLine:
    """Return one queue from what is in it, the live nodes and the samples of the last hour."""
    own = [node for node in nodes if node.queue == depth.queue]
    slots = sum(node.slots for node in own)
    completed = [_completed(point, depth.queue) for point in points]
    lately = [jobs for jobs in completed[-_LATELY_MINUTES - 1 :] if jobs is not None]
    lately = lately[-_LATELY_MINUTES:]
    return QueueLine(
        queue=depth.queue,
        reason=BY_NAME[depth.queue].reason,
        paused=depth.paused,
        node_limit=depth.node_limit,
        available=depth.available,
        running=depth.executing,
        scheduled=depth.scheduled,
        retryable=depth.retryable,
        discarded=depth.discarded,
        waiting_seconds=None
        if depth.waiting_seconds is None
        else max(depth.waiting_seconds, 0.0),
        slots=slots,
        nodes=[node.node for node in own],
        utilisation=min(depth.executing / slots, 1.0) if slots else None,
        completed=completed,
        per_minute=sum(lately) / len(lately) if lately else None,
    )


def _completed(point: samples.Point, queue: str) -> int | None:
    if not point.minutes:
        return None
    found: Mapping[str, samples.QueuePoint] = point.queues
    return found[queue].completed if queue in found else 0
