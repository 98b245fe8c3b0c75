"""
Definitions and members of lists, made equal to what their sources say.

A list's row is the mutex of its members: who reads it and who links films to it take turns. What cannot be believed
(private, empty, a web page, too many leaving at once) changes the list's state and none of its members.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.enrichment.lists.definitions import Definition, Source
from cinegraph.enrichment.lists.membership import (
    Member,
    Placed,
    Standing,
    claim,
    plan,
)
from cinegraph.enrichment.lists.reading import (
    EmptyListError,
    ListFile,
    UnreadableListError,
)
from cinegraph.enrichment.lists.resolving import is_titled, resolve
from cinegraph.errors import (
    CinegraphError,
    Disposition,
    PayloadError,
    UndecodableError,
)


class ListState(StrEnum):
    """How reading a list went last; equal to the stored text."""

    NEVER_READ = "never_read"
    CURRENT = "current"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    PRIVATE = "private"
    EMPTY = "empty"
    SHRUNKEN = "shrunken"


class ShrunkenListError(CinegraphError):
    """Too many members would leave a list at once: it was read in part, or is another one; nothing changes."""

    code = "shrunken_list"
    disposition = Disposition.FAIL


class PrivateListError(CinegraphError):
    """The source shows the list to nobody, or has it no longer: its members stay."""

    code = "private_list"
    disposition = Disposition.FAIL


_STATES: Final[Mapping[str, ListState]] = MappingProxyType(
    {
        UnreadableListError.code: ListState.UNREADABLE,
        EmptyListError.code: ListState.EMPTY,
        ShrunkenListError.code: ListState.SHRUNKEN,
        PrivateListError.code: ListState.PRIVATE,
        UndecodableError.code: ListState.UNREADABLE,
        PayloadError.code: ListState.UNREADABLE,
    }
)


def state_of(code: str) -> ListState:
    """Return how a list stands whose reading ended in an error of that code."""
    return _STATES.get(code, ListState.UNREACHABLE)


class StoredList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that was imported, or tried to be."""

    id: int
    key: str
    name: str
    authority: str
    weight: float
    source: Source
    location: str
    is_ranked: bool
    refresh_days: int | None
    state: ListState
    problem: str | None
    remarks: tuple[str, ...]
    checked_at: datetime | None
    read_at: datetime | None
    changed_at: datetime | None


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading came to."""

    key: str
    films: int = 0
    """Members now, also those that are not stored."""
    linked: int = 0
    """Of them, those whose film is stored."""
    joined: int = 0
    returned: int = 0
    """Of those that joined, who had been members before."""
    left: int = 0
    changed: int = 0
    """Members that stayed, of which something else is told: place, title, film."""
    remarks: tuple[str, ...] = ()
    """What could not be read, for a person; then nobody left."""
    is_first: bool = False
    """Whether it never had a member before."""

    @property
    def is_changed(self) -> bool:
        """Whether any member joined, left or changed."""
        return bool(self.joined or self.left or self.changed)


async def ensure_list(
    conn: AsyncConnection[Any],
    definition: Definition,
    location: str,
    *,
    now: datetime,
) -> StoredList:
    """
    Have a list of this definition, at this location; its members and its state stay.

    Locks: the list.
    """
    await conn.execute(
        _load("upsert_list.sql"),
        {
            "key": definition.key,
            "name": definition.name,
            "authority": definition.authority,
            "weight": definition.weight,
            "source": definition.source,
            "location": location,
            "is_ranked": definition.is_ranked,
            "refresh_days": definition.refresh_days,
            "now": now,
        },
    )
    found = await find_list(conn, key=definition.key)
    assert found is not None  # noqa: S101 - it was just written
    return found


async def find_list(
    conn: AsyncConnection[Any],
    *,
    key: str | None = None,
    list_id: int | None = None,
) -> StoredList | None:
    """Return a list by its key or our id; None: it was never imported."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("find_list.sql"), {"key": key, "id": list_id})
        row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row, StoredList)


async def list_due(conn: AsyncConnection[Any], *, now: datetime) -> list[int]:
    """Return our ids of the lists that are to be read again, those that wait longest first."""
    cursor = await conn.execute(_load("list_due.sql"), {"now": now})
    return [row[0] for row in await cursor.fetchall()]


async def store_reading(
    conn: AsyncConnection[Any],
    list_id: int,
    told: ListFile,
    *,
    now: datetime,
    accepts_shrunk: bool = False,
) -> Stored:
    """
    Make the members of a list equal to what was read; whoever left and came back joins again.

    A reading that was not whole takes nobody away.

    Args:
        accepts_shrunk: Believe it however many leave: a person says so.

    Raises:
        ShrunkenListError: Too many would leave; let the transaction end, and call `note_problem` in another.

    Locks: the list, until the transaction ends.
    """
    key = await _lock(conn, list_id)
    members = await _read_members(conn, list_id)
    planned = plan(members, await _place(conn, members, told))
    leaving: Sequence[str] = planned.leaving if told.is_whole else ()
    if leaving and planned.objection and not accepts_shrunk:
        raise ShrunkenListError(
            planned.objection,
            hint="If it is right, give the same command with --accept-shrunk.",
        )
    left = await _leave(conn, list_id, leaving, now=now)
    before = {member.key: member.has_left for member in members}
    changed = await _stand(conn, list_id, planned.standing, now=now)
    joined = [each for each in planned.standing if before.get(each.key, True)]
    stored = Stored(
        key=key,
        joined=len(joined),
        returned=sum(each.key in before for each in joined),
        left=left,
        changed=changed - len(joined),
        remarks=told.remarks,
        is_first=not members,
    )
    await conn.execute(
        _load("note_reading.sql"),
        {
            "id": list_id,
            "remarks": list(told.remarks),
            "is_changed": stored.is_changed,
            "now": now,
        },
    )
    return await count(conn, list_id, stored)


async def restore_members(
    conn: AsyncConnection[Any],
    list_id: int,
    told: ListFile,
    *,
    told_at: datetime,
    now: datetime,
) -> None:
    """
    Make the members of a list again from what it said when it was last believed; how it stands is left alone.

    Args:
        told_at: When it said so: who is missing is a member since then, for the body tells no more.

    Locks: the list, until the transaction ends.
    """
    await _lock(conn, list_id)
    members = await _read_members(conn, list_id)
    planned = plan(members, await _place(conn, members, told))
    if told.is_whole:
        await _leave(conn, list_id, planned.leaving, now=now)
    await _stand(conn, list_id, planned.standing, now=told_at)


async def list_documented(
    conn: AsyncConnection[Any], source: Source, external_id: str
) -> list[StoredList]:
    """Return the lists that a stored body tells of: of TMDB's by their number, else by their key."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_documented.sql"),
            {"source": source, "external_id": external_id},
        )
        return msgspec.convert(await cursor.fetchall(), list[StoredList])


async def note_problem(
    conn: AsyncConnection[Any],
    list_id: int,
    code: str,
    problem: str,
    *,
    now: datetime,
) -> ListState:
    """
    Note that a list could not be read, or not be believed; its members stay.

    Args:
        code: Of the error.
        problem: Why, for a person.
    """
    state = state_of(code)
    await conn.execute(
        _load("note_problem.sql"),
        {"id": list_id, "state": state.value, "problem": problem, "now": now},
    )
    return state


async def count(conn: AsyncConnection[Any], list_id: int, stored: Stored) -> Stored:
    """Return the same with how many stand on the list now."""
    cursor = await conn.execute(_load("count_members.sql"), {"id": list_id})
    [(films, linked)] = await cursor.fetchall()
    return msgspec.structs.replace(stored, films=films, linked=linked)


async def forget_list(conn: AsyncConnection[Any], key: str) -> bool:
    """Remove a list with its members and their history; return whether it was there. Films stay."""
    cursor = await conn.execute(_load("delete_list.sql"), {"key": key})
    return cursor.rowcount > 0


async def _lock(conn: AsyncConnection[Any], list_id: int) -> str:
    cursor = await conn.execute(_load("lock_lists.sql"), {"ids": [list_id]})
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"there is no list {list_id}")
    return str(row[1])


async def _read_members(conn: AsyncConnection[Any], list_id: int) -> list[Member]:
    cursor = await conn.execute(_load("read_members.sql"), {"id": list_id})
    return [
        Member(
            key=key,
            imdb_id=imdb_id,
            tmdb_id=tmdb_id,
            movie_id=movie_id,
            has_left=has_left,
        )
        for key, imdb_id, tmdb_id, movie_id, has_left in await cursor.fetchall()
    ]


async def _place(
    conn: AsyncConnection[Any], members: Sequence[Member], told: ListFile
) -> list[Placed]:
    """Return what was read with the films that it means; what a title was found to be before, it still is."""
    linked = {
        each.key: each.movie_id
        for each in members
        if not each.has_left and each.movie_id is not None
    }
    kept = {
        number: linked[entry.key]
        for number, entry in enumerate(told.entries)
        if is_titled(entry) and entry.key in linked
    }
    return claim(await resolve(conn, told.entries, kept=kept))


async def _leave(
    conn: AsyncConnection[Any], list_id: int, keys: Sequence[str], *, now: datetime
) -> int:
    if not keys:
        return 0
    left = await conn.execute(
        _load("leave.sql"), {"id": list_id, "keys": list(keys), "now": now}
    )
    return left.rowcount


async def _stand(
    conn: AsyncConnection[Any],
    list_id: int,
    standing: Sequence[Standing],
    *,
    now: datetime,
) -> int:
    """Write members as they are to be; return how many were not so yet."""
    given = [
        {
            "entry_key": each.key,
            "position": each.entry.position,
            "imdb_id": each.entry.imdb_id,
            "tmdb_id": each.entry.tmdb_id,
            "title": each.entry.title,
            "year": each.entry.year,
            "folded": each.entry.folded,
            "movie_id": each.movie_id,
        }
        for each in standing
    ]
    entries = {"id": list_id, "entries": Jsonb(given), "now": now}
    await conn.execute(_load("keep_past.sql"), entries)
    written = await conn.execute(_load("stand.sql"), entries)
    return written.rowcount


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.lists", name)
