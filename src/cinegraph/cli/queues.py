"""`cinegraph queues`: what waits where, and how many run at once."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api.telling import Queue, read_queues
from cinegraph.cli import console, session
from cinegraph.jobs.browse import QueueSetting

app = typer.Typer(
    help="Queues: list, pause, resume, scale.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="Its name.")]
_MOST = 500


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


def table_of(found: list[Queue]) -> Table:
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
    for queue in found:
        counts = queue.counts
        name = Text(queue.queue)
        if queue.paused:
            name.append(" paused", style="bold yellow")
        failed = counts.get("discarded", 0)
        waits = queue.waiting_seconds
        table.add_row(
            name,
            f"{counts.get('available', 0):,}",
            f"{counts.get('executing', 0):,}",
            str(queue.slots),
            f"{counts.get('scheduled', 0):,}",
            f"{counts.get('retryable', 0):,}",
            Text(f"{failed:,}", style="bold red" if failed else ""),
            "" if waits is None else words.duration(max(waits, 0)),
        )
    return table


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await read_queues(c)
    if json:
        console.print_json(found)
    else:
        console.show(table_of(found))


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
