"""`cinegraph jobs`: single jobs."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import clock, words
from cinegraph.cli import console, session
from cinegraph.errors import UsageError
from cinegraph.jobs.browse import JobRow
from cinegraph.monitoring.insights import STATES
from cinegraph.scrubbing import scrub

app = typer.Typer(
    help="Single jobs: list, show, retry, cancel.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
_LARGEST = 2**63 - 1

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
Ids = Annotated[
    list[int], typer.Argument(metavar="ID...", min=1, max=_LARGEST, help="Jobs.")
]


@app.command("list")
def list_jobs(  # noqa: PLR0917 - Typer makes an option of each
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="May be repeated.")
    ] = None,
    queue: Annotated[str | None, typer.Option(help="Of this queue.")] = None,
    worker: Annotated[
        str | None, typer.Option(help="Of this worker, such as ImportMovie.")
    ] = None,
    run: Annotated[
        int | None, typer.Option(min=1, max=_LARGEST, help="Of this run.")
    ] = None,
    before: Annotated[
        int | None,
        typer.Option(min=1, max=_LARGEST, help="Older than this job: the next page."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="At most so many.")
    ] = 20,
    json: Json = False,  # noqa: FBT002
) -> None:
    """Show jobs, newest first."""
    if wrong := [name for name in state or () if name not in STATES]:
        raise UsageError(
            f"there is no state {wrong[0]!r}", hint=f"States: {', '.join(STATES)}."
        )
    filters = {
        "states": state or None,
        "queue": queue,
        "worker": worker,
        "run": run,
        "before": before,
        "limit": limit,
    }
    session.run(_list(filters, json=json))


@app.command("show")
def show(
    job_id: Annotated[int, typer.Argument(metavar="ID", min=1, max=_LARGEST)],
    json: Json = False,  # noqa: FBT002
) -> None:
    """Show one job with every attempt."""
    session.run(_show(job_id, json=json))


@app.command("retry")
def retry(ids: Ids) -> None:
    """Run ended or waiting jobs again at once."""
    session.run(_retry(ids))


@app.command("cancel")
def cancel(ids: Ids) -> None:
    """End waiting jobs, and ask running ones to end."""
    session.run(_cancel(ids))


def told(job: JobRow) -> dict[str, Any]:
    """Return a job for JSON."""
    row: dict[str, Any] = msgspec.to_builtins(job)
    return row


def subject(job: JobRow) -> str:
    """Return what a job is about, from its arguments, as `name=value`: those that say anything, its run last."""
    shown = {k: v for k, v in job.args.items() if k != "source" or len(job.args) == 1}
    told = sorted(_words(shown), key=lambda word: word[0] == "run_id")
    return " ".join(f"{name}={value}" for name, value in told)


def _words(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return arguments and those within them; what is unset or off is the usual, and left out."""
    for name, value in args.items():
        if isinstance(value, dict):
            yield from _words(value)
        elif isinstance(value, list):
            yield name, ",".join(map(str, value))
        elif value is True:
            yield name, "yes"
        elif value is not None and value is not False:
            yield name, str(value)


async def _list(filters: dict[str, Any], *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_jobs(**filters)
    if json:
        console.print_json([told(job) for job in found])
    elif not found:
        console.note("no such job")
    else:
        console.show(_table(found))
        if len(found) == filters["limit"]:
            console.note(f"more: --before {found[-1].id}")


def _table(found: list[JobRow]) -> Table:
    table = console.make_table(
        "job>",
        ("worker", {"no_wrap": True}),
        "about",
        ("state", {"no_wrap": True}),
        "tries>",
        ("since", {"no_wrap": True}),
        "why",
    )
    for job in found:
        table.add_row(
            str(job.id),
            job.worker_title,
            console.cut(subject(job)),
            Text(job.state, style=words.STATE_STYLES.get(job.state, "")),
            f"{job.attempt}/{job.max_attempts}",
            # Oban's times are real ones.
            words.ago(
                job.ended_at or job.attempted_at or job.inserted_at, clock.real_now()
            ),
            console.cut(str(job.meta.get("error_code") or "")),
        )
    return table


async def _show(job_id: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        job = await c.get_job(job_id)
    if json:
        console.print_json(told(job))
        return
    parts: list[Any] = [console.make_sheet(_rows(job))]
    if job.errors:
        parts += [Text(""), _attempts(job)]
    console.show(*parts)


def _rows(job: JobRow) -> list[tuple[str, str | Text]]:
    rows: list[tuple[str, str | Text]] = [
        ("job", f"{job.id}: {job.worker_title} {subject(job)}"),
        ("state", Text(job.state, style=words.STATE_STYLES.get(job.state, ""))),
        ("queue", f"{job.queue}, priority {job.priority}"),
        ("tries", f"{job.attempt} of {job.max_attempts}"),
        ("made", words.moment(job.inserted_at)),
        ("due", words.moment(job.scheduled_at)),
        ("started", words.moment(job.attempted_at)),
        ("ended", words.moment(job.ended_at)),
    ]
    if job.meta.get("run_id"):
        rows.append(("run", str(job.meta["run_id"])))
    if job.meta.get("reason"):
        rows.append(("because", str(job.meta["reason"])))
    if job.meta.get("error_code"):
        rows.append(("outcome", str(job.meta["error_code"])))
    if job.meta.get("message"):
        rows.append(("it says", scrub(str(job.meta["message"]))))
    if job.attempted_by:
        rows.append(("by node", job.attempted_by[0]))
    return rows


def _attempts(job: JobRow) -> Table:
    table = console.make_table(
        "try>", "at", "code", ("what happened", {"overflow": "fold"})
    )
    for error in job.errors:
        text = scrub(str(error.get("error", "")))
        table.add_row(
            str(error.get("attempt", "")),
            str(error.get("at", ""))[:19].replace("T", " "),
            str(error.get("code", "")),
            Text(text.strip().splitlines()[0] if text.strip() else ""),
        )
    return table


async def _retry(ids: list[int]) -> None:
    async with session.connect(reads=True) as c:
        result = await c.retry_jobs(ids)
    for job_id in result.retried:
        console.show(Text(f"job {job_id} runs again"))
    for job_id, why in result.refused.items():
        console.complain(f"job {job_id} cannot be retried: {why}")
    if result.refused:
        raise typer.Exit(1)


async def _cancel(ids: list[int]) -> None:
    async with session.connect(reads=True) as c:
        result = await c.cancel_jobs(ids)
    for job_id in result.ended:
        console.show(Text(f"job {job_id} is cancelled"))
    for job_id in result.asked:
        console.show(Text(f"job {job_id} is running; it was asked to end"))
    others = sorted(set(ids) - {*result.ended, *result.asked})
    for job_id in others:
        console.complain(f"job {job_id} has ended already, or there is none")
    if others:
        raise typer.Exit(1)
