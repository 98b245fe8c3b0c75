"""`cinegraph gone`: films that TMDB has no longer, why that is believed, and the say of a person in it."""

from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.catalog.tombstones import Tombstone
from cinegraph.cli import console, session
from cinegraph.sync.gone import Held

app = typer.Typer(
    help="Films that TMDB has no longer: the evidence; allow or refuse what is held back.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Limit = Annotated[
    int,
    typer.Option("--limit", min=1, max=100_000, metavar="N", help="At most so many."),
]


@app.command("list")
def list_gone(*, limit: Limit = 50, json: Json = False) -> None:
    """Show films that count as gone, the newest first, with the evidence."""
    session.run(_list(limit, json=json))


@app.command("held")
def list_held(*, limit: Limit = 50, json: Json = False) -> None:
    """Show films that are held back, because too many would count as gone on one day."""
    session.run(_held(limit, json=json))


@app.command("allow")
def allow() -> None:
    """Let all that is held back count as gone; nothing is deleted."""
    session.run(_allow())


@app.command("refuse")
def refuse() -> None:
    """Believe no denial of what is held back: all of it is asked for again."""
    session.run(_refuse())


@app.command("restore")
def restore(
    ids: Annotated[list[int], typer.Argument(metavar="ID…", help="TMDB's ids.")],
) -> None:
    """Let films live again, and ask TMDB for them."""
    session.run(_restore(ids))


async def _list(limit: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_gone(limit=limit)
    if json:
        console.print_json(msgspec.to_builtins(found))
    elif found:
        console.show(_table(found))
    else:
        console.note("no film is gone")


async def _held(limit: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_held(limit=limit)
    if json:
        console.print_json(msgspec.to_builtins(found))
        return
    if not found:
        console.note("nothing is held back")
        return
    console.show(
        _held_table(found),
        Text(f"{words.count(found[0].total, 'film')} held back."),
        Text(
            "cinegraph gone allow: they count as gone.  cinegraph gone refuse: ask again."
        ),
    )


async def _allow() -> None:
    async with session.connect() as c:
        films = await c.allow_gone()
    if films:
        console.note(
            f"allowed: {words.count(films, 'film')}; marked within three hours,"
            " or now: cinegraph schedules run BuryGone"
        )
    else:
        console.note("nothing is held back")


async def _refuse() -> None:
    async with session.connect() as c:
        films = await c.refuse_gone()
    console.note(
        f"asked for again: {words.count(films, 'film')}"
        if films
        else "nothing is held back"
    )


async def _restore(ids: list[int]) -> None:
    async with session.connect() as c:
        revived = await c.restore_gone(ids)
    console.note(f"restored and asked for: {words.count(len(revived), 'film')}")
    missed = sorted(set(ids) - set(revived))
    if missed:
        console.complain(
            f"not gone, or not stored: {', '.join(map(str, missed))}",
            "cinegraph gone list shows what is gone.",
            word="warning",
        )
        raise typer.Exit(1)


def _table(found: list[Tombstone]) -> Table:
    table = console.make_table("film", "tmdb>", "gone", "denied", "lists>", "back")
    for one in found:
        table.add_row(
            Text(one.title, style="bold"),
            str(one.tmdb_id),
            words.ago(one.buried_at),
            f"{one.denials}× since {one.denied_at:%Y-%m-%d}",
            str(one.exports),
            "–"
            if one.revived_at is None
            else f"{words.ago(one.revived_at)}, {one.revived_by}",
        )
    return table


def _held_table(found: list[Held]) -> Table:
    table = console.make_table("film", "tmdb>", "held", "allowed")
    for one in found:
        table.add_row(
            Text(one.title, style="bold"),
            str(one.tmdb_id),
            words.ago(one.held_at),
            "–" if one.allowed_at is None else words.ago(one.allowed_at),
        )
    return table
