"""Reading jobs, queue settings and nodes, for screens and commands; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from cinegraph.db.sql import load
from cinegraph.errors import UsageError
from cinegraph.jobs.settings import EngineSettings

_OWNER = "cinegraph.jobs"
_DEAD_AFTER_SECONDS = EngineSettings().heartbeat_grace.total_seconds()
"""Then others take the node's jobs."""


class JobNotFoundError(UsageError):
    """There is no job of that number; it may have been pruned."""

    code = "job_not_found"


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as stored."""

    id: int
    state: str
    queue: str
    worker: str
    attempt: int
    max_attempts: int
    priority: int
    args: dict[str, Any]
    meta: dict[str, Any]
    errors: list[dict[str, Any]]
    """Oldest first: `attempt`, `at`, `error`, and `code` as in `cinegraph.errors`."""
    attempted_by: list[str]
    inserted_at: datetime
    scheduled_at: datetime
    attempted_at: datetime | None
    ended_at: datetime | None

    @property
    def worker_title(self) -> str:
        """The worker's name without its module."""
        return self.worker.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class QueueSetting:
    """How a queue should run, on every node."""

    queue: str
    paused: bool
    node_limit: int | None
    """None: as each node was configured."""


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One queue on one node, as of its last heartbeat."""

    node: str
    queue: str
    meta: dict[str, Any]
    """`version`, `running`, `local_limit`, `paused`, `listener_silent_seconds`, `listener_rebuilt`, `pid`, `host`."""
    started_at: datetime
    silent_seconds: float
    is_leader: bool

    @property
    def is_live(self) -> bool:
        """Whether its heartbeat is fresh enough that nobody takes its jobs."""
        return self.silent_seconds < _DEAD_AFTER_SECONDS

    @property
    def slots(self) -> int:
        """Jobs of the queue it runs at once; none when it is paused."""
        return 0 if self.meta.get("paused") else int(self.meta.get("local_limit", 0))


async def list_jobs(
    conn: psycopg.AsyncConnection[Any],
    *,
    states: Sequence[str] | None = None,
    queue: str | None = None,
    worker: str | None = None,
    run: int | str | None = None,
    before: int | None = None,
    page_size: int = 50,
) -> list[JobRow]:
    """
    Return jobs, newest first.

    Args:
        conn: Any; only read from.
        states: Of these states; None for all.
        queue: Of this queue.
        worker: Of this worker: its name, with or without its module.
        run: Of this run.
        before: Older than this id, for the next page.
        page_size: At most as many.
    """
    filters = {"states": list(states) if states is not None else None, "queue": queue}
    run_text = None if run is None else str(run)
    values = {
        **filters,
        "worker": worker,
        "run": run_text,
        "before": before,
        "ids": None,
    }
    return await _jobs(conn, {**values, "page_size": page_size})


async def get_job(conn: psycopg.AsyncConnection[Any], job_id: int) -> JobRow:
    """
    Return one job.

    Raises:
        JobNotFoundError: There is none of that id; it may have been pruned.
    """
    names = ("states", "queue", "worker", "run", "before")
    values: dict[str, object] = dict.fromkeys(names)
    found = await _jobs(conn, {**values, "ids": [job_id], "page_size": 1})
    if not found:
        raise JobNotFoundError(
            f"there is no job {job_id}",
            hint="Completed jobs are removed after 7 days; `cinegraph jobs list` shows what is there.",
        )
    return found[0]


async def list_queue_settings(
    conn: psycopg.AsyncConnection[Any],
) -> list[QueueSetting]:
    """Return how every queue should run that a person has paused, resumed or scaled."""
    async with conn.cursor(row_factory=class_row(QueueSetting)) as cursor:
        await cursor.execute(load(_OWNER, "list_queue_settings.sql"))
        return await cursor.fetchall()


async def list_nodes(conn: psycopg.AsyncConnection[Any]) -> list[NodeRow]:
    """Return every node heard of within the last minute, a row for each of its queues."""
    async with conn.cursor(row_factory=class_row(NodeRow)) as cursor:
        await cursor.execute(load(_OWNER, "list_nodes.sql"))
        return await cursor.fetchall()


async def count_zombies(
    conn: psycopg.AsyncConnection[Any],
) -> tuple[int, float | None]:
    """Return how many jobs are said to run on nodes that are silent, and the longest one's seconds."""
    cursor = await conn.execute(
        load(_OWNER, "count_zombies.sql"), {"grace": _DEAD_AFTER_SECONDS}
    )
    (row,) = await cursor.fetchall()
    return row[0], row[1]


async def count_unacknowledged(
    conn: psycopg.AsyncConnection[Any], patience_seconds: float
) -> tuple[int, float | None]:
    """
    Return how many jobs have ended on live nodes and count as running, and since how many seconds the oldest does.

    Args:
        patience_seconds: Attempts younger than that are not looked at.
    """
    cursor = await conn.execute(
        load(_OWNER, "count_unacknowledged.sql"),
        {"patience": patience_seconds, "grace": _DEAD_AFTER_SECONDS},
    )
    (row,) = await cursor.fetchall()
    return row[0], row[1]


async def count_executing(
    conn: psycopg.AsyncConnection[Any], run_id: int
) -> dict[str, int]:
    """Return how many jobs of a run execute now, by the kind of the run's item they are at."""
    cursor = await conn.execute(
        load(_OWNER, "count_executing.sql"), {"run": str(run_id)}
    )
    return dict(await cursor.fetchall())


async def _jobs(
    conn: psycopg.AsyncConnection[Any], values: dict[str, object]
) -> list[JobRow]:
    async with conn.cursor(row_factory=class_row(JobRow)) as cursor:
        await cursor.execute(load(_OWNER, "list_jobs.sql"), values)
        return await cursor.fetchall()
