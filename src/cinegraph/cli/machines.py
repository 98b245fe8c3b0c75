"""`cinegraph nodes`: which processes do the work, on which machines, of which version."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import __version__, clock, words
from cinegraph.api.telling import Node, tell_nodes
from cinegraph.cli import console, session


def nodes(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show the worker nodes: machine, version, heartbeat, which one leads, what each runs."""
    session.run(_nodes(json=json))


async def _nodes(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = tell_nodes(await c.list_nodes())
    if json:
        console.print_json(found)
    elif not found:
        console.note("no worker is running; start `cinegraph up` or `cinegraph work`")
    else:
        console.show(_table(found))


def _table(found: list[Node]) -> Table:
    table = console.make_table("node", "version", "heartbeat", "since", "runs")
    for node in found:
        name = Text(node.node, style="bold" if node.is_leader else "")
        if node.is_leader:
            name.append(" leads", style="cyan")
        version = str(node.version)
        is_other = version != __version__
        silent = words.duration(node.silent_seconds)
        queues = (
            f"{name} {one.running}/{one.limit}" for name, one in node.queues.items()
        )
        table.add_row(
            name,
            Text(version, style="yellow" if is_other else ""),
            Text(f"{silent} ago", style="" if node.is_live else "bold red"),
            words.ago(node.started_at, clock.real_now()),
            ", ".join(queues),
        )
    return table
