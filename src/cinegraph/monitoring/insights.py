"""The status of the whole and the story of one film: the one read API behind commands, and later pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from cinegraph.db import sql
from cinegraph.monitoring.progress import RunProgress, list_runs
from cinegraph.sync import ledger, runs

_EXACT_UP_TO = 20_000
"""Counted within two milliseconds."""
_MOST_ACTIVE = 10
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
    """One queue: what is in it and how it should run."""

    queue: str
    counts: dict[str, int]
    """Jobs by state; every state of `STATES` is there."""
    waiting_seconds: float | None
    """Age of the oldest job that could run; None when none waits."""
    paused: bool
    node_limit: int | None
    """Jobs at once on each node; None: as each node was configured."""


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
    wanted_movies: int
    """Known and never fetched."""
    quarantined_bodies: int
    checked_last_week: int
    imported_last_hour: int
    """Films stored in the last 60 minutes of the clock, the present one among them: 59 to 60 minutes."""
    last_sync_at: datetime | None
    next_sync_at: datetime | None
    queues: Sequence[QueueState]
    active_runs: Sequence[RunProgress]
    read_at: datetime


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """What a line that is written every second says of the deployment."""

    films: int
    is_exact: bool
    """Small catalogues are counted; of large ones it is the planner's estimate."""
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
    reason: str | None = None
    """Why the feeder made it."""


class DocumentTrace(msgspec.Struct, frozen=True):
    """A body that is kept of a film."""

    source: str
    kind: str
    external_id: str
    size_bytes: int
    fetched_at: datetime
    """When this body first came."""
    checked_at: datetime
    """When the source last sent it."""


class DueTrace(msgspec.Struct, frozen=True):
    """One thing of a film that is to be computed anew."""

    enrichment: str
    reason: str
    """What changed."""
    due_at: datetime
    failures: int
    """How often computing it ended as failed."""
    error_code: str | None
    """Of the last failure."""


class MovieTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Why a film is as it is: what each source knows, the bodies kept, its row's times, and every job about it."""

    tmdb_id: int
    ledger: list[ledger.LedgerEntry]
    """TMDB's first."""
    jobs: list[JobTrace]
    read_at: datetime
    documents: list[DocumentTrace] = []
    due: list[DueTrace] = []
    """What is to be computed anew; empty: all that is computed of it is current."""
    imdb_id: str | None = None
    created_at: datetime | None = None
    """Of the film's row; None: it is not stored."""
    updated_at: datetime | None = None


async def get_pulse(conn: AsyncConnection[Any], *, now: datetime) -> Pulse:
    """Return the little that a ticker shows; its cost does not grow with the catalogue."""
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "pulse.sql"), {"exact_up_to": _EXACT_UP_TO}
    )
    [(films, is_exact)] = await cursor.fetchall()
    active = await list_runs(conn, limit=_MOST_ACTIVE, now=now, running_only=True)
    return Pulse(films=films, is_exact=is_exact, active_runs=active, read_at=now)


async def get_signature(conn: AsyncConnection[Any]) -> str:
    """Return a text that is the same as long as nothing changed that a page shows."""
    cursor = await conn.execute(sql.load("cinegraph.monitoring", "signature.sql"))
    [(signature,)] = await cursor.fetchall()
    return str(signature)


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
    """Return every queue that has jobs or settings, by name."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql.load("cinegraph.monitoring", "queue_counts.sql"))
        rows = await cursor.fetchall()
    none = dict.fromkeys(STATES, 0)
    return [QueueState(**{**row, "counts": none | row["counts"]}) for row in rows]


async def trace_movie(
    conn: AsyncConnection[Any], tmdb_id: int, *, now: datetime, limit: int = 50
) -> MovieTrace:
    """Return the story of one film: ledger of every source, jobs and their attempts, latest first."""
    entries = await ledger.find_entries(conn, runs.MOVIE, tmdb_id)
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "movie_row.sql"), {"tmdb_id": tmdb_id}
    )
    movie_id, *row = await cursor.fetchone() or (None, None, None, None)
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "movie_jobs.sql"),
        {"tmdb_id": tmdb_id, "limit": limit},
    )
    jobs = [_job(*found) for found in await cursor.fetchall()]
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "movie_documents.sql"), {"tmdb_id": tmdb_id}
    )
    documents = [DocumentTrace(*found) for found in await cursor.fetchall()]
    cursor = await conn.execute(
        sql.load("cinegraph.monitoring", "movie_due.sql"), {"movie_id": movie_id}
    )
    due = [DueTrace(*found) for found in await cursor.fetchall()]
    imdb_id, created_at, updated_at = row
    return MovieTrace(
        tmdb_id=tmdb_id,
        ledger=sorted(entries, key=lambda entry: entry.source != "tmdb"),
        jobs=jobs,
        read_at=now,
        documents=documents,
        due=due,
        imdb_id=imdb_id,
        created_at=created_at,
        updated_at=updated_at,
    )


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
        reason=meta.get("reason"),
    )
