"""
What machines read: `/api/v1`, `/healthz`, `/readyz`, `/metrics`.

Imported by `web.app`. To add an endpoint, write a row of `ENDPOINTS` in the module of its subject.
"""

from starlette.routing import BaseRoute, Route

from cinegraph.api import Cinegraph
from cinegraph.web.acting import Actor
from cinegraph.web.machine import health, v1
from cinegraph.web.readings import Readings
from cinegraph.web.security.access import Access

PREFIX = "/api/v1"


def routes(
    c: Cinegraph, readings: Readings, access: Access, actor: Actor
) -> list[BaseRoute]:
    """Return every route for machines."""
    del access
    return [
        Route("/healthz", health.live),
        Route("/readyz", health.ready(c)),
        *v1.routes(PREFIX, c, readings),
        *actor.machine_routes(PREFIX),
    ]
