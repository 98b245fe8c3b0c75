"""`cinegraph festivals unresolved|link|unlink|lock|unlock|status`: what is not known, and a say in it."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from cinegraph import words
from cinegraph.cli import console, session
from cinegraph.cli.festivals.group import Json, app
from cinegraph.festivals.browse import AwardsStatus, SourceState
from cinegraph.festivals.correcting import Decided
from cinegraph.festivals.unresolved import Candidate, Unresolved

Reference = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="123f1 is the first film of nomination 123, 123p2 its second nominee.",
    ),
]
MaybeEvent = Annotated[
    str | None,
    typer.Argument(
        metavar="[EVENT]", help="A festival, such as `oscars`; default all."
    ),
]
_STAGE_WORDS = {
    "imdb_id": "known by IMDb id",
    "find": "asked at TMDB by IMDb id",
    "title": "by title and year",
    "credits": "in the film's credits",
    "person": "decided by a person",
    "none": "not found",
}


@app.command("unresolved")
def unresolved(
    event: MaybeEvent = None,
    *,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="Y", help="Of the edition held in that year."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", min=1, max=100_000, metavar="N", help="At most so many."
        ),
    ] = 20,
    json: Json = False,
) -> None:
    """List films and nominees that are not known, with the reason and who it may be."""
    session.run(_unresolved(event, year, limit, json=json))


@app.command("link")
def link(
    reference: Reference,
    thing: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A film: TMDb id, tt... or '#n'. A person: TMDb id or nm...",
        ),
    ],
    *,
    json: Json = False,
) -> None:
    """Decide which film or person is meant; it stays so."""
    session.run(_link(reference, thing, json=json))


@app.command("unlink")
def unlink(reference: Reference, *, json: Json = False) -> None:
    """Decide that a film or nominee is none that is known; it stays so."""
    session.run(_unlink(reference, json=json))


@app.command("lock")
def lock(reference: Reference, *, json: Json = False) -> None:
    """Keep a film or nominee as it is linked, whatever is imported."""
    session.run(_lock(reference, is_locked=True, json=json))


@app.command("unlock")
def unlock(reference: Reference, *, json: Json = False) -> None:
    """Undo link, unlink or lock: let it be found anew."""
    session.run(_lock(reference, is_locked=False, json=json))


@app.command("status")
def status(event: MaybeEvent = None, *, json: Json = False) -> None:
    """Show how reading the sources went, and how films and people were found."""
    session.run(_status(event, json=json))


async def _unresolved(
    event: str | None, year: int | None, limit: int, *, json: bool
) -> None:
    async with session.connect(reads=True) as c:
        found, total = await c.list_unresolved(event, year=year, limit=limit)
    if json:
        console.print_json({"total": total, "unresolved": msgspec.to_builtins(found)})
    elif found:
        console.show(_list(found), Text(f"{len(found):,} of {total:,} shown"))
    else:
        console.note("every film and nominee is known")


async def _link(reference: str, thing: str, *, json: bool) -> None:
    async with session.connect() as c:
        decided = await c.link_nominated(reference, thing)
    _tell(decided, f"is {_linked_to(decided)} now, and stays so", json=json)


async def _unlink(reference: str, *, json: bool) -> None:
    async with session.connect() as c:
        decided = await c.unlink_nominated(reference)
    _tell(decided, "is nobody or nothing that is known, and stays so", json=json)


async def _lock(reference: str, *, is_locked: bool, json: bool) -> None:
    async with session.connect() as c:
        decided = await c.lock_nominated(reference, is_locked=is_locked)
    told = f"stays as it is: {_linked_to(decided)}" if is_locked else "is found anew"
    _tell(decided, told, json=json)


async def _status(event: str | None, *, json: bool) -> None:
    async with session.connect(reads=True) as c:
        found = await c.get_awards_status(event)
    if json:
        console.print_json(msgspec.to_builtins(found))
        return
    parts: list[Table | Text] = [_sources(found.sources)] if found.sources else []
    if found.stages:
        parts += [Text(""), _stages(found)] if parts else [_stages(found)]
    if not parts:
        console.note("no awards are stored: cinegraph festivals import oscars")
        return
    parts += [
        Text(f"never found a {each}, though tried often: look at it", style="yellow")
        for each in found.idle_stages
    ]
    console.show(*parts)


def _linked_to(decided: Decided) -> str:
    if decided.tmdb_id is None:
        return "not linked"
    return f"{decided.linked}, TMDb {decided.tmdb_id}"


def _tell(decided: Decided, told: str, *, json: bool) -> None:
    if json:
        console.print_json(msgspec.to_builtins(decided))
    else:
        console.note(f"{decided.reference} ({decided.name}) {told}")


def _list(found: Sequence[Unresolved]) -> Table:
    table = console.make_table(
        ("ref", {"no_wrap": True}),
        ("who or what", {"overflow": "fold", "ratio": 2}),
        ("why", {"overflow": "fold", "ratio": 3}),
    )
    edition = None
    for each in found:
        if (each.festival, each.year) != edition:
            edition = each.festival, each.year
            table.add_row("", Text(f"{each.festival} {each.year}", style="bold"), "")
        named = Text(each.name)
        where = each.category if each.film is None else f"{each.category}, {each.film}"
        named.append(f"\n{where}", style="dim")
        why = Text(each.reason)
        if each.candidates:
            why.append(f"\n{'; '.join(map(_candidate, each.candidates))}", style="cyan")
        table.add_row(each.reference, named, why)
    return table


def _candidate(one: Candidate) -> str:
    year = f" ({one.year})" if one.year else ""
    return f"{one.tmdb_id} {one.name}{year} {one.score:.0%}"


def _sources(sources: Sequence[SourceState]) -> Table:
    table = console.make_table(
        ("event", {"no_wrap": True}),
        ("source", {"no_wrap": True}),
        ("read", {"no_wrap": True}),
        ("tried", {"no_wrap": True}),
        ("problem", {"overflow": "fold", "ratio": 1}),
    )
    for each in sources:
        problem = f"{each.problem_code}: {each.problem}" if each.problem_code else "–"
        table.add_row(
            each.festival,
            each.source,
            words.ago(each.read_at),
            words.ago(each.checked_at),
            Text(problem, style="yellow" if each.problem_code else "dim"),
        )
    return table


def _stages(found: AwardsStatus) -> Table:
    table = console.make_table("", "found", "how many>")
    for each in found.stages:
        table.add_row(
            "films" if each.thing == "film" else "people",
            _STAGE_WORDS.get(each.stage, each.stage),
            f"{each.things:,}",
        )
    return table
