"""The nominations of one film, or of one person."""

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph.db import sql

MOST: Final = 300
"""Of one film or person; the most honoured have some two hundred."""


class HonouredFilm(msgspec.Struct, frozen=True):
    """A film of a nomination."""

    title: str
    movie_id: int | None
    """Ours; None: it is not stored."""
    characters: list[str]


class HonouredPerson(msgspec.Struct, frozen=True):
    """A person or company of a nomination."""

    name: str
    role: str | None
    person_id: int | None
    """Ours; None: it is a company, or not known who that is."""


class Honour(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination, and where it was given."""

    festival: str
    """Its key."""
    festival_name: str
    year: int
    part: int
    category: str
    """As it was called in that year."""
    is_winner: bool | None
    is_competitive: bool
    songs: list[str]
    films: list[HonouredFilm]
    nominees: list[HonouredPerson]


async def list_honours(
    conn: AsyncConnection[Any],
    *,
    movie_id: int | None = None,
    person_id: int | None = None,
) -> list[Honour]:
    """Return the nominations of a film or a person (our ids), the newest edition first, what was won at its head."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.festivals", "list_honours.sql"),
            {"movie_id": movie_id, "person_id": person_id, "most": MOST},
        )
        return msgspec.convert(await cursor.fetchall(), list[Honour])
