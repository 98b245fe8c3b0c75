"""
The composition root: settings in, running services out; the only place that knows which parts make the whole.

Imported by `api` alone.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import uvloop

from cinegraph import __version__, scrubbing
from cinegraph.db import address, failures, provide, schema
from cinegraph.db.embedded import inspect
from cinegraph.db.pool import Pool, make_room, open_pool
from cinegraph.errors import NotSetUpError
from cinegraph.jobs import discovery, imports
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.services import Services
from cinegraph.limits import RequestBudget, RequestMeter
from cinegraph.settings import Settings
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.client import TmdbClient

WORKER_MODULES = (discovery, imports)
"""Importing them registers their workers; only registered workers run."""

_SPARE_CONNECTIONS = 8
"""
Beside one a job: the group writer, the budget's lease, the meter's flush, the run keeper, Oban's fetches and its ends
of jobs, a reader, one to spare.
"""


@dataclass(frozen=True, slots=True)
class App:
    """The services of one process."""

    settings: Settings
    url: str
    pool: Pool
    budget: RequestBudget
    meter: RequestMeter
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
        tmdb_settings = settings.tmdb
        budget = RequestBudget(
            pool,
            tmdb_settings.source,
            tmdb_settings.rate,
            key_fingerprint=tmdb_settings.key_fingerprint,
        )
        stack.push_async_callback(budget.close)
        meter = RequestMeter(pool)
        stack.push_async_callback(meter.close)
        http = await stack.enter_async_context(
            HttpClient(tmdb_settings, budget=budget, meter=meter)
        )
        tmdb = TmdbClient(http, language=settings.language, region=settings.region)
        services = Services(pool=pool, tmdb=tmdb, films=FilmWriter(pool))
        yield App(settings, url, pool, budget, meter, tmdb, services)


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
    keeper = RunKeeper(
        app.pool,
        lambda: engine.is_leader,
        probes={app.settings.tmdb.source: app.tmdb.fetch_configuration},
    )
    async with engine:
        await keeper.start()
        try:
            yield engine
        finally:
            await keeper.stop()


def register_secrets(settings: Settings) -> None:
    """Let no log line, error or row of this process show a key or password."""
    if settings.tmdb_api_key is not None:
        scrubbing.register(settings.tmdb_api_key.get_secret_value())
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
