"""`cinegraph sandbox play`: days in minutes, for the deployment and its imitation together."""

from typing import Annotated

import typer

_MOST_DAYS = 3660


def play(
    days: Annotated[
        int, typer.Option("--days", min=1, max=_MOST_DAYS, help="How many days.")
    ] = 1,
    seconds_a_day: Annotated[
        float,
        typer.Option(min=1, max=86400, help="How long a day really takes."),
    ] = 30.0,
    reset: Annotated[  # noqa: FBT002
        bool, typer.Option("--reset", help="Only go back to real time.")
    ] = False,
) -> None:
    """
    Let days pass in minutes, for the deployment and its sandbox together.

    Quotas, schedules and due times follow; requests a second do not. Refused where an upstream is no sandbox. Without
    a worker this process does the work. The time that was played stays: `--reset` goes back to real time.
    """
    # Imports the whole product, without which `cinegraph sandbox` itself starts in half the time.
    from cinegraph.cli import playing, session  # noqa: PLC0415

    session.run(playing.reset() if reset else playing.play_days(days, seconds_a_day))
