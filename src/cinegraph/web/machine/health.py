"""`/healthz`: this process answers. `/readyz`: what it needs answers too."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cinegraph.api import Cinegraph
from cinegraph.errors import DatabaseError

_PATIENCE_SECONDS = 2.0


async def live(request: Request) -> Response:
    """Say that the process serves; asks nobody."""
    del request
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def ready(c: Cinegraph) -> Callable[[Request], Awaitable[Response]]:
    """Return who says whether the database answers, and how the worker nodes are."""

    async def serve(request: Request) -> Response:
        del request
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                pulse = await c.get_pulse()
        except (psycopg.Error, PoolTimeout, DatabaseError, TimeoutError) as error:
            told = {"status": "not ready", "database": type(error).__name__}
            return JSONResponse(told, 503)
        ready_now = {"status": "ok", "database": "ok", "films": pulse.films}
        return Response(msgspec.json.encode(ready_now), media_type="application/json")

    return serve
