"""The status of the whole and the story of one film: the one read API behind commands, and later pages."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.monitoring.progress import RunProgress, list_runs
from cinegraph.sync import ledger, runs

STATES = (
    "available",
    "scheduled",
    "executing",
    "retryable",
    "completed",
    "cancelled",
    "discarded",
)
"""Oban's job states, in the order in which a person looks at them."""


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs of a queue are in which state."""

    queue: str
    counts: dict[str, int]
    oldest_available_at: datetime | None
    """Since when the job that has waited longest could have started."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The deployment at `read_at`."""

    status: str
    """`idle`, `importing`, or `empty` before the first film."""
    total_movies: int
    """Films we know of, stored or not."""
    imported_movies: int
    people: int
    credits: int
    failed_movies: int
    absent_movies: int
    quarantined_bodies: int
    checked_last_week: int
    imported_last_hour: int
    last_sync_at: datetime | None
    next_sync_at: datetime | None
    queues: list[QueueState]
    active_runs: list[RunProgress]
    read_at: datetime


class JobTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One job as far as one film's story needs it."""

    id: int
    worker: str
    queue: str
    state: str
    attempt: int
    max_attempts: int
    errors: list[dict[str, Any]]
    run_id: int | None
    inserted_at: datetime
    scheduled_at: datetime
    attempted_at: datetime | None
    ended_at: datetime | None


class MovieTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Why a film is as it is: what each source knows and every job about it."""

    tmdb_id: int
    ledger: list[ledger.LedgerEntry]
    jobs: list[JobTrace]
    read_at: datetime


async def get_status(
    conn: AsyncConnection[Any], *, source: str, now: datetime
) -> Status:
    """Return the state of everything, as of *now*."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.load("cinegraph.monitoring", "status.sql"),
            {"source": source, "now": now},
        )
        (numbers,) = await cursor.fetchall()
    running = numbers.pop("active_runs")
    # One may have started since they were counted.
    active = await list_runs(conn, limit=running + 10, now=now, running_only=True)
    return Status(
        status=_status_word(imported=numbers["imported_movies"], running=running),
        queues=await list_queues(conn),
        active_runs=active,
        read_at=now,
        **numbers,
    )


def _status_word(*, imported: int, running: int) -> str:
    if running:
        return "importing"
    return "idle" if imported else "empty"


async def list_queues(conn: AsyncConnection[Any]) -> list[QueueState]:
    """Return every queue that has jobs, by name."""
    cursor = await conn.execute(sql.load("cinegraph.monitoring", "queue_counts.sql"))
    counts: dict[str, dict[str, int]] = {}
    oldest: dict[str, datetime] = {}
    for queue, state, count, oldest_at in await cursor.fetchall():
        counts.setdefault(queue, dict.fromkeys(STATES, 0))[state] = count
        if state == "available":
            oldest[queue] = oldest_at.replace(tzinfo=UTC)
    return [
        QueueState(queue=queue, counts=by_state, oldest_available_at=oldest.get(queue))
        for queue, by_state in sorted(counts.items())
    ]


async def trace_movie(
    conn: AsyncConnection[Any], tmdb_id: int, *, now: datetime, limit: int = 50
) -> MovieTrace:
    """Return the story of one film: ledger of every source, jobs and their attempts, latest first."""
    entries = await ledger.find_entries(conn, runs.MOVIE, tmdb_id)
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "movie_jobs.sql"),
        {"arguments": Jsonb({"tmdb_id": tmdb_id}), "limit": limit},
    )
    jobs = [_job(*row) for row in await cursor.fetchall()]
    return MovieTrace(tmdb_id=tmdb_id, ledger=entries, jobs=jobs, read_at=now)


def _job(*row: Any) -> JobTrace:
    (job_id, worker, queue, state, attempt, max_attempts, errors, meta, *times) = row
    inserted_at, scheduled_at, attempted_at, ended_at = times
    return JobTrace(
        id=job_id,
        worker=worker.rsplit(".", 1)[-1],
        queue=queue,
        state=state,
        attempt=attempt,
        max_attempts=max_attempts,
        errors=errors,
        run_id=meta.get("run_id"),
        inserted_at=inserted_at,
        scheduled_at=scheduled_at,
        attempted_at=attempted_at,
        ended_at=ended_at,
    )
