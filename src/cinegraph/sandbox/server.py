"""The imitation on a real socket, on aiohttp's low-level server."""

import asyncio
import time
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Self

from aiohttp import web

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.errors import UndecodableError, UsageError
from cinegraph.sandbox import answers, control
from cinegraph.sandbox.answers import Answer
from cinegraph.sandbox.awards.awarded import AwardedWorld
from cinegraph.sandbox.awards.files import EVENTS_PREFIX, TABLE, AwardFiles
from cinegraph.sandbox.awards.files import PREFIX as AWARDS_PREFIX
from cinegraph.sandbox.caching import Cache
from cinegraph.sandbox.chronicle import Pace
from cinegraph.sandbox.content import Content
from cinegraph.sandbox.days import SandboxClock
from cinegraph.sandbox.downloads import EXPORTS_PREFIX, IMDB_PREFIX, Downloads
from cinegraph.sandbox.evolving import EvolvingWorld
from cinegraph.sandbox.evolving_content import EvolvingContent
from cinegraph.sandbox.faults import Fault, FaultPlan
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.omdb import PREFIX as OMDB_PREFIX
from cinegraph.sandbox.omdb import Omdb
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sandbox.routes import PREFIX, Routes
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.traffic import Latency, Report
from cinegraph.sandbox.user_lists import check_list_fault
from cinegraph.sandbox.world import World

_SHUTDOWN_SECONDS = 1.0
_RETRY_AFTER = "1"
_API = f"{PREFIX}/"


def make_content(settings: SandboxSettings) -> Content:
    """Open the recording the settings name, or invent a world."""
    if settings.recorded is not None:
        if settings.evolve:
            raise UsageError(
                "a recording cannot go on", hint="Leave out --evolve, or --recorded."
            )
        return RecordedContent(settings.recorded)
    if not settings.evolve:
        world = World(settings.films, settings.seed)
        return InventedContent(world, _make_awarded(world, settings))
    evolving = EvolvingWorld(
        settings.films,
        settings.seed,
        first_day=settings.first_day or clock.real_now().date(),
        pace=Pace().times(settings.pace),
    )
    return EvolvingContent(
        evolving,
        reach=timedelta(days=settings.changes_reach_days),
        awarded=_make_awarded(evolving.beginning, settings),
    )


def _make_awarded(world: World, settings: SandboxSettings) -> AwardedWorld | None:
    """Invent the films and people of the nominations table the settings name."""
    if settings.awards is None:
        return None
    try:
        return AwardedWorld(world, settings.awards.read_bytes())
    except (OSError, UndecodableError) as error:
        raise UsageError(
            f"{settings.awards} is no nominations table ({error})",
            hint="Give a table such as CINEGRAPH_OSCARS_URL names, tab-separated.",
        ) from error


class SandboxServer:
    """
    Imitation upstreams on one port, running within `async with`.

    TMDB's API is below `/3`, its daily exports below `/exports`, OMDb below `/omdb`,
    IMDb's files below `/imdb`, those of awards below `/awards`. Below `/_sandbox` it answers for itself, in JSON: `GET
    report`; `POST reset`, which forgets what was served; `POST faults` with `{"faults":
    {"5xx": 0.05, "omdb-522": 0.1}, "until_seconds": null}`; `POST exports` with
    `{"fault": "export-half", "day": null}`; `POST awards` with `{"fault": "html"}`, `PUT`
    and `DELETE awards/oscars.csv`, or of another file of awards; `GET clock`, and `POST clock` with `{"epoch":
    "2026-09-01T07:30:00Z", "offset_seconds": 0, "speed": 1}`, which OMDb's days, the
    exports and an evolving world follow.

    Raises:
        UsageError: On entering, when the port is taken; when made, for a fault or
            latency that does not exist.
    """

    def __init__(
        self,
        content: Content | World | AwardedWorld,
        settings: SandboxSettings | None = None,
    ) -> None:
        self.settings = settings or SandboxSettings(port=0)
        told = _content_of(content)
        self.clock = SandboxClock()
        if isinstance(told, EvolvingContent):
            told.follow(self.clock.now)
        self._routes = Routes(told, self.settings.key)
        self._plan = FaultPlan(
            self.settings.faults,
            self.settings.seed,
            until_seconds=self.settings.fault_until_seconds,
        )
        self._cache = Cache(self.settings.cache_seconds, self.settings.seed)
        self._omdb = Omdb(told, self.clock, self.settings)
        self._downloads = Downloads(told, self.clock, self.settings)
        self._awards = AwardFiles(told, self.settings)
        self._latency = Latency(self.settings.latency, self.settings.seed)
        self._report = Report(time.monotonic())
        self._runner: web.ServerRunner | None = None
        self.port = self.settings.port

    @property
    def root_url(self) -> str:
        """What all addresses begin with."""
        return f"http://{self.settings.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What `TMDB_BASE_URL` has to be."""
        return self.root_url + PREFIX

    @property
    def exports_url(self) -> str:
        """What `TMDB_EXPORTS_URL` has to be."""
        return self.root_url + EXPORTS_PREFIX

    @property
    def omdb_url(self) -> str:
        """What `OMDB_BASE_URL` has to be."""
        return self.root_url + OMDB_PREFIX

    @property
    def imdb_url(self) -> str:
        """What `IMDB_DATASETS_URL` has to be."""
        return self.root_url + IMDB_PREFIX

    @property
    def oscars_url(self) -> str:
        """What `CINEGRAPH_OSCARS_URL` has to be."""
        return f"{self.root_url}{AWARDS_PREFIX}/{TABLE}"

    @property
    def award_events_url(self) -> str:
        """What `CINEGRAPH_AWARD_EVENTS_URL` has to be."""
        return self.root_url + EVENTS_PREFIX

    @property
    def control_url(self) -> str:
        """Where the imitation itself is asked, without a key."""
        return self.root_url + control.PREFIX.rstrip("/")

    def report(self) -> dict[str, Any]:
        """Give what was served, as `GET /_sandbox/report` does."""
        told = self._report.told(time.monotonic())
        omdb, exports = self._omdb.told(), self._downloads.told()
        awards = self._awards.told()
        return {**told, "omdb": omdb, "exports": exports, "awards": awards}

    def summary(self) -> str:
        """Tell what was served, for people."""
        tmdb = self._report.summary(time.monotonic())
        return f"{tmdb}\n{self._omdb.summary()}\n{self._downloads.summary()}"

    def change_faults(
        self, shares: dict[str, float], *, until_seconds: float | None = None
    ) -> None:
        """Meet other faults from now on, of TMDB and of OMDb."""
        self._plan.change(shares, until_seconds=until_seconds)
        self._omdb.plan.change(shares, until_seconds=until_seconds)

    def change_export_fault(self, name: str | None, day: date | None = None) -> None:
        """Spoil the exports of *day*, or of all, as the fault of that *name* does."""
        self._downloads.change_fault(name, day)

    def change_award_fault(self, name: str | None) -> None:
        """Spoil the files of awards as the fault of that *name* does; None: no longer."""
        self._awards.change_fault(name)

    def change_list_fault(self, name: str | None) -> None:
        """Spoil the lists of users as the fault of that *name* does; None: no longer."""
        self._routes.list_fault = check_list_fault(name)

    def replace_award_file(self, name: str, body: bytes | None) -> None:
        """Serve *body* as `oscars.csv` or `ev….yml` from now on; None: the first one again."""
        self._awards.replace(name, body)

    def set_clock(self, setting: ClockSetting) -> None:
        """Follow *setting* from now on: OMDb's days, the exports, an evolving world."""
        self.clock.set(setting)

    def clock_told(self) -> dict[str, Any]:
        """Give the clock as `GET /_sandbox/clock` does."""
        return self.clock.told()

    def reset(self) -> None:
        """Forget what was served, OMDb's quotas, and who met which fault."""
        self._plan.forget()
        self._report.reset(time.monotonic())
        self._omdb.reset()
        self._downloads.reset()
        self._awards.reset()

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
        await self._downloads.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.path
        if path.startswith(_API):
            return await self._send(request, self._answer(request, path))
        if path.startswith(control.PREFIX):
            name = path.removeprefix(control.PREFIX)
            return await control.respond(self, request, name)
        if path.rstrip("/") == OMDB_PREFIX:
            return await self._respond_as_omdb(request)
        if path.startswith((f"{EXPORTS_PREFIX}/", f"{IMDB_PREFIX}/")):
            await asyncio.sleep(self._latency.draw())
            return await self._downloads.respond(request, path)
        if path.startswith(f"{AWARDS_PREFIX}/"):
            await asyncio.sleep(self._latency.draw())
            return self._awards.answer(request, path)
        return await self._send(request, self._answer(request, path))

    async def _respond_as_omdb(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request of OMDb, in flight until its answer is ready to go out."""
        takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
        with self._omdb.in_flight(request):
            answer = self._omdb.answer(request.rel_url.query, takes_gzip=takes_gzip)
            return await self._send(request, answer)

    async def _send(
        self, request: web.BaseRequest, answer: Answer
    ) -> web.StreamResponse:
        """Let the latency pass, then give the answer as aiohttp sends it."""
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
        asked, query = _without_key(request), request.rel_url.query
        kept = None
        if self._routes.admits(query, bearer.strip()):
            kept = self._cache.find(asked, self.clock.now())
        if kept is None:
            reply = self._routes.answer(path, query, bearer.strip())
            self._cache.keep(asked, reply, self.clock.now())
        else:
            reply = kept.reply
        fault, variant = self._plan.choose(
            asked,
            is_film=reply.is_film and reply.status == HTTPStatus.OK,
        )
        if fault is None:
            etag = request.headers.get("If-None-Match", "")
            answer = answers.whole(
                reply, takes_gzip=takes_gzip, known_etag=etag, kept=kept
            )
        else:
            answer = answers.spoil(
                reply,
                Fault(fault),
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


def _content_of(told: Content | World | AwardedWorld) -> Content:
    """Tell a world, or what is told already."""
    if isinstance(told, AwardedWorld):
        return InventedContent(told.world, told)
    return InventedContent(told) if isinstance(told, World) else told


def _without_key(request: web.BaseRequest) -> str:
    """Give the path and query that tell requests apart; a key does not."""
    query = request.rel_url.query
    if not query:
        return request.rel_url.path
    pairs = sorted((name, text) for name, text in query.items() if name != "api_key")
    return f"{request.rel_url.path}?{pairs}"


async def _send_half(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promise the whole body, send half of it and hang up."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
