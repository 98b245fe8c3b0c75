"""`cinegraph up` and `cinegraph work`: processes that do the work."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.live import Live
from rich.text import Text

from cinegraph import bootstrap, settings, words
from cinegraph.api import Cinegraph
from cinegraph.api import open as open_cinegraph
from cinegraph.cli import children, console
from cinegraph.cli.children import Child
from cinegraph.db import address
from cinegraph.db.embedded import inspect
from cinegraph.errors import DatabaseError, UsageError
from cinegraph.jobs.queues import BY_NAME
from cinegraph.scrubbing import scrub
from cinegraph.settings import Settings

_MOST_JOBS = 500
_LIVE_SECONDS = 1.0
_LINE_SECONDS = 30.0
_PATIENCE_SECONDS = 3.0
_DASHBOARD_SECONDS = 10.0
"""Between two looks whether it still runs."""
_SECOND_SIGNAL = 130


def up(
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Of the dashboard; unset: 8000, or as configured."
        ),
    ] = None,
) -> None:
    """Run everything on this machine: database, schema, one worker node, dashboard."""
    bootstrap.run_node(_up(port))


def work(
    queues: Annotated[
        str | None,
        typer.Option(metavar="NAME:N,...", help="Jobs at once by queue; unset: all."),
    ] = None,
    until_stdin_closes: Annotated[  # noqa: FBT002
        bool, typer.Option("--until-stdin-closes", hidden=True)
    ] = False,
) -> None:
    """Run a worker node until Ctrl-C or SIGTERM."""
    wanted = parse_queues(queues) if queues is not None else None
    bootstrap.run_node(_work(wanted, until_stdin_closes=until_stdin_closes))


def parse_queues(text: str) -> dict[str, int]:
    """
    Read `a:5,b:2`; a name alone runs as many as the profile says.

    Raises:
        UsageError: A queue or number that cannot be.
    """
    defaults = settings.load()[0].queues
    wanted: dict[str, int] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition(":")
        if name not in BY_NAME:
            raise UsageError(
                f"there is no queue {name!r}", hint=f"Queues: {', '.join(BY_NAME)}."
            )
        wanted[name] = defaults[name] if not number else _read_number(name, number)
    return wanted


def _read_number(queue: str, text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_JOBS))
    if not is_number or not 1 <= int(text) <= _MOST_JOBS:
        raise UsageError(
            f"queue {queue} cannot run {text!r} jobs at once",
            hint=f"Give a number from 1 to {_MOST_JOBS}, as in imports:10,discovery:2.",
        )
    return int(text)


async def _up(port: int | None) -> None:
    loaded = _begin()
    stop = stop_event()
    async with (
        _opened(stop, "up") as c,
        _dashboard(c, port) as dashboard,
        c.work(),
    ):
        _introduce(c, loaded, dashboard)
        await _show_status(c, stop)
        console.note("stopping: running jobs may finish, the rest goes on later")
    console.note("stopped")


async def _work(wanted: dict[str, int] | None, *, until_stdin_closes: bool) -> None:
    loaded = _begin()
    stop = stop_event()
    if until_stdin_closes:
        stop_with_input(stop)
    async with _opened(stop, "worker") as c, c.work(wanted) as node:
        queues = wanted or loaded.queues
        told = ", ".join(f"{name} {limit}" for name, limit in queues.items())
        console.note(f"node {node.node} works on {_where(c)}: {told}; Ctrl-C stops")
        await stop.wait()
        console.note("stopping: running jobs may finish, the rest is given back")
    console.note("stopped")


def _begin() -> Settings:
    loaded, _ = settings.load()
    # A key that is missing should be said now, not by the first job.
    _ = loaded.tmdb.credentials
    bootstrap.configure_logging(loaded.log_level)
    return loaded


@asynccontextmanager
async def _opened(stop: asyncio.Event, role: str) -> AsyncIterator[Cinegraph]:
    async with open_cinegraph(role=role) as c:
        if stop.is_set():
            # A signal came while the database started.
            raise typer.Exit
        yield c


def stop_event() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(_SECOND_SIGNAL)  # somebody does not want to wait
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    return stop


def stop_with_input(stop: asyncio.Event) -> None:
    """Set *stop* when standard input closes: however the parent dies, its end of the pipe does."""
    asyncio.get_running_loop().add_reader(sys.stdin, _on_input, stop)


def _on_input(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        stop.set()


@asynccontextmanager
async def _dashboard(c: Cinegraph, port: int | None) -> AsyncIterator[str]:
    """Serve the dashboard in a process of its own; give its address, or why there is none: work goes on without."""
    environment = settings.process_environment(c.settings)
    environment["DATABASE_URL"] = c.database_url
    start = partial(
        children.start_dashboard, environment, Path.cwd(), port=port, is_quiet=False
    )
    running = [start()]
    watching: asyncio.Task[None] | None = None
    try:
        try:
            told = await asyncio.to_thread(running[0].read_line)
            watching = asyncio.create_task(_keep_running(running, start))
        except children.ChildEndedError as error:
            told = f"none: {error.message}"
        yield told
    finally:
        if watching is not None:
            watching.cancel()
        await asyncio.to_thread(running[0].stop)


async def _keep_running(running: list[Child], start: Callable[[], Child]) -> None:
    """Start the dashboard again when it has ended by itself; at the same port, so that open pages go on."""
    while True:
        await asyncio.sleep(_DASHBOARD_SECONDS)
        if running[0].has_ended:
            console.note("the dashboard has ended; it is started again")
            running[0].stop()
            running[0] = start()


def _introduce(c: Cinegraph, loaded: Settings, dashboard: str) -> None:
    limits = ", ".join(f"{name} {limit}" for name, limit in loaded.queues.items())
    rate = loaded.tmdb_requests_per_second
    budget = f"{rate:g} requests/s, shared by all workers" if rate else "switched off"
    rows: list[tuple[str, str | Text]] = [
        ("dashboard", Text(dashboard, style="bold cyan")),
        ("database", _where(c)),
        ("upstream", loaded.tmdb_base_url),
        ("budget", budget),
        ("OMDb", _omdb(loaded)),
        ("jobs at once", f"{limits} (profile {loaded.profile})"),
        ("import", "cinegraph import popular --wait"),
        ("stop", "Ctrl-C"),
    ]
    target = console.err()
    target.print(Text("Cinegraph is up.", style="bold green"))
    target.print(console.make_sheet(rows))


def _omdb(loaded: Settings) -> str:
    omdb = loaded.omdb
    if omdb is None:
        return "switched off; OMDB_API_KEY switches it on"
    return f"{omdb.daily_limit:,} requests a day; CC BY-NC, for no business"


def _where(c: Cinegraph) -> str:
    """Tell the database without its password."""
    if c.settings.database_url is None:
        return f"embedded, in {inspect(c.settings.home).data_folder}"
    return address.redacted(c.database_url)


async def _show_status(c: Cinegraph, stop: asyncio.Event) -> None:
    target = console.err()
    if not console.is_live(target):
        await _print_lines(c, stop)
        return
    with Live(console=target, auto_refresh=False, transient=True) as live:
        while not stop.is_set():
            live.update(Text(f"  {await _line(c)}", style="cyan"), refresh=True)
            await _pause(stop, _LIVE_SECONDS)


async def _print_lines(c: Cinegraph, stop: asyncio.Event) -> None:
    last, shown_at = "", 0.0
    while not stop.is_set():
        line = await _line(c)
        if line != last and time.monotonic() - shown_at >= _LINE_SECONDS:
            console.note(line)
            last, shown_at = line, time.monotonic()
        await _pause(stop, _LIVE_SECONDS)


async def _line(c: Cinegraph) -> str:
    try:
        # A pool without a server keeps its callers waiting for half a minute.
        async with asyncio.timeout(_PATIENCE_SECONDS):
            pulse = await c.get_pulse()
            running = pulse.active_runs
            cause = await c.explain_run(running[0]) if running else None
    except (DatabaseError, psycopg.Error, OSError) as error:
        return f"the database does not answer: {_reason(error)}"
    about = "" if pulse.is_exact else "about "
    films = about + words.count(pulse.films, "film")
    if not running:
        return f"{films}; waiting for work"
    open_films = sum(run.open + run.waiting for run in running)
    rate = sum(run.films_per_second for run in running)
    limited = f"; {cause.text}" if cause else ""
    return f"{films}; {open_films:,} to go, {rate:.1f}/s{limited}"


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"not within {_PATIENCE_SECONDS:g} s"
    lines = scrub(str(error)).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
