"""
Making the collaborations of films equal to what their credits say, details and totals in one transaction.

A film's row in `collaboration_movies` is its mutex and holds the facts as they are counted, so what a film adds to its
pairs can always be taken away again to the last cent. The totals are then moved by the difference, in whole numbers,
one row after the other in the order of the pairs: whoever shares people waits, and nobody waits in a circle. Only a
pair's first or latest year cannot be moved back; where it went, it is looked up in the details.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.collaborations.counting import JOBS, Credit, Roles, choose

BATCH: Final = 200
"""Films a transaction where all are computed: some 60,000 pairs, a second or two."""


class Rebuilt(msgspec.Struct, frozen=True):
    """What computing came to."""

    films: int
    """That are stored, of those given."""
    changed: int
    """Whose collaborations were not yet what their credits say."""


class _Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of a film."""

    year: int | None = None
    rating_thousandths: int | None = None
    revenue_usd: int | None = None
    people: Roles = {}


_NOTHING = _Counted()


async def rebuild(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], *, now: datetime
) -> Rebuilt:
    """
    Make the pairs of films, and the totals of these pairs, equal to what the catalogue says; gone films count for none.

    Call it in a transaction. Whatever is equal already is not written, so running again changes no row.

    Locks: the films' rows in `collaboration_movies` by id, then the pairs that change by their ids. Several calls in
    one transaction may meet another's in a circle: give all films at once.
    """
    ids = sorted(set(movie_ids))
    await conn.execute(_load("ensure_films.sql"), {"movie_ids": ids, "now": now})
    cursor = await conn.execute(_load("lock_films.sql"), {"movie_ids": ids})
    locked = [row[0] for row in await cursor.fetchall()]
    if not locked:
        return Rebuilt(0, 0)
    # Only now: what a film says is read after whoever computed it before has committed.
    cursor = await conn.execute(
        _load("read_films.sql"), {"movie_ids": locked, "jobs": list(JOBS)}
    )
    changed = [
        (movie_id, wanted)
        for movie_id, *said in await cursor.fetchall()
        if (wanted := _wanted(*said[:-1]))
        != msgspec.convert(said[-1], _Counted, str_keys=True)
    ]
    if changed:
        await _write(conn, changed, now=now)
    return Rebuilt(len(locked), len(changed))


async def rebuild_all(
    pool: Pool,
    *,
    now: datetime,
    batch: int = BATCH,
    progress: Callable[[int], Awaitable[None]] | None = None,
) -> Rebuilt:
    """
    Compute every film, a batch a transaction: after a bulk import, or to be sure. Others may go on meanwhile.

    Args:
        progress: Told after each batch how many films are done; it may raise to stop.
    """
    films = changed = after = 0
    while True:
        async with pool.connection() as conn, conn.transaction():
            cursor = await conn.execute(
                _load("list_films.sql"), {"after": after, "limit": batch}
            )
            ids = [row[0] for row in await cursor.fetchall()]
            done = await rebuild(conn, ids, now=now)
        if not ids:
            return Rebuilt(films, changed)
        after = ids[-1]
        films += done.films
        changed += done.changed
        if progress is not None:
            await progress(films)


def _wanted(
    is_live: bool,  # noqa: FBT001 - a column
    year: int | None,
    rating_thousandths: int | None,
    revenue_usd: int | None,
    credited: list[Any],
) -> _Counted:
    """Return what is to be counted of a film."""
    people = choose(msgspec.convert(credited, list[Credit])) if is_live else {}
    if not people:
        return _NOTHING
    return _Counted(
        year=year,
        rating_thousandths=rating_thousandths,
        revenue_usd=revenue_usd,
        people=people,
    )


async def _write(
    conn: AsyncConnection[Any],
    films: Sequence[tuple[int, _Counted]],
    *,
    now: datetime,
) -> None:
    given = [
        {
            "movie_id": movie_id,
            "year": film.year,
            "rating_thousandths": film.rating_thousandths,
            "revenue_usd": film.revenue_usd,
            "people": [
                {"person_id": person_id, "roles": roles}
                for person_id, roles in film.people.items()
            ],
        }
        for movie_id, film in films
    ]
    cursor = await conn.execute(
        _load("count_films.sql"), {"films": Jsonb(given), "now": now}
    )
    touched = await cursor.fetchall()
    await _follow(conn, "delete_pairs.sql", [row[:2] for row in touched if row[2]])
    await _follow(conn, "find_years.sql", [row[:2] for row in touched if not row[2]])


async def _follow(
    conn: AsyncConnection[Any], name: str, pairs: Sequence[tuple[int, int]]
) -> None:
    """Run a statement for pairs that are locked already."""
    if pairs:
        a_ids, b_ids = zip(*pairs, strict=True)
        await conn.execute(
            _load(name), {"person_a_ids": list(a_ids), "person_b_ids": list(b_ids)}
        )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.collaborations", name)
