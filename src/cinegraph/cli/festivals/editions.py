"""`cinegraph festivals list|import|show`: festivals, their editions, and who was nominated and won."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.api.awarding import AwardsImported, FestivalImport
from cinegraph.api.telling import tell_run
from cinegraph.cli import console, following, session
from cinegraph.cli.festivals.group import Event, Json, app, share
from cinegraph.cli.imports import follow_run, require_completed, tell_queued
from cinegraph.errors import UsageError
from cinegraph.festivals.browse import (
    EditionSummary,
    Festival,
    NominatedFilm,
    Nomination,
    Nominee,
)
from cinegraph.monitoring.progress import RunProgress

_MOST_REMARKS = 5
QUEUES = ("festivals", "imports")
"""What a worker has to run for an import of awards to go on."""


@app.command("list")
def list_festivals(*, json: Json = False) -> None:
    """Show every festival, and how much is known of it and linked."""
    session.run(_list(json=json))


@app.command("import")
def import_awards(
    event: Event,
    *,
    year: Annotated[
        int | None,
        typer.Option(
            "--year",
            metavar="Y",
            help="What was held in that year; default the newest that the source has.",
        ),
    ] = None,
    edition: Annotated[
        int | None,
        typer.Option(
            "--edition", min=1, metavar="N", help="The edition of that number."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All editions.")] = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="NAME", help="Instead of the festival's own source."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A nominations table, an event's file, a saved page of oscars.org or IMDb, or your own CSV or JSON;"
            " also gzipped.",
        ),
    ] = None,
    fetch: Annotated[
        bool,
        typer.Option("--fetch/--no-fetch", help="With --file: fetch what it names."),
    ] = True,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show progress and return when it has ended.")
    ] = False,
    json: Json = False,
) -> None:
    """Import awards with the films and people that they name; a second time changes nothing."""
    if file is None:
        call = partial(
            Cinegraph.import_festival,
            festival=event,
            year=year,
            edition=edition,
            every=every,
            source=source,
        )
        run = session.run(_import(call, event, wait=wait, json=json))
    else:
        if edition is not None or every or source is not None:
            raise UsageError(
                "--file goes with --year alone",
                hint="A file says itself what it holds, and all of it is taken.",
            )
        run = session.run(
            _import_file(event, file, year, fetch=fetch, wait=wait, json=json)
        )
    if run is not None:
        require_completed(run)


@app.command("show")
def show(
    event: Event,
    year: Annotated[int, typer.Argument(metavar="YEAR", help="In which it was held.")],
    *,
    part: Annotated[
        int,
        typer.Option(
            "--part", min=1, metavar="N", help="Of several editions in one year, which."
        ),
    ] = 1,
    refs: Annotated[
        bool,
        typer.Option("--refs", help="With the references that link and lock take."),
    ] = False,
    json: Json = False,
) -> None:
    """Show the winners and nominees of an edition."""
    session.run(_show(event, year, part, refs=refs, json=json))


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_festivals()
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(_festivals(found), Text("films, people: linked of those named."))


async def _import(
    call: Callable[[Cinegraph], Awaitable[FestivalImport]],
    event: str,
    *,
    wait: bool,
    json: bool,
) -> RunProgress | None:
    """Start an import and tell its numbers, or follow it to its end and return how it ended."""
    async with session.connect() as c:
        started = await call(c)
        if not wait:
            if json:
                console.print_json(started)
            else:
                await tell_queued(c, started.run_id, QUEUES)
            return None
        run = await follow_run(c, started.run_id, QUEUES)
        started = await _as_held(c, started)
        told = await _linked(c, event, started.year)
    if json:
        console.print_json(
            {**msgspec.to_builtins(started), "status": run.state, "run": tell_run(run)}
        )
    else:
        console.out().print(following.summary(run))
        if told is not None:
            console.out().print(told)
    return run


async def _as_held(c: Cinegraph, started: FestivalImport) -> FestivalImport:
    """Say which edition it was that the source had, where one was asked for."""
    editions = await c.list_run_editions(started.run_id)
    if started.year is None or len(editions) != 1:
        return started
    [one] = editions
    return msgspec.structs.replace(started, ceremony_id=one.ceremony_id, year=one.year)


async def _linked(c: Cinegraph, event: str, year: int | None) -> Text | None:
    """Say how much of an edition, or of all of a festival, is known and linked."""
    found = await c.list_festivals()
    festival = next(each for each in found if each.key == event)
    if not festival.nominations:
        return None
    if year is None:
        return Text(
            f"{event}: {words.count(festival.nominations, 'nomination')} of"
            f" {words.count(festival.editions, 'edition')};"
            f" {share(festival.linked_films, festival.films)} of the films and"
            f" {share(festival.linked_people, festival.people)} of the people linked"
        )
    summary = await c.summarize_edition(event, year)
    return None if summary is None else Text(f"{event} {year}: {_told(summary)}")


def _told(summary: EditionSummary) -> str:
    """Say what an edition comes to."""
    return (
        f"{summary.competitive} competitive nominations in"
        f" {words.count(summary.categories, 'category', 'categories')} for {words.count(summary.films, 'film')},"
        f" {words.count(summary.winners, 'winner')};"
        f" {share(summary.linked_films, summary.films)} of the films and"
        f" {share(summary.linked_people, summary.people)} of the people linked"
    )


async def _import_file(
    event: str,
    file: Path,
    year: int | None,
    *,
    fetch: bool,
    wait: bool,
    json: bool,
) -> RunProgress | None:
    """Store what a file says; return how fetching what it names ended, where that was waited for."""
    run = None
    async with session.connect() as c:
        done = await c.import_awards_file(event, file, year=year, fetches=fetch)
        if not json:
            _tell(done, event)
        if done.run_id is not None:
            if wait:
                run = await follow_run(c, done.run_id, QUEUES)
            elif not json:
                await tell_queued(c, done.run_id, QUEUES)
    if json:
        told = {
            "source": done.source,
            "editions": len(done.editions),
            "nominations": done.nominations,
            "new": done.new,
            "changed": done.changed,
            "withdrawn": done.gone,
            "unreadable": done.unreadable,
            "run_id": done.run_id,
            "status": "queued" if run is None else run.state,
        }
        console.print_json(told)
    elif run is not None:
        console.out().print(following.summary(run))
    return run


async def _show(event: str, year: int, part: int, *, refs: bool, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.show_edition(event, year, part=part)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(_edition(found, refs=refs))


def _tell(done: AwardsImported, event: str) -> None:
    editions = words.count(len(done.editions), "edition")
    nominations = words.count(done.nominations, "nomination")
    gone = f", {done.gone:,} withdrawn" if done.gone else ""
    console.note(
        f"{event}: {editions}, {nominations}, {done.new:,} new, {done.changed:,} changed"
        f"{gone} (source: {done.source})"
    )
    console.note_unread(done.unreadable, _MOST_REMARKS)


def _festivals(found: Sequence[Festival]) -> Table:
    table = console.make_table(
        ("event", {"no_wrap": True}),
        "editions>",
        "latest>",
        "nominations>",
        "films>",
        "people>",
        "name",
    )
    for each in found:
        table.add_row(
            each.key,
            f"{each.editions:,}",
            "–" if each.latest_year is None else str(each.latest_year),
            f"{each.nominations:,}",
            share(each.linked_films, each.films),
            share(each.linked_people, each.people),
            console.cut(each.name),
        )
    return table


def _edition(found: Sequence[Nomination], *, refs: bool = False) -> Table:
    table = console.make_table(
        ("", {"no_wrap": True}),
        ("film", {"overflow": "fold"}),
        ("nominees", {"overflow": "fold"}),
    )
    for number, (category, nominations) in enumerate(
        groupby(found, key=lambda each: each.category)
    ):
        own = list(nominations)
        if number:
            table.add_row()
        table.add_row("", Text(_title(category, own), style="bold"), "")
        for each in own:
            style = "green" if each.is_winner else ""
            table.add_row(
                Text("★" if each.is_winner else " ", style=style),
                Text(_what(each, refs=refs), style=style),
                _told_apart(_who(each, refs=refs), each, style),
            )
    return table


def _title(category: str, nominations: Sequence[Nomination]) -> str:
    called = nominations[0].category_name
    return category if called == category else f"{called} ({category})"


def _what(each: Nomination, *, refs: bool) -> str:
    films = ", ".join(
        _referred(film.title, f"{each.id}f{film.position + 1}", film, refs=refs)
        for film in each.films
    )
    songs = ", ".join(f"“{song}”" for song in each.songs)
    told = ": ".join(filter(None, (films, songs)))
    told = told or each.subject or each.citation or each.note or "–"
    return f"{told} ({each.country})" if each.country else told


def _told_apart(who: str, each: Nomination, style: str) -> Text:
    """Say where sources say different things of a nomination, below who it is for."""
    text = Text(who, style=style)
    for one in each.disagreements:
        text.append(f"{chr(10) if text else ''}≠ {one}", style="yellow")
    return text


def _referred(
    name: str, reference: str, named: NominatedFilm | Nominee, *, refs: bool
) -> str:
    """Return a name; with *refs* how commands call it, what it is linked to, and whether that is locked."""
    if not refs:
        return name
    linked = "not linked" if named.tmdb_id is None else f"TMDb {named.tmdb_id}"
    locked = ", locked" if named.is_locked else ""
    return f"{name} [{reference}: {linked}{locked}]"


def _who(each: Nomination, *, refs: bool) -> str:
    characters = [role for film in each.films for role in film.characters]
    names = ", ".join(
        _referred(
            f"{nominee.name} ({nominee.role})" if nominee.role else nominee.name,
            f"{each.id}p{nominee.position + 1}",
            nominee,
            refs=refs,
        )
        for nominee in each.nominees
    )
    return f"{names} as {', '.join(characters)}" if names and characters else names
