"""Lists for screens: what is imported, who stands on them, who stood, and whose film is not there."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph.db import sql
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.resolving import is_titled, resolve
from cinegraph.enrichment.lists.storing import StoredList

SAME_FILM = "it is the same film as another entry of this list"
NO_YEAR = "the source gives neither an id nor a year to find it by"


class ListSummary(msgspec.Struct, frozen=True):
    """A list and how many stand on it."""

    list: StoredList
    films: int
    """Members now."""
    linked: int
    """Of them, those whose film is stored."""
    former: int
    """Who were members."""


class ListedFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A membership."""

    position: int | None
    title: str | None
    """The film's, where it is stored, else as the source writes it."""
    year: int | None
    imdb_id: str | None
    tmdb_id: int | None
    movie_id: int | None
    """Ours; None: it is not stored."""
    joined_at: datetime
    left_at: datetime | None
    """None: it is a member."""


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A list that a film stands on."""

    key: str
    name: str
    authority: str
    position: int | None
    is_ranked: bool
    joined_at: datetime


class ListPage(msgspec.Struct, frozen=True):
    """Some members of a list, by position."""

    films: list[ListedFilm]
    after: str | None
    """For the next page; None: this is the last one."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A film joined a list, or left it."""

    at: datetime
    kind: str
    """`joined` or `left`."""
    entry_key: str
    """Of the member on its list; with `at` and `kind` it tells turns apart."""
    title: str | None
    year: int | None
    imdb_id: str | None
    tmdb_id: int | None
    movie_id: int | None
    """Ours; None: it is not stored."""


class MissingFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose film is not stored, and what is known of why."""

    key: str
    position: int | None
    title: str | None
    year: int | None
    imdb_id: str | None
    tmdb_id: int | None
    found_tmdb_id: int | None = None
    """What TMDB answered."""
    asked: str | None = None
    """How asking TMDB which film it is stands: wanted, found, absent, unsure; None: it was not asked."""
    reason: str | None = None
    """Why it cannot be found, for a person."""


async def list_lists(conn: AsyncConnection[Any]) -> list[ListSummary]:
    """Return the lists that were imported, the weightiest first."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("list_lists.sql"))
        rows = await cursor.fetchall()
    return [
        ListSummary(
            msgspec.convert(row, StoredList),
            row["films"],
            row["linked"],
            row["former"],
        )
        for row in rows
    ]


async def list_films(
    conn: AsyncConnection[Any], list_id: int, *, with_history: bool = False
) -> list[ListedFilm]:
    """Return the members of a list by position, then title; with history every membership there ever was, by time."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_history.sql" if with_history else "list_films.sql"),
            {"id": list_id},
        )
        return msgspec.convert(await cursor.fetchall(), list[ListedFilm])


async def list_memberships(
    conn: AsyncConnection[Any], movie_id: int
) -> list[Membership]:
    """Return the lists that a film (our id) stands on, the weightiest first."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("list_memberships.sql"), {"movie_id": movie_id})
        return msgspec.convert(await cursor.fetchall(), list[Membership])


async def list_page(
    conn: AsyncConnection[Any], list_id: int, *, after: str | None, limit: int
) -> ListPage:
    """Return the members that come after one, by position, then title."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_films_page.sql"),
            {"id": list_id, "after": after, "limit": limit + 1},
        )
        rows = await cursor.fetchall()
    shown = rows[:limit]
    last = shown[-1]["entry_key"] if len(rows) > limit else None
    return ListPage(msgspec.convert(shown, list[ListedFilm]), last)


async def list_turns(
    conn: AsyncConnection[Any],
    list_id: int,
    *,
    before: tuple[datetime, str, str] | None,
    limit: int,
) -> list[Turn]:
    """
    Return who joined and left, the latest first.

    *before*: time, kind and entry of the last one of the page before.
    """
    at, kind, entry_key = before or (None, None, None)
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("list_turns.sql"),
            {
                "id": list_id,
                "at": at,
                "kind": kind,
                "entry_key": entry_key,
                "limit": limit,
            },
        )
        return msgspec.convert(await cursor.fetchall(), list[Turn])


async def list_missing(conn: AsyncConnection[Any], list_id: int) -> list[MissingFilm]:
    """Return the members whose film is not stored, by position."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("list_missing.sql"), {"id": list_id})
        found = msgspec.convert(await cursor.fetchall(), list[MissingFilm])
    entries = [_entry(each) for each in found]
    # No film of their years is read only to be shown: what they are was looked for when they were stored.
    kept = {n: None for n, entry in enumerate(entries) if is_titled(entry)}
    placed = await resolve(conn, entries, kept=kept)
    return [
        msgspec.structs.replace(each, reason=SAME_FILM) if place.movie_id else each
        for each, place in zip(found, placed, strict=True)
    ]


def _entry(missing: MissingFilm) -> Entry:
    return Entry(
        imdb_id=missing.imdb_id,
        tmdb_id=missing.tmdb_id,
        title=missing.title,
        year=missing.year,
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.lists", name)
