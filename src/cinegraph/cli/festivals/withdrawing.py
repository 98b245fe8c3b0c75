"""`cinegraph festivals withdraw`: what a source said counts no longer."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, session
from cinegraph.cli.festivals.group import Event, Json, app
from cinegraph.festivals.storing import StoredEdition
from cinegraph.festivals.withdrawing import Example, Saying


@app.command("withdraw")
def withdraw(
    event: Event,
    *,
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="NAME", help="Whose statements, such as `own`."
        ),
    ],
    year: Annotated[
        int | None,
        typer.Option(
            "--year", metavar="Y", help="Of the edition held then; default all."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """
    Take back all that a source says of a festival, as if it said so no longer.

    It is kept as withdrawn; what a person decided stays. An import of the source brings it back.
    """
    said = session.run(_read(event, source, year))
    if not json:
        console.show(_table(said))
    if not yes and not console.ask(f"{_told(said)} Take it back?"):
        console.note("nothing was taken back")
        raise typer.Exit(1)
    stored = session.run(_withdraw(event, source, year))
    _tell(event, source, said, stored, json=json)


async def _read(event: str, source: str, year: int | None) -> Saying:
    async with session.connect(reads=True) as c:
        return await c.list_said(event, source, year=year)


async def _withdraw(event: str, source: str, year: int | None) -> list[StoredEdition]:
    async with session.connect() as c:
        return await c.withdraw_awards(event, source, year=year)


def _told(said: Saying) -> str:
    """Say what would go and what would stay."""
    statements = sum(each.statements for each in said.editions)
    alone = sum(each.alone for each in said.editions)
    decided = sum(each.decided for each in said.editions)
    kept = f" {decided:,} of which somebody decided something stay." if decided else ""
    return (
        f"{words.count(statements, 'statement')} of {words.count(len(said.editions), 'edition')};"
        f" {words.count(alone, 'nomination')} that nobody else says would go.{kept}"
    )


def _table(said: Saying) -> Table:
    table = console.make_table("year>", "category", "film", "nominees")
    for example in said.examples:
        table.add_row(str(example.year), *map(console.cut, _words(example)))
    more = sum(each.statements for each in said.editions) - len(said.examples)
    if more:
        table.add_row("", Text(f"… {more:,} more", no_wrap=True), "", "")
    return table


def _words(example: Example) -> tuple[str, str, str]:
    """Return the category, the films and the nominees of a statement."""
    told = example.statement
    films = ", ".join(film.title or film.imdb_id or "?" for film in told.films)
    return told.category, films, ", ".join(each.name for each in told.nominees)


def _tell(
    event: str,
    source: str,
    said: Saying,
    stored: list[StoredEdition],
    *,
    json: bool,
) -> None:
    statements = sum(each.statements for each in said.editions)
    gone = sum(each.gone for each in stored)
    changed = sum(each.changed for each in stored)
    if json:
        console.print_json(
            {
                "source": source,
                "editions": len(stored),
                "statements": statements,
                "gone": gone,
                "changed": changed,
                "examples": msgspec.to_builtins(said.examples),
            }
        )
        return
    console.note(
        f"{event}: {words.count(statements, 'statement')} of {source} taken back;"
        f" {words.count(gone, 'nomination')} gone, {changed:,} changed"
    )
