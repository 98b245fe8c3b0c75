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
from cinegraph.web.machine.readiness import ACK_SECONDS, Readiness, judge
from cinegraph.web.machine.status import NODES
from cinegraph.web.readings import Reading, Readings

_PATIENCE_SECONDS = 2.0


async def live(request: Request) -> Response:
    """Say that the process serves; asks nobody."""
    del request
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def ready(c: Cinegraph, readings: Readings) -> Callable[[Request], Awaitable[Response]]:
    """Return who says whether the database answers, and how the worker nodes are."""

    async def serve(request: Request) -> Response:
        del request
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                # Asked anew each time: what was kept says nothing of now.
                await c.get_pulse()
                found = judge(
                    await readings.get(NODES),
                    await readings.get(UNACKNOWLEDGED),
                )
        except (psycopg.Error, PoolTimeout, DatabaseError, TimeoutError) as error:
            found = Readiness(
                status="not ready",
                missing=["the database does not answer"],
                database=type(error).__name__,
                workers="unknown",
            )
        status = 503 if found.missing else 200
        return Response(
            msgspec.json.encode(found), status, media_type="application/json"
        )

    return serve


UNACKNOWLEDGED: Reading[tuple[int, float | None]] = Reading(
    "unacknowledged", 2.0, lambda c: c.count_unacknowledged(ACK_SECONDS)
)
