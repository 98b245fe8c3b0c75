"""Films: found by title, id and filter; each with what is known of it, why, and where it comes from."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from cinegraph import words
from cinegraph.api import Cinegraph, MovieNotFoundError
from cinegraph.catalog.searching import FilmSearch, Genre, Order, State
from cinegraph.catalog.showing import CreditShown
from cinegraph.settings import Settings
from cinegraph.web.pages.page import Context, Elsewhere, PageRequest, page
from cinegraph.web.readings import Reading

GENRES: Reading[list[Genre]] = Reading("genres", 60.0, lambda c: c.list_genres())
FOLDED_FROM: Final = 20
"""Credits that are shown before the rest is folded."""
_REFERENCE: Final = re.compile("tt[0-9]{1,12}|#[0-9]{1,18}|[0-9]{1,9}")
_LARGEST_ID: Final = 2**63 - 1
_POSTER: Final = re.compile(r"/[\w.-]{1,100}")
"""A path of TMDB's images; anything else is shown as no poster."""


@page("/films", name="films", title="Films", section="Catalogue", key="f", seconds=None)
async def films(request: PageRequest) -> Context | Elsewhere:
    """Show the films that fit; an id leads straight to its film, unless a film is called so."""
    search = request.filters(FilmSearch)
    reference = search.q if _REFERENCE.fullmatch(search.q) else None
    named = await _find_named(request.c, reference)
    if named is not None and not search.q.isdigit():
        return Elsewhere(f"/films/{named}")
    found = await request.c.search_films(search)
    if named is not None and not found.exact:
        return Elsewhere(f"/films/{named}")
    return {
        **_for_films(request),
        "search": search,
        "found": found,
        "genres": await request.read(GENRES),
        "named": named,
        "fetchable": reference
        if named is None and reference and reference[0] != "#"
        else None,
        "states": list(State),
        "orders": list(Order),
        "is_filtered": search != FilmSearch(q=search.q, sort=search.sort),
        "first_address": _address(search, None),
        "next_address": found.next and _address(search, found.next),
    }


@page("/films/tmdb/{tmdb_id:int}", name="film_of_tmdb", title="Film", seconds=None)
async def film_of_tmdb(request: PageRequest) -> Elsewhere:
    """Lead from TMDB's id to the film."""
    return await _lead_to(request.c, str(request.number("tmdb_id")))


@page("/films/imdb/{imdb_id}", name="film_of_imdb", title="Film", seconds=None)
async def film_of_imdb(request: PageRequest) -> Elsewhere:
    """Lead from IMDb's id to the film."""
    return await _lead_to(request.c, request.text("imdb_id"))


@page("/films/{movie_id:int}", name="film", title="Film", seconds=10.0)
async def film(request: PageRequest) -> Context:
    """Show a film."""
    shown = await request.c.show_film(_movie_id(request))
    cast = [one for one in shown.credits if one.kind == "cast"]
    return {
        **_for_films(request),
        **_told(shown),
        "tab": "film",
        "cast": cast,
        "crew": gather_crew(one for one in shown.credits if one.kind == "crew"),
        "crew_credits": len(shown.credits) - len(cast),
        "folded_from": FOLDED_FROM,
    }


@page("/films/{movie_id:int}/score", name="film_score", title="Score", seconds=None)
async def film_score(request: PageRequest) -> Context:
    """Show why a film has its score."""
    movie_id = _movie_id(request)
    shown = await request.c.get_film(movie_id)
    explained = await request.c.explain_score(f"#{movie_id}", measures=False)
    terms = groupby(
        explained.terms if explained else (), key=lambda term: term.dimension
    )
    return {
        **_for_films(request),
        "film": shown,
        "tab": "score",
        "explained": explained,
        "dimensions": [(name, list(told)) for name, told in terms],
    }


@page(
    "/films/{movie_id:int}/related", name="film_related", title="Related", seconds=None
)
async def film_related(request: PageRequest) -> Context:
    """Show the films like a film, and who of it often works together."""
    movie_id = _movie_id(request)
    shown = await request.c.get_film(movie_id)
    return {
        **_for_films(request),
        "film": shown,
        "tab": "related",
        "alike": await request.c.list_recommendations(f"#{movie_id}"),
        "pairs": await request.c.list_film_pairs(movie_id),
    }


@page(
    "/films/{movie_id:int}/provenance",
    name="film_provenance",
    title="Provenance",
    seconds=5.0,
)
async def film_provenance(request: PageRequest) -> Context:
    """Show where what is known of a film comes from, and what was done about it."""
    shown = await request.c.show_provenance(_movie_id(request))
    return {**_for_films(request), **_told(shown), "tab": "provenance"}


def gather_crew(
    crew: Iterable[CreditShown],
) -> Sequence[tuple[int, str, Sequence[str]]]:
    """Return everybody of the crew once, in order, with all they did."""
    jobs: dict[tuple[int, str], list[str]] = {}
    for one in crew:
        job = one.job or one.department or "crew"
        known = jobs.setdefault((one.person_id, one.name), [])
        if job not in known:
            known.append(job)
    return [(person, name, did) for (person, name), did in jobs.items()]


def poster_address(settings: Settings, path: str | None, size: str) -> str | None:
    """Return where a poster lies; None: there is none, or the operator wants none to be shown."""
    if not settings.posters or path is None or not _POSTER.fullmatch(path):
        return None
    return f"{settings.images_url.rstrip('/')}/{size}{path}"


def initials(title: str) -> str:
    """Return up to two letters that stand for a title."""
    found = [word[0] for word in re.findall(r"\w+", title)]
    return "".join(found[:2]).upper() or "?"


def _movie_id(request: PageRequest) -> int:
    """Return the number of the path, where it can be one of ours."""
    return min(request.number("movie_id"), _LARGEST_ID)


def _for_films(request: PageRequest) -> Context:
    settings = request.c.settings
    return {
        "poster_of": lambda path, size="w185": poster_address(settings, path, size),
        "has_posters": settings.posters,
        "initials": initials,
        "words": words,
    }


def _told(shown: Any) -> dict[str, Any]:  # noqa: ANN401 - any struct
    return {name: getattr(shown, name) for name in shown.__struct_fields__}


def _address(search: FilmSearch, after: str | None) -> str:
    """Return the address of another page of the same films."""
    asked = msgspec.structs.replace(search, after=after)
    usual = FilmSearch()
    told = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name in asked.__struct_fields__
        if (value := getattr(asked, name)) != getattr(usual, name)
    }
    return f"/films?{urlencode(told)}" if told else "/films"


async def _find_named(c: Cinegraph, reference: str | None) -> int | None:
    if reference is None or not reference.lstrip("t#").strip("0"):
        return None
    return await c.find_movie_id(reference)


async def _lead_to(c: Cinegraph, reference: str) -> Elsewhere:
    movie_id = await c.find_movie_id(reference)
    if movie_id is None:
        raise MovieNotFoundError(
            f"no film {reference} is stored",
            hint=f"Look for {reference} under Films: from there it can be fetched.",
        )
    return Elsewhere(f"/films/{movie_id}")
