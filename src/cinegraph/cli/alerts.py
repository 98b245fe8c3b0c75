"""`cinegraph alerts`: what is wrong, and what to do about it."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import clock, words
from cinegraph.cli import console, session
from cinegraph.monitoring.alerts import Alert

_SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "notice": "cyan"}
_FRESH = timedelta(minutes=2)
"""The leading node looks every 15 seconds."""


def alerts(
    every: Annotated[  # noqa: FBT002
        bool, typer.Option("--all", help="Also those that are over.")
    ] = False,
    limit: Annotated[
        int,
        typer.Option("--limit", min=1, max=1000, metavar="N", help="At most so many."),
    ] = 50,
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show what is wrong, and what to do about it."""
    session.run(_alerts(limit, every=every, json=json))


async def _alerts(limit: int, *, every: bool, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_alerts(open_only=not every, limit=limit)
        checked_at = await c.find_last_alert_check()
    if json:
        told = {"alerts": found, "checked_at": checked_at}
        console.print_json(msgspec.to_builtins(told))
        return
    if found:
        console.show(_table(found, is_mixed=every), *_hints(found))
    _note_age(checked_at, is_quiet=not any(one.closed_at is None for one in found))


def _table(found: list[Alert], *, is_mixed: bool) -> Table:
    over = ["over"] if is_mixed else []
    table = console.make_table("since", *over, "severity", "what", "message")
    for alert in found:
        severity = Text(
            f"{alert.severity}, silenced" if alert.silenced_until else alert.severity,
            style="" if alert.closed_at else _SEVERITY_STYLES[alert.severity],
        )
        ended = words.ago(alert.closed_at) if alert.closed_at else "–"
        table.add_row(
            words.ago(alert.opened_at),
            *([ended] if is_mixed else []),
            severity,
            Text(f"{alert.kind} {alert.subject}"),
            Text(alert.message),
        )
    return table


def _hints(found: list[Alert]) -> list[Text]:
    """Say once for each kind that is open what to do."""
    hints = {one.kind: one.hint for one in found if one.closed_at is None and one.hint}
    lines = [Text(f"{kind}: {hint}") for kind, hint in hints.items()]
    return [Text(""), *lines] if lines else []


def _note_age(checked_at: datetime | None, *, is_quiet: bool) -> None:
    """Write how old this is: without a leading node nobody looks."""
    if checked_at is None:
        looked, is_old = "nobody has looked yet", True
    else:
        now = clock.real_now()
        looked = f"last looked at {words.ago(checked_at, now)}"
        is_old = now - checked_at > _FRESH
    if is_quiet:
        console.note(f"no open alert, {looked}")
    if is_old:
        console.complain(
            looked if not is_quiet else "what is shown is old",
            "A node that leads looks every 15 s: `cinegraph up` or `cinegraph work`.",
            word="warning",
        )
