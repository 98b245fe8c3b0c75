"""`cinegraph people`: who worked with whom, and by which films two people are connected."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.api.relating import Collaborators, PeoplePath
from cinegraph.cli import console, session
from cinegraph.enrichment.collaborations.paths import Link

app = typer.Typer(
    help="Who worked with whom: chains of films, collaborators.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
_WHO = "A name in full, or a person's TMDb id."
_NOTHING_COMPUTED = (
    "no film with anybody else is computed. `cinegraph enrich status` tells"
    " whether films are still to come."
)


@app.command("path")
def show_path(
    a: Annotated[str, typer.Argument(metavar="A", help=_WHO)],
    b: Annotated[str, typer.Argument(metavar="B", help=_WHO)],
    *,
    json: Json = False,
) -> None:
    """Show a shortest chain of films between two people; exit code 1 where there is none."""
    if not session.run(_path(a, b, json=json)):
        raise typer.Exit(1)


@app.command("collaborators")
def list_collaborators(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_WHO)],
    *,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="At most so many.")
    ] = 20,
    json: Json = False,
) -> None:
    """Show with whom a person made most films."""
    session.run(_collaborators(name, limit, json=json))


async def _path(a: str, b: str, *, json: bool) -> bool:
    async with session.connect(reads=True) as c:
        found = await c.find_people_path(a, b)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(*_chain(found))
    return found.links is not None


async def _collaborators(name: str, limit: int, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.list_collaborators(name, limit=limit)
    if json:
        console.print_json(msgspec.to_builtins(found))
    else:
        console.show(*_others(found))


def _chain(found: PeoplePath) -> list[RenderableType]:
    if found.links is None:
        ends = f"{found.start.name} and {found.end.name}"
        unknown = (one.name for one in (found.start, found.end) if not one.films)
        return [
            Text(f"No chain of stored films connects {ends}."),
            *(Text(f"{name}: {_NOTHING_COMPUTED}") for name in unknown),
        ]
    if not found.links:
        return [Text(f"{found.start.name}: the same person.")]
    lines: list[RenderableType] = [Text(found.start.name, style="bold")]
    for link in found.links:
        lines += [_film(link), Text(link.name, style="bold")]
    lines.append(Text(f"{words.count(len(found.links), 'film')} apart", style="dim"))
    return lines


def _film(link: Link) -> Text:
    year = f" ({link.year})" if link.year else ""
    return Text.assemble(
        "  ",
        (link.title, "italic"),
        f"{year}: {_roles(link.from_roles)} – {_roles(link.to_roles)}",
    )


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(roles)


def _others(found: Collaborators) -> list[RenderableType]:
    if not found.collaborators:
        return [Text(f"{found.person.name}: {_NOTHING_COMPUTED}")]
    return [
        Text(
            f"{found.person.name}, {words.count(found.person.films, 'film')}",
            style="bold",
        ),
        _table(found),
    ]


def _table(found: Collaborators) -> Table:
    table = console.make_table(
        ("with", {"overflow": "fold"}),
        "films>",
        ("years", {"no_wrap": True}),
        "rating>",
        ("as", {"overflow": "fold"}),
    )
    for one in found.collaborators:
        table.add_row(
            Text(one.name),
            f"{one.films:,}",
            words.years(one.first_year, one.latest_year),
            "–" if one.mean_rating is None else f"{one.mean_rating:.1f}",
            Text(_roles(one.roles)),
        )
    return table
