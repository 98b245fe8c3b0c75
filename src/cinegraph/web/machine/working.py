"""Who does the work, on what: jobs, queues, nodes, schedules."""

from enum import StrEnum

import msgspec

from cinegraph.api.telling import (
    Node,
    Queue,
    ScheduleEntry,
    tell_nodes,
    tell_queues,
    tell_schedules,
)
from cinegraph.jobs.browse import JobRow
from cinegraph.web.kept import STATUS
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Id,
    Limit,
    Nothing,
    Page,
    Text,
    to_page,
)
from cinegraph.web.machine.status import NODES


class JobState(StrEnum):
    """As Oban calls them."""

    AVAILABLE = "available"
    SCHEDULED = "scheduled"
    EXECUTING = "executing"
    RETRYABLE = "retryable"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


class JobsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs; all that is given has to hold."""

    state: list[JobState] = []
    """May be given several times; none: all."""
    queue: Text | None = None
    """Its name."""
    worker: Text | None = None
    """Its name, with or without its module."""
    run: Id | None = None
    """The number of the run that made them."""
    after: Id | None = None
    """`next` of the page before: jobs that were made earlier than this one."""
    limit: Limit = 50
    """At most so many."""


class JobArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which job."""

    job_id: Id
    """Its number."""


async def _jobs(request: EndpointRequest, asked: JobsArguments) -> Page[JobRow]:
    found = await request.c.list_jobs(
        states=[state.value for state in asked.state] or None,
        queue=asked.queue,
        worker=asked.worker,
        run=asked.run,
        before=asked.after,
        limit=asked.limit + 1,
    )
    return to_page(found, asked.limit, lambda job: job.id)


async def _job(request: EndpointRequest, asked: JobArguments) -> JobRow:
    return await request.c.get_job(asked.job_id)


async def _queues(request: EndpointRequest, _: Nothing) -> Page[Queue]:
    status = await request.read(STATUS)
    return Page(tell_queues(status.queues, await request.read(NODES)))


async def _nodes(request: EndpointRequest, _: Nothing) -> Page[Node]:
    return Page(tell_nodes(await request.read(NODES)))


async def _schedules(request: EndpointRequest, _: Nothing) -> Page[ScheduleEntry]:
    return Page(tell_schedules(await request.c.list_schedules()))


ENDPOINTS = (
    Endpoint(
        path="/jobs",
        summary="Jobs, the newest first",
        returns=Page[JobRow],
        read=_jobs,
        arguments=JobsArguments,
        example="/jobs?state=discarded&state=retryable&limit=10",
    ),
    Endpoint(
        path="/jobs/{job_id:int}",
        summary="One job with every attempt",
        returns=JobRow,
        read=_job,
        arguments=JobArguments,
        example="/jobs/1",
    ),
    Endpoint(
        path="/queues",
        summary="Every queue: jobs by state, how long the oldest waits, whether it is paused",
        returns=Page[Queue],
        read=_queues,
        example="/queues",
    ),
    Endpoint(
        path="/nodes",
        summary="Worker nodes: heartbeat, leader, version, what each runs",
        returns=Page[Node],
        read=_nodes,
        example="/nodes",
    ),
    Endpoint(
        path="/schedules",
        summary="What happens by itself: when, last, next, missed",
        returns=Page[ScheduleEntry],
        read=_schedules,
        example="/schedules",
    ),
)
