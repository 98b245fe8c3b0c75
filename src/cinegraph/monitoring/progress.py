"""How far runs are, how fast, when they will be done and what limits them."""

from collections.abc import Mapping, Sequence
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
    unqueued: int = 0
    """Planned: their jobs are made when the source can serve them."""
    open: int
    waiting: int
    """Used up their attempts; a further round comes."""
    cancelled: int
    pages_planned: int
    """List pages, ranges of ids and exports to read."""
    pages_read: int
    stages: dict[str, dict[str, int]] = {}
    """By kind of item (a film, a list page, a film at OMDb …), items by state; none of 0."""
    ended_last_minute: int
    first_ended_at: datetime | None
    read_at: datetime

    @property
    def is_running(self) -> bool:
        """Whether something can still happen; a paused run waits for a person."""
        return self.state in {"running", "paused"}

    @property
    def is_paused(self) -> bool:
        """Whether a person has paused it."""
        return self.state == "paused"

    @property
    def left(self) -> int:
        """Films that are not settled yet."""
        return self.unqueued + self.open + self.waiting

    @property
    def titles_left(self) -> int:
        """Films that OMDb is still to be asked for by this run."""
        return self.open_of("omdb")

    def open_of(self, kind: str) -> int:
        """Return how many items of a kind are not settled."""
        states = self.stages.get(kind, {})
        return sum(states.get(state, 0) for state in ("planned", "open", "waiting"))

    def total_of(self, kind: str) -> int:
        """Return how many items of a kind there are."""
        return sum(self.stages.get(kind, {}).values())

    @property
    def is_listed(self) -> bool:
        """Whether it is known which films there are: lists are read, and nominated films looked up."""
        return self.pages_read >= self.pages_planned and not self.open_of("find")

    @property
    def ended(self) -> int:
        """Films that are settled one way or another."""
        return self.planned - self.left

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
        if self.state != "running" or rate <= 0 or not self.is_listed:
            return None
        return timedelta(seconds=self.left / rate)


STAGE_ORDER = (
    "popular_page",
    "top_rated_page",
    "export",
    "id_range",
    "festival",
    "edition",
    "find",
    "movie",
    "omdb",
    "collaborations",
    "person",
    "enrichment",
)
"""How the stages of a run follow each other; other lists' pages come first."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a run, as a screen shows it."""

    kind: str
    planned: int
    """All items of it."""
    unqueued: int
    """No job is made yet."""
    queued: int
    """A job waits for its turn, or for its next try."""
    running: int
    """A job is at it now."""
    waiting: int
    """Used up their attempts; a further round comes."""
    done: int
    absent: int
    failed: int
    quarantined: int
    cancelled: int
    deferred: int
    """Left to the backlog: the source's day is used up."""

    @property
    def ended(self) -> int:
        """Items that are settled one way or another."""
        return self.planned - self.unqueued - self.queued - self.running - self.waiting


def list_stages(run: RunProgress, running: Mapping[str, int]) -> list[Stage]:
    """
    Return the stages of *run* in their order.

    Args:
        running: By kind of item, how many jobs of the run execute now.
    """
    kinds = sorted(run.stages, key=lambda kind: (_place(kind), kind))
    return [_stage(kind, run.stages[kind], running.get(kind, 0)) for kind in kinds]


def _place(kind: str) -> int:
    return STAGE_ORDER.index(kind) if kind in STAGE_ORDER else -1


def _stage(kind: str, states: Mapping[str, int], running: int) -> Stage:
    has_job = states.get("open", 0)
    return Stage(
        kind=kind,
        planned=sum(states.values()),
        unqueued=states.get("planned", 0),
        queued=max(has_job - running, 0),
        running=min(running, has_job),
        waiting=states.get("waiting", 0),
        done=states.get("done", 0),
        absent=states.get("absent", 0),
        failed=states.get("failed", 0),
        quarantined=states.get("quarantined", 0),
        cancelled=states.get("cancelled", 0),
        deferred=states.get("deferred", 0),
    )


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
    conn: AsyncConnection[Any],
    *,
    limit: int,
    now: datetime,
    running_only: bool = False,
    states: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    before: int | None = None,
) -> list[RunProgress]:
    """Return the latest runs, latest first; *before* is the last id of the page before."""
    return await _read(
        conn,
        limit=limit,
        now=now,
        running_only=running_only,
        states=list(states) if states else None,
        kinds=list(kinds) if kinds else None,
        before=before,
    )


async def _read(
    conn: AsyncConnection[Any], *, now: datetime, limit: int, **wanted: Any
) -> list[RunProgress]:
    def row(**columns: Any) -> RunProgress:
        return RunProgress(**columns, read_at=now)

    anything = dict.fromkeys(("run_id", "states", "kinds", "before"))
    async with conn.cursor(row_factory=kwargs_row(row)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "run_progress.sql"),
            {
                **anything,
                "running_only": False,
                "limit": limit,
                "now": now,
                **wanted,
            },
        )
        return await cursor.fetchall()
