"""`cinegraph import`: what to fetch."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cinegraph.api import Cinegraph, check_limit, check_range
from cinegraph.api.telling import tell_run
from cinegraph.cli import console, estimates, following, session
from cinegraph.errors import CinegraphError, ConfigError, DatabaseError, UsageError
from cinegraph.jobs.queues import BY_NAME
from cinegraph.monitoring.progress import RunProgress

app = typer.Typer(
    help="Import films, from one to all of TMDB.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Pages = Annotated[int, typer.Option(metavar="N", help="Pages of 20 films, 1 to 500.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Show progress and return when it has ended.")
]
Json = Annotated[bool, typer.Option("--json", help="Write the run as JSON to stdout.")]

if TYPE_CHECKING:
    from cinegraph.catalog.storing import StoredFilm

_MOST_DIGITS = 12

type Start = Callable[[Cinegraph], Awaitable[int]]


@app.command("popular")
def import_popular(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films of TMDB's list of popular films."""
    start_run(lambda c: c.import_popular_movies(pages), wait=wait, json=json)


@app.command("top-rated")
def import_top_rated(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films of TMDB's list of best rated films."""
    start_run(lambda c: c.import_top_rated_movies(pages), wait=wait, json=json)


@app.command("now-playing")
def import_now_playing(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films that TMDB says are in cinemas now."""
    start_run(lambda c: c.import_list("now_playing", pages), wait=wait, json=json)


@app.command("upcoming")
def import_upcoming(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films that TMDB says are about to come out."""
    start_run(lambda c: c.import_list("upcoming", pages), wait=wait, json=json)


@app.command("trending")
def import_trending(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films that people look for this week."""
    start_run(lambda c: c.import_list("trending", pages), wait=wait, json=json)


@app.command("catalog")
def import_catalog(  # noqa: PLR0917 - Typer makes an option of each
    from_export: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--from-export", help="Every film of TMDB's daily list; default."),
    ] = False,
    ids: Annotated[
        str | None,
        typer.Option(metavar="A-B", help="Try every TMDb id from A to B instead."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="Only the N most popular films of the list."),
    ] = None,
    include_adult: Annotated[
        bool | None,
        typer.Option(
            "--include-adult/--no-adult", help="Also adult films; as configured."
        ),
    ] = None,
    dry_run: Annotated[  # noqa: FBT002
        bool, typer.Option("--dry-run", help="Only say what it would cost.")
    ] = False,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """
    Import the whole catalogue, the most popular films first.

    What is stored already is not fetched again, so it can be stopped and started at any time.
    """
    if from_export and ids is not None:
        raise UsageError(
            "--from-export and --ids exclude each other",
            hint="The export names the films there are; a range tries every id.",
        )
    if limit is not None and ids is not None:
        raise UsageError(
            "--limit and --ids exclude each other",
            hint="A range is as long as it is: give --ids A-B with a smaller B.",
        )
    span = None if ids is None else parse_range(ids)
    check_range(span)
    check_limit(limit)
    if dry_run:
        session.run(_estimate(span, limit, json=json))
        return
    start_run(
        lambda c: c.import_entire_catalog(
            ids=span, limit=limit, include_adult=include_adult
        ),
        wait=wait,
        json=json,
    )


def parse_range(text: str) -> tuple[int, int]:
    """
    Read `A-B`.

    Raises:
        UsageError: It is not two numbers.
    """
    first, dash, last = text.strip().partition("-")
    is_number = all(
        part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS
        for part in (first, last)
    )
    if not dash or not is_number:
        raise UsageError(
            f"{text!r} is no range of TMDb ids",
            hint="Give the first and the last id, as in --ids 1-1000.",
        )
    return int(first), int(last)


async def _estimate(
    span: tuple[int, int] | None, limit: int | None, *, json: bool
) -> None:
    async with session.connect() as c:
        found = await c.estimate_catalog(ids=span, limit=limit)
    if json:
        console.print_json(found)
    else:
        console.show(console.make_sheet(estimates.rows(found)))


@app.command("movie")
def import_movie(
    references: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="A number is a TMDb id, tt... an IMDb id, '#n' our own.",
        ),
    ],
    wait: Wait = False,  # noqa: FBT002
    inline: Annotated[  # noqa: FBT002
        bool, typer.Option("--inline", help="Here and now: no queue, same code.")
    ] = False,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import films by name, before everything that nobody waits for."""
    if inline and wait:
        raise UsageError(
            "--inline and --wait exclude each other",
            hint="--inline does the work at once; there is nothing to wait for.",
        )
    if inline:
        session.run(_import_inline(references, json=json))
    else:
        start_run(lambda c: _by_name(c, references), wait=wait, json=json)


async def _by_name(c: Cinegraph, references: list[str]) -> int:
    try:
        return await c.import_movies(references)
    except UsageError as error:
        raise UsageError(f"{error}; nothing was imported", hint=error.hint) from error


IMPORT_QUEUES = ("discovery", "imports")
"""What a worker has to run for an import to go on."""


def start_run(
    start: Start,
    *,
    wait: bool,
    json: bool,
    queues: Collection[str] = IMPORT_QUEUES,
) -> None:
    """Start a run and tell its number, or follow it to its end; exit 1 where it failed or was cancelled."""
    require_completed(session.run(_import(start, queues, wait=wait, json=json)))


def require_completed(run: RunProgress) -> None:
    """
    Say what to do about a run that has ended and did not complete.

    Raises:
        typer.Exit: 1: it did not.
    """
    if run.state == "failed":
        console.complain(
            f"not all of run {run.id} was done",
            f"Try again what failed: cinegraph runs retry {run.id}",
        )
    elif run.state == "cancelled":
        console.complain(
            f"run {run.id} was cancelled",
            "What it stored stays: start the same again for the rest.",
        )
    else:
        return
    raise typer.Exit(1)


async def _import(
    start: Start, queues: Collection[str], *, wait: bool, json: bool
) -> RunProgress:
    async with session.connect() as c:
        run_id = await start(c)
        follow = follow_run if wait else tell_queued
        run = await follow(c, run_id, queues)
        if json:
            console.print_json(tell_run(run))
        elif wait:
            console.out().print(following.summary(run))
    return run


async def tell_queued(
    c: Cinegraph, run_id: int, queues: Collection[str]
) -> RunProgress:
    """Tell the number of a run that has been started, and how to follow it."""
    if await has_worker(c, queues):
        text = f"queued as run {run_id}; follow it: cinegraph runs show {run_id} --wait"
    else:
        text = f"queued as run {run_id}; no worker is running: start `cinegraph up`"
    console.note(text)
    return await c.get_run(run_id)


async def follow_run(c: Cinegraph, run_id: int, queues: Collection[str]) -> RunProgress:
    """Show a run until it ends, doing the work here where no worker runs."""
    if await has_worker(c, queues):
        after = "The workers go on."
        return await watch(c, run_id, after=after)
    console.note(f"run {run_id}: no worker is running, so this process does the work")
    after = "It goes on when a worker runs: cinegraph up."
    # Around the start of the work too: its jobs begin before it has started.
    with _telling_how_to_come_back(run_id, after):
        async with c.work():
            return await _watch(c, run_id)


async def watch(c: Cinegraph, run_id: int, *, after: str) -> RunProgress:
    """Show a run until it ends; when interrupted, tell how to come back to it."""
    with _telling_how_to_come_back(run_id, after):
        return await _watch(c, run_id)


async def _watch(c: Cinegraph, run_id: int) -> RunProgress:
    with following.Progress() as progress, following.logging_above():
        return await following.follow(c, run_id, progress)


@contextmanager
def _telling_how_to_come_back(run_id: int, after: str) -> Iterator[None]:
    try:
        yield
    except BaseException as stop:
        if not isinstance(stop, Exception):
            again = f"cinegraph runs show {run_id} --wait"
            console.note(f"run {run_id} is not over. {after} Follow it: {again}")
        raise


async def has_worker(c: Cinegraph, queues: Collection[str] = IMPORT_QUEUES) -> bool:
    """Whether live nodes run everything that is needed, by default for an import."""
    live = {node.queue for node in await c.list_nodes() if node.is_live}
    return set(queues) & BY_NAME.keys() <= live


async def _import_inline(references: list[str], *, json: bool) -> None:
    failures = 0
    stored: list[StoredFilm] = []
    async with session.connect() as c:
        for reference in references:
            try:
                film = await c.import_movie(reference)
            except (ConfigError, DatabaseError, UsageError):
                raise
            except CinegraphError as error:
                failures += 1
                console.complain(f"{reference}: {error}", error.hint)
                continue
            stored.append(film)
            if not json:
                details = await c.find_movie(film.tmdb_id)
                title = details.title if details else "?"
                console.out().print(Text(f"stored {film.tmdb_id}: {title}"))
    if json:
        console.print_json(stored)
    if failures:
        raise typer.Exit(1)
