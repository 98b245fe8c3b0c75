"""
The shortest chain of films between two people.

From both people at once, film by film, always on from where fewer are to be asked: two people of some fifty films each
have thousands of colleagues, but a chain of three films is found before anybody's colleagues' colleagues are read.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph.db import sql

_PEOPLE_A_FILM: Final = 25
_FILMS_A_PERSON: Final = 4
"""What the next step from a person or a film brings, about: by it the cheaper side is chosen."""


class Link(msgspec.Struct, frozen=True):
    """One film of a chain, and to whom it leads."""

    film_tmdb_id: int
    title: str
    year: int | None
    from_roles: tuple[str, ...]
    """What the person before did in it."""
    to_roles: tuple[str, ...]
    person_tmdb_id: int
    """To whom it leads."""
    name: str


class _Side:
    """What is reached from one of the two: people and films in turn, each with what it was reached from."""

    def __init__(self, person_id: int) -> None:
        # People stand under even steps, films under odd ones.
        self.steps: list[dict[int, int | None]] = [{person_id: None}]
        self._seen: tuple[set[int], set[int]] = ({person_id}, set())

    @property
    def is_at_films(self) -> bool:
        """Whether the last step reached films."""
        return len(self.steps) % 2 == 0

    @property
    def cost(self) -> int:
        """What the next step will bring, about."""
        factor = _PEOPLE_A_FILM if self.is_at_films else _FILMS_A_PERSON
        return len(self.steps[-1]) * factor

    async def go_on(self, conn: AsyncConnection[Any]) -> None:
        """Take the next step."""
        name = "reach_people.sql" if self.is_at_films else "reach_films.sql"
        cursor = await conn.execute(_load(name), {"ids": list(self.steps[-1])})
        seen = self._seen[len(self.steps) % 2]
        step = {
            found: before
            for found, before in await cursor.fetchall()
            if found not in seen
        }
        seen.update(step)
        self.steps.append(step)

    def trace(self, node: int) -> list[int]:
        """Return the way back from something of the last step: people and films in turn, the person at its end."""
        way = [node]
        for step in reversed(self.steps):
            if (before := step[way[-1]]) is not None:
                way.append(before)
        return way


async def find_path(
    conn: AsyncConnection[Any], person_a_id: int, person_b_id: int
) -> list[Link] | None:
    """
    Return the films that lead from one person to another (our ids), as few as possible; of several chains any.

    None: no chain of stored films connects them. Empty: they are the same. Whoever does not count for a film
    (`counting`) connects nobody by it.
    """
    if person_a_id == person_b_id:
        return []
    a, b = _Side(person_a_id), _Side(person_b_id)
    while a.steps[-1] and b.steps[-1]:
        side = min((a, b), key=lambda each: each.cost)
        await side.go_on(conn)
        if a.is_at_films == b.is_at_films and (
            met := a.steps[-1].keys() & b.steps[-1].keys()
        ):
            node = min(met)
            return await _read(conn, [*a.trace(node)[::-1], *b.trace(node)[1:]])
    return None


async def _read(conn: AsyncConnection[Any], way: Sequence[int]) -> list[Link]:
    people, films = way[::2], way[1::2]
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("read_chain.sql"),
            {"movie_ids": films, "from_ids": people[:-1], "to_ids": people[1:]},
        )
        return msgspec.convert(await cursor.fetchall(), list[Link])


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.collaborations", name)
