"""How things were: a sample a minute, from which charts are drawn. Real time, as requests and jobs are counted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cinegraph.db.sql import load
from cinegraph.errors import (
    AbsentAtSourceError,
    SourceThrottledError,
    UsageError,
)
from cinegraph.limits.latency import estimate_quantile
from cinegraph.limits.quota_state import read_quotas
from cinegraph.monitoring import levels
from cinegraph.monitoring.depths import MOST_COUNTED

KEEP = timedelta(days=8)
"""The longest chart, and a day more."""
MINUTE = timedelta(minutes=1)
SETTLING = timedelta(seconds=5)
"""After the end of a minute: requests are counted where they were sent, once they are answered."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_HARMLESS = ("ok", "cancelled", AbsentAtSourceError.code)
_PACKAGE = "cinegraph.monitoring"
_SOURCE = "tmdb"


class Window(msgspec.Struct, frozen=True):
    """What a chart shows."""

    span: timedelta
    step: timedelta
    """Of one point; a chart has some eighty."""


WINDOWS: Mapping[str, Window] = MappingProxyType(
    {
        "1h": Window(timedelta(hours=1), MINUTE),
        "6h": Window(timedelta(hours=6), timedelta(minutes=5)),
        "24h": Window(timedelta(days=1), timedelta(minutes=15)),
        "7d": Window(timedelta(days=7), timedelta(hours=2)),
    }
)
"""By its name in addresses."""


class SourcePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One source in one span."""

    requests: int
    throttled: int
    """Answered "too many requests"."""
    errors: int
    """Neither answered nor "there is none"; those throttled are not among them."""
    p95_seconds: float | None
    """The mean of its minutes', each by its requests; None: nothing was asked."""
    quota_left: int | None
    """The least in the span; None: it has no quota a day."""


class QueuePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One queue in one span."""

    waiting: int
    """The most in a minute; counted up to 10,000."""
    running: int
    completed: int
    failed: int
    """Ended with no attempt left."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One span of a chart; numbers are None, and sources and queues empty, where nobody sampled."""

    at: datetime
    """Its beginning."""
    minutes: int
    """Of it that were sampled."""
    films: int | None = None
    """Stored at its end."""
    freshness: float | None = None
    requests_per_second: float | None = None
    jobs_per_second: float | None = None
    """That ended well."""
    failed_jobs: int | None = None
    throttled: int | None = None
    errors: int | None = None
    sources: dict[str, SourcePoint] = {}
    queues: dict[str, QueuePoint] = {}


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """How things were; real time."""

    window: str
    step_seconds: int
    points: list[Point]
    """One a step, the oldest first, also where nobody sampled."""
    read_at: datetime


async def take(
    conn: AsyncConnection[Any],
    *,
    queues: Sequence[str],
    now: datetime,
    real_now: datetime,
) -> bool:
    """Note how the last whole minute was, unless it is noted; return whether it was now. Two nodes do no harm."""
    minute = floor(real_now - SETTLING, MINUTE) - MINUTE
    cursor = await conn.execute(load(_PACKAGE, "is_sampled.sql"), {"minute": minute})
    if await cursor.fetchone() == (True,):
        return False
    row = await levels.read_row(conn, source=_SOURCE, now=now)
    cursor = await conn.execute(
        load(_PACKAGE, "note_sample.sql"),
        {
            "minute": minute,
            "queues": list(queues),
            "sources": Jsonb(await _read_sources(conn, minute, now)),
            "films_live": row["films"],
            "films_fresh": row["films_fresh"],
            "most": MOST_COUNTED,
        },
    )
    return await cursor.fetchone() is not None


async def list_samples(
    conn: AsyncConnection[Any], window: str, *, real_now: datetime
) -> Samples:
    """
    Return how things were.

    Raises:
        UsageError: There is no such window.
    """
    if window not in WINDOWS:
        raise UsageError(
            f"there is no window {window!r}", hint=f"Windows: {', '.join(WINDOWS)}."
        )
    span, step = WINDOWS[window].span, WINDOWS[window].step
    before = floor(real_now - MINUTE, step) + step
    values = {"start": before - span, "before": before, "step": step}
    spans = {row["at"]: row for row in await _fetch(conn, "list_samples.sql", values)}
    sources = await _fetch(conn, "list_source_samples.sql", values)
    queues = await _fetch(conn, "list_queue_samples.sql", values)
    points = [
        make_point(at, spans.get(at), _of(sources, at), _of(queues, at))
        for at in (before - span + n * step for n in range(span // step))
    ]
    return Samples(
        window=window,
        step_seconds=int(step.total_seconds()),
        points=points,
        read_at=real_now,
    )


async def forget(conn: AsyncConnection[Any], *, before: datetime) -> int:
    """Delete the minutes before *before* (real time); return how many."""
    cursor = await conn.execute(
        load(_PACKAGE, "forget_samples.sql"), {"before": before}
    )
    return cursor.rowcount


def floor(at: datetime, step: timedelta) -> datetime:
    """Return the last beginning of a step that is not later than *at*; steps are counted from midnight, UTC."""
    return at - (at - _EPOCH) % step


def make_point(
    at: datetime,
    row: Mapping[str, Any] | None,
    sources: Sequence[Mapping[str, Any]],
    queues: Sequence[Mapping[str, Any]],
) -> Point:
    """Return one span of a chart from the rows of it."""
    if row is None:
        return Point(at=at, minutes=0)
    by_source = {
        one["source"]: msgspec.convert(
            {name: one[name] for name in SourcePoint.__struct_fields__}, SourcePoint
        )
        for one in sources
    }
    by_queue = {
        one["queue"]: msgspec.convert(
            {name: one[name] for name in QueuePoint.__struct_fields__}, QueuePoint
        )
        for one in queues
    }
    seconds = row["minutes"] * MINUTE.total_seconds()
    return Point(
        at=at,
        minutes=row["minutes"],
        films=row["films"],
        freshness=row["films_fresh"] / row["films_live"] if row["films_live"] else None,
        requests_per_second=sum(one.requests for one in by_source.values()) / seconds,
        jobs_per_second=sum(one.completed for one in by_queue.values()) / seconds,
        failed_jobs=sum(one.failed for one in by_queue.values()),
        throttled=sum(one.throttled for one in by_source.values()),
        errors=sum(one.errors for one in by_source.values()),
        sources=by_source,
        queues=by_queue,
    )


async def _read_sources(
    conn: AsyncConnection[Any], minute: datetime, now: datetime
) -> list[dict[str, Any]]:
    asked = await _fetch(
        conn,
        "read_source_minute.sql",
        {
            "minute": minute,
            "harmless": list(_HARMLESS),
            "throttled": SourceThrottledError.code,
        },
    )
    left = {one.source: one.left for one in await read_quotas(conn, now=now)}
    told = {
        row["source"]: {
            **row,
            "p95_seconds": estimate_quantile(row.pop("latency"), 0.95),
        }
        for row in asked
    }
    nothing = {"requests": 0, "throttled": 0, "errors": 0}
    for source, rest in left.items():
        told.setdefault(source, {"source": source, **nothing})["quota_left"] = rest
    return list(told.values())


async def _fetch(
    conn: AsyncConnection[Any], name: str, values: Mapping[str, object]
) -> list[dict[str, Any]]:
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(load(_PACKAGE, name), values)
        return await cursor.fetchall()


def _of(rows: Sequence[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    return [row for row in rows if row["at"] == at]
