"""
What is asked of a second source, OMDb: which films, and what a call is worth.

A film is asked for once it is stored and has an IMDb id; one without is never asked for until an id appears. The ledger
keeps the id it was asked by, so a film whose IMDb id changes is asked for anew.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import policy, runs


class Candidate(msgspec.Struct, frozen=True):
    """A stored film that may be asked for."""

    tmdb_id: int
    popularity: float | None
    released_on: date | None


class Asked(msgspec.Struct, frozen=True):
    """A film that a job is to be made for."""

    tmdb_id: int
    movie_id: int
    """Ours."""
    run_id: int = 0
    """The run of the person who waits for it by name; 0: not looked for."""


async def plan(
    conn: AsyncConnection[Any],
    films: Sequence[Candidate],
    *,
    source: str,
    kind: str,
    item_kind: str,
    now: datetime,
) -> list[Asked]:
    """
    Ask for films that were just stored; the runs that wait for them wait for this too.

    Call it in the transaction that stores them, before their own items are settled.

    Returns:
        Those a person waits for by name: the caller makes their jobs, or hurries those that are there; the others are
        the feeder's.
    """
    ranked = sorted(films, key=lambda film: film.tmdb_id)
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "plan_titles.sql"),
        {
            "source": source,
            "kind": kind,
            "item_kind": item_kind,
            "film_kind": runs.MOVIE,
            "reason": "never asked",
            "ids": [film.tmdb_id for film in ranked],
            "priorities": [
                policy.title_value(
                    film.popularity,
                    released_on=film.released_on,
                    now=now,
                )
                for film in ranked
            ],
            "recheck": policy.RECHECK_FRESH,
            "now": now,
        },
    )
    return [Asked(*row) for row in await cursor.fetchall()]


async def find_films(conn: AsyncConnection[Any], ids: Sequence[int]) -> list[Asked]:
    """Return the stored films of TMDB's *ids* that have an IMDb id, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_films.sql"), {"ids": list(ids)}
    )
    return [Asked(*row) for row in await cursor.fetchall()]


async def find_candidates(
    conn: AsyncConnection[Any], ids: Sequence[int]
) -> list[Candidate]:
    """Return the stored films of TMDB's *ids*, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_candidates.sql"), {"ids": list(ids)}
    )
    return [Candidate(*row) for row in await cursor.fetchall()]


async def note_asked(
    conn: AsyncConnection[Any], ids: Sequence[int], *, source: str, kind: str
) -> None:
    """Note by which IMDb ids films are asked for; their rows are locked."""
    await conn.execute(
        sql.load("cinegraph.sync", "note_asked.sql"),
        {"source": source, "kind": kind, "ids": list(ids)},
    )


async def confirm_asked(
    conn: AsyncConnection[Any],
    answered: Mapping[int, str],
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """
    Want films anew that have another IMDb id by now than the one that was answered for; call it after stamping them.

    Args:
        answered: By TMDB's id, the IMDb id.
    """
    ids = sorted(answered)
    await conn.execute(
        sql.load("cinegraph.sync", "confirm_asked.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": ids,
            "imdb_ids": [answered[film] for film in ids],
            "now": now,
        },
    )


async def list_unasked(
    conn: AsyncConnection[Any], *, source: str, kind: str, after: int, limit: int
) -> list[Candidate]:
    """Return stored films that the source was never asked for, from TMDB's id *after* on, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_unasked_titles.sql"),
        {"source": source, "kind": kind, "after": after, "limit": limit},
    )
    return [Candidate(*row) for row in await cursor.fetchall()]
