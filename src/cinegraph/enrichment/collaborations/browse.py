"""People by name, and with whom they worked most."""

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may be meant."""

    id: int
    """Ours."""
    tmdb_id: int
    name: str
    department: str | None
    """For which TMDB knows them."""
    films: int
    """In which they count as having worked with others."""
    known_for: str | None
    """The most popular of these films."""


class Collaborator(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who made films with a person, and what these come to."""

    tmdb_id: int
    name: str
    films: int
    first_year: int | None
    latest_year: int | None
    mean_rating: float | None
    """Of TMDB's user scores, 0 to 10."""
    revenue_usd: int | None
    """The sum of what is known."""
    roles: tuple[str, ...]
    """What they did in these films, the most frequent first."""


async def find_people(
    conn: AsyncConnection[Any], *, name: str | None = None, tmdb_id: int | None = None
) -> list[Person]:
    """Return everybody of that name, whatever its case and accents, or of that id; those with most films first."""
    async with conn.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            _load("find_people.sql"), {"name": name, "tmdb_id": tmdb_id}
        )
        return await cursor.fetchall()


async def list_collaborators(
    conn: AsyncConnection[Any], person_id: int, *, limit: int
) -> list[Collaborator]:
    """Return with whom a person (our id) made most films."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_collaborators.sql"), {"person_id": person_id, "most": limit}
        )
        return msgspec.convert(await cursor.fetchall(), list[Collaborator])


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.collaborations", name)
