"""The group `cinegraph festivals`, and what its commands share."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Festivals and awards: import, show, and see to what is not known.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Event = Annotated[
    str, typer.Argument(metavar="EVENT", help="A festival, such as `oscars`.")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def share(part: int, whole: int) -> str:
    """Say how many are linked, of how many that are named."""
    return f"{part / whole:.0%}" if whole else "–"
