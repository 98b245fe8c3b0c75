"""
Link what sources name to our films and people, as far as that follows from what is stored.

Called in the transaction that stored an edition, or a film: the nominations of a film complete themselves. Nothing is
asked here, and what a person decided is never changed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.festivals.credits import Credited, find_person

_COMPANY = "company"


class Linked(msgspec.Struct, frozen=True):
    """What linking came to."""

    nominations: int
    """That were looked at: a film of theirs is known, or a nominee is still unknown."""
    people: int
    """Nominees whose person is known now."""


async def link_edition(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> Linked:
    """Link the nominations of an edition; locks them in order of id."""
    return await _link(conn, nomination_ids, now=now)


async def link_films(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, now: datetime
) -> Linked:
    """Complete the nominations of films that were just stored; locks them in order of id."""
    cursor = await conn.execute(
        _load("list_linkable.sql"), {"tmdb_ids": list(tmdb_ids)}
    )
    return await _link(conn, [row[0] for row in await cursor.fetchall()], now=now)


async def _link(
    conn: AsyncConnection[Any], linkable: Sequence[int], *, now: datetime
) -> Linked:
    if not linkable:
        return Linked(0, 0)
    await conn.execute(
        _load("lock_nominations.sql"), {"nomination_ids": list(linkable)}
    )
    await conn.execute(_load("link_films.sql"), {"nomination_ids": list(linkable)})
    await _set_first_films(conn, linkable, now=now)
    return Linked(len(linkable), await _link_people(conn, linkable))


async def _set_first_films(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> None:
    await conn.execute(
        _load("set_first_films.sql"),
        {"nomination_ids": list(nomination_ids), "now": now},
    )


async def _link_people(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int]
) -> int:
    """Find nominees in the credits of their films; return how many are found."""
    cursor = await conn.execute(
        _load("read_unlinked_people.sql"), {"nomination_ids": list(nomination_ids)}
    )
    unlinked = [row for row in await cursor.fetchall() if row[3] != _COMPANY]
    credited = await _read_credited(
        conn, sorted({film for *_, films in unlinked for film in films})
    )
    found = []
    for nomination_id, position, name, _, what_for, films in unlinked:
        people = [one for film in films for one in credited.get(film, ())]
        match = find_person(name, what_for, people)
        if match.found is not None:
            found.append((nomination_id, position, match.found))
    if not found:
        return 0
    linked = await conn.execute(
        _load("link_people.sql"),
        {
            "nomination_ids": [one[0] for one in found],
            "positions": [one[1] for one in found],
            "person_ids": [one[2].person_id for one in found],
            "scores": [one[2].score for one in found],
            "found_by": "credits",
        },
    )
    return linked.rowcount


async def _read_credited(
    conn: AsyncConnection[Any], movie_ids: Sequence[int]
) -> dict[int, list[Credited]]:
    if not movie_ids:
        return {}
    cursor = await conn.execute(
        _load("read_credited.sql"), {"movie_ids": list(movie_ids)}
    )
    found: dict[int, list[Credited]] = defaultdict(list)
    for movie_id, person_id, name, department in await cursor.fetchall():
        found[movie_id].append(Credited(person_id, name, department))
    return found


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
