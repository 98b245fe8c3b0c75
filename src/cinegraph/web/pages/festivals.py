"""Festivals: organisations, their editions, nominees and winners, and who or what is not known of them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.errors import UsageError
from cinegraph.festivals.browse import (
    AwardsStatus,
    Edition,
    Festival,
    Nomination,
    SourceState,
)
from cinegraph.festivals.unresolved import Unresolved, UnresolvedCount
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sync.runs import AWARDS
from cinegraph.web.kept import STATUS
from cinegraph.web.pages.page import Context, PageRequest, page
from cinegraph.web.readings import Reading

PAGE_SIZE: Final = 50
FESTIVALS: Reading[list[Festival]] = Reading(
    "festivals", 15.0, lambda c: c.list_festivals()
)
AWARDS_STATUS: Reading[AwardsStatus] = Reading(
    "awards_status", 15.0, lambda c: c.get_awards_status()
)
UNRESOLVED: Reading[list[UnresolvedCount]] = Reading(
    "unresolved", 5.0, lambda c: c.count_unresolved()
)
_PROBLEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unavailable": "down",
        "blocked": "blocked",
        "throttled": "throttled",
        "rejected": "refused",
        "request_refused": "refused",
        "halted": "stands still",
        "absent": "not there",
        "undecodable": "unreadable",
        "payload": "unreadable",
        "shrunk_edition": "shrunk",
    }
)
"""Codes of errors as a badge says them; the sentence stands beside."""


class EditionFilter(msgspec.Struct, frozen=True):
    """Of an edition's page."""

    part: int = 1
    """Of several editions in one year, which."""
    edit: bool = False
    """With references, and buttons to lock and unlock."""


class UnresolvedFilter(msgspec.Struct, frozen=True):
    """Of the list of what is not known."""

    festival: str | None = None
    year: int | None = None
    after: str | None = None
    """Last reference of the page before."""


@page("/festivals", name="festivals", title="Festivals", section="Catalogue", key="w")
async def festivals(request: PageRequest) -> Context:
    """Show every festival, how its sources are, and what is not known."""
    status = await request.read(AWARDS_STATUS)
    return {
        "festivals": await request.read(FESTIVALS),
        "sources": _by_festival(status.sources),
        "problems": _PROBLEMS,
        "status": status,
        "importing": await _importing(request),
        "unresolved": _sum(await request.read(UNRESOLVED)),
    }


@page("/festivals/unresolved", name="unresolved", title="Who is that?")
async def unresolved(request: PageRequest) -> Context:
    """Show films and nominees that are not known, with candidates to accept."""
    asked = request.filters(UnresolvedFilter)
    counts = await request.read(UNRESOLVED)
    found: list[Unresolved] = []
    trouble: UsageError | None = None
    try:
        found, _ = await request.c.list_unresolved(
            asked.festival, year=asked.year, limit=PAGE_SIZE + 1, after=asked.after
        )
    except UsageError as error:
        trouble = error
    shown = found[:PAGE_SIZE]
    return {
        "asked": asked,
        "found": shown,
        "trouble": trouble,
        "festivals": await request.read(FESTIVALS),
        "counts": _sum(counts),
        "total": sum(
            each.things
            for each in counts
            if asked.festival in {None, each.festival}
            and asked.year in {None, each.year}
        ),
        "next": shown[-1].reference if len(found) > PAGE_SIZE else None,
    }


@page("/festivals/{key}", name="festival", title="Festival", seconds=5.0)
async def festival(request: PageRequest) -> Context:
    """Show the editions of a festival."""
    key = request.text("key")
    editions = await request.read(_editions(key))
    known = {each.key: each for each in await request.read(FESTIVALS)}
    status = await request.read(AWARDS_STATUS)
    return {
        "festival": known[key],
        "editions": editions,
        "sources": _by_festival(status.sources).get(key, []),
        "problems": _PROBLEMS,
        "importing": (await _importing(request)).get(key),
        "unresolved": {
            (each.year, each.part): each.things
            for each in await request.read(UNRESOLVED)
            if each.festival == key
        },
    }


@page("/festivals/{key}/{year:int}", name="edition", title="Edition", seconds=5.0)
async def edition(request: PageRequest) -> Context:
    """Show the nominees and winners of an edition."""
    key, year = request.text("key"), request.number("year")
    asked = request.filters(EditionFilter)
    nominations = await request.c.show_edition(key, year, part=asked.part)
    editions = await request.read(_editions(key))
    held = [(each.year, each.part) for each in editions]
    place = held.index((year, asked.part)) if (year, asked.part) in held else None
    return {
        "asked": asked,
        "festival": next(
            each for each in await request.read(FESTIVALS) if each.key == key
        ),
        "year": year,
        "this": None if place is None else editions[place],
        "newer": editions[place - 1] if place else None,
        "older": None
        if place is None or place + 1 == len(held)
        else editions[place + 1],
        "categories": _by_category(nominations),
        "unresolved": sum(
            each.things
            for each in await request.read(UNRESOLVED)
            if (each.festival, each.year, each.part) == (key, year, asked.part)
        ),
    }


def _editions(key: str) -> Reading[list[Edition]]:
    return Reading("editions", 5.0, lambda c: c.list_editions(key), key)


async def _importing(request: PageRequest) -> dict[str, RunProgress]:
    """Return by festival the run that imports it now."""
    return {
        str(run.arguments.get("organization")): run
        for run in (await request.read(STATUS)).active_runs
        if run.kind == AWARDS
    }


def _by_festival(sources: Sequence[SourceState]) -> dict[str, list[SourceState]]:
    found: dict[str, list[SourceState]] = {}
    for each in sources:
        found.setdefault(each.festival, []).append(each)
    return found


def _sum(counts: Sequence[UnresolvedCount]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in counts:
        sums[each.festival] = sums.get(each.festival, 0) + each.things
    return sums


def _by_category(
    nominations: Sequence[Nomination],
) -> list[tuple[str, list[Nomination]]]:
    """Return nominations by category, under its name in that year."""
    grouped = groupby(nominations, key=lambda each: each.category)
    found = [(category, list(own)) for category, own in grouped]
    return [
        (
            category
            if own[0].category_name == category
            else f"{own[0].category_name} ({category})",
            own,
        )
        for category, own in found
    ]
