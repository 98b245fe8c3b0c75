"""Taking the next jobs of a queue: one round trip, and rows made into jobs without Oban's validation."""

from datetime import UTC, datetime
from typing import Any

from oban import Job
from oban._producer import Producer, _get_jobs
from oban.job import JobState

from cinegraph.db.sql import load
from cinegraph.jobs.engine import runtimes


async def fetch_jobs(producer: Producer) -> list[Job]:
    """Take as many jobs as *producer* has room for; Oban's `producer.get_jobs`."""
    runtime = runtimes.find(producer._query)
    if runtime is None:
        found: list[Job] = await _get_jobs(producer)
        return found
    demand = producer._limit - len(producer._running_jobs)
    if demand <= 0:
        return []
    attempted_by = [producer._node, producer._uuid]
    rows = await runtime.line.run(
        load("cinegraph.jobs.engine", "fetch_jobs.sql"),
        {"queue": producer._queue, "demand": demand, "attempted_by": attempted_by},
    )
    jobs = [_job(row, producer._queue, attempted_by) for row in rows]
    # UPDATE … RETURNING promises no order.
    jobs.sort(key=lambda job: (job.priority, job.scheduled_at, job.id))
    return jobs


def _job(row: tuple[Any, ...], queue: str, attempted_by: list[str]) -> Job:
    # Job.__init__ costs 4 µs a row, most of it for columns that are empty in every fetched row.
    job = Job.__new__(Job)
    job.id, job.worker, job.attempt, job.max_attempts, job.priority = row[:5]
    job.args, job.meta, job.tags = row[5:8]
    job.inserted_at, job.scheduled_at, job.attempted_at = map(_aware, row[8:11])
    job.state = JobState.EXECUTING
    job.queue = queue
    job.attempted_by = attempted_by
    job.errors = []
    job.extra = {}
    job.cancelled_at = job.completed_at = job.discarded_at = None
    job._cancellation = None
    return job


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
