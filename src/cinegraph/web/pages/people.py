"""People: found by name, their films and collaborators, and the films by which two people are connected."""

import time
from itertools import groupby
from typing import Final

import msgspec

from cinegraph import words
from cinegraph.api.relating import PeoplePath, PersonNotFoundError
from cinegraph.catalog.showing import Work
from cinegraph.enrichment.collaborations.browse import Person
from cinegraph.web.pages.page import Context, Elsewhere, PageRequest, page

_LARGEST_ID: Final = 2**63 - 1


class PeopleSearch(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looked for."""

    q: str = ""


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Between whom a chain is looked for: names, or TMDB's ids."""

    a: str = ""
    b: str = ""


@page(
    "/people", name="people", title="People", section="Catalogue", key="p", seconds=None
)
async def people(request: PageRequest) -> Context:
    """Show people of a name; without one who made the films that most people ask for."""
    search = request.filters(PeopleSearch)
    return {"search": search, "found": await request.c.search_people(search.q)}


@page("/people/path", name="people_path", title="Path", seconds=None)
async def people_path(request: PageRequest) -> Context:
    """Show a shortest chain of films between two people, or who may be meant."""
    ends = request.filters(Ends)
    begun = time.perf_counter()
    a, b = [
        await request.c.list_namesakes(each) if each else []
        for each in (ends.a, ends.b)
    ]
    chain: PeoplePath | None = None
    if len(a) == len(b) == 1:
        chain = await request.c.find_people_path(a[0].tmdb_id, b[0].tmdb_id)
    return {
        "ends": ends,
        "sides": (_Side("a", ends.a, a), _Side("b", ends.b, b)),
        "chain": chain,
        "took_ms": round(1000 * (time.perf_counter() - begun)),
        "words": words,
    }


@page("/people/tmdb/{tmdb_id:int}", name="person_of_tmdb", title="Person", seconds=None)
async def person_of_tmdb(request: PageRequest) -> Elsewhere:
    """Lead from TMDB's id to the person."""
    tmdb_id = min(request.number("tmdb_id"), _LARGEST_ID)
    person_id = await request.c.find_person_id(tmdb_id)
    if person_id is None:
        raise PersonNotFoundError(
            f"nobody with TMDB's id {tmdb_id} is stored",
            hint="People are stored with the films that name them.",
        )
    return Elsewhere(f"/people/{person_id}")


@page("/people/{person_id:int}", name="person", title="Person", seconds=None)
async def person(request: PageRequest) -> Context:
    """Show a person, their films and collaborators."""
    shown = await request.c.show_person(min(request.number("person_id"), _LARGEST_ID))
    return {
        "person": shown.person,
        "films": shown.films,
        "years": group_by_year(shown.films),
        "honours": shown.honours,
        "collaborators": shown.collaborators,
        "shared": shown.shared,
        "words": words,
        "genders": {1: "woman", 2: "man", 3: "non-binary"},
    }


class _Side(msgspec.Struct, frozen=True):
    """One end of a chain, as it was asked for."""

    name: str
    asked: str
    found: list[Person]


def group_by_year(films: list[Work]) -> list[tuple[int | None, list[Work]]]:
    """Return films by year, in the order given; None: without a date."""
    return [
        (year, list(made))
        for year, made in groupby(
            films, key=lambda film: film.release_date and film.release_date.year
        )
    ]
