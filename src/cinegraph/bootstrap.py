"""
The composition root: settings in, running services out; the only place that knows which parts make the whole.

Imported by `api` alone.
"""

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvloop

from cinegraph import __version__, scrubbing
from cinegraph.db import address, failures, provide, schema
from cinegraph.db.clock_row import ClockFollower
from cinegraph.db.embedded import inspect
from cinegraph.db.pool import Pool, make_room, open_pool
from cinegraph.errors import NotSetUpError
from cinegraph.festivals.reading import BY_YEAR
from cinegraph.jobs import (
    catalogue,
    changes,
    cultural_lists,
    discovery,
    enrichment,
    festivals,
    following_awards,
    imports,
    lists,
    lookups,
    omdb,
    routine,
    updates,
)
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.enrichment_feeding import ENRICH_SECONDS, enrich
from cinegraph.jobs.feeding import TURN_SECONDS as FEED_SECONDS
from cinegraph.jobs.feeding import Feed, Feeder
from cinegraph.jobs.feeds import film_feed, title_feed
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.leading import LeaderLoop
from cinegraph.jobs.lookups import follow_films
from cinegraph.jobs.notifying import NOTIFY_SECONDS, Notifier
from cinegraph.jobs.schedules import SCHEDULED
from cinegraph.jobs.scheduling import TURN_SECONDS as SCHEDULE_SECONDS
from cinegraph.jobs.scheduling import Scheduler
from cinegraph.jobs.sequencing import SEQUENCE_SECONDS, sequence
from cinegraph.jobs.services import Services
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.title_writer import TitleWriter
from cinegraph.jobs.update_writer import UpdateWriter
from cinegraph.jobs.watching import SAMPLE_SECONDS, WATCH_SECONDS, sample, watch
from cinegraph.limits import RequestBudget, RequestMeter
from cinegraph.limits.quota import DailyQuota, QuotaGate
from cinegraph.limits.slots import RequestSlots
from cinegraph.monitoring import targets
from cinegraph.settings import Settings
from cinegraph.sources.awards import (
    AwardsFolder,
    AwardsSettings,
    AwardsSite,
    AwardsSource,
    PathOf,
)
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.award_events import client as award_events
from cinegraph.sources.providers.award_events.settings import AwardEventsSettings
from cinegraph.sources.providers.imdb.client import ImdbClient
from cinegraph.sources.providers.list_files.client import ListFilesClient
from cinegraph.sources.providers.list_files.settings import ListFilesSettings
from cinegraph.sources.providers.omdb.client import OmdbClient
from cinegraph.sources.providers.omdb.settings import OmdbSettings
from cinegraph.sources.providers.oscars_org import client as oscars_org
from cinegraph.sources.providers.oscars_table import client as oscars_table
from cinegraph.sources.providers.oscars_table.settings import OscarsTableSettings
from cinegraph.sources.providers.tmdb.client import TmdbClient
from cinegraph.sources.providers.tmdb.exports import TmdbExportsClient
from cinegraph.sources.settings import UpstreamSettings
from cinegraph.sync import pacing

WORKER_MODULES = (
    catalogue,
    changes,
    cultural_lists,
    discovery,
    enrichment,
    festivals,
    following_awards,
    imports,
    lists,
    lookups,
    omdb,
    routine,
    updates,
)
"""Importing them registers their workers; only registered workers run."""

_SPARE_CONNECTIONS = 14
"""
Beside one a job: the three group writers, two budgets' leases, the meter's flush, the run keeper, the feeder, the
scheduler or the watch, the enricher, the clock, Oban's fetches and its ends of jobs, one to spare.
"""


@dataclass(frozen=True, slots=True)
class App:
    """The services of one process."""

    settings: Settings
    url: str
    pool: Pool
    tmdb: TmdbClient
    services: Services


@contextmanager
def open_database(settings: Settings, *, disposable: bool = False) -> Iterator[str]:
    """
    Give the address of the database, starting our own server when none is configured.

    Args:
        disposable: Our own server loses its data when its last user leaves; for demonstrations.

    Raises:
        EmbeddedPostgresError: Our own server cannot be started.
    """
    register_secrets(settings)
    with provide.provided(settings.database, disposable=disposable) as url:
        yield url


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    role: str,
    connections: int | None = None,
    disposable: bool = False,
    reads: bool = False,
) -> AsyncIterator[App]:
    """
    Open everything a process needs, and close it in the right order.

    The schema is brought to this version first, under a lock; unless it is only read, then it has to be right.

    Args:
        role: What the process is, for `pg_stat_activity`: `worker`, `command`.
        connections: At most, to the database; unset is one a job of the configured queues and some to spare. A node
            with larger queues makes room for them itself.
        reads: Nothing is made or upgraded.

    Raises:
        ConfigError: A setting is missing or wrong.
        NotSetUpError: There is nothing to read.
        DatabaseError: The database cannot be used, or was lost within the block; the hint says what to do.
    """
    register_secrets(settings)
    size = connections or _connections_for(settings.queues)
    async with AsyncExitStack() as stack:
        if reads:
            require_database(settings)
        url = await _enter_database(stack, settings, disposable=disposable)
        await asyncio.to_thread(_require_schema if reads else schema.ensure, url)
        stack.enter_context(failures.losing(url))
        pool = await open_pool(
            url,
            size=size,
            application_name=f"cinegraph {role}",
            statement_timeout=settings.database.statement_timeout,
        )
        stack.push_async_callback(pool.close)
        await _follow_clock(stack, pool, reads=reads)
        services = await _make_services(stack, settings, pool)
        if not reads:
            await _expect_looks(pool, services)
        yield App(settings, url, pool, services.tmdb, services)


async def _follow_clock(stack: AsyncExitStack, pool: Pool, *, reads: bool) -> None:
    """Live in the deployment's time; who only reads looks once."""
    follower = ClockFollower(pool)
    await follower.start()
    stack.push_async_callback(follower.stop)
    if reads:
        await follower.stop()


async def _expect_looks(pool: Pool, services: Services) -> None:
    async with pool.connection() as conn:
        await pacing.expect(conn, services.ratings_interval_days, **FILMS.entry)


async def _make_services(
    stack: AsyncExitStack, settings: Settings, pool: Pool
) -> Services:
    meter = RequestMeter(pool)
    stack.push_async_callback(meter.close)

    async def client(
        upstream: UpstreamSettings, gate: QuotaGate | None = None
    ) -> HttpClient:
        budget = RequestBudget(
            pool,
            upstream.source,
            upstream.rate,
            key_fingerprint=upstream.key_fingerprint,
        )
        stack.push_async_callback(budget.close)
        http = HttpClient(upstream, budget=budget, meter=meter, quota=gate)
        return await stack.enter_async_context(http)

    omdb_settings, imdb_settings = settings.omdb, settings.imdb
    asks_omdb = omdb_settings is not None
    stored = omdb.ask_titles if asks_omdb else None
    interval = timedelta(days=settings.number("update_interval_days"))
    return Services(
        pool=pool,
        tmdb=TmdbClient(
            await client(settings.tmdb),
            language=settings.language,
            region=settings.region,
        ),
        films=FilmWriter(
            pool, stored=stored, linked=follow_films, update_interval=interval
        ),
        updates=UpdateWriter(pool, stored=stored, update_interval=interval),
        titles=TitleWriter(pool),
        exports=TmdbExportsClient(
            await client(settings.tmdb_exports), settings.tmdb_exports
        ),
        omdb=OmdbClient(await client(omdb_settings, _gate(pool, omdb_settings)))
        if omdb_settings
        else None,
        imdb=ImdbClient(await client(imdb_settings), imdb_settings)
        if imdb_settings
        else None,
        awards=await _award_sources(settings, client),
        list_files=_list_files(stack, pool, meter),
        downloads=_downloads(settings),
        import_batch_size=settings.number("import_batch_size"),
        with_adult=settings.include_adult,
        update_interval_days=settings.number("update_interval_days"),
        change_log_days=settings.change_log_days,
        ratings_interval_days=settings.ratings_interval_days,
    )


async def _award_sources(
    settings: Settings, client: Callable[[UpstreamSettings], Awaitable[HttpClient]]
) -> dict[str, AwardsSource]:
    """Return by name the sources of awards that are asked, at a server or on this machine."""
    places: list[tuple[str, AwardsSettings | Path, PathOf]] = [
        (OscarsTableSettings.source, settings.oscars_table, oscars_table.path_of),
        (AwardEventsSettings.source, settings.award_events, award_events.path_of),
    ]
    if (pages := settings.oscars_pages) is not None:
        places.append((pages.source, pages, oscars_org.path_of))
    found: dict[str, AwardsSource] = {}
    for name, place, path_of in places:
        is_by_year = name in BY_YEAR
        found[name] = (
            AwardsFolder(name, place, path_of, is_by_year=is_by_year)
            if isinstance(place, Path)
            else AwardsSite(await client(place), place, path_of, is_by_year=is_by_year)
        )
    return found


def _list_files(
    stack: AsyncExitStack, pool: Pool, meter: RequestMeter
) -> ListFilesClient:
    """Return who asks for files of lists: many servers, one budget."""
    files = ListFilesSettings()
    budget = RequestBudget(pool, files.source, files.rate, key_fingerprint="")
    stack.push_async_callback(budget.close)
    return ListFilesClient(lambda each: HttpClient(each, budget=budget, meter=meter))


def _gate(pool: Pool, settings: OmdbSettings) -> QuotaGate:
    slots = RequestSlots(pool, settings.source, settings.requests_in_flight)
    return QuotaGate(_quota(pool, settings), slots)


def _quota(pool: Pool, settings: OmdbSettings) -> DailyQuota:
    return DailyQuota(
        pool,
        settings.source,
        daily_limit=settings.daily_limit,
        key_fingerprint=settings.key_fingerprint,
        background_share=settings.background_share,
    )


def _downloads(settings: Settings) -> Path:
    """Where this node keeps what it downloads: the same place after a restart, so that a download goes on."""
    if settings.home.is_dir() and os.access(settings.home, os.W_OK):
        return settings.home / "downloads"
    return Path(tempfile.gettempdir()) / f"cinegraph-downloads-{os.getuid()}"


def _connections_for(queues: Mapping[str, int]) -> int:
    return sum(queues.values()) + _SPARE_CONNECTIONS


def require_database(settings: Settings) -> None:
    """
    Refuse to look at an embedded database that was never made.

    Raises:
        NotSetUpError: There is none; looking must not make one.
    """
    if settings.database_url is None and inspect(settings.home).version is None:
        raise _nothing_yet(f"no database under {settings.home}")


def _require_schema(url: str) -> None:
    state = schema.check(url)
    if state.current is None:
        raise _nothing_yet(f"no tables in {address.redacted(url)}")
    schema.require_current(state)


def _nothing_yet(what: str) -> NotSetUpError:
    return NotSetUpError(
        f"nothing here yet: {what}",
        hint="`cinegraph up` sets everything up; `cinegraph demo` only shows it.",
    )


async def _enter_database(
    stack: AsyncExitStack, settings: Settings, *, disposable: bool
) -> str:
    """Starting or stopping our own server may take seconds: not on the event loop."""
    database = open_database(settings, disposable=disposable)
    url = await asyncio.to_thread(database.__enter__)
    stack.push_async_callback(asyncio.to_thread, database.__exit__, None, None, None)
    return url


def run_node(work: Coroutine[Any, Any, None]) -> None:
    """Run the main task of a node on uvloop, which comes with oban and saves a tenth of a worker's CPU."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@asynccontextmanager
async def open_node(
    app: App, *, queues: Mapping[str, int] | None = None, name: str | None = None
) -> AsyncIterator[JobEngine]:
    """
    Run jobs within the block; on leaving, running jobs may finish and the rest is given back.

    Raises:
        ConfigError: The database has not as many connections as so many jobs at once need.
    """
    wanted = app.settings.queues if queues is None else queues
    await make_room(app.pool, _connections_for(wanted))
    engine = JobEngine(
        app.pool,
        app.services,
        queues=wanted,
        node=name,
        version=__version__,
    )
    services = app.services
    probes: dict[str, Callable[[], Awaitable[object]]] = {
        app.settings.tmdb.source: app.tmdb.fetch_configuration
    }
    if services.omdb is not None:
        probes[OmdbSettings.source] = services.omdb.probe
    keeper = RunKeeper(app.pool, lambda: engine.is_leader, probes=probes)
    loops: list[RunKeeper | LeaderLoop] = [keeper]
    loops += [
        LeaderLoop(name, turn, seconds=seconds, is_leader=lambda: engine.is_leader)
        for name, turn, seconds in (
            ("feeder", Feeder(app.pool, list_feeds(app.settings)).turn, FEED_SECONDS),
            ("scheduler", _scheduler(app).turn, SCHEDULE_SECONDS),
            ("alerts", _watch(app), WATCH_SECONDS),
            ("sequencer", partial(sequence, app.pool), SEQUENCE_SECONDS),
            ("enricher", partial(enrich, app.pool), ENRICH_SECONDS),
        )
    ]
    notifier = Notifier(app.pool, app.settings.alert_targets)
    loops += [
        # In real time, however fast days are played.
        LeaderLoop(
            name,
            turn,
            seconds=seconds,
            shortest=seconds,
            is_leader=lambda: engine.is_leader,
        )
        for name, turn, seconds in (
            ("sampler", partial(sample, app.pool), SAMPLE_SECONDS),
            ("notifier", notifier.turn, NOTIFY_SECONDS),
        )
    ]
    if (omdb_settings := app.settings.omdb) is not None:
        # What is left of the day can be told before anything is asked.
        await _quota(app.pool, omdb_settings).configure()
    async with engine:
        for loop in loops:
            await loop.start()
        try:
            yield engine
        finally:
            for loop in reversed(loops):
                await loop.stop()


def _watch(app: App) -> Callable[[], Awaitable[object]]:
    """Return a look at all rules, also at the disk where the database is our own."""
    is_ours = app.settings.database_url is None
    folder = inspect(app.settings.home).data_folder if is_ours else None
    return partial(watch, app.pool, folder)


def list_feeds(settings: Settings) -> list[Feed]:
    """Return what a node with *settings* feeds while it leads."""
    feeds = [film_feed(settings.tmdb_requests_per_second)]
    if (omdb_settings := settings.omdb) is not None:
        feeds.append(
            title_feed(
                omdb_settings.requests_per_second,
                daily_limit=omdb_settings.daily_limit,
                background_share=omdb_settings.background_share,
            )
        )
    return feeds


def _scheduler(app: App) -> Scheduler:
    """Return the scheduler of what is switched on."""
    jobs = dict(SCHEDULED)
    if app.services.imdb is None:
        del jobs["MergeRatings"]
    return Scheduler(app.pool, jobs)


def register_secrets(settings: Settings) -> None:
    """Let no log line, error or row of this process show a key or password."""
    for key in (
        settings.tmdb_api_key,
        settings.omdb_api_key,
        settings.viewer_token,
        settings.operator_token,
        settings.hook_secret,
    ):
        if key is not None:
            scrubbing.register(key.get_secret_value())
    for target in settings.alert_targets:
        scrubbing.register(*targets.list_secrets(target))
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        scrubbing.register(address.parse(url).get("password"))


def configure_logging(level: str) -> None:
    """Write log lines to stderr: readable on a terminal, JSON otherwise, never with a secret or a frame's variables."""
    is_terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(
            colors="NO_COLOR" not in os.environ,
            # Rich's shows the variables of every frame.
            exception_formatter=structlog.dev.plain_traceback,
        )
        if is_terminal
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    # Libraries log through the standard library: their lines pass the same scrubber.
    handler.setFormatter(
        _ScrubbingFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    if level != "debug":
        # Tells at every start which kind of database it found.
        logging.getLogger("alembic").setLevel(logging.WARNING)


class _ScrubbingFormatter(structlog.stdlib.ProcessorFormatter):
    """Scrubs the line as it is written: a secret may stand in a dict, a traceback or an object's repr."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbing.scrub(super().format(record))
