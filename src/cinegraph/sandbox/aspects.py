"""What of a film people edit, and what it is afterwards. No I/O."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from cinegraph.records.movie import (
    CreditKind,
    CreditRecord,
    ExternalIdRecord,
    MovieRecord,
)
from cinegraph.sandbox import extras, words
from cinegraph.sandbox.credits import credit_id
from cinegraph.sandbox.films import draw_runtime, drawn_title, overview
from cinegraph.sandbox.people import People

_EDITED_CREDITS_FROM = 0x200000
"""Credits that were edited in have numbers from here on: no other credit has the same id."""


class Edit(NamedTuple):
    """What an edit may draw from."""

    chance: Random
    at: datetime
    earlier: int
    """So many edits of this aspect were before it."""
    people: People


class Aspect(NamedTuple):
    """Something that is edited."""

    weight: int
    """Of a hundred edits."""
    keys: tuple[str, ...]
    """What TMDB calls it in `/movie/{id}/changes`."""
    edit: Callable[[MovieRecord, Edit], Mapping[str, Any]]
    """Gives the fields that are other than before."""


def apply(movie: MovieRecord, aspect: str, edit: Edit) -> MovieRecord:
    """Give the film as it is after an edit."""
    return msgspec.structs.replace(movie, **ASPECTS[aspect].edit(movie, edit))


def with_imdb_id(movie: MovieRecord, imdb_id: str | None) -> MovieRecord:
    """Give the film with another IMDb id, or none, wherever it is told."""
    others = tuple(one for one in movie.external_ids if one.site != "imdb")
    own = (ExternalIdRecord("imdb", imdb_id),) if imdb_id else ()
    return msgspec.structs.replace(
        movie,
        imdb_id=imdb_id,
        external_ids=(*own, *others) if movie.external_ids else own,
    )


def _edit_overview(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"overview": overview(edit.chance)}


def _edit_title(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"title": drawn_title(edit.chance)}


def _edit_tagline(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"tagline": drawn_title(edit.chance)}


def _edit_runtime(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"runtime_minutes": draw_runtime(edit.chance)}


def _edit_homepage(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"homepage": f"https://films.example/{movie.tmdb_id}/{edit.earlier + 1}"}


def _edit_budget(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"budget_usd": int(10 ** (5 + 3.3 * edit.chance.random()))}


def _edit_revenue(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    earned = (movie.revenue_usd or 0) + int(10 ** (3 + 4 * edit.chance.random()))
    return {"revenue_usd": earned}


def _edit_images(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    bits = edit.chance.getrandbits(64)
    changed = {"poster_path": f"/{bits:016x}eP.jpg"}
    if bits & 3 == 0:
        changed["backdrop_path"] = f"/{bits:016x}eD.jpg"
    return changed


def _edit_keywords(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"keywords": extras.draw_keywords(edit.chance)}


def _edit_titles(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"alternative_titles": extras.draw_titles(movie, edit.chance)}


def _edit_releases(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return {"releases": extras.draw_releases(movie, edit.chance)}


def _edit_offers(_movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    return extras.draw_offers(edit.chance)


def _edit_videos(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    """Add a trailer."""
    index = 100 + edit.earlier
    video = extras.make_video(movie.tmdb_id, index, edit.chance, edit.at)
    return {"videos": (*movie.videos, video)}


def _edit_cast(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    """Name another actor, last in the billing; sometimes the last one goes."""
    cast = [one for one in movie.credits if one.kind is CreditKind.CAST]
    crew = [one for one in movie.credits if one.kind is CreditKind.CREW]
    if cast and edit.chance.random() < 0.4:
        cast.pop()
    person = int(edit.people.actors * edit.chance.random())
    family = words.FAMILIES[int(len(words.FAMILIES) * edit.chance.random())]
    cast.append(
        _credit(
            movie,
            edit,
            person,
            CreditKind.CAST,
            character=f"Young {family}",
            position=1 + max((one.position or 0 for one in cast), default=-1),
        )
    )
    return _with_credits(cast + crew, edit.people)


def _edit_crew(movie: MovieRecord, edit: Edit) -> Mapping[str, Any]:
    """Name another of the crew; sometimes one who was named goes."""
    cast = [one for one in movie.credits if one.kind is CreditKind.CAST]
    crew = [one for one in movie.credits if one.kind is CreditKind.CREW]
    if crew and edit.chance.random() < 0.4:
        crew.pop(int(len(crew) * edit.chance.random()))
    others = edit.people.count - edit.people.actors
    person = edit.people.actors + int(others * edit.chance.random())
    department, job = words.JOBS[int(len(words.JOBS) * edit.chance.random())]
    crew.append(
        _credit(movie, edit, person, CreditKind.CREW, department=department, job=job)
    )
    placed = [msgspec.structs.replace(one, position=n) for n, one in enumerate(crew)]
    return _with_credits(cast + placed, edit.people)


def _credit(
    movie: MovieRecord, edit: Edit, person: int, kind: CreditKind, **told: Any
) -> CreditRecord:
    side = 0 if kind is CreditKind.CAST else 0x80000
    index = _EDITED_CREDITS_FROM + side + edit.earlier
    return CreditRecord(
        credit_id(movie.tmdb_id, index),
        edit.people.by_number(person).tmdb_id,
        kind,
        **told,
    )


def _with_credits(rows: list[CreditRecord], people: People) -> Mapping[str, Any]:
    """Give credits and everyone named in them."""
    ids = dict.fromkeys(one.person_tmdb_id for one in rows)
    named = tuple(person for person in map(people.find, ids) if person is not None)
    return {"credits": tuple(rows), "people": named}


ASPECTS: Final[Mapping[str, Aspect]] = MappingProxyType(
    {
        "overview": Aspect(12, ("overview",), _edit_overview),
        "title": Aspect(2, ("title",), _edit_title),
        "tagline": Aspect(3, ("tagline",), _edit_tagline),
        "runtime": Aspect(4, ("runtime",), _edit_runtime),
        "homepage": Aspect(2, ("homepage",), _edit_homepage),
        "budget": Aspect(3, ("budget",), _edit_budget),
        "revenue": Aspect(4, ("revenue",), _edit_revenue),
        "images": Aspect(24, ("images",), _edit_images),
        "keywords": Aspect(7, ("plot_keywords",), _edit_keywords),
        "titles": Aspect(4, ("alternative_titles",), _edit_titles),
        "releases": Aspect(8, ("release_dates",), _edit_releases),
        "offers": Aspect(4, ("watch_providers",), _edit_offers),
        "videos": Aspect(8, ("videos",), _edit_videos),
        "cast": Aspect(8, ("cast",), _edit_cast),
        "crew": Aspect(7, ("crew",), _edit_crew),
    }
)
"""What is edited, and how often of a hundred times: images and texts first, as on TMDB."""
