"""Errors as people and machines read them: a page, or problem+json (RFC 9457); never a traceback."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cinegraph.errors import (
    ChangesForgottenError,
    CinegraphError,
    ConfigError,
    DatabaseError,
    SourceError,
    UsageError,
)
from cinegraph.scrubbing import presentable
from cinegraph.web.problems import PROBLEM, Problem
from cinegraph.web.rendering import Renderer
from cinegraph.web.security.rules import Refusal

_NOT_FOUND = "_not_found"
_log = structlog.get_logger(__name__)


class Troubles:
    """Makes answers of what went wrong."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def handlers(
        self,
    ) -> Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]:
        """Return who handles which exception."""
        return dict.fromkeys(
            (CinegraphError, HTTPException, psycopg.Error, PoolTimeout),
            self._handle,
        )

    def catching(self, app: ASGIApp) -> ASGIApp:
        """Return *app*, whose bugs are logged once and told in one sentence."""

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            has_begun = False

            async def note(message: Message) -> None:
                nonlocal has_begun
                has_begun = True
                await send(message)

            try:
                await app(scope, receive, note)
            except Exception as error:
                if has_begun or scope["type"] != "http":
                    raise
                answer = await self._handle(Request(scope, receive), error)
                await answer(scope, receive, send)

        return call

    def show_refusal(self, request: Request, refusal: Refusal) -> Response:
        """Answer what the guard refuses; a person who is nobody is led to the door."""
        if refusal.status == HTTPStatus.UNAUTHORIZED and not is_machine(request):
            headers = {"Location": "/login"}
            if "hx-request" in request.headers:
                headers = {"HX-Redirect": "/login"}
            return Response(status_code=303, headers=headers)
        problem = Problem(
            title=refusal.title, status=refusal.status, detail=refusal.detail
        )
        return self.show(request, problem)

    def show(
        self,
        request: Request,
        problem: Problem,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer with a problem, as whoever asked reads it."""
        headers = dict(headers or {})
        if problem.status == HTTPStatus.UNAUTHORIZED:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="Cinegraph"')
        if is_machine(request):
            body = msgspec.json.encode(problem)
            return Response(body, problem.status, headers, PROBLEM)
        response = self._renderer.plain(
            "trouble.html", problem.status, {"problem": problem}
        )
        response.headers.update(headers)
        return response

    async def _handle(self, request: Request, error: Exception) -> Response:
        headers = error.headers if isinstance(error, HTTPException) else None
        return self.show(request, explain(error, path=request.url.path), headers)


def explain(error: Exception, *, path: str = "") -> Problem:
    """Return what a person or a machine is told of *error*."""
    if isinstance(error, CinegraphError):
        status = status_of(error)
        return Problem(
            title=HTTPStatus(status).phrase,
            status=status,
            detail=presentable(error.message),
            hint=error.hint,
            code=error.code,
        )
    if isinstance(error, HTTPException):
        return Problem(
            title=HTTPStatus(error.status_code).phrase,
            status=error.status_code,
            detail=f"There is nothing at {path[:200]}."
            if error.status_code == HTTPStatus.NOT_FOUND
            else str(error.detail),
        )
    if isinstance(error, psycopg.errors.NumericValueOutOfRange):
        return Problem(
            title="Bad Request",
            status=400,
            detail="A number is larger than any of ours.",
            hint="Look at the ids.",
        )
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Problem(
            title="Too slow",
            status=503,
            detail="The database took too long for this.",
            hint="Try a narrower filter, or again in a minute.",
        )
    if isinstance(error, psycopg.OperationalError | PoolTimeout):
        return Problem(
            title="The database does not answer",
            status=503,
            detail="Nothing can be shown until it does.",
            hint="`cinegraph doctor` says what is wrong.",
        )
    _log.error("a request failed", path=path, exc_info=error)
    return Problem(
        title="This is a bug of Cinegraph",
        status=500,
        detail="The log of `cinegraph web` has the whole story.",
    )


def status_of(error: CinegraphError) -> int:
    """Return the HTTP status that says what an error says."""
    if error.code.endswith(_NOT_FOUND):
        return 404
    by_kind = (
        (UsageError, 400),
        (ChangesForgottenError, 410),
        (ConfigError, 409),
        (DatabaseError, 503),
        (SourceError, 502),
    )
    return next((status for kind, status in by_kind if isinstance(error, kind)), 500)


def is_machine(request: Request) -> bool:
    """Return whether whoever asks wants data, not a page."""
    return request.url.path.startswith(("/api/", "/hooks/", "/metrics", "/live")) or (
        "application/json" in request.headers.get("accept", "")
    )
