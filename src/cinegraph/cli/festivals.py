"""`cinegraph festivals`: festivals, their editions, and who was nominated and won."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph.api.awarding import AwardsImported
from cinegraph.cli import console, session, words
from cinegraph.festivals.browse import Festival, Nomination

app = typer.Typer(
    help="Festivals and awards: import, list, show.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Event = Annotated[
    str, typer.Argument(metavar="EVENT", help="A festival, such as `oscars`.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
_MOST_REMARKS = 5


@app.command("list")
def list_festivals(*, json: Json = False) -> None:
    """Show every festival, and how much is known of it and linked."""
    session.run(_list(json=json))


@app.command("import")
def import_awards(
    event: Event,
    file: Annotated[
        Path,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A nominations table, an event's file, a saved page of oscars.org or IMDb, or your own CSV or JSON;"
            " also gzipped.",
        ),
    ],
    *,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="Y", help="Only what was held in that year."),
    ] = None,
    json: Json = False,
) -> None:
    """Store what a file says of a festival; nothing is asked, a second time changes nothing."""
    session.run(_import(event, file, year, json=json))


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
    json: Json = False,
) -> None:
    """Show the winners and nominees of an edition."""
    session.run(_show(event, year, part, json=json))


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_festivals()
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(_festivals(found), Text("films, people: linked of those named."))


async def _import(event: str, file: Path, year: int | None, *, json: bool) -> None:
    async with session.connect() as c:
        done = await c.import_awards_file(event, file, year=year)
    if json:
        told = {
            "source": done.source,
            "editions": len(done.editions),
            "nominations": done.nominations,
            "new": done.new,
            "changed": done.changed,
            "unreadable": done.unreadable,
        }
        console.print_json(told)
    else:
        _tell(done, event)


async def _show(event: str, year: int, part: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.show_edition(event, year, part=part)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(_edition(found))


def _tell(done: AwardsImported, event: str) -> None:
    editions = words.count(len(done.editions), "edition")
    nominations = words.count(done.nominations, "nomination")
    console.note(
        f"{event}: {editions}, {nominations}, {done.new:,} new, {done.changed:,} changed"
        f" (source: {done.source})"
    )
    for remark in done.unreadable[:_MOST_REMARKS]:
        console.note(f"not read: {remark}")
    if len(done.unreadable) > _MOST_REMARKS:
        console.note(f"not read: {len(done.unreadable) - _MOST_REMARKS:,} more")


def _festivals(found: Sequence[Festival]) -> Table:
    table = console.make_table(
        ("event", {"no_wrap": True}),
        ("name", {"overflow": "ellipsis", "no_wrap": True}),
        "editions>",
        "latest>",
        "nominations>",
        "films>",
        "people>",
        ("said", {"no_wrap": True}),
    )
    for each in found:
        table.add_row(
            each.key,
            each.name,
            f"{each.editions:,}",
            "–" if each.latest_year is None else str(each.latest_year),
            f"{each.nominations:,}",
            _share(each.linked_films, each.films),
            _share(each.linked_people, each.people),
            words.ago(each.said_at),
        )
    return table


def _share(part: int, whole: int) -> str:
    """How many are linked, of how many that are named."""
    return f"{part / whole:.0%}" if whole else "–"


def _edition(found: Sequence[Nomination]) -> Table:
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
                Text(_what(each), style=style),
                Text(_who(each), style=style),
            )
    return table


def _title(category: str, nominations: Sequence[Nomination]) -> str:
    called = nominations[0].category_name
    return category if called == category else f"{called} ({category})"


def _what(each: Nomination) -> str:
    films = ", ".join(film.title for film in each.films)
    songs = ", ".join(f"“{song}”" for song in each.songs)
    told = ": ".join(filter(None, (films, songs)))
    told = told or each.subject or each.citation or each.note or "–"
    return f"{told} ({each.country})" if each.country else told


def _who(each: Nomination) -> str:
    characters = [role for film in each.films for role in film.characters]
    names = ", ".join(
        f"{nominee.name} ({nominee.role})" if nominee.role else nominee.name
        for nominee in each.nominees
    )
    return f"{names} as {', '.join(characters)}" if names and characters else names
