"""The changes feed in tables: its days, what they named, and the films of the ledger that have to be fetched by it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.sync import policy, windows
from cinegraph.sync.windows import WindowRead

REASON = "changed upstream"
"""Of the ledger's entries that the feed names."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A day of the feed."""

    day: date
    state: str
    """`open`, `done` or `lost`."""
    pages: int | None
    ids: int | None
    known_ids: int | None
    new_ids: int | None
    reads: int
    failures: int
    error_code: str | None
    error: str | None
    read_at: datetime | None
    done_at: datetime | None


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading came to."""

    ids: int
    marked: int
    """Films that are to be fetched because of it."""
    doubt: str | None
    """Why the reading is not believed."""
    failures: int
    """Readings in a row that failed or were doubted, with this one."""


class _Named(msgspec.Struct, frozen=True):
    """What the ledger knows of an id that the feed names."""

    external_id: int
    checked_at: datetime | None
    popularity: float | None
    released_on: date | None


async def open_days(
    conn: AsyncConnection[Any], *, source: str, kind: str, now: datetime
) -> list[date]:
    """
    Write a row for each day since the last known one; return the days that are not done, newest first.

    Newest first, because today's changes are what people look for; and so the feed shows how far back it answers.
    """
    key = {"source": source, "kind": kind}
    cursor = await conn.execute(_load("find_last_window.sql"), key)
    [(last, oldest_check)] = await cursor.fetchall()
    days = windows.days_to_open(last, oldest_check, now)
    await conn.execute(
        _load("open_windows.sql"),
        {
            **key,
            "days": days,
            # Days that are never asked for break the chain as surely as lost ones.
            "is_gap": last is not None and days != [] and days[0] > last + windows.DAY,
            "now": now,
        },
    )
    cursor = await conn.execute(_load("list_open_windows.sql"), key)
    return [row[0] for row in await cursor.fetchall()]


async def find_window(
    conn: AsyncConnection[Any], day: date, *, source: str, kind: str
) -> Window | None:
    """Return how a day stands."""
    async with conn.cursor(row_factory=class_row(Window)) as cursor:
        await cursor.execute(
            _load("find_window.sql"), {"source": source, "kind": kind, "day": day}
        )
        return await cursor.fetchone()


async def list_windows(
    conn: AsyncConnection[Any], *, source: str, kind: str, limit: int
) -> list[Window]:
    """Return the newest days, newest first."""
    async with conn.cursor(row_factory=class_row(Window)) as cursor:
        await cursor.execute(
            _load("list_windows.sql"), {"source": source, "kind": kind, "limit": limit}
        )
        return await cursor.fetchall()


async def list_new(
    conn: AsyncConnection[Any], read: WindowRead, *, source: str, kind: str
) -> list[int]:
    """Return the ids of a reading that nobody had named before, ascending, but for adult ones."""
    named = await _find_named(conn, read.times, source, kind)
    known = {each.external_id for each in named}
    return sorted(set(read.times) - known - read.adult_ids)


async def apply_read(
    conn: AsyncConnection[Any],
    read: WindowRead,
    *,
    source: str,
    kind: str,
    new_ids: Collection[int] = (),
    are_wanted: bool = False,
    now: datetime,
) -> Applied | None:
    """
    Write what a reading of a day found, and mark the films that have to be fetched because of it.

    Args:
        new_ids: Those that nobody had named before (`list_new`).
        are_wanted: Whether the ledger wants them since, so that they are new but once.

    Returns:
        None when the day is done or lost, or was read later than this: then nothing is written.

    Locks: the day; then rows of the ledger, in order of id.
    """
    key = {"source": source, "kind": kind, "day": read.day}
    cursor = await conn.execute(
        _load("lock_window.sql"), {**key, "began_at": read.began_at}
    )
    if await cursor.fetchone() is None:
        return None
    anew = await _note_ids(conn, read, key)
    expected = await _expected_ids(conn, source, kind)
    is_over = windows.is_over(read.day, read.began_at)
    doubt = windows.doubt(read, expected)
    named = await _find_named(conn, read.times, source, kind)
    marked = await _mark(conn, read, named, anew, source=source, kind=kind, now=now)
    cursor = await conn.execute(
        _load("note_read.sql"),
        {
            **key,
            "is_done": is_over and doubt is None,
            "pages": read.pages,
            "ids": len(read.times),
            "known_ids": sum(each.checked_at is not None for each in named),
            "new_ids": len(new_ids),
            "are_wanted": are_wanted,
            "doubt": doubt,
            "began_at": read.began_at,
            "now": now,
        },
    )
    [(failures,)] = await cursor.fetchall()
    return Applied(ids=len(read.times), marked=marked, doubt=doubt, failures=failures)


async def note_failure(
    conn: AsyncConnection[Any],
    day: date,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
) -> None:
    """Note that a day could not be read to its end."""
    await conn.execute(
        _load("note_window_failure.sql"),
        {
            "source": source,
            "kind": kind,
            "day": day,
            "error_code": error_code,
            "error": error,
        },
    )


async def lose(
    conn: AsyncConnection[Any],
    day: date,
    *,
    source: str,
    kind: str,
    reason: str,
    now: datetime,
) -> int:
    """Give a day up, and those before it that are open: what happened then is found by looking at films by age."""
    cursor = await conn.execute(
        _load("lose_windows.sql"),
        {"source": source, "kind": kind, "day": day, "reason": reason, "now": now},
    )
    return cursor.rowcount


async def forget_old(
    conn: AsyncConnection[Any], *, source: str, kind: str, before: date
) -> int:
    """Delete days before *before* that prove nothing any more; return how many."""
    cursor = await conn.execute(
        _load("forget_windows.sql"),
        {"source": source, "kind": kind, "before": before},
    )
    return cursor.rowcount


async def forget_latencies(
    conn: AsyncConnection[Any], *, source: str, kind: str, before: datetime
) -> int:
    """Delete how long updates took that were stored before *before*; return how many."""
    cursor = await conn.execute(
        _load("forget_latencies.sql"),
        {"source": source, "kind": kind, "before": before},
    )
    return cursor.rowcount


async def _note_ids(
    conn: AsyncConnection[Any], read: WindowRead, key: Mapping[str, object]
) -> set[int]:
    """Remember how often each id was named; return those named more often than before."""
    ids = sorted(read.times)
    cursor = await conn.execute(
        _load("note_named_ids.sql"),
        {**key, "ids": ids, "times": [read.times[thing] for thing in ids]},
    )
    return {row[0] for row in await cursor.fetchall()}


async def _expected_ids(
    conn: AsyncConnection[Any], source: str, kind: str
) -> float | None:
    cursor = await conn.execute(
        _load("expect_window_ids.sql"), {"source": source, "kind": kind}
    )
    [(expected,)] = await cursor.fetchall()
    return None if expected is None else float(expected)


async def _find_named(
    conn: AsyncConnection[Any], times: Collection[int], source: str, kind: str
) -> list[_Named]:
    cursor = await conn.execute(
        _load("find_named.sql"),
        {"source": source, "kind": kind, "ids": sorted(times)},
    )
    return [_Named(*row) for row in await cursor.fetchall()]


async def _mark(
    conn: AsyncConnection[Any],
    read: WindowRead,
    named: Sequence[_Named],
    anew: Collection[int],
    *,
    source: str,
    kind: str,
    now: datetime,
) -> int:
    """Let the ledger want what the reading shows as changed; return how many films."""
    popular_from = await find_popular_from(conn, source=source, kind=kind)
    due = {
        each.external_id: windows.due_after_naming(
            each.external_id,
            read,
            now,
            is_watched=policy.is_watched(
                each.popularity, each.released_on, now=now, popular_from=popular_from
            ),
        )
        for each in named
        if windows.needs_fetch(
            each.checked_at, read, is_named_anew=each.external_id in anew
        )
    }
    if not due:
        return 0
    ids = sorted(due)
    cursor = await conn.execute(
        _load("mark_changed.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": ids,
            "due_ats": [due[thing] for thing in ids],
            "are_anew": [thing in anew for thing in ids],
            "day": read.day,
            "day_start": windows.end_of(read.day) - windows.DAY,
            "reason": REASON,
            "began_at": read.began_at,
        },
    )
    return cursor.rowcount


async def find_popular_from(
    conn: AsyncConnection[Any], *, source: str, kind: str
) -> float:
    """Return the popularity from which a film counts as popular: by the newest list, or what TMDB's was once."""
    cursor = await conn.execute(
        _load("find_popular_from.sql"), {"source": source, "kind": kind}
    )
    row = await cursor.fetchone()
    return policy.POPULAR if row is None or row[0] is None else float(row[0])


def _load(name: str) -> LiteralString:
    return sql.load("cinegraph.sync", name)
