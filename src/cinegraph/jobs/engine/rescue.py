"""
Giving the jobs of dead nodes to others.

Oban 0.7.0 looks at a job's age alone, so a job longer than 300 s runs beside itself. Here a job is lost when the
heartbeat of its producer is silent.
"""

from oban import telemetry as oban_telemetry
from oban._lifeline import _rescue
from oban._query import Query

from cinegraph import telemetry
from cinegraph.db.sql import load
from cinegraph.jobs.engine import runtimes
from cinegraph.jobs.engine.inserts import INSERT_CHANNEL


async def rescue_jobs(query: Query, rescue_after: float) -> None:
    """Give back what dead nodes held; Oban's `lifeline.rescue`, called on the leader. *rescue_after*: the grace."""
    runtime = runtimes.find(query)
    if runtime is None:
        await _rescue(query, rescue_after)
        return
    with oban_telemetry.span("oban.lifeline.rescue", {}) as span:
        rows = await runtime.line.run(
            load("cinegraph.jobs.engine", "rescue_jobs.sql"),
            {"grace": rescue_after, "channel": INSERT_CHANNEL},
        )
        span.add({"rescued_count": len(rows)})
    if rows:
        ended = [id_ for id_, _worker, state in rows if state == "discarded"]
        telemetry.emit(
            "cinegraph.jobs.job.rescued", count=len(rows) - len(ended), discarded=ended
        )
