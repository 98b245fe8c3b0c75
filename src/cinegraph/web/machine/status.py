"""The whole at a glance, and what limits it."""

from typing import Annotated

import msgspec

from cinegraph.api import telling
from cinegraph.api.telling import DeploymentStatus, Limits
from cinegraph.jobs.browse import NodeRow
from cinegraph.monitoring.samples import Samples
from cinegraph.sync.backlog import Backlog
from cinegraph.sync.ledger import Count
from cinegraph.web.kept import (
    ALERTS,
    BUDGETS,
    LEVELS,
    QUOTAS,
    STATUS,
    WindowName,
    samples_of,
)
from cinegraph.web.machine.endpoint import Endpoint, EndpointRequest, Nothing
from cinegraph.web.readings import Reading

NODES: Reading[list[NodeRow]] = Reading("nodes", 1.0, lambda c: c.list_nodes())
LEDGER: Reading[list[Count]] = Reading("ledger", 5.0, lambda c: c.list_ledger())
BACKLOG: Reading[Backlog | None] = Reading(
    "omdb_backlog", 10.0, lambda c: c.get_omdb_backlog()
)


class LimitsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """How far back."""

    hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 1
    """Of usage and load; the UTC days that they touch are summed whole."""


class SamplesArguments(msgspec.Struct, frozen=True, kw_only=True):
    """How far back."""

    window: WindowName = "1h"
    """By one, 5 and 15 minutes, and by 2 hours."""


async def read_status(request: EndpointRequest, _: Nothing) -> DeploymentStatus:
    """Return the whole, of readings that are kept for a moment."""
    status = await request.read(STATUS)
    nodes = await request.read(NODES)
    return telling.tell_status(
        status,
        await request.read(LEVELS),
        telling.tell_queues(status.queues, nodes),
        await request.read(BUDGETS),
        await request.read(LEDGER),
        await request.read(QUOTAS),
        await request.read(BACKLOG),
        await request.read(ALERTS),
        nodes,
    )


async def _limits(request: EndpointRequest, asked: LimitsArguments) -> Limits:
    return await request.read(
        Reading(
            "limits",
            2.0,
            lambda c: telling.read_limits(c, hours=asked.hours),
            asked.hours,
        )
    )


async def _samples(request: EndpointRequest, asked: SamplesArguments) -> Samples:
    return await request.read(samples_of(asked.window))


ENDPOINTS = (
    Endpoint(
        path="/samples",
        summary="How things were, minute by minute, for charts",
        returns=Samples,
        read=_samples,
        arguments=SamplesArguments,
        example="/samples?window=6h",
    ),
    Endpoint(
        path="/status",
        summary="The whole at a glance: films, service levels, queues, budgets, quotas, runs, alerts",
        returns=DeploymentStatus,
        read=read_status,
        example="/status",
    ),
    Endpoint(
        path="/limits",
        summary="Request budgets and quotas, and what was asked of each source",
        returns=Limits,
        read=_limits,
        arguments=LimitsArguments,
        example="/limits?hours=24",
    ),
)
