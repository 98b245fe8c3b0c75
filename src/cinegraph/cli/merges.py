"""`cinegraph merges`: films that were there twice and are one now."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.catalog.redirects import Redirect
from cinegraph.cli import console, session

app = typer.Typer(
    help="Films that were there twice and are one now: the evidence; undo, redo.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Ids = Annotated[
    list[int], typer.Argument(metavar="ID…", help="TMDB's ids of films that went.")
]


@app.command("list")
def list_merges(
    *,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", min=1, max=100_000, metavar="N", help="At most so many."
        ),
    ] = 50,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show which film each is now, and why that is believed."""
    session.run(_list(limit, json=json))


@app.command("undo")
def undo(ids: Ids) -> None:
    """Say that films are no other ones; it stays so."""
    session.run(_change(ids, is_undone=True))


@app.command("redo")
def redo(ids: Ids) -> None:
    """Let what was undone stand again."""
    session.run(_change(ids, is_undone=False))


async def _list(limit: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_merges(limit=limit)
    if json:
        console.print_json(msgspec.to_builtins(found))
    elif found:
        console.show(_table(found))
    else:
        console.note("no film was merged into another")


async def _change(ids: list[int], *, is_undone: bool) -> None:
    async with session.connect() as c:
        changed = await (c.undo_merges(ids) if is_undone else c.redo_merges(ids))
    told = "undone" if is_undone else "stands again"
    console.note(f"{told}: {words.count(len(changed), 'merge')}")
    missed = sorted(set(ids) - set(changed))
    if missed:
        console.complain(
            f"no such merge: {', '.join(map(str, missed))}",
            "cinegraph merges list shows them; the id is that of the film that went.",
            word="warning",
        )
        raise typer.Exit(1)


def _table(found: list[Redirect]) -> Table:
    table = console.make_table(
        "film", "tmdb>", "is now>", "evidence", "found", "undone"
    )
    for one in found:
        table.add_row(
            Text(one.from_title, style="bold"),
            str(one.from_tmdb_id),
            str(one.to_tmdb_id),
            f"{one.evidence} {one.detail} ({one.confidence:.0%})",
            words.ago(one.found_at),
            "–"
            if one.undone_at is None
            else f"{words.ago(one.undone_at)}, {one.undone_by}",
        )
    return table
