"""`cinegraph update`: what is stored, made fresh."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api.updating import UpdateEstimate
from cinegraph.cli import console, session
from cinegraph.cli.imports import start_run
from cinegraph.records.fields import to_fields
from cinegraph.sync.changes import Window
from cinegraph.sync.demand import Outlook
from cinegraph.sync.updates import RECENT_MONTHS, Selection

app = typer.Typer(
    help="Make fresh what is stored: what changed upstream, or films chosen by age, popularity or release.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Wait = Annotated[bool, typer.Option("--wait", help="Return when it is done.")]

Fields = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="What of each film: ratings,revenue,status,videos,credits,... or all.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", help="Only the N most popular of them."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would cost.")]
Follow = Annotated[
    bool, typer.Option("--wait", help="Show progress and return when it has ended.")
]
Json = Annotated[bool, typer.Option("--json", help="Write the run as JSON to stdout.")]

_QUEUES = ("updates",)
_STYLES = {"open": "cyan", "done": "green", "lost": "bold red"}


class Which(NamedTuple):
    """Which films, and what of them, as a person wrote it."""

    selection: Selection
    fields: str | None
    limit: int | None
    months: int = RECENT_MONTHS


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


@app.command("plan")
def plan(
    *,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show what keeping films fresh asks of TMDB's budget a day, by reason, and whether the budget allows it."""
    outlook = session.run(_weigh())
    if json:
        console.print_json(outlook)
    else:
        _show_outlook(outlook)


@app.command("recent")
def recent(
    *,
    fields: Fields = None,
    months: Annotated[
        int, typer.Option(metavar="N", help="Released in the last N months.")
    ] = RECENT_MONTHS,
    limit: Limit = None,
    dry_run: DryRun = False,
    wait: Follow = False,
    json: Json = False,
) -> None:
    """Update stored films of the last months: ratings, revenue and status by default."""
    which = Which(Selection.RECENT, fields, limit, months)
    _update(which, dry_run=dry_run, wait=wait, json=json)


@app.command("popular")
def popular(
    *,
    fields: Fields = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    wait: Follow = False,
    json: Json = False,
) -> None:
    """Update the 2,000 most popular stored films; whole by default."""
    which = Which(Selection.POPULAR, fields, limit)
    _update(which, dry_run=dry_run, wait=wait, json=json)


@app.command("stale")
def stale(
    *,
    fields: Fields = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    wait: Follow = False,
    json: Json = False,
) -> None:
    """Update stored films that were not fetched whole for 30 days; whole by default."""
    which = Which(Selection.STALE, fields, limit)
    _update(which, dry_run=dry_run, wait=wait, json=json)


def _update(which: Which, *, dry_run: bool, wait: bool, json: bool) -> None:
    names = _parse(which.fields)
    if dry_run:
        _tell_cost(which, json=json)
        return
    start_run(
        lambda c: c.update_films(
            which.selection, fields=names, limit=which.limit, months=which.months
        ),
        wait=wait,
        json=json,
        queues=_QUEUES,
    )


def _parse(fields: str | None) -> tuple[str, ...] | None:
    """Read `A,B`; refuse what is no field before anything is opened."""
    if fields is None:
        return None
    return to_fields(name.strip() for name in fields.split(",") if name.strip())


def _tell_cost(which: Which, *, json: bool) -> None:
    found = session.run(_estimate(which))
    if json:
        console.print_json(found)
        return
    time = "as fast as it goes: TMDB_REQUESTS_PER_SECOND is 0"
    if found.seconds is not None:
        rate = f"{found.requests_per_second:g} requests/s"
        time = f"{words.duration(found.seconds)} at {rate}"
    rows: list[tuple[str, str | Text]] = [
        ("films", f"{found.films:,}"),
        ("requests", f"{found.requests:,} to TMDB"),
        ("time", time),
        ("", Text("nothing was started: leave --dry-run out to start", style="dim")),
    ]
    console.show(console.make_sheet(rows))


async def _estimate(which: Which) -> UpdateEstimate:
    async with session.connect() as c:
        return await c.estimate_update(
            which.selection, limit=which.limit, months=which.months
        )


async def _weigh() -> Outlook:
    async with session.connect(reads=True) as c:
        return await c.weigh_demand()


def _show_outlook(outlook: Outlook) -> None:
    table = console.make_table("requests a day>", "for films that are")
    for demand in outlook.demands:
        table.add_row(f"{demand.requests_a_day:,.0f}", demand.told)
    capacity = outlook.capacity_a_day
    table.add_row(f"{outlook.requests_a_day:,.0f}", Text("all", style="bold"))
    table.add_row(
        "no limit" if capacity is None else f"{capacity:,.0f}",
        Text("what the budget allows", style="bold"),
    )
    style = "green" if outlook.is_met else "bold red"
    console.show(table, Text(""), Text(outlook.verdict, style=style))


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
