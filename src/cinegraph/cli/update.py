"""`cinegraph update`: what is stored, made fresh."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph.cli import console, session, words
from cinegraph.sync.changes import Window

app = typer.Typer(
    help="Make fresh what is stored: what changed upstream.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Wait = Annotated[bool, typer.Option("--wait", help="Return when it is done.")]

_STYLES = {"open": "cyan", "done": "green", "lost": "bold red"}


@app.command("changes")
def changes(*, wait: Wait = False) -> None:
    """Read TMDB's feed of changes now; what it names is fetched."""
    session.run(_changes(wait=wait))


@app.command("feed")
def feed(
    days: Annotated[
        int, typer.Option("--days", min=1, help="How many, the newest first.")
    ] = 14,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show the days of the feed: read, done or lost, and what they named."""
    session.run(_feed(days, json=json))


async def _changes(*, wait: bool) -> None:
    async with session.connect() as c:
        job_id = await c.update_changes()
        if job_id is None:
            console.note("the feed is being read already")
        else:
            console.note(
                f"queued as job {job_id}; see: cinegraph jobs show {job_id},"
                " and then: cinegraph update feed"
            )
        if not wait:
            return
        if not any(node.is_live for node in await c.list_nodes()):
            console.note("no worker is running; start one: cinegraph work")
        days = await c.wait_for_changes(_Teller())
    _show(days)
    if any(day.error for day in days if day.state == "open"):
        raise typer.Exit(1)


async def _feed(days: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_change_days(days)
    if json:
        console.print_json(found)
    else:
        _show(found)


def _show(days: Sequence[Window]) -> None:
    if not days:
        console.note(
            "the feed was never read; a worker does it every 15 minutes, or now:"
            " cinegraph update changes"
        )
        return
    lines = [
        Text(f"{day.day}: {day.error}", style="yellow") for day in days if day.error
    ]
    console.show(_table(days), *lines)


def _table(days: Sequence[Window]) -> Table:
    table = console.make_table(
        "day", "state", "pages>", "films>", "new>", "reads>", "failed>", "last read"
    )
    for day in days:
        table.add_row(
            Text(str(day.day), style="bold"),
            Text(day.state, style=_STYLES[day.state]),
            _number(day.pages),
            _number(day.known_ids),
            _number(day.new_ids),
            _number(day.reads),
            _number(day.failures),
            words.ago(day.read_at),
        )
    return table


def _number(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


class _Teller:
    """Says on stderr how many days are still to be read, when that changes."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, days: Sequence[Window]) -> None:
        unread = sum(day.read_at is None for day in days)
        told = f"{words.count(unread, 'day')} not read yet" if unread else "reading"
        if told != self._told:
            console.note(told)
        self._told = told
