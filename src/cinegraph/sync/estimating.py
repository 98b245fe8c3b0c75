"""What an import of the whole catalogue will cost, before it is started; pure but for reading the counts."""

import math
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql

BYTES_A_LINE = 22.4
"""Of the compressed export: 27.7 MB held 1,238,234 films on 2026-08-31."""
SHARE_WITH_IMDB_ID = 0.563
"""654,217 of 1,161,694 films had an IMDb id."""
DISK_BYTES_A_FILM = 62_000
"""Documents, rows and indexes of a film of the whole catalogue; `make bench-rebuild` measures it for popular ones."""
IMPORT_REQUESTS_A_FILM = 1
"""Everything that belongs to a film comes with it."""


class Known(msgspec.Struct, frozen=True):
    """What the deployment has already."""

    listed: int
    """Films that the newest merged export names; 0: none was merged."""
    answered: int
    """Films that need no fetching."""
    titles_answered: int
    """Films that OMDb was asked for."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What an import will cost."""

    films: int
    """To be fetched."""
    is_exact: bool
    """Whether the films were counted; else reckoned from the size of the newest export."""
    answered: int
    """Left out, because they are there."""
    requests: int
    requests_per_second: float
    """The budget; 0: no limit, and no time can be told."""
    seconds: float | None
    """At that budget."""
    titles: int
    """To be asked for at OMDb; 0 when it is switched off."""
    titles_a_day: int
    omdb_days: float | None
    """Days of the quota's background share; None when OMDb is switched off."""
    disk_bytes: int


async def read_known(
    conn: AsyncConnection[Any],
    *,
    first_id: int | None = None,
    last_id: int | None = None,
) -> Known:
    """Return what is known already, of the ids from *first_id* to *last_id* or of all."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "read_known.sql"),
        {"first_id": first_id, "last_id": last_id},
    )
    [row] = await cursor.fetchall()
    return Known(*row)


def estimate(
    films: int,
    known: Known,
    *,
    is_exact: bool,
    list_pages: int,
    limit: int | None,
    requests_per_second: float,
    titles_a_day: int | None,
) -> Estimate:
    """
    Reckon what importing *films* films will cost.

    Args:
        films: Of the catalogue or of the range of ids.
        known: What is there already of them.
        is_exact: Whether *films* was counted.
        list_pages: Pages of lists that are read before.
        limit: At most so many films; None: all.
        requests_per_second: TMDB's budget; 0: no limit.
        titles_a_day: What OMDb's quota gives background work in a day; None: OMDb is switched off.
    """
    left = max(films - known.answered, 0)
    if limit is not None:
        left = min(left, limit)
    requests = left * IMPORT_REQUESTS_A_FILM + list_pages
    titles = 0
    if titles_a_day is not None:
        with_id = math.ceil((known.answered + left) * SHARE_WITH_IMDB_ID)
        titles = max(with_id - known.titles_answered, 0)
    return Estimate(
        films=left,
        is_exact=is_exact,
        answered=min(known.answered, films),
        requests=requests,
        requests_per_second=requests_per_second,
        seconds=requests / requests_per_second if requests_per_second > 0 else None,
        titles=titles,
        titles_a_day=titles_a_day or 0,
        omdb_days=titles / titles_a_day if titles_a_day else None,
        disk_bytes=left * DISK_BYTES_A_FILM,
    )


def lines_of(size_bytes: int) -> int:
    """Return about how many films an export of this size names."""
    return round(size_bytes / BYTES_A_LINE)
