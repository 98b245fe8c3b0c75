"""The imitation on a real socket, on aiohttp's low-level server."""

import asyncio
import time
from http import HTTPStatus
from typing import Self

import msgspec
from aiohttp import web

from cinegraph import clock
from cinegraph.errors import UsageError
from cinegraph.sandbox import answers
from cinegraph.sandbox.answers import Answer
from cinegraph.sandbox.content import Content
from cinegraph.sandbox.faults import FaultPlan
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sandbox.routes import PREFIX, Routes
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.traffic import Latency, Report
from cinegraph.sandbox.world import World

_CONTROL = "/_sandbox/"
_SHUTDOWN_SECONDS = 1.0
_RETRY_AFTER = "1"


class _FaultsWanted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/faults`."""

    faults: dict[str, float]
    until_seconds: float | None = None


def make_content(settings: SandboxSettings) -> Content:
    """Open the recording the settings name, or invent a world."""
    if settings.recorded is not None:
        return RecordedContent(settings.recorded)
    return InventedContent(World(settings.films, settings.seed))


class SandboxServer:
    """
    An imitation TMDB, running within `async with`.

    Beside TMDB's paths below `/3` it answers `GET /_sandbox/report`, `POST
    /_sandbox/faults` with `{"faults": {"5xx": 0.05}, "until_seconds": null}`, and `POST
    /_sandbox/reset`, which forgets what was served.

    Raises:
        UsageError: On entering, when the port is taken; when made, for a fault or
            latency that does not exist.
    """

    def __init__(
        self, content: Content | World, settings: SandboxSettings | None = None
    ) -> None:
        self.settings = settings or SandboxSettings(port=0)
        told = InventedContent(content) if isinstance(content, World) else content
        self._routes = Routes(told, self.settings.key)
        self._plan = FaultPlan(
            self.settings.faults,
            self.settings.seed,
            until_seconds=self.settings.fault_until_seconds,
        )
        self._latency = Latency(self.settings.latency, self.settings.seed)
        self._report = Report(time.monotonic())
        self._runner: web.ServerRunner | None = None
        self.port = self.settings.port

    @property
    def base_url(self) -> str:
        """What `TMDB_BASE_URL` has to be."""
        return f"http://{self.settings.host}:{self.port}{PREFIX}"

    @property
    def control_url(self) -> str:
        """Where the imitation itself is asked, without a key."""
        return f"http://{self.settings.host}:{self.port}/_sandbox"

    def report(self) -> dict[str, object]:
        """Give what was served, as `GET /_sandbox/report` does."""
        return self._report.told(time.monotonic())

    def summary(self) -> str:
        """Tell what was served, for people."""
        return self._report.summary(time.monotonic())

    def change_faults(
        self, shares: dict[str, float], *, until_seconds: float | None = None
    ) -> None:
        """Meet other faults from now on."""
        self._plan.change(shares, until_seconds=until_seconds)

    def reset(self) -> None:
        """Forget what was served and who met which fault."""
        self._plan.forget()
        self._report.reset(time.monotonic())

    async def __aenter__(self) -> Self:
        """Listen."""
        runner = web.ServerRunner(
            web.Server(self._handle, access_log=None),
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.settings.host, self.settings.port).start()
        except OSError as error:
            await runner.cleanup()
            raise UsageError(
                f"cannot listen on port {self.settings.port} ({error.strerror})",
                hint="Choose another port by --port; 0 takes a free one.",
            ) from error
        self._runner = runner
        self.port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        """Stop listening and close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.path
        if path.startswith(_CONTROL):
            return await self._control(request, path.removeprefix(_CONTROL))
        answer = self._answer(request, path)
        seconds = self._latency.draw() + answer.extra_seconds
        if seconds > 0:
            await asyncio.sleep(seconds)
        if answer.is_cut:
            return await _send_half(request, answer)
        return web.Response(
            status=answer.status, headers=answer.headers, body=answer.body
        )

    def _answer(self, request: web.BaseRequest, path: str) -> Answer:
        """Decide how a request is answered, and count it."""
        now = time.monotonic()
        takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
        self._report.note_arrival(now)
        if not self._admits(now):
            self._report.refused_by_limit += 1
            self._report.note_answer("over_limit", 429, None, 0)
            pause = _RETRY_AFTER if self.settings.retry_after else None
            return answers.throttled(takes_gzip=takes_gzip, retry_after=pause)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        reply = self._routes.answer(path, request.rel_url.query, bearer.strip())
        fault, variant = self._plan.choose(
            _without_key(request),
            is_film=reply.is_film and reply.status == HTTPStatus.OK,
        )
        if fault is None:
            etag = request.headers.get("If-None-Match", "")
            answer = answers.whole(reply, takes_gzip=takes_gzip, known_etag=etag)
        else:
            answer = answers.spoil(
                reply,
                fault,
                variant,
                takes_gzip=takes_gzip,
                slow_seconds=self.settings.slow_seconds,
                now=clock.real_now().timestamp(),
            )
        self._report.note_answer(reply.endpoint, answer.status, fault, len(answer.body))
        return answer

    def _admits(self, now: float) -> bool:
        """Say whether the limit lets one more through in this second."""
        window = self._report.answered
        rate = self.settings.rate
        if rate and window.count(now) >= rate:
            return False
        window.add(now)
        return True

    async def _control(self, request: web.BaseRequest, name: str) -> web.Response:
        """Answer what is asked of the imitation itself."""
        match request.method, name:
            case "GET", "report":
                return _json(200, self.report())
            case "POST", "reset":
                self.reset()
                return _json(200, {"reset": True})
            case "POST", "faults":
                return await self._control_faults(request)
        return _json(404, {"error": "there are report (GET), faults and reset (POST)"})

    async def _control_faults(self, request: web.BaseRequest) -> web.Response:
        """Change the faults, or say what is wrong with the wish."""
        try:
            wanted = msgspec.json.decode(await request.read(), type=_FaultsWanted)
            self.change_faults(wanted.faults, until_seconds=wanted.until_seconds)
        except (msgspec.MsgspecError, UsageError) as error:
            return _json(400, {"error": str(error)})
        return _json(200, {"faults": wanted.faults})


def _without_key(request: web.BaseRequest) -> str:
    """Give the path and query that tell requests apart; a key does not."""
    query = request.rel_url.query
    if not query:
        return request.rel_url.path
    pairs = sorted((name, text) for name, text in query.items() if name != "api_key")
    return f"{request.rel_url.path}?{pairs}"


def _json(status: int, told: object) -> web.Response:
    """Answer with plain JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(told), content_type="application/json"
    )


async def _send_half(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promise the whole body, send half of it and hang up."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
