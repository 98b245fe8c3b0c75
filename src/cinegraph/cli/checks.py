"""What `cinegraph doctor` looks at, one function a check; none of them changes anything."""

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from cinegraph import api, bootstrap, clock, words
from cinegraph.api import Cinegraph
from cinegraph.db import address, health
from cinegraph.db import schema as db_schema
from cinegraph.db.embedded import inspect
from cinegraph.db.schema import SchemaState
from cinegraph.errors import (
    CinegraphError,
    ConfigError,
    NotSetUpError,
    SourceError,
    SourceRejectedError,
    SourceThrottledError,
)
from cinegraph.jobs.browse import NodeRow
from cinegraph.limits import Priority
from cinegraph.sandbox.settings import DEFAULT_PORT
from cinegraph.settings import Settings
from cinegraph.sources.http import HttpClient, Response

_FULL_BYTES = 256 * 1024 * 1024
"""The embedded server refuses to start at 128 MB."""
_TIGHT_BYTES = 2 * 1024 * 1024 * 1024
"""The 10,000 most popular films take about 1 GB with their bodies."""
_SKEW_WARNS = timedelta(seconds=2)
_SKEW_FAILS = timedelta(seconds=30)
_SILENT_SECONDS = 5.0


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    check: str
    level: Level
    found: str
    todo: str | None = None
    """What to do, when there is something to do."""


class _Unpaced:
    """One request to find out whether a key works; a halted budget would not let it through."""

    async def acquire(self, priority: Priority) -> None:
        """Let everything through."""

    async def throttled(
        self, *, retry_after_seconds: float | None, sent_at: float
    ) -> float:
        """Pause nobody."""
        del retry_after_seconds, sent_at
        return 0.0

    async def rejected(self, *, reason: str, key_fingerprint: str) -> None:
        """Halt nobody: looking changes nothing."""

    async def failed(self, *, error: SourceError, sent_at: float) -> float:
        """Take nothing for an outage."""
        del error, sent_at
        return 0.0

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """Tell nobody."""

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Count nothing."""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Do every check, in the order in which one rests on another."""
    response = None
    async for found in _check_source(settings):
        if isinstance(found, Finding):
            yield found
        else:
            response = found
    yield check_omdb(settings)
    if settings.database_url is None:
        yield check_home(settings)
    yield check_disk(settings)
    if _is_here(settings.tmdb_base_url):
        yield check_port(settings)
    if response is not None:
        yield check_upstream_clock(response)
    try:
        bootstrap.require_database(settings)
    except NotSetUpError as error:
        yield Finding("database", Level.WARN, str(error), error.hint)
        return
    async for found in _check_database(settings):
        yield found


def check_omdb(settings: Settings) -> Finding:
    """Say whether OMDb is switched on; its key is not tried, because that costs one of the day's requests."""
    omdb = settings.omdb
    if omdb is None:
        return Finding("OMDb", Level.OK, "switched off: OMDB_API_KEY is not set")
    where = urlsplit(omdb.base_url).netloc
    if omdb.api_key is None:
        return Finding("OMDb", Level.OK, f"{where}, without a key")
    limit = f"{omdb.daily_limit:,} requests a day"
    terms = "its content is CC BY-NC: no index and no business may be built on it"
    return Finding("OMDb", Level.OK, f"{where}, {limit}; {terms}")


async def _check_source(settings: Settings) -> AsyncIterator[Finding | Response]:
    tmdb = settings.tmdb
    try:
        has_key = bool(tmdb.key_fingerprint) or tmdb.credentials is None
        _ = tmdb.credentials
    except ConfigError as error:
        yield Finding("key", Level.FAIL, str(error), error.hint)
        return
    started = time.perf_counter()
    free = _Unpaced()
    try:
        async with HttpClient(tmdb, free, free) as http:
            response = await http.get(
                "/configuration",
                endpoint="configuration",
                priority=Priority.INTERACTIVE,
            )
    except SourceRejectedError:
        todo = "Set TMDB_API_KEY to a read access token from https://www.themoviedb.org/settings/api, restart workers."
        yield Finding("key", Level.FAIL, "TMDB refuses the key", todo)
    except SourceThrottledError:
        yield Finding(
            "upstream",
            Level.WARN,
            "TMDB answers 429",
            "Wait; workers pause by themselves.",
        )
    except CinegraphError as error:
        todo = "Check the network and TMDB_BASE_URL."
        yield Finding("upstream", Level.FAIL, f"{tmdb.base_url}: {error}", todo)
    else:
        took = words.duration(time.perf_counter() - started)
        key = "works" if has_key else "not needed here"
        yield Finding("key", Level.OK, key)
        yield Finding("upstream", Level.OK, f"{tmdb.base_url} answers within {took}")
        yield response


def check_disk(settings: Settings) -> Finding:
    """Look at the disk of our own server, or of the home where it would be."""
    folder = settings.home
    if settings.database_url is None:
        folder = inspect(settings.home).data_folder
    folder = _nearest(folder)
    free = shutil.disk_usage(folder).free
    found = f"{words.size(free)} free at {folder}"
    if free < _FULL_BYTES:
        return Finding("disk", Level.FAIL, found, "Free space, or move CINEGRAPH_HOME.")
    if free < _TIGHT_BYTES:
        todo = "Enough for a few thousand films; free space before importing many."
        return Finding("disk", Level.WARN, found, todo)
    return Finding("disk", Level.OK, found)


def _nearest(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def check_home(settings: Settings) -> Finding:
    """Look whether our own server may write where its data is to be."""
    folder = _nearest(settings.home)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding("home", Level.OK, f"{settings.home} can be written")
    todo = f"Make {folder} a folder that you may write, or set CINEGRAPH_HOME to one."
    return Finding("home", Level.FAIL, f"{folder} cannot be written", todo)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def check_port(settings: Settings) -> Finding:
    """Look whether the sandbox's port is free, or taken by the sandbox in use."""
    if urlsplit(settings.tmdb_base_url).port == DEFAULT_PORT:
        return Finding("port", Level.OK, f"{DEFAULT_PORT} serves the sandbox in use")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
        except OSError:
            todo = "`cinegraph sandbox --port 0` takes a free one."
            return Finding(
                "port", Level.WARN, f"{DEFAULT_PORT} (sandbox) is taken", todo
            )
    return Finding("port", Level.OK, f"{DEFAULT_PORT} (sandbox) is free")


def check_upstream_clock(response: Response) -> Finding:
    """Compare this machine's clock with the upstream's; its answer may come from a cache."""
    try:
        told = parsedate_to_datetime(response.headers["Date"])
        age = timedelta(seconds=int(response.headers.get("Age", "0")))
    except (KeyError, ValueError, TypeError):
        return Finding("clock", Level.OK, "the upstream does not tell its time")
    ahead = told.astimezone(UTC) + age - clock.real_now()
    # The header has whole seconds.
    return _judge_clock("upstream", ahead, slack=timedelta(seconds=1))


def _judge_clock(whose: str, ahead: timedelta, slack: timedelta) -> Finding:
    skew = max(abs(ahead) - slack, timedelta(0))
    where = "ahead of" if ahead > timedelta(0) else "behind"
    found = (
        f"{whose} is {words.duration(abs(ahead).total_seconds())} {where} this machine"
    )
    if skew <= _SKEW_WARNS:
        return Finding("clock", Level.OK, f"{whose} and this machine agree")
    level = Level.FAIL if skew > _SKEW_FAILS else Level.WARN
    return Finding("clock", level, found, "Let NTP set the clocks of all machines.")


async def _check_database(settings: Settings) -> AsyncIterator[Finding]:
    # One thread for the server's open and close would do; a context in a thread each is simpler.
    database = bootstrap.open_database(settings)
    try:
        url = await asyncio.to_thread(database.__enter__)
    except CinegraphError as error:
        yield Finding("database", Level.FAIL, str(error), error.hint)
        return
    try:
        async for found in _check_opened(settings, url):
            yield found
    finally:
        await asyncio.to_thread(database.__exit__, None, None, None)


async def _check_opened(settings: Settings, url: str) -> AsyncIterator[Finding]:
    try:
        schema = await asyncio.to_thread(db_schema.check, url)
        ahead = await asyncio.to_thread(health.measure_clock, url)
        is_heard = await asyncio.to_thread(health.hears_echo, url)
    except CinegraphError as error:
        yield Finding("database", Level.FAIL, str(error), error.hint)
        return
    where = address.redacted(url)
    if settings.database_url is None:
        where = f"embedded, in {inspect(settings.home).data_folder},"
    yield Finding("database", Level.OK, f"{where} answers")
    yield _judge_clock("database", ahead, slack=timedelta(0))
    yield _judge_echo(is_heard=is_heard)
    yield _judge_schema(schema)
    if schema.is_current:
        for found in await _check_work(settings):
            yield found


def _judge_echo(*, is_heard: bool) -> Finding:
    if is_heard:
        return Finding("messages", Level.OK, "LISTEN hears NOTIFY")
    todo = "Connect directly or through a pooler in session mode; jobs start late otherwise."
    return Finding("messages", Level.FAIL, "LISTEN does not hear NOTIFY", todo)


def _judge_schema(schema: SchemaState) -> Finding:
    if schema.is_current:
        return Finding("schema", Level.OK, f"at {schema.current}")
    if schema.is_newer:
        found = f"at {schema.current}, newer than this version ({schema.head})"
        return Finding(
            "schema", Level.FAIL, found, "Upgrade Cinegraph on this machine."
        )
    if schema.current is None:
        return Finding(
            "schema", Level.WARN, "no tables yet", "`cinegraph up` makes them."
        )
    found = f"at {schema.current}, this version needs {schema.head}"
    return Finding("schema", Level.FAIL, found, "`cinegraph db upgrade`")


async def _check_work(settings: Settings) -> list[Finding]:
    flags = {name: getattr(settings, name) for name in settings.model_fields_set}
    async with api.open(role="doctor", reads=True, **flags) as c:
        nodes = await c.list_nodes()
        return [
            await _check_budget(c),
            await _check_nodes(c, nodes),
            *_judge_listeners(nodes),
            await _check_zombies(c, nodes),
        ]


async def _check_budget(c: Cinegraph) -> Finding:
    for budget in await c.list_budgets():
        name = budget.source.upper()
        if budget.halted_at is not None:
            todo = "Put the key right and restart the workers; its work waits, nothing is lost."
            found = f"{name} is halted: {budget.halt_reason}"
            return Finding("budget", Level.FAIL, found, todo)
        if budget.paused_seconds > 0:
            found = f"{name} is paused for {words.duration(budget.paused_seconds)}"
            return Finding("budget", Level.WARN, found, "It goes on by itself.")
    return Finding("budget", Level.OK, "no source is paused or halted")


async def _check_nodes(c: Cinegraph, nodes: list[NodeRow]) -> Finding:
    live = {node.node for node in nodes if node.is_live}
    if live:
        return Finding("workers", Level.OK, f"{words.count(len(live), 'node')} at work")
    waiting = await c.list_jobs(states=["available", "executing"], limit=1)
    todo = "Start `cinegraph up` or `cinegraph work`."
    if waiting:
        return Finding(
            "workers", Level.FAIL, "jobs wait and no worker is running", todo
        )
    return Finding("workers", Level.WARN, "no worker is running", todo)


def _judge_listeners(nodes: list[NodeRow]) -> Iterator[Finding]:
    for node in {node.node: node for node in nodes if node.is_live}.values():
        silent = float(node.meta.get("listener_silent_seconds", 0))
        rebuilt = int(node.meta.get("listener_rebuilt", 0))
        if silent > _SILENT_SECONDS:
            found = f"node {node.node} has heard nothing for {words.duration(silent)}"
            yield Finding("listener", Level.FAIL, found, "Restart that worker.")
        elif rebuilt:
            found = (
                f"node {node.node} hears; its listener was made anew {rebuilt} times"
            )
            yield Finding("listener", Level.OK, found)
        else:
            yield Finding("listener", Level.OK, f"node {node.node} hears")


async def _check_zombies(c: Cinegraph, nodes: list[NodeRow]) -> Finding:
    jobs, seconds = await c.count_zombies()
    if not jobs:
        return Finding("zombies", Level.OK, "no job is held by a dead node")
    found = f"{words.count(jobs, 'job')} held by dead nodes, for {words.duration(seconds or 0)}"
    if any(node.is_live for node in nodes):
        return Finding(
            "zombies", Level.WARN, found, "A live node takes them within seconds."
        )
    return Finding(
        "zombies", Level.WARN, found, "The next worker takes them: `cinegraph up`."
    )
