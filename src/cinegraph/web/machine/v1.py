"""`/api/v1`: what pages show, for programs."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cinegraph.api import Cinegraph
from cinegraph.web.pages.charts import WindowName, samples_of
from cinegraph.web.pages.overview import ALERTS, BUDGETS, LEVELS, QUOTAS, STATUS
from cinegraph.web.pages.page import read_query
from cinegraph.web.readings import Readings


def routes(prefix: str, c: Cinegraph, readings: Readings) -> list[Route]:
    """Return its routes."""
    del c
    return [
        Route(f"{prefix}/status", _status(readings)),
        Route(f"{prefix}/samples", _samples(readings)),
    ]


class _Window(msgspec.Struct, frozen=True):
    window: WindowName = "1h"


def _samples(readings: Readings) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        window = read_query(request, _Window).window
        told = await readings.get(samples_of(window))
        return Response(msgspec.json.encode(told), media_type="application/json")

    return serve


def _status(readings: Readings) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        del request
        told = {
            **msgspec.to_builtins(await readings.get(STATUS)),
            "service_levels": await readings.get(LEVELS),
            "sources": await readings.get(BUDGETS),
            "quotas": await readings.get(QUOTAS),
            "alerts": await readings.get(ALERTS),
        }
        return Response(msgspec.json.encode(told), media_type="application/json")

    return serve
