"""`cinegraph runs`: every import and how far it is."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from cinegraph import words
from cinegraph.api import Cinegraph
from cinegraph.api.telling import tell_run
from cinegraph.cli import console, following, imports, session
from cinegraph.errors import UsageError
from cinegraph.jobs.causes import Cause
from cinegraph.monitoring.editions import RunEdition
from cinegraph.monitoring.progress import RunProgress, Stage
from cinegraph.monitoring.titles import title_of
from cinegraph.sync.runs import AWARDS


class _Runs(TyperGroup):
    """Knows what is meant by a number where a command should be."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Click's types move with Typer's version
        """Find the command of *args*; a number alone is a run to show."""
        if args and args[0].isdecimal():
            raise UsageError(
                f"there is no command {args[0]!r}",
                hint=f"Did you mean `cinegraph runs show {args[0]}`?",
            )
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Runs,
    help="Imports: how far they are; pause, retry or cancel them.",
    invoke_without_command=True,
    rich_markup_mode=None,
    add_completion=False,
)
_LARGEST = 2**63 - 1
_MOST_EDITIONS = 12
"""Of a run of all editions of a festival the newest are shown; `--json` has all."""
_MANY = 50_000
"""Films whose cancelling takes so long that a person wonders."""
STAGES = {
    "popular_page": "popular",
    "top_rated_page": "top rated",
    "now_playing_page": "now playing",
    "upcoming_page": "upcoming",
    "trending_page": "trending",
    "export": "export",
    "id_range": "id ranges",
    "festival": "sources",
    "edition": "editions",
    "find": "lookups",
    "movie": "films",
    "omdb": "OMDb",
    "collaborations": "collab.",
    "person": "people",
    "enrichment": "passes",
}
"""What the stages of a run are called; of lists and ranges the parts are counted."""
_STATES: dict[str, Callable[[Stage], int]] = {
    "planned": lambda stage: stage.unqueued,
    "queued": lambda stage: stage.queued,
    "running": lambda stage: stage.running,
    "another round": lambda stage: stage.waiting,
    "done": lambda stage: stage.done,
    "absent": lambda stage: stage.absent,
    "failed": lambda stage: stage.failed,
    "quarantined": lambda stage: stage.quarantined,
    "another day": lambda stage: stage.deferred,
    "cancelled": lambda stage: stage.cancelled,
}

RunNumber = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=_LARGEST, help="The run's number.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=1000, metavar="N", help="At most so many.")
]


@app.callback()
def runs(
    context: typer.Context,
    limit: Limit = 20,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Show the latest runs."""
    if context.invoked_subcommand is None:
        session.run(_list(limit, json=json))


@app.command("list")
def list_runs(limit: Limit = 20, json: Json = False) -> None:  # noqa: FBT002
    """Show the latest runs, latest first."""
    session.run(_list(limit, json=json))


@app.command("show")
def show(
    run_id: RunNumber,
    wait: Annotated[  # noqa: FBT002
        bool, typer.Option("--wait", help="Follow it until it has ended.")
    ] = False,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Show one run, and what limits it."""
    run = session.run(_show(run_id, wait=wait, json=json))
    if wait:
        imports.require_completed(run)


@app.command("pause")
def pause(run_id: RunNumber) -> None:
    """Queue nothing more of a run until it is resumed; what runs already ends."""
    session.run(_pause(run_id))


@app.command("resume")
def resume(run_id: RunNumber) -> None:
    """Let a paused run go on."""
    session.run(_resume(run_id))


@app.command("retry")
def retry(run_id: RunNumber) -> None:
    """Try again what failed or was quarantined in a run, also in one that has ended."""
    session.run(_retry(run_id))


@app.command("cancel")
def cancel(run_id: RunNumber) -> None:
    """End a run: what it has stored stays, the rest is not fetched."""
    session.run(_cancel(run_id))


async def _list(limit: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_runs(limit)
    if json:
        console.print_json([tell_run(run) for run in found])
    elif not found:
        console.note("no run yet: `cinegraph import popular` starts one")
    else:
        console.show(table_of(found))


def table_of(found: Sequence[RunProgress]) -> Table:
    """Return *found* as a table, a line each; how many were cancelled only where any were."""
    cancelled = ["cancelled>"] if any(run.cancelled for run in found) else []
    table = console.make_table(
        "run>",
        "what",
        ("state", {"no_wrap": True}),
        *("stored>", "absent>", "failed>", *cancelled, "left>"),
        ("started", {"no_wrap": True}),
    )
    for run in found:
        numbers = [run.done, run.absent, run.failed + run.quarantined]
        numbers += [run.cancelled] if cancelled else []
        table.add_row(
            str(run.id),
            console.cut(title_of(run)),
            Text(run.state, style=words.STATE_STYLES.get(run.state, "")),
            *(f"{number:,}" for number in (*numbers, run.left)),
            words.ago(run.started_at, run.read_at),
        )
    return table


async def _show(run_id: int, *, wait: bool, json: bool) -> RunProgress:
    async with session.connect(reads=True) as c:
        run = await c.get_run(run_id)
        if wait and run.is_running:
            run = await imports.watch(c, run_id, after="The workers go on.")
        cause = await c.explain_run(run)
        if json:
            console.print_json(tell_run(run, cause))
        elif wait:
            console.out().print(following.summary(run))
        else:
            await _print(c, run, cause)
    return run


async def _print(c: Cinegraph, run: RunProgress, cause: Cause | None) -> None:
    failed = await c.list_jobs(run=run.id, states=["discarded"], limit=5)
    rows = _rows(run, cause)
    if backlog := await _backlog(c, run):
        rows.append(("OMDb", backlog))
    if failed:
        jobs = " ".join(str(job.id) for job in failed)
        rows.append(("failed jobs", f"{jobs}  (cinegraph jobs show ID)"))
    parts: list[Table | Text] = [console.make_sheet(rows), Text("")]
    parts.append(stage_table(await c.list_stages(run)))
    if run.kind == AWARDS and (editions := await c.list_run_editions(run.id)):
        parts += [Text(""), edition_table(editions)]
    console.show(*parts)


async def _backlog(c: Cinegraph, run: RunProgress) -> str | None:
    """Return when OMDb's part will be done, where the run leaves some of it to another day."""
    states = run.stages.get("omdb", {})
    if not run.titles_left and not states.get("deferred"):
        return None
    left = await c.get_omdb_backlog()
    return None if left is None else words.backlog(left)


def stage_table(stages: list[Stage]) -> Table:
    """Return the stages of a run as a table: a column a stage, a row a state, which fits where a million films are."""
    names = [STAGES.get(stage.kind, stage.kind.replace("_", " ")) for stage in stages]
    table = console.make_table("state", *(f"{name}>" for name in names))
    for state, number_of in _STATES.items():
        numbers = [number_of(stage) for stage in stages]
        table.add_row(state, *(f"{number:,}" if number else "·" for number in numbers))
    return table


def edition_table(editions: Sequence[RunEdition]) -> Table:
    """Return the branches of a run of awards: its editions with what hangs on each."""
    table = console.make_table(
        "edition", "state", "nominations>", "films>", "stored>", "OMDb>", "people>"
    )
    for each in editions[:_MOST_EDITIONS]:
        part = f" ({each.part})" if each.part > 1 else ""
        table.add_row(
            f"{each.festival} {each.year}{part}",
            Text(each.state, style=words.STATE_STYLES.get(each.state, "")),
            f"{each.nominations:,}",
            f"{each.films:,}",
            f"{each.stored:,}",
            f"{each.rated:,} of {each.rated_planned:,}",
            f"{each.people_linked:,} of {each.people:,}",
        )
    if len(editions) > _MOST_EDITIONS:
        table.add_row(f"… {len(editions) - _MOST_EDITIONS} more", *[""] * 6)
    return table


def _rows(run: RunProgress, cause: Cause | None) -> list[tuple[str, str | Text]]:
    rows: list[tuple[str, str | Text]] = [
        ("run", f"{run.id}: {title_of(run)}"),
        ("state", Text(run.state, style=words.STATE_STYLES.get(run.state, ""))),
        ("asked for", _asked(run)),
        ("started", words.moment(run.started_at)),
        (
            "took" if run.finished_at else "since",
            words.duration(run.elapsed.total_seconds()),
        ),
        ("films", f"{run.ended:,} of {run.planned:,} settled"),
        (
            "",
            (
                f"{run.done:,} stored, {run.absent:,} absent, {run.failed:,} failed, "
                f"{run.quarantined:,} quarantined, {run.cancelled:,} cancelled"
            ),
        ),
    ]
    if run.pages_planned:
        parts = "editions" if run.kind == AWARDS else "lists"
        rows.append((parts, f"{run.pages_read} of {run.pages_planned} parts read"))
    if run.left:
        told = f"{run.unqueued:,} planned, {run.open:,} with a job"
        rows.append(("left", f"{told}, {run.waiting:,} wait for another round"))
    rows.append(("speed", f"{run.films_per_second:.1f} films/s"))
    if run.eta:
        rows.append(("ready in", words.duration(run.eta.total_seconds())))
    if cause:
        rows.append(("limited by", cause.text))
    if run.note:
        rows.append(("note", run.note))
    return rows


def _asked(run: RunProgress) -> str:
    told = [_argument(name, value) for name, value in run.arguments.items()]
    return ", ".join([*told, f"by {run.requested_by}"])


def _argument(name: str, value: object) -> str:
    words_of = name.replace("_", " ")
    if isinstance(value, dict):
        return ", ".join(_argument(*each) for each in value.items())
    return words_of if value is True else f"{words_of} {value}"


async def _pause(run_id: int) -> None:
    async with session.connect(reads=True) as c:
        if not await c.pause_run(run_id):
            state = (await c.get_run(run_id)).state
            raise UsageError(
                f"run {run_id} is {state}", hint="Only a running run can be paused."
            )
    console.note(
        f"run {run_id} is paused; `cinegraph runs resume {run_id}` lets it go on"
    )


async def _resume(run_id: int) -> None:
    async with session.connect(reads=True) as c:
        if not await c.resume_run(run_id):
            state = (await c.get_run(run_id)).state
            raise UsageError(
                f"run {run_id} is {state}", hint="Only a paused run can be resumed."
            )
    console.note(f"run {run_id} goes on within seconds")


async def _retry(run_id: int) -> None:
    async with session.connect(reads=True) as c:
        things = await c.retry_run(run_id)
        run = await c.get_run(run_id)
    if not things:
        raise UsageError(
            f"nothing failed in run {run_id}, which is {run.state}",
            hint="`cinegraph runs show` tells how a run stands.",
        )
    console.note(
        f"{words.count(things, 'item')} of run {run_id} tried again;"
        f" follow it: cinegraph runs show {run_id} --wait"
    )


async def _cancel(run_id: int) -> None:
    async with session.connect(reads=True) as c:
        left = (await c.get_run(run_id)).left
        if left > _MANY:
            console.note(f"giving up {left:,} films takes up to a minute")
        if not await c.cancel_run(run_id):
            state = (await c.get_run(run_id)).state
            raise UsageError(
                f"run {run_id} is {state} already",
                hint="Only a run that goes on or rests can be cancelled: `cinegraph runs`.",
            )
        run = await c.get_run(run_id)
    console.out().print(following.summary(run))
