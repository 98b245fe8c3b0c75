"""`cinegraph documents`: bodies that somebody has fetched already."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, following, session
from cinegraph.cli.bar import Bar
from cinegraph.errors import UsageError
from cinegraph.jobs.documents.loading import LoadReport

app = typer.Typer(
    help="JSON you have already, without asking.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def documents() -> None:
    """JSON you have already, without asking."""


@app.command("load")
def load(
    place: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A folder, or one file; also gzipped."),
    ],
    source: Annotated[
        str | None, typer.Option(metavar="tmdb|omdb", help="Only what is from it.")
    ] = None,
    fetched_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When it was fetched; unset: when each file was written.",
        ),
    ] = None,
    json: Annotated[  # noqa: FBT002
        bool, typer.Option("--json", help="Write the result as JSON to stdout.")
    ] = False,
) -> None:
    """Store the films and titles of JSON files, as of when they were fetched."""
    moment = None if fetched_at is None else parse_time(fetched_at)
    report = session.run(_load(place, source, moment))
    if json:
        console.print_json(report)
    else:
        _tell(report)
    if report.bad:
        raise typer.Exit(1)


def parse_time(text: str) -> datetime:
    """
    Read a date or time in ISO 8601; without a zone it is UTC.

    Raises:
        UsageError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no time",
            hint="Give it as 2026-03-01 or 2026-03-01T12:00Z.",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _load(
    place: Path, source: str | None, fetched_at: datetime | None
) -> LoadReport:
    def show(now: LoadReport) -> None:
        # A file of a million lines is one file: the lines are what moves.
        extra = words.count(now.bodies, "body", "bodies")
        if now.bad:
            extra += f", {now.bad:,} bad"
        bar.show(now.files_read, now.files, 0.0, extra=extra)

    async with session.connect() as c:
        with Bar("loading", "files") as bar, following.logging_above():
            return await c.load_documents(
                place, source=source, fetched_at=fetched_at, on_progress=show
            )


def _tell(report: LoadReport) -> None:
    numbers = {
        "films stored": report.films_stored,
        "films stored in part, the rest is wanted": report.films_partial,
        "films wanted: too little to store": report.films_wanted,
        "titles stored": report.titles_stored,
        "known already": report.unchanged,
        "of another source": report.passed_over,
        "bad": report.bad,
    }
    told = ", ".join(f"{n:,} {what}" for what, n in numbers.items() if n)
    took = words.duration(report.seconds)
    console.out().print(
        f"{words.count(report.bodies, 'body', 'bodies')} of"
        f" {words.count(report.files, 'file')}: {told or 'nothing'}; took {took}",
        soft_wrap=True,
    )
    if report.other_files:
        console.note(
            f"{words.count(report.other_files, 'file')} of other kinds left out"
        )
    for bad in report.bad_listed:
        where = bad.path if bad.line is None else f"{bad.path}, line {bad.line}"
        console.err().print(Text(f"{where}: {bad.reason}"), soft_wrap=True)
    if report.bad:
        more = report.bad - len(report.bad_listed)
        console.complain(
            f"{report.bad:,} bad" + (f", {more:,} of them not listed" if more else ""),
            "Everything else is loaded; mend them and load again: nothing is stored twice.",
        )
