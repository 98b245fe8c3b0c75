"""What went wrong, what is computed, what people did."""

import msgspec

from cinegraph.enrichment.due.status import EnrichmentReport
from cinegraph.monitoring.alerts import Alert
from cinegraph.monitoring.operator_actions import OperatorAction
from cinegraph.web.kept import ALERTS
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
from cinegraph.web.readings import Reading

ENRICHMENT: Reading[EnrichmentReport] = Reading(
    "enrichment", 30.0, lambda c: c.get_enrichment_status()
)
"""A second or two for the largest catalogue, so it is kept for longer."""


class AlertsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts."""

    open: bool = True
    """Only those that last; else also those that are over."""
    limit: Limit = 100
    """At most so many."""


class ActionsArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of the audit log."""

    action: Text | None = None
    """Such as `run.pause`."""
    who: Text | None = None
    """As the log names them: a token's role, or a proxy's user."""
    after: Id | None = None
    """`next` of the page before: what was done earlier than this."""
    limit: Limit = 50
    """At most so many."""


async def _alerts(request: EndpointRequest, asked: AlertsArguments) -> Page[Alert]:
    if asked.open:
        return Page((await request.read(ALERTS))[: asked.limit])
    return Page(await request.c.list_alerts(open_only=False, limit=asked.limit))


async def _enrichment(request: EndpointRequest, _: Nothing) -> EnrichmentReport:
    return await request.read(ENRICHMENT)


async def _actions(
    request: EndpointRequest, asked: ActionsArguments
) -> Page[OperatorAction]:
    found = await request.c.list_actions(
        action=asked.action,
        who=asked.who,
        before=asked.after,
        limit=asked.limit + 1,
    )
    return to_page(found, asked.limit, lambda line: line.id)


ENDPOINTS = (
    Endpoint(
        path="/alerts",
        summary="What is wrong, the gravest first; and what was",
        returns=Page[Alert],
        read=_alerts,
        arguments=AlertsArguments,
        example="/alerts?open=false",
    ),
    Endpoint(
        path="/enrichment",
        summary="How many films are computed, due, failing or impossible, of each kind, and why",
        returns=EnrichmentReport,
        read=_enrichment,
        example="/enrichment",
    ),
    Endpoint(
        path="/actions",
        summary="The audit log: who did what, the latest first",
        returns=Page[OperatorAction],
        read=_actions,
        arguments=ActionsArguments,
        example="/actions?action=run.pause",
    ),
)
