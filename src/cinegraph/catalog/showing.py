"""What the pages of a film and of a person show beside `browse`: everybody in the credits, ids, offers, tombstones."""

from datetime import date, datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql

MOST_CREDITS: Final = 1000
"""Of one film; the largest at TMDB has some 900."""
MOST_FILMS: Final = 1000
"""Of one person."""


class CreditShown(msgspec.Struct, frozen=True):
    """One credit."""

    kind: str
    """`cast` or `crew`."""
    department: str | None
    job: str | None
    character: str | None
    person_id: int
    name: str


class AlternativeTitle(msgspec.Struct, frozen=True):
    """What a film is called elsewhere."""

    country_code: str
    title: str
    kind: str


class ExternalId(msgspec.Struct, frozen=True):
    """What a site calls a film."""

    site: str
    value: str


class Fact(msgspec.Struct, frozen=True):
    """What a second source says of a film."""

    source: str
    kind: str
    text: str | None
    number: int | None
    as_of: datetime


class Offer(msgspec.Struct, frozen=True):
    """Where a film can be watched in a country; JustWatch is credited wherever it is shown."""

    country: str
    kind: str
    providers: list[str]


class Stone(msgspec.Struct, frozen=True, kw_only=True):
    """When the film went, and by what evidence."""

    denied_at: datetime
    last_denied_at: datetime
    denials: int
    missing_since: date
    exports: int
    buried_at: datetime
    revived_at: datetime | None
    revived_by: str | None
    cut_at: datetime | None


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """That one film is another one now."""

    from_movie_id: int
    from_title: str
    to_movie_id: int
    to_title: str
    evidence: str
    detail: str
    confidence: float
    found_at: datetime
    undone_at: datetime | None
    undone_by: str | None


class FilmExtras(msgspec.Struct, frozen=True, kw_only=True):
    """A film beyond its facts."""

    tagline: str | None
    homepage: str | None
    poster_path: str | None
    is_adult: bool
    is_video: bool
    languages: list[str]
    titles: list[AlternativeTitle]
    external_ids: list[ExternalId]
    facts: list[Fact]
    offers: list[Offer]
    tombstones: list[Stone]
    """The newest first."""
    redirects: list[Merge]
    """From it and to it, the newest first."""

    @property
    def standing_stone(self) -> Stone | None:
        """By what evidence it is gone; None: it is live."""
        return next((one for one in self.tombstones if one.revived_at is None), None)


class PersonShown(msgspec.Struct, frozen=True, kw_only=True):
    """A stored person."""

    id: int
    tmdb_id: int
    imdb_id: str | None
    name: str
    original_name: str | None
    gender: int | None
    department: str | None
    profile_path: str | None
    popularity: float | None
    also_known_as: list[str]
    born_on: date | None
    died_on: date | None
    birthplace: str | None
    biography: str | None
    homepage: str | None
    stated_at: datetime | None
    """When TMDB said the details; None: it was not asked for the person."""
    stated_on: date
    """Of the newest credits that speak of them."""
    created_at: datetime
    updated_at: datetime


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a person did in a film."""

    movie_id: int
    title: str
    release_date: date | None
    gone_at: datetime | None
    score: float | None
    """Of the film's cultural relevance."""
    roles: list[str]


async def find_extras(conn: AsyncConnection[Any], movie_id: int) -> FilmExtras | None:
    """Return a film beyond its facts, by our id."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("show_extras.sql"), {"movie_id": movie_id})
        row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row, FilmExtras)


async def list_credits(conn: AsyncConnection[Any], movie_id: int) -> list[CreditShown]:
    """Return the credits of a film, the cast as billed, then the crew; at most `MOST_CREDITS`."""
    async with conn.cursor(row_factory=class_row(CreditShown)) as cursor:
        await cursor.execute(
            _load("show_credits.sql"), {"movie_id": movie_id, "most": MOST_CREDITS}
        )
        return await cursor.fetchall()


async def find_person_id(conn: AsyncConnection[Any], tmdb_id: int) -> int | None:
    """Return our id of a person named by TMDB's."""
    cursor = await conn.execute(
        _load("find_person_by_tmdb_id.sql"), {"tmdb_id": tmdb_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def find_person(conn: AsyncConnection[Any], person_id: int) -> PersonShown | None:
    """Return a person named by our id."""
    async with conn.cursor(row_factory=class_row(PersonShown)) as cursor:
        await cursor.execute(_load("show_person.sql"), {"person_id": person_id})
        return await cursor.fetchone()


async def list_filmography(conn: AsyncConnection[Any], person_id: int) -> list[Work]:
    """Return what a person did, film by film, the newest first; at most `MOST_FILMS`."""
    async with conn.cursor(row_factory=class_row(Work)) as cursor:
        await cursor.execute(
            _load("list_filmography.sql"), {"person_id": person_id, "most": MOST_FILMS}
        )
        return await cursor.fetchall()


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.catalog", name)
