"""`cinegraph schedules`: what happens by itself, and when."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api.telling import ScheduleEntry, tell_schedules
from cinegraph.cli import console, session

app = typer.Typer(
    help="What happens by itself, and when: list, run, pause.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `schedules list` says.")]


@app.command("list")
def list_schedules(
    json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show every schedule: when, last, next, missed."""
    session.run(_list(json=json))


@app.command("run")
def run(name: Name) -> None:
    """Run a schedule now, beside its slots."""
    session.run(_run(name))


@app.command("pause")
def pause(name: Name) -> None:
    """Let a schedule rest until it is resumed; what it misses is not caught up."""
    session.run(_pause(name, is_paused=True))


@app.command("resume")
def resume(name: Name) -> None:
    """Let a schedule go on with its next slot."""
    session.run(_pause(name, is_paused=False))


async def _list(*, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = tell_schedules(await c.list_schedules())
    if json:
        console.print_json(found)
    else:
        reasons = [Text(f"{one.name}: {one.reason}.", style="dim") for one in found]
        console.show(_table(found), Text(""), *reasons)


def _table(found: list[ScheduleEntry]) -> Table:
    table = console.make_table("schedule", "when", "last", "next", "missed>", "state")
    for one in found:
        state = one.state
        name = Text(one.name, style="bold")
        if state is None:
            table.add_row(name, one.when, "never", "–", "0", "switched off")
            continue
        table.add_row(
            name,
            one.when,
            words.ago(state.last_at),
            words.ago(state.next_at),
            f"{state.missed:,}",
            Text("paused", style="yellow") if state.is_paused else "on",
        )
    return table


async def _run(name: str) -> None:
    async with session.connect(reads=True) as c:
        job_id = await c.run_schedule(name)
    if job_id is None:
        console.note(f"{name} is queued or running already")
    else:
        console.note(f"queued as job {job_id}; see: cinegraph jobs show {job_id}")


async def _pause(name: str, *, is_paused: bool) -> None:
    async with session.connect(reads=True) as c:
        await c.pause_schedule(name, is_paused=is_paused)
    console.note(f"{name} {'rests' if is_paused else 'goes on with its next slot'}")
