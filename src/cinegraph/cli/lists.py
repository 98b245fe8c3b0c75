"""`cinegraph lists`: cultural lists, who stands on them, and whose film is not there."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.api.listing import (
    NOT_IMPORTED,
    EventNotImportedError,
    ListImport,
    ListOverview,
    MissingMember,
)
from cinegraph.api.telling import tell_run
from cinegraph.cli import console, following, session
from cinegraph.cli.imports import follow_run, tell_queued
from cinegraph.enrichment.lists.browse import ListedFilm
from cinegraph.enrichment.lists.storing import ListState, Stored, StoredList
from cinegraph.monitoring.progress import RunProgress
from cinegraph.scrubbing import show_address

app = typer.Typer(
    help="Cultural lists: canons, polls, registries.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Key = Annotated[str, typer.Argument(metavar="KEY", help="A list, such as `registry`.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
QUEUES = ("discovery", "festivals", "imports")
"""What a worker has to run for an import of a list to go on."""
_MOST_REMARKS = 5
_STYLES = {"current": "green", NOT_IMPORTED: "dim", "never_read": "cyan"}


@app.command("list")
def list_lists(*, json: Json = False) -> None:
    """Show the lists that are imported, how they stand, and those that could be."""
    session.run(_list(json=json))


@app.command("import")
def import_list(
    key: Key,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="CSV or JSON with IMDb or TMDb ids, or an export of IMDb or Letterboxd.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="The address of such a file."),
    ] = None,
    tmdb_list: Annotated[
        int | None,
        typer.Option("--tmdb-list", metavar="N", help="The number of a TMDb list."),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            "--event", metavar="EVENT", help="The films that a festival honoured."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What it is called.")
    ] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", help="Who chose its films.")
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option("--weight", metavar="W", help="What a place is worth, 0 to 1."),
    ] = None,
    ranked: Annotated[
        bool | None,
        typer.Option("--ranked/--unranked", help="Whether its order is a rank."),
    ] = None,
    accept_shrunk: Annotated[
        bool,
        typer.Option("--accept-shrunk", help="Believe it however many leave."),
    ] = False,
    fetch: Annotated[
        bool,
        typer.Option("--fetch/--no-fetch", help="Fetch the films that are not stored."),
    ] = True,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show progress and return when it has ended.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Import a list, or read it again, and fetch its films; a second time changes nothing.

    Where it comes from is remembered. Who is no longer on it leaves, and stays in its history.
    """

    async def call(c: Cinegraph) -> ListImport:
        return await c.import_cultural_list(
            key,
            file=file,
            url=url,
            tmdb_list=tmdb_list,
            event=event,
            name=name,
            authority=authority,
            weight=weight,
            is_ranked=ranked,
            accepts_shrunk=accept_shrunk,
            fetches=fetch,
        )

    async def work() -> bool:
        async with session.connect() as c:
            try:
                done = await call(c)
            except EventNotImportedError as error:
                if not wait or not await _import_event(c, error):
                    raise
                done = await call(c)
            if done.stored is not None and not json:
                _tell(done.stored)
            run = await _follow(c, done, wait=wait, json=json)
        _conclude(done, run, json=json)
        return run is not None and wait and run.state == "failed"

    if session.run(work()):
        raise typer.Exit(1)


@app.command("show")
def show(
    key: Key,
    *,
    history: Annotated[
        bool, typer.Option("--history", help="Who joined and left when.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the films of a list; with --history every membership there ever was."""
    session.run(_show(key, history=history, json=json))


@app.command("missing")
def missing(key: Key, *, json: Json = False) -> None:
    """Show the members of a list whose film is not stored, and why."""
    session.run(_missing(key, json=json))


@app.command("forget")
def forget(key: Key) -> None:
    """Remove a list with its members and their history; films stay."""
    session.run(_forget(key))


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_lists()
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(_lists(found), *_problems(found))


async def _import_event(c: Cinegraph, error: EventNotImportedError) -> bool:
    """Import the awards that a list is made of, all editions; return whether that went well."""
    console.note(f"nothing of the festival {error.festival} is stored: it comes first")
    started = await c.import_festival(error.festival, every=True)
    run = await follow_run(c, started.run_id, QUEUES)
    console.note(following.summary(run).plain)
    return run.state != "failed"


async def _follow(
    c: Cinegraph, done: ListImport, *, wait: bool, json: bool
) -> RunProgress | None:
    """Follow the run to its end, or tell its number."""
    if done.run_id is None:
        return None
    if wait:
        return await follow_run(c, done.run_id, QUEUES)
    if not json:
        await tell_queued(c, done.run_id, QUEUES)
    return None


def _conclude(done: ListImport, run: RunProgress | None, *, json: bool) -> None:
    if json:
        status = done.status if run is None else run.state
        if done.run_id is None:
            status = "completed"
        told = {**msgspec.to_builtins(done), "status": status}
        if run is not None:
            told["run"] = tell_run(run)
        console.print_json(told)
    elif run is not None:
        console.out().print(following.summary(run))


async def _show(key: str, *, history: bool, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.get_list(key)
        films = await c.show_list(key, with_history=history)
    if not json:
        console.show(*_heading(found))
    if json:
        console.print_json(msgspec.to_builtins(films))
    elif history:
        console.show(_history(films))
    else:
        console.show(_films(films))


async def _missing(key: str, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_missing_films(key)
    if json:
        console.print_json(msgspec.to_builtins(found))
    elif found:
        console.show(_missing_table(found))
    else:
        console.note(f"every film of {key} is stored")


async def _forget(key: str) -> None:
    async with session.connect() as c:
        await c.forget_list(key)
    console.note(f"forgotten: {key}; its films are still stored")


def _tell(stored: Stored) -> None:
    changed = f", {stored.changed:,} changed" if stored.changed else ""
    back = f" ({stored.returned:,} of them again)" if stored.returned else ""
    console.note(
        f"{stored.key}: {words.count(stored.films, 'film')}, {stored.joined:,} joined{back},"
        f" {stored.left:,} left{changed}; {stored.films - stored.linked:,} not stored yet"
    )
    console.note_unread(stored.remarks, _MOST_REMARKS)


def _lists(found: Sequence[ListOverview]) -> Table:
    table = console.make_table(
        ("list", {"no_wrap": True, "min_width": 17}),
        "films>",
        "stored>",
        "weight>",
        ("state", {"no_wrap": True, "min_width": 12}),
        ("read", {"no_wrap": True, "min_width": 10}),
        ("name", {"ratio": 1}),
    )
    for each in found:
        is_there = each.state != NOT_IMPORTED
        table.add_row(
            each.key,
            f"{each.films:,}" if is_there else "–",
            words.percent(each.stored, each.films) if is_there else "–",
            f"{each.weight:.2f}",
            Text(each.state.replace("_", " "), style=_STYLES.get(each.state, "yellow")),
            f"{each.read_at:%Y-%m-%d}" if each.read_at else "–",
            Text(each.name),
        )
    return table


def _problems(found: Sequence[ListOverview]) -> Iterator[RenderableType]:
    """Say what is wrong with lists, and what to type."""
    for each in found:
        if each.problem:
            yield Text(f"{each.key}: {each.problem}; {_remedy(each)}", style="yellow")
    offers = [each for each in found if each.state == NOT_IMPORTED]
    if offers:
        yield Text("To import one:")
    for each in offers:
        yield Text(f"  {each.command}", no_wrap=True)


def _remedy(found: ListOverview) -> str:
    """Say what to type; to read a list that shrank once more would be refused once more."""
    if found.state == ListState.SHRUNKEN:
        return f"if it is right: {found.command} --accept-shrunk"
    return f"read it again: {found.command}"


def _heading(found: StoredList) -> Iterator[Text]:
    """Say what a list is, and how far it can be believed."""
    yield Text(found.name, style="bold")
    read = words.ago(found.read_at) if found.read_at else "never"
    yield Text(
        f"{found.authority}; weight {found.weight:.2f}; {'ranked' if found.is_ranked else 'not ranked'};"
        f" read {read} from {_place(found)}"
    )
    if found.problem:
        yield Text(f"{found.state.replace('_', ' ')}: {found.problem}", style="yellow")
    for remark in found.remarks[:_MOST_REMARKS]:
        yield Text(f"noticed: {remark}", style="yellow")


def _place(found: StoredList) -> str:
    if found.source == "tmdb":
        return f"TMDb's list {found.location}"
    if found.source == "event":
        return f"the awards of {found.location}"
    return show_address(found.location)


def _films(films: Sequence[ListedFilm]) -> Table:
    table = console.make_table(
        "#>",
        ("film", {"overflow": "fold", "ratio": 1}),
        "year>",
        ("IMDb", {"no_wrap": True}),
        "TMDb>",
        ("since", {"no_wrap": True}),
    )
    for each in films:
        table.add_row(
            "–" if each.position is None else str(each.position),
            Text(_title(each), style="" if each.movie_id else "dim"),
            str(each.year or "–"),
            each.imdb_id or "–",
            str(each.tmdb_id or "–"),
            f"{each.joined_at:%Y-%m-%d}",
        )
    return table


def _history(films: Sequence[ListedFilm]) -> Table:
    table = console.make_table(
        ("joined", {"no_wrap": True}),
        ("left", {"no_wrap": True}),
        ("film", {"overflow": "fold", "ratio": 1}),
        "year>",
        ("IMDb", {"no_wrap": True}),
    )
    for each in films:
        table.add_row(
            f"{each.joined_at:%Y-%m-%d %H:%M}",
            "–" if each.left_at is None else f"{each.left_at:%Y-%m-%d %H:%M}",
            _title(each),
            str(each.year or "–"),
            each.imdb_id or "–",
        )
    return table


def _missing_table(found: Sequence[MissingMember]) -> Table:
    table = console.make_table(
        "#>",
        ("film", {"overflow": "fold", "ratio": 1}),
        "year>",
        ("IMDb", {"no_wrap": True}),
        ("why", {"overflow": "fold", "ratio": 1}),
    )
    for each in found:
        table.add_row(
            "–" if each.position is None else str(each.position),
            each.title or (f"TMDb {each.tmdb_id}" if each.tmdb_id else "–"),
            str(each.year or "–"),
            each.imdb_id or "–",
            each.reason,
        )
    return table


def _title(film: ListedFilm) -> str:
    return film.title or film.imdb_id or f"TMDb {film.tmdb_id}"
