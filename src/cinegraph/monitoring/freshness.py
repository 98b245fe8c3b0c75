"""How old what we have of films is, by how popular they are."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.db.sql import load

BANDS: Final = ("the first 100", "101 to 1,000", "1,001 to 5,000", "all others")
"""By place in the order of popularity."""
AGES: Final = (
    (0, "today"),
    (1, "yesterday"),
    (3, "2–3 days"),
    (7, "4–7 days"),
    (14, "8–14 days"),
    (30, "15–30 days"),
    (90, "31–90 days"),
    (180, "91–180 days"),
)
"""The oldest day of each, in days before today (UTC)."""
OLDER: Final = "older"
NEVER: Final = "never"
NAMES: Final = (*(name for _, name in AGES), OLDER, NEVER)


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """Films by popularity and by the day on which their source last answered."""

    ages: tuple[str, ...]
    bands: tuple[str, ...]
    films: tuple[tuple[int, ...], ...]
    """By band, then by age."""
    read_at: datetime


async def read_freshness(
    conn: AsyncConnection[Any], *, source: str, now: datetime
) -> Freshness:
    """Return how old films are; those that are absent do not count."""
    cursor = await conn.execute(
        load("cinegraph.monitoring", "freshness.sql"),
        {"source": source, "kind": "movie"},
    )
    rows = [
        (band, None if day == "-infinity" else date.fromisoformat(day), things)
        for band, day, things in await cursor.fetchall()
    ]
    return Freshness(
        ages=NAMES, bands=BANDS, films=arrange(rows, now.date()), read_at=now
    )


def arrange(
    rows: Iterable[tuple[int, date | None, int]], today: date
) -> tuple[tuple[int, ...], ...]:
    """Return films by band and age, of rows of band (from 1), day and films; pure."""
    grid = [[0] * len(NAMES) for _ in BANDS]
    for band, day, films in rows:
        grid[band - 1][NAMES.index(name_age(day, today))] += films
    # A count that is summed up a moment later than a row must not show as less than none.
    return tuple(tuple(max(films, 0) for films in row) for row in grid)


def name_age(day: date | None, today: date) -> str:
    """Return what the age of *day* is called; None: never."""
    if day is None:
        return NEVER
    days = (today - day).days
    return next((name for most, name in AGES if days <= most), OLDER)
