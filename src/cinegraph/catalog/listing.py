"""
Merge a source's daily list of films: whole, in one transaction, touching only what differs.

`listed_movies` is what exists there, also before it is fetched. What a list says of a film that is stored counts if it
was said last: a list is of 08:00 UTC of its day, a document of when it was last received. Storing a film
(upsert_movies.sql, restate_movies.sql) and merging a list (relist_movies.sql) decide alike, so the rows are the same
whichever came first.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog import change_log
from cinegraph.catalog.copying import copy_batches, escape
from cinegraph.db import sql
from cinegraph.records.export import (
    ExportRecord,
    ListedMovieRecord,
    PlausibleLines,
)

SOURCE: Final = "tmdb"
"""Whose lists of films they are; the only source that has any."""
MOVIE: Final = "movie"
ADULT_MOVIE: Final = "adult_movie"
LISTED_AT: Final = time(8, tzinfo=UTC)
"""TMDB writes its lists from 07:00 and has them complete by 08:00."""
MERGE_TIMEOUT: Final = timedelta(minutes=10)
"""Of one statement; merging 1.24 million lines takes a tenth of it on two cores."""

MANY: Final = 1_000
"""
Films new to a list from which the planner has to be told: of a table that it knows nothing of it expects one row, and
looks for each of 50,000 films through all lines of the list (seen: minutes).
"""

POPULAR_FILMS: Final = 2_000
"""Films that count as popular: the top of the newest list, whatever popularity that is."""

type ReadLines[LineT] = Callable[[PlausibleLines], Iterator[Sequence[LineT]]]
"""Gives the lines of a file in batches and raises, at any time, if the file is not to be believed."""


class MergedExport(msgspec.Struct, frozen=True, kw_only=True):
    """What merging a list came to."""

    lines: int
    new: int
    """Films that were never listed before."""
    changed: int
    """Films of which the list before said something else, or nothing."""
    missing: int
    """Films that the list before named and this one does not."""
    refreshed: int
    """Stored films that took values of this list."""


class NewestExport(msgspec.Struct, frozen=True):
    """The last list that was merged."""

    listed_on: date
    lines: int


async def find_newest_export(
    conn: AsyncConnection[Any], *, kind: str, source: str = SOURCE
) -> NewestExport | None:
    """Return the newest merged list, or None before the first."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_newest_export.sql"),
        {"source": source, "kind": kind},
    )
    row = await cursor.fetchone()
    return None if row is None else NewestExport(*row)


async def merge_export(
    conn: AsyncConnection[Any],
    read: ReadLines[ListedMovieRecord],
    *,
    kind: str,
    export: ExportRecord,
    now: datetime,
) -> MergedExport | None:
    """
    Merge a list of films in the transaction that is open on *conn*.

    Until that ends, the lines are readable as `export_staging (tmdb_id, popularity, is_adult, is_video,
    original_title)`, and statements may take `MERGE_TIMEOUT`. What *read* raises has to end the transaction.

    Args:
        read: Gives the lines; is told how many are plausible and refuses the file otherwise.
        kind: `movie` or `adult_movie`: a list says nothing about films of the other one.
        export: The file.
        now: The time to write into `updated_at` and `merged_at`.

    Returns:
        Counts; None when this day's list, or a newer one, is merged already: nothing was read then.

    Locks: other merges wait; the stored films that it changes, in order of tmdb_id.
    """
    newest = await begin_merge(conn, kind=kind, source=SOURCE)
    if newest is not None and export.listed_on <= newest.listed_on:
        return None
    plausible = await _expect_lines(conn, newest, kind)
    await change_log.note_reason(conn, change_log.Reason.LISTED)
    await _run(conn, "drop_export_staging.sql")
    await _run(conn, "make_export_staging.sql")
    lines = await copy_batches(
        conn, "copy_export_staging.sql", read(plausible), _to_text
    )
    await _run(conn, "analyze_export_staging.sql")
    day = {"kind": kind, "listed_on": export.listed_on}
    # Changed before new: what is added by this list needs no comparison with it.
    changed = await _run(conn, "alter_listed.sql", day)
    new = await _run(conn, "add_new_listed.sql", day)
    if new >= MANY:
        await _run(conn, "analyze_listed.sql")
    missing = await _run(conn, "mark_missing_listed.sql", day)
    refreshed = await _refresh_stored(conn, export.listed_on, now)
    if refreshed:
        await change_log.note_listed(conn, now=now)
    merged = MergedExport(
        lines=lines, new=new, changed=changed, missing=missing, refreshed=refreshed
    )
    await note_merged(
        conn,
        source=SOURCE,
        kind=kind,
        export=export,
        counts=(lines, new, changed, missing),
        now=now,
    )
    if kind == MOVIE:
        await _run(
            conn,
            "note_popular_from.sql",
            {**day, "source": SOURCE, "place": POPULAR_FILMS},
        )
    return merged


async def begin_merge(
    conn: AsyncConnection[Any], *, kind: str, source: str
) -> NewestExport | None:
    """Make this transaction the one that merges, with time for it; return the newest list merged before."""
    await _run(
        conn,
        "allow_large_merge.sql",
        {"timeout_ms": MERGE_TIMEOUT // timedelta(milliseconds=1)},
    )
    await _run(conn, "lock_exports.sql")
    return await find_newest_export(conn, kind=kind, source=source)


async def note_merged(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    export: ExportRecord,
    counts: tuple[int, int, int, int],
    now: datetime,
) -> None:
    """Note a merged list; *counts* are lines, new, changed and missing ones."""
    lines, new, changed, missing = counts
    parameters = {
        "line_count": lines,
        "new_count": new,
        "changed_count": changed,
        "missing_count": missing,
        "now": now,
    }
    await _run(
        conn,
        "note_merged_export.sql",
        {
            "source": source,
            "kind": kind,
            **parameters,
            **msgspec.structs.asdict(export),
        },
    )


async def note_refused(
    conn: AsyncConnection[Any],
    *,
    kind: str,
    export: ExportRecord,
    reason: str,
    source: str = SOURCE,
) -> None:
    """Note a list that was refused, with the reason; in another transaction than the refused merge's."""
    await _run(
        conn,
        "note_refused_export.sql",
        {
            "source": source,
            "kind": kind,
            "reason": reason,
            **msgspec.structs.asdict(export),
        },
    )


async def _expect_lines(
    conn: AsyncConnection[Any], newest: NewestExport | None, kind: str
) -> PlausibleLines:
    if newest is not None:
        return PlausibleLines(
            expected=newest.lines,
            expected_from=f"the {newest.lines:,} lines of {newest.listed_on}",
        )
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "count_films_of_kind.sql"),
        {"is_adult": kind == ADULT_MOVIE},
    )
    [(stored,)] = await cursor.fetchall()
    return PlausibleLines(
        expected=stored,
        expected_from=f"the {stored:,} films that are stored",
        largest_share=None,
    )


async def _refresh_stored(
    conn: AsyncConnection[Any], listed_on: date, now: datetime
) -> int:
    """Give stored films the values of the list where it was said last; return how many."""
    await _run(conn, "lock_relisted_movies.sql")
    listed_at = datetime.combine(listed_on, LISTED_AT)
    return await _run(
        conn,
        "relist_movies.sql",
        {"source": SOURCE, "listed_at": listed_at, "now": now},
    )


async def _run(
    conn: AsyncConnection[Any], name: str, parameters: dict[str, Any] | None = None
) -> int:
    """Run a statement; return how many rows it wrote."""
    cursor = await conn.execute(sql.load("cinegraph.catalog", name), parameters)
    return cursor.rowcount


def _to_text(films: Sequence[ListedMovieRecord]) -> bytes:
    """Return *films* as copy_export_staging.sql takes them."""
    return "".join(
        [
            f"{film.tmdb_id}\t{film.popularity}\t{'t' if film.is_adult else 'f'}"
            f"\t{'t' if film.is_video else 'f'}\t{escape(film.original_title)}\n"
            for film in films
        ]
    ).encode()
