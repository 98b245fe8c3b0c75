"""
Which films and people a source of films is asked for because nominations name them, and what it answered.

Each id is asked for once, whatever nominates it; a definitive no is asked again after a while, for it may appear.
Nothing is asked here. The caller owns the transaction and makes the jobs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql

ASK_AGAIN: Final = timedelta(days=30)
"""After so long a film or person that was not there is asked for again, where its nominations are looked at."""


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


class WantedFilms(msgspec.Struct, frozen=True):
    """Films of nominations that are not stored."""

    lookup_ids: tuple[int, ...]
    """To be asked for."""
    tmdb_ids: tuple[int, ...]
    """Found before: to be fetched."""


class WantedPerson(msgspec.Struct, frozen=True):
    """A person who is to be asked for."""

    lookup_id: int
    tmdb_id: int | None
    """Of a stored film that they are nominated for."""


async def want_films(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> WantedFilms:
    """Ask for the films of nominations that are not stored; their nominations are locked."""
    rows = await _want(conn, "want_films.sql", nomination_ids, now)
    return WantedFilms(
        lookup_ids=tuple(id_ for id_, tmdb_id in rows if tmdb_id is None),
        tmdb_ids=tuple(sorted({tmdb_id for _, tmdb_id in rows if tmdb_id is not None})),
    )


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


async def list_nominations(
    conn: AsyncConnection[Any],
    *,
    film_ids: Sequence[str] = (),
    person_ids: Sequence[str] = (),
) -> list[int]:
    """Return the nominations that name any of these IMDb ids, ascending."""
    cursor = await conn.execute(
        _load("list_nominations_of.sql"),
        {"film_ids": list(film_ids), "person_ids": list(person_ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


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
