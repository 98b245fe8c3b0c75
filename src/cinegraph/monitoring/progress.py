"""How far runs are, how fast, when they will be done and what limits them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from cinegraph.db import sql

_RATE_WINDOW = timedelta(minutes=1)


class RunProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A run at the moment `read_at`; films unless a field says otherwise."""

    id: int
    kind: str
    source: str
    arguments: dict[str, Any]
    requested_by: str
    state: str
    note: str | None
    started_at: datetime
    finished_at: datetime | None
    planned: int
    done: int
    absent: int
    failed: int
    quarantined: int
    open: int
    waiting: int
    """Used up their attempts; a further round comes."""
    cancelled: int
    pages_planned: int
    """List pages to read."""
    pages_read: int
    ended_last_minute: int
    first_ended_at: datetime | None
    read_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether something can still happen."""
        return self.state == "running"

    @property
    def ended(self) -> int:
        """Films that are settled one way or another."""
        return self.planned - self.open - self.waiting

    @property
    def elapsed(self) -> timedelta:
        """Since the start; until the end when it has ended."""
        return (self.finished_at or self.read_at) - self.started_at

    @property
    def films_per_second(self) -> float:
        """Over the last minute while running, over the whole run when ended; what was cancelled is no work done."""
        if not self.is_running:
            seconds = self.elapsed.total_seconds()
            worked = self.done + self.absent + self.failed + self.quarantined
            return worked / seconds if seconds > 0 else 0.0
        return recent_rate(self.ended_last_minute, self.first_ended_at, self.read_at)

    @property
    def eta(self) -> timedelta | None:
        """Until the films known so far are settled; `None` when nothing moves."""
        rate = self.films_per_second
        if not self.is_running or rate <= 0 or self.pages_read < self.pages_planned:
            return None
        return timedelta(seconds=(self.open + self.waiting) / rate)


def recent_rate(ended: int, first_ended_at: datetime | None, now: datetime) -> float:
    """
    Return films per second of the last minute.

    Args:
        ended: Settled within the last minute.
        first_ended_at: The first of them: a run younger than a minute is not divided by a whole one.
    """
    if first_ended_at is None:
        return 0.0
    seconds = min((now - first_ended_at).total_seconds(), _RATE_WINDOW.total_seconds())
    return ended / max(seconds, 1.0)


async def find_run(
    conn: AsyncConnection[Any], run_id: int, *, now: datetime
) -> RunProgress | None:
    """Return one run, or `None` when there is none of that id."""
    runs = await _read(conn, run_id=run_id, limit=1, now=now)
    return runs[0] if runs else None


async def list_runs(
    conn: AsyncConnection[Any], *, limit: int, now: datetime, running_only: bool = False
) -> list[RunProgress]:
    """Return the latest runs, latest first."""
    return await _read(
        conn, run_id=None, limit=limit, now=now, running_only=running_only
    )


async def _read(
    conn: AsyncConnection[Any],
    *,
    run_id: int | None,
    limit: int,
    now: datetime,
    running_only: bool = False,
) -> list[RunProgress]:
    def row(**columns: Any) -> RunProgress:
        return RunProgress(**columns, read_at=now)

    async with conn.cursor(row_factory=kwargs_row(row)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "run_progress.sql"),
            {
                "run_id": run_id,
                "running_only": running_only,
                "limit": limit,
                "now": now,
            },
        )
        return await cursor.fetchall()
