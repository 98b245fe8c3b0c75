"""Every route for machines, in one list."""

from starlette.routing import BaseRoute, Route

from cinegraph.api import Cinegraph
from cinegraph.web.acting import Actor
from cinegraph.web.machine import exposing, health, v1
from cinegraph.web.machine.endpoint import PREFIX
from cinegraph.web.machine.hooks import Hooks
from cinegraph.web.readings import Readings
from cinegraph.web.troubles import Troubles


def routes(
    c: Cinegraph, readings: Readings, actor: Actor, troubles: Troubles
) -> list[BaseRoute]:
    """Return every route for machines."""
    return [
        Route("/healthz", health.live),
        Route("/readyz", health.ready(c, readings)),
        Route("/metrics", exposing.expose(c, readings)),
        Route("/hooks/movies", Hooks(c, troubles).take_movies, methods=["POST"]),
        *v1.routes(c, readings),
        *actor.machine_routes(PREFIX),
    ]
