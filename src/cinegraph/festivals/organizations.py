"""Festivals, their editions and their sources as they are known: what jobs ask before they work, and note after it."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.festivals.files import AwardsFile
from cinegraph.festivals.reading import BY_YEAR
from cinegraph.festivals.storing import require_size, require_total
from cinegraph.records.awards import EditionStatement

AHEAD: Final = timedelta(days=75)
"""Nominations are known so long before the night, at most: those of January's and March's awards in December."""
_MONTHS_BEFORE: Final = 2
_MONTHS_AFTER: Final = 1
"""Around the month of the night: sources have the nominations before it, and correct what they have after it."""
_DECEMBER: Final = 12


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives awards."""

    id: int
    key: str
    name: str
    imdb_event_id: str | None
    eligibility: str
    """`year_before`, `same_year` or `any`."""
    default_source: str
    month: int | None
    """In which editions are held."""
    founded_year: int | None

    def is_in_season(self, today: date) -> bool:
        """Whether nominations or winners may be new any day; of a festival that does not say when, always."""
        if self.month is None:
            return True
        ahead = (self.month - today.month) % _DECEMBER
        return ahead <= _MONTHS_BEFORE or ahead == _DECEMBER - _MONTHS_AFTER

    def season(self, today: date) -> int:
        """Return the year of the edition that is the newest to have nominations, as far as the calendar tells."""
        soon = today + AHEAD
        month = self.month or _DECEMBER
        return soon.year if (soon.month >= month) else soon.year - 1


class StatedCeremony(msgspec.Struct, frozen=True):
    """An edition of which a body says something."""

    id: int
    year: int
    part: int
    digest: str
    """Of what its source said when the edition was stored."""
    said_at: datetime
    """When the body came that said so: a newer one that says the same of the edition was not read for it."""


class Ceremony(msgspec.Struct, frozen=True):
    """An edition."""

    organization_id: int
    year: int
    part: int
    number: int | None


async def find_organization(
    conn: AsyncConnection[Any], *, key: str | None = None, id_: int | None = None
) -> Organization | None:
    """Return a festival by its key or its id; None: there is no such."""
    async with conn.cursor(row_factory=class_row(Organization)) as cursor:
        await cursor.execute(_load("find_organization.sql"), {"key": key, "id": id_})
        return await cursor.fetchone()


async def list_followed(conn: AsyncConnection[Any]) -> list[Organization]:
    """Return the festivals of which something was imported, by key."""
    async with conn.cursor(row_factory=class_row(Organization)) as cursor:
        await cursor.execute(_load("list_followed.sql"))
        return await cursor.fetchall()


async def find_ceremony(
    conn: AsyncConnection[Any], ceremony_id: int
) -> Ceremony | None:
    """Return an edition; None: there is no such."""
    cursor = await conn.execute(_load("find_ceremony.sql"), {"id": ceremony_id})
    row = await cursor.fetchone()
    return None if row is None else Ceremony(*row)


async def list_stated(
    conn: AsyncConnection[Any], source: str, document_id: str
) -> list[StatedCeremony]:
    """Return the editions that a stored body was read for, by year."""
    cursor = await conn.execute(
        _load("list_stated.sql"), {"source": source, "document_id": document_id}
    )
    return [StatedCeremony(*row) for row in await cursor.fetchall()]


async def find_year_of(
    conn: AsyncConnection[Any], organization_id: int, number: int
) -> int | None:
    """Return in which year the edition of that number was held; None: nobody has said."""
    cursor = await conn.execute(
        _load("find_edition.sql"),
        {"organization_id": organization_id, "number": number},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def drop_empty_ceremony(conn: AsyncConnection[Any], ceremony_id: int) -> None:
    """Take away an edition that was asked for and that no source knows."""
    await conn.execute(_load("drop_empty_ceremony.sql"), {"id": ceremony_id})


async def note_source(
    conn: AsyncConnection[Any],
    organization_id: int,
    source: str,
    *,
    problem: tuple[str, str] | None = None,
    now: datetime,
) -> None:
    """
    Note how reading a source went.

    Args:
        problem: Its code and its text; None: it was read.
    """
    code, text = problem or (None, None)
    await conn.execute(
        _load("note_source.sql"),
        {
            "organization_id": organization_id,
            "source": source,
            "problem_code": code,
            "problem": text,
            "now": now,
        },
    )


async def note_edition_source(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    source: str,
    edition: EditionStatement,
    *,
    document_id: str,
    said_at: datetime,
) -> None:
    """Note what a source said of an edition, so that the same is not looked at again."""
    await conn.execute(
        _load("note_edition_source.sql"),
        {
            "ceremony_id": ceremony_id,
            "source": source,
            "document_id": document_id,
            "digest": digest(edition),
            "nominations": len(edition.nominations),
            "said_at": said_at,
        },
    )


async def require_enough(
    conn: AsyncConnection[Any],
    organization_id: int,
    source: str,
    editions: Sequence[EditionStatement],
    told: AwardsFile,
) -> None:
    """
    Refuse a body that says less than half of what its source said, of an edition or in all, before it is kept.

    Args:
        editions: That are looked at now; they may say that they show only a part.
        told: The whole body: where it is one for all editions it takes the place of one that said of all of them, so
            that a cut one is refused whichever edition is looked at.

    Raises:
        ShrunkEditionError: It does.
    """
    cursor = await conn.execute(
        _load("read_sizes.sql"), {"organization_id": organization_id, "source": source}
    )
    known = {(year, part): count for year, part, count in await cursor.fetchall()}
    for edition in editions:
        before = known.get((edition.year, edition.part), 0)
        require_size(source, edition, before)
    if source not in BY_YEAR:
        now = sum(len(each.nominations) for each in told.editions)
        require_total(source, now, sum(known.values()))


async def list_changed(
    conn: AsyncConnection[Any],
    organization_id: int,
    source: str,
    editions: Sequence[EditionStatement],
) -> list[EditionStatement]:
    """Return those of *editions* of which the source says something else than it did."""
    cursor = await conn.execute(
        _load("read_digests.sql"),
        {"organization_id": organization_id, "source": source},
    )
    known = {(year, part): mark for year, part, mark in await cursor.fetchall()}
    return [
        each for each in editions if known.get((each.year, each.part)) != digest(each)
    ]


def digest(edition: EditionStatement) -> str:
    """Return what tells whether a source still says the same of an edition."""
    return hashlib.sha256(msgspec.json.encode(edition)).hexdigest()[:32]


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)
