"""
Merge a list that rates every title by its IMDb id: whole, in one transaction, touching only what differs.

The stored ratings of the list's source become equal to it: what it no longer says goes to the history, as does a value
that it replaces. Titles that are no film of ours are dropped with the staging table.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog import listing
from cinegraph.catalog.copying import copy_batches
from cinegraph.catalog.listing import NewestExport, ReadLines
from cinegraph.db import sql
from cinegraph.records.export import (
    ExportRecord,
    ListedRatingRecord,
    PlausibleLines,
)

SOURCE: Final = "imdb"
KIND: Final = "ratings"
"""Of the list, in `export_snapshots`."""
RATING_KIND: Final = "user_rating"
"""Of its rows, in `ratings`: 0–10, with votes."""


class MergedRatings(msgspec.Struct, frozen=True, kw_only=True):
    """What merging a list of ratings came to."""

    lines: int
    films: int
    """Stored films that it rates."""
    new: int
    changed: int
    """Films with another value, or the same one of another number of votes."""
    gone: int
    """Films that it no longer rates."""


async def merge_ratings(
    conn: AsyncConnection[Any],
    read: ReadLines[ListedRatingRecord],
    *,
    export: ExportRecord,
    now: datetime,
) -> MergedRatings | None:
    """
    Merge IMDb's ratings in the transaction that is open on *conn*. What *read* raises has to end it.

    Args:
        read: Gives the lines; is told how many are plausible and refuses the file otherwise.
        export: The file; its values are as of when it was fetched.
        now: The time to write into `merged_at`.

    Returns:
        Counts; None when this day's list, or a newer one, is merged already: nothing was read then.

    Locks: other merges wait; rows of `ratings` of this source, which nobody else writes.
    """
    newest = await listing.begin_merge(conn, kind=KIND, source=SOURCE)
    if newest is not None and export.listed_on <= newest.listed_on:
        return None
    await _run(conn, "make_rating_staging.sql")
    lines = await copy_batches(
        conn, "copy_rating_staging.sql", read(_expect_lines(newest)), _to_text
    )
    await _run(conn, "analyze_rating_staging.sql")
    films = await _run(conn, "match_rating_staging.sql")
    await _run(conn, "analyze_rating_matched.sql")
    said = {"source": SOURCE, "rating_kind": RATING_KIND, "said_at": export.fetched_at}
    await _run(conn, "keep_listed_ratings.sql", said)
    gone = await _run(conn, "drop_unlisted_ratings.sql", said)
    changed = await _run(conn, "alter_listed_ratings.sql", said)
    new = await _run(conn, "add_listed_ratings.sql", said)
    await listing.note_merged(
        conn,
        source=SOURCE,
        kind=KIND,
        export=export,
        counts=(lines, new, changed, gone),
        now=now,
    )
    return MergedRatings(lines=lines, films=films, new=new, changed=changed, gone=gone)


def _expect_lines(newest: NewestExport | None) -> PlausibleLines:
    if newest is None:
        return PlausibleLines(expected=0, expected_from="nothing")
    return PlausibleLines(
        expected=newest.lines,
        expected_from=f"the {newest.lines:,} lines of {newest.listed_on}",
    )


async def _run(
    conn: AsyncConnection[Any], name: str, parameters: dict[str, Any] | None = None
) -> int:
    """Run a statement; return how many rows it wrote."""
    cursor = await conn.execute(sql.load("cinegraph.catalog", name), parameters)
    return cursor.rowcount


def _to_text(ratings: Sequence[ListedRatingRecord]) -> bytes:
    """Return *ratings* as copy_rating_staging.sql takes them."""
    return "".join(
        [f"{rating.imdb_id}\t{rating.value}\t{rating.votes}\n" for rating in ratings]
    ).encode()
