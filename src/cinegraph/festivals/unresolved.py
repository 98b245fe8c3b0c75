"""Films and nominees that are not known, with the reason and who or what it may be: the list a person works through."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.festivals.correcting import FILM, PERSON, Reference
from cinegraph.festivals.credits import Credited, find_person
from cinegraph.festivals.linking import read_credited
from cinegraph.festivals.lookups import LookupCandidate

_MOST_CANDIDATES: Final = 3
_COMPANY: Final = "company"
_NO_FILM: Final = "the film is not known"


class Candidate(msgspec.Struct, frozen=True):
    """Who or what it may be."""

    tmdb_id: int
    name: str
    score: float
    """0 to 1."""
    year: int | None = None


class Unresolved(msgspec.Struct, frozen=True, kw_only=True):
    """A film or nominee that is not known."""

    reference: str
    """For `festivals link`."""
    festival: str
    year: int
    category: str
    name: str
    """As the source writes it."""
    kind: str
    """`film`, `person`, `company` or `unknown`."""
    film: str | None
    """That the nominee is nominated for."""
    imdb_ids: tuple[str, ...]
    reason: str
    candidates: tuple[Candidate, ...]


class UnresolvedCount(msgspec.Struct, frozen=True):
    """How many films and nominees of an edition are not known."""

    festival: str
    year: int
    part: int
    things: int


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    nomination_id: int
    is_film: bool
    position: int
    festival: str
    year: int
    category: str
    is_competitive: bool
    name: str
    kind: str
    imdb_ids: list[str]
    what_for: str
    film: str | None
    movie_ids: list[int]
    lookup_state: str | None
    lookup_reason: str | None
    candidates: list[dict[str, Any]]
    total: int


async def list_unresolved(
    conn: AsyncConnection[Any],
    *,
    organization: str | None,
    year: int | None,
    limit: int,
    after: Reference | None = None,
) -> tuple[list[Unresolved], int]:
    """
    Return what is not known, the newest editions of the most prestigious festivals first, and how much there is in all.

    Args:
        organization: Of this festival alone, by its key.
        year: Of editions held then alone.
        limit: At most so many.
        after: The last one of the page before; it may be known by now.
    """
    async with conn.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.festivals", "list_unresolved.sql"),
            {
                "organization": organization,
                "year": year,
                "limit": limit,
                "after_nomination": after.nomination_id if after else None,
                "after_is_film": after.kind == FILM if after else None,
                "after_position": after.position if after else None,
            },
        )
        rows = await cursor.fetchall()
    films = sorted({film for row in rows for film in row.movie_ids})
    credited = await read_credited(conn, films)
    people = {one.person_id: one for named in credited.values() for one in named}
    found = [_to_unresolved(row, credited, people) for row in rows]
    return found, rows[0].total if rows else 0


async def count_unresolved(
    conn: AsyncConnection[Any], organization: str | None = None
) -> list[UnresolvedCount]:
    """Return how much is not known of each edition, of one festival or of all; none of 0."""
    async with conn.cursor(row_factory=class_row(UnresolvedCount)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.festivals", "count_unresolved.sql"),
            {"organization": organization},
        )
        return await cursor.fetchall()


def _to_unresolved(
    row: _Row,
    credited: Mapping[int, Sequence[Credited]],
    people: Mapping[int, Credited],
) -> Unresolved:
    named = [one for film in row.movie_ids for one in credited.get(film, ())]
    match = find_person(row.name, row.what_for, named, row.imdb_ids)
    if row.is_film:
        told = msgspec.convert(row.candidates, list[LookupCandidate])
        candidates = [
            Candidate(one.tmdb_id, one.title, one.score, one.year) for one in told
        ]
        reason = _film_reason(row)
    else:
        candidates = [
            Candidate(people[one.person_id].tmdb_id, one.name, round(one.score, 2))
            for one in match.candidates
        ]
        reason = _nominee_reason(row, match.reason)
    kind = FILM if row.is_film else PERSON
    return Unresolved(
        reference=str(Reference(row.nomination_id, kind, row.position)),
        festival=row.festival,
        year=row.year,
        category=row.category,
        name=row.name,
        kind=row.kind,
        film=None if row.is_film else row.film,
        imdb_ids=tuple(row.imdb_ids),
        reason=reason,
        candidates=tuple(candidates[:_MOST_CANDIDATES]),
    )


def _film_reason(row: _Row) -> str:
    if row.lookup_state == "wanted":
        return "TMDB is being asked"
    if row.lookup_state == "found":
        return "found at TMDB and not imported yet, or it has another IMDb id there"
    if row.lookup_reason:
        return row.lookup_reason
    return "not looked for yet: import the edition"


def _nominee_reason(row: _Row, credits_reason: str) -> str:
    if row.kind == _COMPANY:
        if row.film is None:
            return "a company, and no film is named"
        return "no company of that name made the film" if row.movie_ids else _NO_FILM
    if row.lookup_state == "wanted":
        return "TMDB is being asked"
    where = credits_reason if row.movie_ids else _NO_FILM
    told = [where if row.film is not None else "no film is named"]
    if row.lookup_reason:
        told.append(row.lookup_reason)
    elif not row.imdb_ids:
        told.append("the source has no IMDb id")
    return "; ".join(told)
