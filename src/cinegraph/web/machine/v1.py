"""`/api/v1`: endpoints as routes; arguments in, JSON out."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cinegraph.api import Cinegraph
from cinegraph.scrubbing import hide_known
from cinegraph.web.machine import openapi
from cinegraph.web.machine.endpoint import (
    PREFIX,
    Endpoint,
    EndpointRequest,
    parse_arguments,
)
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.readings import Readings

JSON = "application/json"


def routes(c: Cinegraph, readings: Readings) -> list[Route]:
    """Return its routes."""
    return [
        Route(f"{PREFIX}/openapi.json", _describe),
        *(
            Route(PREFIX + endpoint.path, _serve(endpoint, c, readings))
            for endpoint in ENDPOINTS
        ),
    ]


def to_json(value: object) -> bytes:
    """Return *value* as JSON, without any secret that is known to be one."""
    return hide_known(msgspec.json.encode(value).decode()).encode()


def _serve(
    endpoint: Endpoint, c: Cinegraph, readings: Readings
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        arguments = parse_arguments(
            request.path_params, request.query_params.multi_items(), endpoint.arguments
        )
        answer = await endpoint.read(EndpointRequest(c, readings), arguments)
        return Response(to_json(answer), media_type=JSON)

    return serve


async def _describe(request: Request) -> Response:
    del request
    return Response(openapi.encoded(), media_type=JSON)
