"""
Which films and people a source of films is asked for because nominations name them, and what it answered.

Each id is asked for once, whatever nominates it; a definitive no is asked again after a while, for it may appear.
Nothing is asked here. The caller owns the transaction and makes the jobs.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.festivals.likeness import fold
from cinegraph.festivals.titles import TitledFilm, eligible_year, match_title

_YEARS_BEFORE: Final = 3
"""A film may have come out so many years before the edition that honours it."""
ASK_AGAIN: Final = timedelta(days=30)
"""After so long a film or person that was not there is asked for again, where its nominations are looked at."""


FETCHED_WITHIN: Final = timedelta(days=1)
"""A film that was found is stored by then, or whoever wanted it is gone."""
TELL_AGAIN: Final = timedelta(days=150)
"""TMDB's terms allow nothing of it to be kept unrefreshed beyond 180 days; a month is room for an outage."""


class LookupKind(StrEnum):
    """Equal to the stored text."""

    FILM = "film"
    PERSON = "person"


class LookupState(StrEnum):
    """Equal to the stored text."""

    WANTED = "wanted"
    FOUND = "found"
    ABSENT = "absent"
    CREDITED = "credited"
    """The credits name a person, of whom TMDB has no IMDb id."""
    UNSURE = "unsure"


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is asked for."""

    id: int
    kind: LookupKind
    imdb_id: str | None
    title: str | None
    year: int | None
    state: LookupState
    tmdb_id: int | None
    """What it was found to be; of a person also who the credits say it is."""


class LookupCandidate(msgspec.Struct, frozen=True):
    """What it may be, for a person to choose from."""

    tmdb_id: int
    title: str
    year: int | None
    score: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the source of films said."""

    state: LookupState
    tmdb_id: int | None = None
    reason: str | None = None
    """Why it is not found, for a person."""
    candidates: tuple[LookupCandidate, ...] = ()


class Untitled(msgspec.Struct, frozen=True):
    """A film that a source names without an id."""

    folded: str
    title: str
    ceremony_year: int
    eligibility: str

    @property
    def year(self) -> int | None:
        """In which most films came out that its edition honours; None: any."""
        return eligible_year(self.eligibility, self.ceremony_year)


class WantedFilms(msgspec.Struct, frozen=True):
    """Films of nominations that are not stored."""

    lookup_ids: tuple[int, ...]
    """To be asked for."""
    tmdb_ids: tuple[int, ...]
    """Found before: to be fetched, unless they are stored."""

    def add(self, other: Self) -> Self:
        """Return both."""
        return type(self)(
            (*self.lookup_ids, *other.lookup_ids),
            tuple(sorted({*self.tmdb_ids, *other.tmdb_ids})),
        )


class WantedPerson(msgspec.Struct, frozen=True):
    """A person who is to be asked for."""

    lookup_id: int
    tmdb_id: int | None
    """Of a stored film that they are nominated for."""


async def want_films(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> WantedFilms:
    """Ask for the films of nominations that are not stored; their nominations are locked."""
    return _wanted(await _want(conn, "want_films.sql", nomination_ids, now))


def _wanted(rows: Sequence[tuple[Any, ...]]) -> WantedFilms:
    return WantedFilms(
        lookup_ids=tuple(id_ for id_, tmdb_id in rows if tmdb_id is None),
        tmdb_ids=tuple(sorted({tmdb_id for _, tmdb_id in rows if tmdb_id is not None})),
    )


async def take_overdue(
    conn: AsyncConnection[Any], *, now: datetime, limit: int
) -> list[tuple[int, LookupKind]]:
    """
    Return what is to be asked for without anybody looking at its nominations, at most so many, as wanted from now on.

    What was denied a while ago, people of whom the source told long ago, and what is wanted while nobody asks.

    Locks: the lookups, in order of id.
    """
    cursor = await conn.execute(
        _load("take_overdue.sql"),
        {
            "denied_before": now - ASK_AGAIN,
            "told_before": now - TELL_AGAIN,
            "found_before": now - FETCHED_WITHIN,
            "limit": limit,
        },
    )
    return [(id_, LookupKind(kind)) for id_, kind in await cursor.fetchall()]


async def want_titles(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> WantedFilms:
    """
    Ask for the films of nominations that are named without an id; what the catalogue surely has is found at once.

    Their nominations are locked. Locks: the lookups, in order of title.
    """
    cursor = await conn.execute(
        _load("read_untitled.sql"),
        {"nomination_ids": list(nomination_ids), "again_before": now - ASK_AGAIN},
    )
    rows = await cursor.fetchall()
    # What was looked for is not looked for again by each of its jobs: the catalogue is read whole for it.
    open_now = _wanted([row[4:6] for row in rows if row[4] is not None and row[6]])
    untitled = [Untitled(*row[:4]) for row in rows if row[4] is None]
    if not untitled:
        return open_now
    known = await _match_stored(conn, untitled)
    cursor = await conn.execute(
        _load("want_titles.sql"),
        {
            "folded": [each.folded for each in untitled],
            "titles": [each.title for each in untitled],
            "years": [each.year for each in untitled],
            "tmdb_ids": known,
            "again_before": now - ASK_AGAIN,
            "now": now,
        },
    )
    return _wanted(await cursor.fetchall()).add(open_now)


class NamedFilm(msgspec.Struct, frozen=True):
    """A film that somebody names without an id: a list does."""

    folded: str
    title: str
    year: int
    """Of its first release."""


async def want_named(
    conn: AsyncConnection[Any],
    imdb_ids: Sequence[str],
    titled: Sequence[NamedFilm],
    *,
    now: datetime,
) -> WantedFilms:
    """
    Ask for films that somebody else than a nomination names and that are not stored, by IMDb id or title.

    Locks: the lookups, in order of id, then of title.
    """
    again_before = now - ASK_AGAIN
    cursor = await conn.execute(
        _load("want_ids.sql"),
        {"imdb_ids": list(imdb_ids), "again_before": again_before, "now": now},
    )
    wanted = _wanted(await cursor.fetchall())
    if not titled:
        return wanted
    once = {(each.folded, each.year): each for each in titled}
    films = [once[key] for key in sorted(once)]
    cursor = await conn.execute(
        _load("want_titles.sql"),
        {
            "folded": [each.folded for each in films],
            "titles": [each.title for each in films],
            "years": [each.year for each in films],
            "tmdb_ids": [None] * len(films),
            "again_before": again_before,
            "now": now,
        },
    )
    return wanted.add(_wanted(await cursor.fetchall()))


async def _match_stored(
    conn: AsyncConnection[Any], untitled: Sequence[Untitled]
) -> list[int | None]:
    """Return for each title TMDB's id of the stored film that is surely meant."""
    years = [each.ceremony_year for each in untitled if each.eligibility != "any"]
    if not years:
        return [None] * len(untitled)
    cursor = await conn.execute(
        _load("list_titled.sql"),
        {
            "first": date(min(years) - _YEARS_BEFORE, 1, 1),
            "last": date(max(years) + 1, 12, 31),
        },
    )
    # A year has tens of thousands of films, each with titles in many languages: seconds that others must not wait for.
    wanted = frozenset(each.folded for each in untitled)
    called = await asyncio.to_thread(_find_called, await cursor.fetchall(), wanted)
    matches = (
        match_title(
            each.title,
            called.get(each.folded, ()),
            eligibility=each.eligibility,
            ceremony_year=each.ceremony_year,
        ).found
        for each in untitled
    )
    return [None if found is None else found.film.tmdb_id for found in matches]


def _find_called(
    rows: Iterable[tuple[Any, ...]], wanted: frozenset[str]
) -> dict[str, list[TitledFilm]]:
    """Return by folded title the films that are called so, by any of their titles."""
    called: dict[str, list[TitledFilm]] = defaultdict(list)
    for tmdb_id, title, original, released_on, popularity, others in rows:
        film = TitledFilm(
            tmdb_id, title, original, released_on, popularity, tuple(others)
        )
        names = {film.title, film.original_title or "", *film.alternative_titles}
        for folded in wanted.intersection(map(fold, names)):
            called[folded].append(film)
    return called


async def want_people(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> list[WantedPerson]:
    """Ask for the people of nominations of whom the source has not told yet; return what is to be asked for."""
    rows = await _want(conn, "want_people.sql", nomination_ids, now)
    return [WantedPerson(*row) for row in rows]


async def list_stored_films(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int]
) -> list[int]:
    """Return TMDB's ids of the stored films of nominations, ascending."""
    cursor = await conn.execute(
        _load("list_stored_films.sql"), {"nomination_ids": list(nomination_ids)}
    )
    return [row[0] for row in await cursor.fetchall()]


async def find_lookup(conn: AsyncConnection[Any], lookup_id: int) -> Lookup | None:
    """Return what is asked for, or None where nothing is."""
    async with conn.cursor(row_factory=class_row(Lookup)) as cursor:
        await cursor.execute(_load("find_lookup.sql"), {"id": lookup_id})
        return await cursor.fetchone()


async def note_answer(
    conn: AsyncConnection[Any], lookup_id: int, answer: Answer, *, now: datetime
) -> None:
    """Write down what was answered."""
    await conn.execute(
        _load("note_answer.sql"),
        {
            "id": lookup_id,
            "state": answer.state.value,
            "tmdb_id": answer.tmdb_id,
            "reason": answer.reason,
            "candidates": msgspec.json.encode(answer.candidates).decode(),
            "now": now,
        },
    )


async def note_gone(conn: AsyncConnection[Any], tmdb_id: int, *, now: datetime) -> None:
    """Note that a film that was found is there no longer: the next import of its nominations asks anew."""
    await conn.execute(
        _load("note_gone.sql"),
        {"tmdb_id": tmdb_id, "asked_at": now - ASK_AGAIN - timedelta(seconds=1)},
    )


async def lock_nominations(conn: AsyncConnection[Any], lookup: Lookup) -> list[int]:
    """
    Return the nominations that name what is asked for, ascending.

    Locks: them, in order of id. To be called before the answer is written down: who stores a film locks nominations
    first as well.
    """
    names_film = lookup.kind == LookupKind.FILM
    cursor = await conn.execute(
        _load("list_nominations_of.sql"),
        {
            "film_ids": [lookup.imdb_id] if lookup.imdb_id and names_film else [],
            "person_ids": [lookup.imdb_id] if lookup.imdb_id and not names_film else [],
            "folded": [fold(lookup.title)] if lookup.title else [],
        },
    )
    ids = [row[0] for row in await cursor.fetchall()]
    await conn.execute(_load("lock_nominations.sql"), {"nomination_ids": ids})
    return ids


async def _want(
    conn: AsyncConnection[Any],
    name: str,
    nomination_ids: Sequence[int],
    now: datetime,
) -> list[tuple[Any, ...]]:
    if not nomination_ids:
        return []
    cursor = await conn.execute(
        _load(name),
        {
            "nomination_ids": list(nomination_ids),
            "again_before": now - ASK_AGAIN,
            "now": now,
        },
    )
    return await cursor.fetchall()


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
