"""
Linking members of lists to films that arrive, change their ids, or become another film.

The result depends on the entries and the catalogue alone: list first and film first end alike. So it may be done twice,
and is. Who stores films does it in that transaction (`link_stored`), so that a run of a list ends with its members
linked. `EnrichMovie` does it for what the change log tells (`link_films`): a film that is another one now, is gone,
comes back or was restored is stored by nobody. What is right already is read and not written.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog import browse
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.membership import Placed, claim
from cinegraph.enrichment.lists.resolving import (
    YEARS_AFTER,
    YEARS_BEFORE,
    folded_titles,
    is_titled,
    resolve,
)
from cinegraph.festivals.titles import TitledFilm


class LinkedMembers(msgspec.Struct, frozen=True):
    """What linking came to."""

    entries: int = 0
    """Members that were looked at."""
    changed: int = 0
    """Of them, those that have another film now, or none any more."""


class _Linkable(msgspec.Struct, frozen=True):
    """A member that is looked at."""

    list_id: int
    key: str
    movie_id: int | None
    entry: Entry


async def link_films(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], *, now: datetime
) -> LinkedMembers:
    """
    Make the memberships of films equal to what lists say; after they were stored, or got other ids.

    Call it in a transaction. Whoever is right already is not written.

    Args:
        movie_ids: Ours.

    Locks: the lists that name them, in order of id; then their members that change.
    """
    del now
    ids = set(movie_ids)
    while ids:
        # Most films stand on no list: they lock nothing.
        lists = await _read_lists(conn, affected := await _affected(conn, ids))
        if not lists:
            break
        await conn.execute(_load("lock_lists.sql"), {"ids": lists})
        cursor = await conn.execute(_load("list_linkable.sql"), affected)
        members = [_to_linkable(row) for row in await cursor.fetchall()]
        placed = await resolve(conn, [each.entry for each in members])
        others = {each.movie_id for each in placed if each.movie_id} - ids
        if not others:
            return await _write(conn, members, placed)
        # An id has another owner now: whoever holds that film has to be looked at too.
        ids |= others
    return LinkedMembers()


async def link_stored(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, now: datetime
) -> LinkedMembers:
    """Do `link_films` for films that were just stored, by TMDB's ids."""
    if not tmdb_ids:
        return LinkedMembers()
    ids = await browse.list_movie_ids(conn, tmdb_ids)
    return await link_films(conn, list(ids.values()), now=now)


async def link_list(
    conn: AsyncConnection[Any], list_id: int, *, searches_titles: bool = True
) -> LinkedMembers:
    """
    Link all members of a list anew; who is linked by title stays so.

    Call it in a transaction, once the films that were being stored while the list was are committed: before that
    neither saw the other.

    Args:
        searches_titles: Whether the films of their years are read for titles that are linked to none.

    Locks: the list; then its members that change.
    """
    await conn.execute(_load("lock_lists.sql"), {"ids": [list_id]})
    cursor = await conn.execute(_load("list_members.sql"), {"id": list_id})
    members = [_to_linkable(row) for row in await cursor.fetchall()]
    kept = {
        number: each.movie_id
        for number, each in enumerate(members)
        if is_titled(each.entry) and (each.movie_id or not searches_titles)
    }
    placed = await resolve(conn, [each.entry for each in members], kept=kept)
    return await _write(conn, members, placed)


async def link_all(
    pool: Pool, *, now: datetime, searches_titles: bool = True
) -> LinkedMembers:
    """
    Link all members of all lists, a list a transaction: after a bulk import, or to be sure.

    Args:
        searches_titles: See `link_list`: seconds of a whole catalogue for each list without ids.
    """
    del now
    entries = changed = 0
    async with pool.connection() as conn:
        cursor = await conn.execute(_load("list_ids.sql"))
        ids = [row[0] for row in await cursor.fetchall()]
    for list_id in ids:
        async with pool.connection() as conn, conn.transaction():
            done = await link_list(conn, list_id, searches_titles=searches_titles)
        entries += done.entries
        changed += done.changed
    return LinkedMembers(entries, changed)


async def is_listed(conn: AsyncConnection[Any], lookup_id: int) -> bool:
    """Whether a member without a film waits for what was asked for (`festival_lookups`)."""
    cursor = await conn.execute(_load("is_listed.sql"), {"lookup_id": lookup_id})
    [(listed,)] = await cursor.fetchall()
    return bool(listed)


async def _read_lists(
    conn: AsyncConnection[Any], affected: dict[str, Any]
) -> list[int]:
    cursor = await conn.execute(_load("list_linkable.sql"), affected)
    return sorted({row[0] for row in await cursor.fetchall()})


async def _affected(
    conn: AsyncConnection[Any], movie_ids: Collection[int]
) -> dict[str, Any]:
    """Return what names the members that films may be: their ids, and their titles with the years of lists."""
    names: set[tuple[str, int]] = set()
    cursor = await conn.execute(
        _load("read_titles.sql"), {"movie_ids": list(movie_ids)}
    )
    for title, original, year, others in await cursor.fetchall():
        film = TitledFilm(0, title, original, None, 0.0, tuple(others))
        names.update((folded, year) for folded in folded_titles(film))
    ordered = sorted(names)
    return {
        "movie_ids": sorted(movie_ids),
        "folded": [folded for folded, _ in ordered],
        "first_years": [year - YEARS_AFTER for _, year in ordered],
        "last_years": [year + YEARS_BEFORE for _, year in ordered],
    }


async def _write(
    conn: AsyncConnection[Any],
    members: Sequence[_Linkable],
    placed: Sequence[Placed],
) -> LinkedMembers:
    """Give members the films that they were found to be, on each list each film once; the lists are locked."""
    chosen: dict[tuple[int, str], Placed] = {}
    for list_id in sorted({each.list_id for each in members}):
        theirs = [n for n, each in enumerate(members) if each.list_id == list_id]
        claimed = claim([placed[n] for n in theirs])
        chosen |= {
            (list_id, members[n].key): one
            for n, one in zip(theirs, claimed, strict=True)
        }
    moved = [
        (each, chosen[each.list_id, each.key].movie_id)
        for each in members
        if chosen[each.list_id, each.key].movie_id != each.movie_id
    ]
    if moved:
        await conn.execute(
            _load("set_films.sql"),
            {
                "list_ids": [each.list_id for each, _ in moved],
                "keys": [each.key for each, _ in moved],
                "movie_ids": [movie_id for _, movie_id in moved],
            },
        )
    return LinkedMembers(len(members), len(moved))


def _to_linkable(row: tuple[Any, ...]) -> _Linkable:
    list_id, key, movie_id, position, imdb_id, tmdb_id, title, year = row
    entry = Entry(
        position=position, imdb_id=imdb_id, tmdb_id=tmdb_id, title=title, year=year
    )
    return _Linkable(list_id, key, movie_id, entry)


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.lists", name)
