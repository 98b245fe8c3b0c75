"""
The delays of a deployment, minutes in life, made fractions of a second.

For a test and for the worker processes it starts: both run the product's own code and
differ from it only in how long they wait.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from cinegraph.bootstrap import App, list_feeds
from cinegraph.jobs import outcome
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.feeding import Feeder
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.leading import LeaderLoop
from cinegraph.jobs.sequencing import sequence
from cinegraph.jobs.settings import EngineSettings
from cinegraph.jobs.worker import Worker
from cinegraph.sync import policy

QUEUES: Mapping[str, int] = {
    "discovery": 2,
    "imports": 8,
    "omdb": 2,
    "updates": 3,
    "festivals": 3,
    "enrichment": 2,
    "maintenance": 1,
}
ENGINE = EngineSettings(
    beat_interval=timedelta(seconds=0.2),
    heartbeat_grace=timedelta(seconds=2),
    lease=timedelta(seconds=1.5),
    lease_margin=timedelta(seconds=0.4),
    shutdown_grace=timedelta(seconds=5),
)


def shorten_delays(replace: Callable[[object, str, object], None]) -> None:
    """Shorten what jobs and runs wait for; *replace* is `setattr` or a test's own."""
    replace(policy, "ROUND_DELAYS", (timedelta(seconds=0.3),) * 3)
    replace(policy, "RECHECK_ABSENCE", timedelta(seconds=1))
    replace(outcome, "_SNOOZE_STEP_SECONDS", 1)
    replace(Worker, "backoff", lambda _worker, _attempt: 0.0)


@asynccontextmanager
async def open_quick_node(
    app: App,
    *,
    queues: Mapping[str, int] = QUEUES,
    audit_seconds: float = 0.5,
    name: str | None = None,
) -> AsyncIterator[JobEngine]:
    """Run jobs within the block, as `bootstrap.open_node` does but for the waiting."""
    engine = JobEngine(
        app.pool, app.services, queues=queues, node=name, settings=ENGINE
    )
    keeper = RunKeeper(
        app.pool,
        lambda: engine.is_leader,
        turn_seconds=0.1,
        audit_seconds=audit_seconds,
    )
    loops: list[RunKeeper | LeaderLoop] = [keeper]
    loops += [
        LeaderLoop(name, turn, seconds=0.1, is_leader=lambda: engine.is_leader)
        for name, turn in (
            ("feeder", Feeder(app.pool, list_feeds(app.settings)).turn),
            ("sequencer", partial(sequence, app.pool)),
        )
    ]
    async with engine:
        for loop in loops:
            await loop.start()
        try:
            yield engine
        finally:
            for loop in reversed(loops):
                await loop.stop()
