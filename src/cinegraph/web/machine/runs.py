"""Runs: how far they are, and what limits them."""

import msgspec

from cinegraph.api.telling import Run, tell_run
from cinegraph.monitoring.editions import RunEdition
from cinegraph.monitoring.progress import Stage
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Id,
    Limit,
    Page,
    to_page,
)


class RunsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs."""

    after: Id | None = None
    """`next` of the page before: runs that were started earlier than this one."""
    limit: Limit = 50
    """At most so many."""


class RunArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which run."""

    run_id: Id
    """Its number."""


class RunDetails(msgspec.Struct, frozen=True, kw_only=True):
    """One run with its parts."""

    run: Run
    stages: list[Stage]
    """In their order, with what is queued and running in each."""
    editions: list[RunEdition]
    """Of a run of awards, the newest first; of others none."""


async def _list(request: EndpointRequest, asked: RunsArguments) -> Page[Run]:
    found = await request.c.list_runs(asked.limit + 1, before=asked.after)
    page = to_page(found, asked.limit, lambda run: run.id)
    return Page([tell_run(run) for run in page.items], page.next)


async def _get(request: EndpointRequest, asked: RunArguments) -> RunDetails:
    found = await request.c.get_run(asked.run_id)
    return RunDetails(
        run=tell_run(found, await request.c.explain_run(found)),
        stages=await request.c.list_stages(found),
        editions=await request.c.list_run_editions(found.id),
    )


ENDPOINTS = (
    Endpoint(
        path="/runs",
        summary="Runs, the latest first",
        returns=Page[Run],
        read=_list,
        arguments=RunsArguments,
        example="/runs?limit=10",
    ),
    Endpoint(
        path="/runs/{run_id:int}",
        summary="One run: progress, rate, time left, what limits it, its stages",
        returns=RunDetails,
        read=_get,
        arguments=RunArguments,
        example="/runs/1",
    ),
)
