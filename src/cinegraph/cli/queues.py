"""`cinegraph queues`: what waits where, and how many run at once."""

from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.cli import console, session
from cinegraph.jobs.browse import QueueSetting
from cinegraph.jobs.queues import QUEUES
from cinegraph.monitoring.insights import STATES, QueueState

app = typer.Typer(
    help="Queues: list, pause, resume, scale.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="Its name.")]
_MOST = 500


class Line(NamedTuple):
    """A queue with what its live nodes run at once."""

    row: QueueState
    slots: int
    nodes: int


@app.callback()
def queues(context: typer.Context, json: Json = False) -> None:  # noqa: FBT002
    """Show every queue."""
    if context.invoked_subcommand is None:
        session.run(_list(json=json))


@app.command("list")
def list_queues(json: Json = False) -> None:  # noqa: FBT002
    """Show every queue: what waits, what runs."""
    session.run(_list(json=json))


@app.command("pause")
def pause(queue: QueueName) -> None:
    """Start no more jobs of a queue on any node; running ones finish."""
    session.run(_pause(queue))


@app.command("resume")
def resume(queue: QueueName) -> None:
    """Start jobs of a queue again."""
    session.run(_resume(queue))


@app.command("scale")
def scale(
    queue: QueueName,
    jobs: Annotated[
        int, typer.Argument(metavar="N", max=_MOST, help="Jobs at once on each node.")
    ],
) -> None:
    """Run so many jobs of a queue at once on each node, now and later."""
    session.run(_scale(queue, jobs))


async def read(c: Cinegraph) -> list[Line]:
    """Return every queue there is, also those where nothing ever was."""
    found = {row.queue: row for row in await c.list_queues()}
    nodes = [node for node in await c.list_nodes() if node.is_live]
    names = [queue.name for queue in QUEUES]
    names += sorted(found.keys() - set(names))
    lines = []
    for name in names:
        own = [node for node in nodes if node.queue == name]
        row = found.get(name) or _unused(name)
        lines.append(Line(row, sum(node.slots for node in own), len(own)))
    return lines


def _unused(name: str) -> QueueState:
    return QueueState(
        queue=name,
        counts=dict.fromkeys(STATES, 0),
        waiting_seconds=None,
        paused=False,
        node_limit=None,
    )


def told(line: Line) -> dict[str, Any]:
    """Return a queue for JSON."""
    row = msgspec.to_builtins(line.row)
    return {**row, "slots": line.slots, "nodes": line.nodes}


def table_of(lines: list[Line]) -> Table:
    """Return the queues as a table."""
    table = console.make_table(
        "queue",
        "waiting>",
        "running>",
        "at once>",
        "later>",
        "retry>",
        "failed>",
        "oldest>",
    )
    for line in lines:
        counts = line.row.counts
        name = Text(line.row.queue)
        if line.row.paused:
            name.append(" paused", style="bold yellow")
        failed = counts.get("discarded", 0)
        waits = line.row.waiting_seconds
        table.add_row(
            name,
            f"{counts.get('available', 0):,}",
            f"{counts.get('executing', 0):,}",
            str(line.slots),
            f"{counts.get('scheduled', 0):,}",
            f"{counts.get('retryable', 0):,}",
            Text(f"{failed:,}", style="bold red" if failed else ""),
            "" if waits is None else words.duration(max(waits, 0)),
        )
    return table


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        lines = await read(c)
    if json:
        console.print_json([told(line) for line in lines])
    else:
        console.show(table_of(lines))


async def _pause(queue: str) -> None:
    async with session.connect(reads=True) as c:
        _tell(await c.pause_queue(queue))


async def _resume(queue: str) -> None:
    async with session.connect(reads=True) as c:
        _tell(await c.resume_queue(queue))


async def _scale(queue: str, jobs: int) -> None:
    async with session.connect(reads=True) as c:
        _tell(await c.scale_queue(queue, jobs))


def _tell(setting: QueueSetting) -> None:
    limit = setting.node_limit
    many = "as many as the node's profile says" if limit is None else str(limit)
    state = "paused" if setting.paused else "running"
    console.show(Text(f"queue {setting.queue}: {state}; at once on each node: {many}"))
