"""`cinegraph import`: what to fetch."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cinegraph.api import Cinegraph
from cinegraph.cli import console, following, session, views
from cinegraph.errors import CinegraphError, ConfigError, DatabaseError, UsageError
from cinegraph.jobs.queues import BY_NAME
from cinegraph.monitoring.progress import RunProgress

app = typer.Typer(
    help="Import films from TMDB.",
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

type Start = Callable[[Cinegraph], Awaitable[int]]


@app.command("popular")
def import_popular(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films of TMDB's list of popular films."""
    _start(lambda c: c.import_popular_movies(pages), wait=wait, json=json)


@app.command("top-rated")
def import_top_rated(
    pages: Pages = 100,
    wait: Wait = False,  # noqa: FBT002
    json: Json = False,  # noqa: FBT002
) -> None:
    """Import the films of TMDB's list of best rated films."""
    _start(lambda c: c.import_top_rated_movies(pages), wait=wait, json=json)


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
        _start(lambda c: _by_name(c, references), wait=wait, json=json)


async def _by_name(c: Cinegraph, references: list[str]) -> int:
    try:
        return await c.import_movies(references)
    except UsageError as error:
        raise UsageError(f"{error}; nothing was imported", hint=error.hint) from error


def _start(start: Start, *, wait: bool, json: bool) -> None:
    run = session.run(_import(start, wait=wait, json=json))
    if run.state == "failed":
        raise typer.Exit(1)


async def _import(start: Start, *, wait: bool, json: bool) -> RunProgress:
    async with session.connect() as c:
        run_id = await start(c)
        run = await (_wait(c, run_id) if wait else _queue(c, run_id))
        if json:
            console.print_json(views.run(run))
        elif wait:
            console.out().print(following.summary(run))
    return run


async def _queue(c: Cinegraph, run_id: int) -> RunProgress:
    if await has_worker(c):
        text = f"queued as run {run_id}; follow it: cinegraph runs show {run_id} --wait"
    else:
        text = f"queued as run {run_id}; no worker is running: start `cinegraph up`"
    console.note(text)
    return await c.get_run(run_id)


async def _wait(c: Cinegraph, run_id: int) -> RunProgress:
    if await has_worker(c):
        after = "The workers go on."
        return await watch(c, run_id, after=after)
    console.note(f"run {run_id}: no worker is running, so this process does the work")
    after = "It goes on when a worker runs: cinegraph up."
    async with c.work():
        return await watch(c, run_id, after=after)


async def watch(c: Cinegraph, run_id: int, *, after: str) -> RunProgress:
    """Show a run until it ends; when interrupted, tell how to come back to it."""
    try:
        with following.Progress() as progress, following.logging_above():
            return await following.follow(c, run_id, progress)
    except BaseException as stop:
        if not isinstance(stop, Exception):
            again = f"cinegraph runs show {run_id} --wait"
            console.note(f"run {run_id} is not over. {after} Follow it: {again}")
        raise


async def has_worker(c: Cinegraph) -> bool:
    """Whether live nodes run everything an import needs."""
    live = {node.queue for node in await c.list_nodes() if node.is_live}
    return {"discovery", "imports"} & BY_NAME.keys() <= live


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
