"""`cinegraph rebuild`: rows made again from documents, or proof that they agree."""

from typing import Annotated

import msgspec
import typer
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, following, session
from cinegraph.cli.bar import Bar
from cinegraph.errors import UsageError
from cinegraph.jobs.documents.rebuilding import ParityReport, RebuildProgress

_MOST_PROCESSES = 64


def rebuild(
    *,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Only its documents: tmdb, omdb, oscars_table ..."
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="SQL over source, kind, external_id, fetched_at, checked_at, size_bytes: only documents that meet it.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: tell what differs.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=_MOST_PROCESSES, metavar="N", help="Processes; unset: cores."
        ),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Do not go on with an unfinished one.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Write the result as JSON to stdout.")
    ] = False,
) -> None:
    """
    Make all rows again from documents.

    Nothing is asked of anybody. Stopped at any moment, the same command goes on where it was.
    """
    if check and restart:
        raise UsageError(
            "--check and --restart exclude each other",
            hint="A comparison keeps nothing: it always begins anew.",
        )
    if check:
        report = session.run(_check(source, where, jobs))
        _tell_parity(report, json=json)
        is_done = report.is_equal
    else:
        done = session.run(_rebuild(source, where, jobs, restart=restart))
        _tell_rebuild(done, json=json)
        is_done = done.state == "completed"
    if not is_done:
        raise typer.Exit(1)


async def _rebuild(
    source: str | None, where: str | None, jobs: int | None, *, restart: bool
) -> RebuildProgress:
    run_id = 0

    def show(now: RebuildProgress) -> None:
        nonlocal run_id
        if not run_id and now.is_resumed:
            console.note(
                f"run {now.run_id} was not finished: going on after"
                f" {now.before:,} of {now.planned:,} documents (--restart begins anew)"
            )
        run_id = now.run_id
        done = now.rebuilt + now.failed
        rate = (done - now.before) / now.seconds if now.seconds else 0.0
        failed = f"{now.failed:,} failed" if now.failed else ""
        bar.show(done, now.planned, rate, extra=failed)

    async with session.connect() as c:
        try:
            with Bar("rebuilding", "documents") as bar, following.logging_above():
                return await c.rebuild(
                    source=source,
                    where=where,
                    processes=jobs,
                    restarts=restart,
                    on_progress=show,
                )
        except BaseException as stop:
            if run_id and not isinstance(stop, Exception):
                console.note(
                    f"run {run_id} is not over. The same command goes on where it was."
                )
            raise


async def _check(
    source: str | None, where: str | None, jobs: int | None
) -> ParityReport:
    def show(now: ParityReport) -> None:
        rate = now.compared / now.seconds if now.seconds else 0.0
        differing = f"{now.differing:,} differ" if now.differing else ""
        bar.show(now.compared, now.planned, rate, extra=differing)

    async with session.connect() as c:
        with Bar("comparing", "documents") as bar, following.logging_above():
            return await c.check_parity(
                source=source, where=where, processes=jobs, on_progress=show
            )


def _tell_rebuild(done: RebuildProgress, *, json: bool) -> None:
    if json:
        console.print_json(done)
        return
    made = done.rebuilt + done.failed - done.before
    rate = f" ({made / done.seconds:.0f}/s)" if made and done.seconds else ""
    console.out().print(
        Text.assemble(
            f"run {done.run_id} ",
            (done.state, words.STATE_STYLES.get(done.state, "")),
            f": {words.count(done.rebuilt, 'document')} rebuilt, {done.failed:,} failed;"
            f" took {words.duration(done.seconds)}{rate}",
        ),
        soft_wrap=True,
    )
    if done.failed:
        console.complain(
            f"{words.count(done.failed, 'document')} could not be read; their rows are as they were",
            'cinegraph db psql -c "SELECT source, external_id, detail FROM quarantine WHERE resolved_at IS NULL"',
            word="warning",
        )
    if done.state == "running":
        console.note("another process is at the rest")


def _tell_parity(report: ParityReport, *, json: bool) -> None:
    if json:
        console.print_json({**msgspec.to_builtins(report), "is_equal": report.is_equal})
        return
    count = words.count(report.compared, "document")
    took = words.duration(report.seconds)
    if report.is_equal:
        console.out().print(
            f"{count} compared with their rows: equal; took {took}", soft_wrap=True
        )
        return
    for each in report.differences:
        console.out().print(
            Text(f"{each.source} {each.external_id}: {each.reason}"), soft_wrap=True
        )
    if more := report.differing - len(report.differences):
        console.out().print(f"and {more:,} more")
    console.complain(
        f"{count} compared with their rows: {report.differing:,} differ; took {took}",
        "`cinegraph rebuild` makes the rows again.",
    )
