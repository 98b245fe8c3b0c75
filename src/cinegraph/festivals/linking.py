"""
Link what sources name to our films and people, as far as that follows from what is stored.

Called in the transaction that stored an edition, or a film: the nominations of a film complete themselves. Nothing is
asked here, and what a person decided is never changed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.errors import LockNotAvailable
from psycopg_pool import AsyncConnectionPool

from cinegraph.db import sql
from cinegraph.festivals.credits import Credited, find_person
from cinegraph.festivals.likeness import likeness

SAME_COMPANY: Final = 0.92
"""From this likeness on a nominee is a company of the film: studios are written alike, but for "Inc." and the like."""
_COMPANY, _PERSON = "company", "person"
_WAITS_FOR_ARRIVALS: Final = 6
"""Half a second each: a batch of films is stored in less; after that what can be linked is."""


class Linked(msgspec.Struct, frozen=True):
    """What linking came to."""

    nomination_ids: tuple[int, ...] = ()
    """That were looked at: a film of theirs is known, or a nominee is still unknown."""
    people: int = 0
    """Nominees who were found."""


class Unlinked(msgspec.Struct, frozen=True):
    """A nominee who is not known, of a nomination with a known film."""

    nomination_id: int
    position: int
    name: str
    kind: str
    imdb_ids: tuple[str, ...]
    what_for: str
    movie_ids: tuple[int, ...]


async def link_edition(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> Linked:
    """Link the nominations of an edition; locks them in order of id."""
    return await _link(conn, nomination_ids, now=now)


async def await_arrivals(pool: AsyncConnectionPool[Any]) -> None:
    """
    Wait until films that are being linked are committed; after the transaction that stored an edition.

    Before that neither sees the other's rows: the edition does not see the film, nor the film the nomination. Link the
    edition again after it. After `_WAITS_FOR_ARRIVALS` tries whoever waits goes on.
    """
    for _ in range(_WAITS_FOR_ARRIVALS):
        try:
            async with pool.connection() as conn, conn.transaction():
                await conn.execute(_load("limit_wait.sql"))
                await conn.execute(_load("await_arrivals.sql"))
        except LockNotAvailable:
            continue
        return


async def link_films(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, now: datetime
) -> Linked:
    """Complete the nominations of films that were just stored; locks them in order of id."""
    await conn.execute(_load("note_arrival.sql"))
    cursor = await conn.execute(
        _load("list_linkable.sql"), {"tmdb_ids": list(tmdb_ids)}
    )
    linkable = [row[0] for row in await cursor.fetchall()]
    return await _link(conn, linkable, now=now, is_arrival=True)


async def link_people(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> Linked:
    """Link the nominations of people of whom the source of films has just told; locks them in order of id."""
    return await _link(conn, nomination_ids, now=now, found_by="find")


async def _link(
    conn: AsyncConnection[Any],
    linkable: Sequence[int],
    *,
    now: datetime,
    is_arrival: bool = False,
    found_by: str = "imdb_id",
) -> Linked:
    if not linkable:
        return Linked()
    await conn.execute(
        _load("lock_nominations.sql"), {"nomination_ids": list(linkable)}
    )
    cursor = await conn.execute(
        _load("link_films.sql"),
        {"nomination_ids": list(linkable), "is_arrival": is_arrival},
    )
    moved = sorted({id_ for id_, was_linked in await cursor.fetchall() if was_linked})
    await part_people(conn, moved)
    await _set_first_films(conn, linkable, now=now)
    known = await conn.execute(
        _load("link_people_by_id.sql"),
        {"nomination_ids": list(linkable), "found_by": found_by},
    )
    unlinked = await _read_unlinked(conn, linkable)
    people = known.rowcount + await _link_credited(conn, unlinked)
    await _link_companies(conn, unlinked)
    return Linked(tuple(linkable), people)


async def part_people(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int]
) -> None:
    """Part nominees of nominations that have another film now from whom the credits of the one before named."""
    if nomination_ids:
        await conn.execute(
            _load("part_people.sql"), {"nomination_ids": list(nomination_ids)}
        )


async def _set_first_films(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int], *, now: datetime
) -> None:
    await conn.execute(
        _load("set_first_films.sql"),
        {"nomination_ids": list(nomination_ids), "now": now},
    )


async def _read_unlinked(
    conn: AsyncConnection[Any], nomination_ids: Sequence[int]
) -> list[Unlinked]:
    cursor = await conn.execute(
        _load("read_unlinked_people.sql"), {"nomination_ids": list(nomination_ids)}
    )
    return [
        Unlinked(id_, position, name, kind, tuple(imdb_ids), what_for, tuple(films))
        for id_, position, name, kind, imdb_ids, what_for, films in await cursor.fetchall()
    ]


async def _link_credited(
    conn: AsyncConnection[Any], unlinked: Sequence[Unlinked]
) -> int:
    """Find nominees in the credits of their films; return how many are found."""
    people = [each for each in unlinked if each.kind != _COMPANY]
    credited = await read_credited(
        conn, sorted({film for each in people for film in each.movie_ids})
    )
    found = []
    for each in people:
        named = [one for film in each.movie_ids for one in credited.get(film, ())]
        match = find_person(each.name, each.what_for, named, each.imdb_ids)
        if match.found is not None:
            found.append((each.nomination_id, each.position, match.found))
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


async def read_credited(
    conn: AsyncConnection[Any], movie_ids: Sequence[int]
) -> dict[int, list[Credited]]:
    """Return by film of ours who is credited in it."""
    if not movie_ids:
        return {}
    cursor = await conn.execute(
        _load("read_credited.sql"), {"movie_ids": list(movie_ids)}
    )
    found: dict[int, list[Credited]] = defaultdict(list)
    for (
        movie_id,
        id_,
        name,
        place,
        tmdb_id,
        imdb_id,
        aliases,
    ) in await cursor.fetchall():
        found[movie_id].append(
            Credited(id_, name, place, tmdb_id, imdb_id, tuple(aliases))
        )
    return found


async def _link_companies(
    conn: AsyncConnection[Any], unlinked: Sequence[Unlinked]
) -> None:
    """Find nominees among the companies of their films."""
    companies = [each for each in unlinked if each.kind != _PERSON]
    if not companies:
        return
    films = sorted({film for each in companies for film in each.movie_ids})
    cursor = await conn.execute(_load("read_companies.sql"), {"movie_ids": films})
    made_by: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for movie_id, company_id, name in await cursor.fetchall():
        made_by[movie_id].append((company_id, name))
    found = []
    for each in companies:
        named = {one for film in each.movie_ids for one in made_by[film]}
        likes = sorted((likeness(each.name, name), id_) for id_, name in named)
        if likes and likes[-1][0] >= SAME_COMPANY:
            found.append((each.nomination_id, each.position, likes[-1]))
    if found:
        await conn.execute(
            _load("link_companies.sql"),
            {
                "nomination_ids": [one[0] for one in found],
                "positions": [one[1] for one in found],
                "company_ids": [one[2][1] for one in found],
                "scores": [one[2][0] for one in found],
            },
        )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
