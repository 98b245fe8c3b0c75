"""`cinegraph nodes`: which processes do the work, on which machines, of which version."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import __version__, clock, words
from cinegraph.cli import console, session
from cinegraph.jobs.browse import NodeRow


def nodes(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show the worker nodes: machine, version, heartbeat, which one leads, what each runs."""
    session.run(_nodes(json=json))


async def _nodes(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = by_node(await c.list_nodes())
    if json:
        console.print_json(found)
    elif not found:
        console.note("no worker is running; start `cinegraph up` or `cinegraph work`")
    else:
        console.show(_table(found))


def by_node(rows: list[NodeRow]) -> list[dict[str, Any]]:
    """Return one entry a node, of the rows of its queues."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            row.node,
            {
                "node": row.node,
                "host": row.meta.get("host"),
                "pid": row.meta.get("pid"),
                "version": row.meta.get("version"),
                "is_live": row.is_live,
                "is_leader": row.is_leader,
                "silent_seconds": round(row.silent_seconds, 1),
                "started_at": row.started_at,
                "queues": {},
            },
        )
        entry["queues"][row.queue] = {
            "running": row.meta.get("running", 0),
            "limit": row.slots,
        }
    return list(found.values())


def _table(found: list[dict[str, Any]]) -> Table:
    table = console.make_table("node", "version", "heartbeat", "since", "runs")
    for node in found:
        name = Text(node["node"], style="bold" if node["is_leader"] else "")
        if node["is_leader"]:
            name.append(" leads", style="cyan")
        version = str(node["version"])
        is_other = version != __version__
        silent = words.duration(node["silent_seconds"])
        queues = (
            f"{name} {one['running']}/{one['limit']}"
            for name, one in node["queues"].items()
        )
        table.add_row(
            name,
            Text(version, style="yellow" if is_other else ""),
            Text(f"{silent} ago", style="" if node["is_live"] else "bold red"),
            words.ago(node["started_at"], clock.real_now()),
            ", ".join(queues),
        )
    return table
