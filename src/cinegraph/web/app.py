"""All routes in one application."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from cinegraph.api import Cinegraph
from cinegraph.web.acting import Actor
from cinegraph.web.assets import Assets
from cinegraph.web.kept import ALERTS
from cinegraph.web.live.broadcasting import Broadcaster, TooManyStreamsError
from cinegraph.web.live.changes import read_signature
from cinegraph.web.machine import routing
from cinegraph.web.pages import PAGES, Page
from cinegraph.web.pages.page import Elsewhere, PageRequest
from cinegraph.web.readings import Readings
from cinegraph.web.rendering import Renderer
from cinegraph.web.security.access import Access, Visitor
from cinegraph.web.security.guard import Guard
from cinegraph.web.signing_in import Door
from cinegraph.web.troubles import Troubles

_COMPRESS_FROM_BYTES = 500


class Site:
    """The dashboard and the API of one deployment."""

    def __init__(self, c: Cinegraph) -> None:
        self._c = c
        self._readings = Readings(c)
        self.access = Access(c.settings)
        self.broadcaster = Broadcaster(lambda: read_signature(c))
        assets = Assets()
        self._renderer = Renderer(assets)
        self._troubles = Troubles(self._renderer)
        self._door = Door(self.access, self._renderer)
        self._actor = Actor(
            c,
            self._renderer,
            self._troubles,
            note_change=self._readings.note_change,
        )
        self._routes: list[BaseRoute] = [
            Route("/static/{path:path}", assets.serve),
            Route("/live", self._stream),
            *self._door.routes(),
            *routing.routes(c, self._readings, self._actor, self._troubles),
            *self._actor.form_routes(),
            *(Route(page.path, self._serve(page), name=page.name) for page in PAGES),
        ]

    def application(self) -> ASGIApp:
        """Return what a server serves."""
        app: ASGIApp = Starlette(
            routes=self._routes,
            exception_handlers=self._troubles.handlers(),
            lifespan=self._lifespan,
        )
        settings = self._c.settings
        guarded = Guard(
            self._troubles.catching(app),
            access=self.access,
            image_host=_origin(settings.images_url) if settings.posters else None,
            show=self._troubles.show_refusal,
            count_failure=self._door.count_failure,
        )
        return GZipMiddleware(guarded, minimum_size=_COMPRESS_FROM_BYTES)

    def _serve(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            visitor: Visitor = request.scope["visitor"]
            asked = PageRequest(request, self._c, visitor, self._readings)
            context = await page.read(asked)
            if isinstance(context, Elsewhere):
                return RedirectResponse(context.to, 303)
            alerts = await self._readings.get(ALERTS)
            flash = self._actor.take_flash(request)
            response = self._renderer.page(
                request,
                page,
                {**context, "open_alerts": alerts},
                visitor=visitor,
                flash=flash,
            )
            if flash is not None:
                self._actor.forget_flash(response)
            return response

        return serve

    async def _stream(self, request: Request) -> Response:
        del request
        stream = self.broadcaster.listen()
        try:
            first = await anext(stream)
        except TooManyStreamsError:
            return Response("Too many pages are open; ask again.\n", 503)

        async def lines() -> AsyncIterator[bytes]:
            yield first
            async for line in stream:
                yield line

        return StreamingResponse(
            lines(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        self.broadcaster.start()
        try:
            yield
        finally:
            await self.broadcaster.stop()
            await self._readings.stop()


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
