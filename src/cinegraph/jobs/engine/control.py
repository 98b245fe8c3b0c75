"""Pause and scale as a person wants them: kept in `queue_settings`, followed by every node, also one started later."""

from collections.abc import Mapping
from dataclasses import dataclass

from oban._producer import Producer

from cinegraph.jobs.engine.line import Rows

SETTINGS_CHANNEL = "settings"
"""The notifier channel that says: read `queue_settings` now."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue should run on a node."""

    paused: bool
    limit: int


def wanted(queues: Mapping[str, int], rows: Rows) -> dict[str, QueueState]:
    """Return how each of *queues* (with its configured limit) should run, given the rows of `read_settings.sql`."""
    stored = {queue: (paused, limit) for queue, paused, limit in rows}
    return {
        queue: QueueState(paused, limit or configured)
        for queue, configured in queues.items()
        for paused, limit in [stored.get(queue, (False, None))]
    }


async def follow(
    producers: Mapping[str, Producer], states: Mapping[str, QueueState]
) -> None:
    """Make the running producers what is wanted."""
    for queue, state in states.items():
        producer = producers.get(queue)
        if producer is None:
            continue
        if producer._limit != state.limit:
            await producer.scale(limit=state.limit)
        if producer._paused != state.paused:
            await (producer.pause() if state.paused else producer.resume())
