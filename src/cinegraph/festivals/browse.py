"""What is stored of festivals, for people and programs."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql


class Festival(msgspec.Struct, frozen=True, kw_only=True):
    """A festival, and what is known of it."""

    key: str
    name: str
    country: str | None
    founded_year: int | None
    imdb_event_id: str | None
    editions: int
    latest_year: int | None
    nominations: int
    films: int
    """Named in nominations, once for each."""
    linked_films: int
    people: int
    """As films; companies are not counted."""
    linked_people: int
    said_at: datetime | None
    """When a source last spoke of one of its editions."""


class NominatedFilm(msgspec.Struct, frozen=True):
    """A film of a nomination."""

    title: str
    imdb_id: str | None = None
    tmdb_id: int | None = None
    """None: it is not stored."""
    characters: tuple[str, ...] = ()


class Nominee(msgspec.Struct, frozen=True):
    """A person or company of a nomination."""

    name: str
    kind: str
    role: str | None = None
    tmdb_id: int | None = None
    """None: it is not known who that is."""


class Nomination(msgspec.Struct, frozen=True, kw_only=True):
    """One nomination as it is shown."""

    id: int
    category: str
    """Over all years."""
    category_name: str
    """In that year."""
    is_competitive: bool
    is_winner: bool | None
    songs: tuple[str, ...]
    country: str | None
    subject: str | None
    note: str | None
    citation: str | None
    films: tuple[NominatedFilm, ...]
    nominees: tuple[Nominee, ...]


class EditionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What an edition comes to."""

    ceremony_id: int
    number: int | None
    nominations: int
    """All, with honorary and technical awards."""
    competitive: int
    """Of them in competitive categories; what follows counts these alone."""
    categories: int
    films: int
    """First films, each once: by our id, where it is not known by what the sources call it."""
    winners: int
    linked_films: int
    people: int
    """Nominees who are no companies, once for each nomination."""
    linked_people: int


async def summarize_edition(
    conn: AsyncConnection[Any], organization: str, year: int, part: int = 1
) -> EditionSummary | None:
    """Return what an edition comes to; None: nothing is known of it."""
    async with conn.cursor(row_factory=class_row(EditionSummary)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.festivals", "summarize_edition.sql"),
            {"organization": organization, "year": year, "part": part},
        )
        return await cursor.fetchone()


async def list_festivals(conn: AsyncConnection[Any]) -> list[Festival]:
    """Return every festival, the most prestigious first."""
    async with conn.cursor(row_factory=class_row(Festival)) as cursor:
        await cursor.execute(sql.load("cinegraph.festivals", "list_festivals.sql"))
        return await cursor.fetchall()


async def show_edition(
    conn: AsyncConnection[Any], organization: str, year: int, part: int = 1
) -> list[Nomination]:
    """Return the nominations of an edition, competitive categories first, winners first; none: it is not stored."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.festivals", "show_edition.sql"),
            {"organization": organization, "year": year, "part": part},
        )
        return [msgspec.convert(row, Nomination) for row in await cursor.fetchall()]
