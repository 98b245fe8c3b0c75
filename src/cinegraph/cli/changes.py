"""`cinegraph changes`: what changed, for those who keep a copy."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.catalog.change_log import Change
from cinegraph.cli import console, session

_PAGE = 1000


def changes(
    since: Annotated[
        int | None,
        typer.Option(
            "--since", min=0, metavar="N", help="After this position; else the last."
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", min=1, max=1_000_000, metavar="N", help="So many."),
    ] = 50,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only `movie` or `person`.")
    ] = None,
    follow: Annotated[  # noqa: FBT002
        bool, typer.Option("--follow", help="Go on for ever, without a limit.")
    ] = False,
    json: Annotated[  # noqa: FBT002
        bool, typer.Option("--json", help="Write one JSON object a line.")
    ] = False,
) -> None:
    """Show what changed in films and people, in the order of positions."""
    session.run(_changes(since, limit, kind, follow=follow, json=json))


async def _changes(
    since: int | None, limit: int, kind: str | None, *, follow: bool, json: bool
) -> None:
    async with session.connect(reads=True) as c:
        if since is None:
            since = await _last(c, 0 if follow else limit)
        if follow:
            await _follow(c, since, kind, json=json)
        else:
            await _list(c, since, kind, limit=limit, json=json)


async def _last(c: Cinegraph, count: int) -> int:
    """Return the position that is followed by the last *count* changes, or as many as are kept."""
    state = await c.get_change_log()
    return max(state.kept_after, state.last_position - count)


async def _list(
    c: Cinegraph, since: int, kind: str | None, *, limit: int, json: bool
) -> None:
    table = console.make_table(
        "position>", "changed", "what", "action", "fields", "why"
    )
    while True:
        page = await c.list_changes(since, kind=kind, limit=min(limit, _PAGE))
        since, limit = page.position, limit - len(page.changes)
        for change in page.changes:
            if json:
                _write(change)
            else:
                table.add_row(*_cells(change))
        if not page.changes or not limit:
            break
    if table.row_count:
        console.show(table)
    console.note(f"go on with --since {since}")


async def _follow(c: Cinegraph, since: int, kind: str | None, *, json: bool) -> None:
    try:
        async for change in c.follow_changes(since, kind=kind):
            if json:
                _write(change)
            else:
                console.show(Text("  ".join(cell.plain for cell in _cells(change))))
            # Whoever reads has to know at once, also through a pipe.
            sys.stdout.flush()
            since = change.position
    finally:
        console.note(f"go on with --since {since}")


def _write(change: Change) -> None:
    text = msgspec.json.encode(change).decode()
    sys.stdout.write(console.escape_controls(text) + "\n")


def _cells(change: Change) -> tuple[Text, ...]:
    number = "" if change.id is None else f" #{change.id}"
    title = "many films" if change.id is None else change.title or ""
    return tuple(
        Text(cell)
        for cell in (
            f"{change.position}",
            words.ago(change.changed_at),
            f"{change.kind}{number} {title}".rstrip(),
            change.action + (f" into #{change.other_id}" if change.other_id else ""),
            ", ".join(change.fields) or "–",
            change.why or "–",
        )
    )
