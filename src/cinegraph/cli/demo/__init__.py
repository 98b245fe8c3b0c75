"""
`cinegraph demo`: a real import into a database of its own, with trouble on purpose.

Imported by nobody. `stage` has the processes, `numbers` reads what is told at the end,
`play` is the story. To show more, add it to `play`; every number said is read from the
demo's database or from the imitation's report.
"""

from typing import Annotated

import typer

from cinegraph.cli import session
from cinegraph.cli.demo import play

PAGES = 100
"""About 1,960 films: 50 s at 39 requests a second; what follows from them is computed in half a minute more."""


def demo(
    keep: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--keep",
            help="Keep all of it running to look around; on Ctrl-C the database.",
        ),
    ] = False,
    pages: Annotated[int, typer.Option(hidden=True, min=1, max=500)] = PAGES,
) -> None:
    """Show a real import, offline: database, imitation TMDB, workers, faults, a crash."""
    if not session.run(play.play(pages, keep=keep)):
        raise typer.Exit(1)
