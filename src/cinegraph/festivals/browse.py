"""What is stored of festivals, for people and programs."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from cinegraph.db import sql
from cinegraph.errors import UsageError
from cinegraph.festivals.disagreeing import SaidOf, find_disagreements
from cinegraph.festivals.organizations import Organization, find_organization
from cinegraph.festivals.storing import rank

STAGES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"film": ("imdb_id", "find"), "person": ("imdb_id", "credits", "find")}
)
"""
The ways by which films and people are found in every import of any size. Titles are looked for only where a source has
no ids.
"""
ENOUGH_TRIED: Final = 1000
"""
Films or nominees after which each way should have won once: nine tenths of nominees stand in the credits of their film,
one in twenty is found by id alone, and most are nominated more than once.
"""


class FestivalNotFoundError(UsageError):
    """There is no festival of that key."""

    code = "festival_not_found"


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
    position: int = 0
    """Within the nomination, from 0."""
    is_locked: bool = False
    """Whether a person decided which film it is."""


class Nominee(msgspec.Struct, frozen=True):
    """A person or company of a nomination."""

    name: str
    kind: str
    role: str | None = None
    tmdb_id: int | None = None
    """None: it is not known who that is."""
    position: int = 0
    is_locked: bool = False


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
    said_by: tuple[str, ...] = ()
    """The sources that say it, the one that is believed most first."""
    disagreements: tuple[str, ...] = ()
    """Where they say different things, for a person."""


class FilmNomination(msgspec.Struct, frozen=True, kw_only=True):
    """For what a film was nominated."""

    id: int
    """Of the nomination."""
    festival: str
    """Its key."""
    festival_name: str
    year: int
    part: int
    """Of several editions in one year, which."""
    category: str
    category_name: str
    """In that year."""
    is_competitive: bool
    is_winner: bool | None
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


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """An edition of a festival, as a list of them shows it."""

    year: int
    part: int
    """Of several in one year, which."""
    number: int | None
    nominations: int
    """All, with honorary and technical awards."""
    categories: int
    winners: int
    films: int
    """Named in nominations, once for each."""
    linked_films: int
    sources: tuple[str, ...]
    """That say something of it now."""
    said_at: datetime | None


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How reading a source of a festival went last."""

    festival: str
    source: str
    is_default: bool
    checked_at: datetime
    read_at: datetime | None
    """None: never."""
    problem_code: str | None
    """None: nothing was wrong."""
    problem: str | None


class StageCount(msgspec.Struct, frozen=True):
    """How often a way of finding films or people was the first to win."""

    thing: str
    """`film` or `person`."""
    stage: str
    """`imdb_id`, `find`, `title`, `credits`, `person` (somebody decided); `none`: not found."""
    things: int


class AwardsStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where awards stand."""

    sources: list[SourceState]
    stages: list[StageCount]
    idle_stages: list[str]
    """Ways that were tried often enough and never won: something is wrong with them."""


async def read_status(
    conn: AsyncConnection[Any], organization: str | None = None
) -> AwardsStatus:
    """Return where the awards of a festival, or of all, stand."""
    parameters = {"organization": organization}
    async with conn.cursor(row_factory=class_row(SourceState)) as cursor:
        await cursor.execute(_load("list_sources.sql"), parameters)
        sources = await cursor.fetchall()
    async with conn.cursor(row_factory=class_row(StageCount)) as counts:
        await counts.execute(_load("count_stages.sql"), parameters)
        stages = await counts.fetchall()
    return AwardsStatus(
        sources=sources, stages=stages, idle_stages=find_idle_stages(stages)
    )


def find_idle_stages(stages: Sequence[StageCount]) -> list[str]:
    """Return the ways of finding that had enough to try and never won, as `person by credits`."""
    won = {(each.thing, each.stage): each.things for each in stages}
    idle = []
    for thing, ways in STAGES.items():
        tried = sum(each.things for each in stages if each.thing == thing)
        idle += [
            f"{thing} by {way}"
            for way in ways
            if tried >= ENOUGH_TRIED and not won.get((thing, way))
        ]
    return idle


async def note_idle_stages(conn: AsyncConnection[Any], *, now: datetime) -> list[str]:
    """Keep which ways of finding never won, for an alert; return them."""
    found = (await read_status(conn)).idle_stages
    await conn.execute(_load("note_idle_stages.sql"), {"stages": found, "now": now})
    return found


async def summarize_edition(
    conn: AsyncConnection[Any], organization: str, year: int, part: int = 1
) -> EditionSummary | None:
    """Return what an edition comes to; None: nothing is known of it."""
    async with conn.cursor(row_factory=class_row(EditionSummary)) as cursor:
        await cursor.execute(
            _load("summarize_edition.sql"),
            {"organization": organization, "year": year, "part": part},
        )
        return await cursor.fetchone()


async def list_festivals(conn: AsyncConnection[Any]) -> list[Festival]:
    """Return every festival, the most prestigious first."""
    async with conn.cursor(row_factory=class_row(Festival)) as cursor:
        await cursor.execute(_load("list_festivals.sql"))
        return await cursor.fetchall()


async def require_festival(conn: AsyncConnection[Any], key: str) -> Organization:
    """
    Return the festival with a key.

    Raises:
        FestivalNotFoundError: There is none; the hint names the nearest.
    """
    found = await find_organization(conn, key=key)
    if found is not None:
        return found
    festivals = {each.key: each for each in await list_festivals(conn)}
    names = {each.name.casefold(): each.key for each in festivals.values()}
    folded = key.strip().casefold()
    near = difflib.get_close_matches(folded, [*festivals, *names], n=1)
    guess = f"Did you mean {names.get(near[0], near[0])!r}? " if near else ""
    raise FestivalNotFoundError(
        f"there is no festival {key!r}",
        hint=f"{guess}Festivals: {', '.join(festivals)}.",
    )


async def list_years(conn: AsyncConnection[Any], organization: str) -> list[int]:
    """Return the years of the editions that have nominations, ascending; a year with two editions twice."""
    cursor = await conn.execute(_load("list_years.sql"), {"organization": organization})
    return [year for (year,) in await cursor.fetchall()]


async def list_editions(conn: AsyncConnection[Any], organization: str) -> list[Edition]:
    """Return the editions of which something is known, the newest first."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("list_editions.sql"), {"organization": organization})
        return msgspec.convert(await cursor.fetchall(), list[Edition])


async def show_edition(
    conn: AsyncConnection[Any], organization: str, year: int, part: int = 1
) -> list[Nomination]:
    """Return the nominations of an edition, competitive categories first, winners first; none: it is not stored."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _load("show_edition.sql"),
            {"organization": organization, "year": year, "part": part},
        )
        return [_to_nomination(row) for row in await cursor.fetchall()]


async def list_film_nominations(
    conn: AsyncConnection[Any], movie_id: int
) -> list[FilmNomination]:
    """Return for what a film (our id) was nominated, the latest edition first; winners first."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_load("list_film_nominations.sql"), {"movie_id": movie_id})
        return msgspec.convert(await cursor.fetchall(), list[FilmNomination])


def _to_nomination(row: dict[str, Any]) -> Nomination:
    said = msgspec.convert(row.pop("said"), list[SaidOf])
    default = row.pop("default_source")
    ranked = sorted(said, key=lambda one: rank(one.source, default))
    return msgspec.convert(
        {
            **row,
            "said_by": tuple(dict.fromkeys(one.source for one in ranked)),
            "disagreements": find_disagreements(ranked),
        },
        Nomination,
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
