"""Reading jobs, queue settings and nodes, for screens and commands; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Composed
from psycopg.types.json import Jsonb

from cinegraph.db.sql import load
from cinegraph.errors import UsageError
from cinegraph.jobs.filters import JobFilter, Times, arguments_of
from cinegraph.jobs.settings import EngineSettings

_OWNER = "cinegraph.jobs"
_DEAD_AFTER_SECONDS = EngineSettings().heartbeat_grace.total_seconds()
"""Then others take the node's jobs."""
LOOK_AT = 50_000
"""Jobs that one page looks at, where no index finds what is wanted: a tenth of a second."""
COUNT_UP_TO = 10_000
"""More matches are not counted."""
_LARGEST_ID = 2**63 - 1
_OVERLAP = timedelta(minutes=15)
"""Of transactions that make jobs: within it, ids and times need not be in the same order."""
_STATES = (
    "available",
    "scheduled",
    "suspended",
    "executing",
    "retryable",
    "completed",
    "cancelled",
    "discarded",
)
_OF_FILM = SQL("""
    SELECT * FROM oban_jobs
    WHERE coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id') = %(film)s AND id BETWEEN %(first_id)s AND %(last_id)s
""")
_OF_FILM_AND_STATES = SQL("""
    SELECT * FROM oban_jobs
    WHERE coalesce(args ->> 'tmdb_id', meta ->> 'tmdb_id') = %(film)s AND id BETWEEN %(first_id)s AND %(last_id)s
      AND state = ANY(%(states)s::text[]::oban_job_state[])
      AND (%(run)s::text IS NULL OR meta ->> 'run_id' = %(run)s)
""")
_OF_RUN = SQL("""
    SELECT * FROM oban_jobs
    WHERE meta ->> 'run_id' = %(run)s AND state = {state} AND id BETWEEN %(first_id)s AND %(last_id)s
""")
_OF_STATE = SQL("""
    SELECT * FROM oban_jobs WHERE state = {state} AND id BETWEEN %(first_id)s AND %(last_id)s
""")
_OF_ALL = SQL("""
    SELECT * FROM oban_jobs WHERE id BETWEEN %(first_id)s AND %(last_id)s
""")


class JobNotFoundError(UsageError):
    """There is no job of that number; it may have been removed."""

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

    @property
    def tmdb_id(self) -> int | None:
        """TMDB's id of the film that it is about; None: about none, or about many."""
        found = self.args.get("tmdb_id", self.meta.get("tmdb_id"))
        return found if isinstance(found, int) else None

    @property
    def run_id(self) -> int | None:
        """The run that it belongs to."""
        found = self.meta.get("run_id")
        return found if isinstance(found, int) else None

    @property
    def item_kind(self) -> str:
        """Which stage of its run it is at; as `count_executing.sql` has it."""
        if self.queue in {"imports", "updates"}:
            return "movie"
        if self.queue == "omdb":
            return "omdb"
        if "item" in self.meta:
            return str(self.meta["item"]).partition(" ")[0]
        if self.queue == "enrichment":
            return "collaborations"
        if self.queue == "maintenance":
            return "export"
        source = self.args.get("source")
        return "id_range" if source == "all" else f"{source}_page"


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs that match, newest first."""

    jobs: list[JobRow]
    next_before: int | None
    """What the next page is asked for with; None: nothing is left to look at."""
    looked_at: int | None
    """Jobs that were looked at, where they were not all and fewer matched than the page has room for; else None."""


class JobCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many jobs match."""

    jobs: int
    """At most `COUNT_UP_TO`."""
    is_capped: bool
    """There are more than were counted."""
    is_partial: bool
    """Only the newest `LOOK_AT` jobs were looked at: older ones may match, too."""
    last_id: int
    """The newest job of all at the time."""


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


@dataclass(frozen=True, slots=True)
class ZombieRow:
    """Jobs of one queue that are said to run on one node, which is silent."""

    queue: str
    node: str | None
    jobs: int
    oldest_seconds: float
    """Since the oldest of them was started."""


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


async def search_jobs(
    conn: psycopg.AsyncConnection[Any],
    filters: JobFilter,
    times: Times,
    *,
    film: int | None = None,
    before: int | None = None,
    page_size: int = 50,
) -> JobPage:
    """
    Return the jobs that match, newest first, among the newest `LOOK_AT` of those that an index finds.

    States, run, film and time are found by index, and everything else is looked for among those.

    Args:
        conn: In a transaction, for which plans are set.
        times: What `filters` says of them.
        film: TMDB's id of the film that `filters` names.
        before: Older than this id, for the next page.
        page_size: At most as many.
    """
    await conn.execute(load(_OWNER, "read_in_order.sql"))
    values = await _values(conn, filters, times, film=film, before=before)
    values["page_size"] = page_size
    jobs = _source(filters, film)
    async with conn.cursor(row_factory=class_row(JobRow)) as cursor:
        await cursor.execute(_compose("search_jobs.sql", jobs, _COLUMNS), values)
        found = await cursor.fetchall()
    if len(found) == page_size:
        return JobPage(jobs=found, next_before=found[-1].id, looked_at=None)
    last = await _find_rest(conn, filters, jobs, values)
    return JobPage(
        jobs=found, next_before=last, looked_at=None if last is None else LOOK_AT
    )


async def count_jobs(
    conn: psycopg.AsyncConnection[Any],
    filters: JobFilter,
    times: Times,
    *,
    film: int | None = None,
) -> JobCount:
    """Return how many jobs match, as far as that can be told in a moment."""
    await conn.execute(load(_OWNER, "read_in_order.sql"))
    values = await _values(conn, filters, times, film=film, before=None)
    values["page_size"] = COUNT_UP_TO + 1
    jobs = _source(filters, film)
    ids = _compose("search_jobs.sql", jobs, SQL("id"))
    cursor = await conn.execute(ids, values)
    found = len(await cursor.fetchall())
    is_partial = False
    if found <= COUNT_UP_TO:
        is_partial = await _find_rest(conn, filters, jobs, values) is not None
    return JobCount(
        jobs=min(found, COUNT_UP_TO),
        is_capped=found > COUNT_UP_TO,
        is_partial=is_partial,
        last_id=await _newest(conn),
    )


async def list_matching(
    conn: psycopg.AsyncConnection[Any],
    filters: JobFilter,
    times: Times,
    *,
    film: int | None = None,
    before: int,
    batch: int,
) -> tuple[list[int], int | None]:
    """Return ids of jobs that match and are older than *before*, newest first, and where to go on; None: no more."""
    await conn.execute(load(_OWNER, "read_in_order.sql"))
    values = await _values(conn, filters, times, film=film, before=before)
    values["page_size"] = batch
    jobs = _source(filters, film)
    cursor = await conn.execute(_compose("search_jobs.sql", jobs, SQL("id")), values)
    ids = [row[0] for row in await cursor.fetchall()]
    if len(ids) == batch:
        return ids, ids[-1]
    return ids, await _find_rest(conn, filters, jobs, values)


async def list_relatives(
    conn: psycopg.AsyncConnection[Any], job: JobRow, *, most: int
) -> tuple[JobRow | None, list[JobRow]]:
    """Return the job that made *job*, if it is still there, and the newest *most* that *job* made."""
    cursor = await conn.execute(
        load(_OWNER, "list_children.sql"), {"parent": str(job.id), "most": most}
    )
    children = [row[0] for row in await cursor.fetchall()]
    parent = job.meta.get("parent_id")
    ids = [*children, *([parent] if isinstance(parent, int) else [])]
    names = ("states", "queue", "worker", "run", "before")
    values: dict[str, object] = dict.fromkeys(names)
    found = await _jobs(conn, {**values, "ids": ids, "page_size": len(ids)})
    by_id = {each.id: each for each in found}
    known = [by_id[each] for each in children if each in by_id]
    return (by_id.get(parent) if isinstance(parent, int) else None), known


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


async def list_zombies(conn: psycopg.AsyncConnection[Any]) -> list[ZombieRow]:
    """Return the jobs that are said to run on nodes that are silent, by queue and node."""
    async with conn.cursor(row_factory=class_row(ZombieRow)) as cursor:
        await cursor.execute(
            load(_OWNER, "list_zombies.sql"), {"grace": _DEAD_AFTER_SECONDS}
        )
        return await cursor.fetchall()


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


_COLUMNS = SQL("""
    id, state::text AS state, queue, worker, attempt, max_attempts, priority, args, meta, errors, attempted_by,
    inserted_at AT TIME ZONE 'UTC' AS inserted_at,
    scheduled_at AT TIME ZONE 'UTC' AS scheduled_at,
    attempted_at AT TIME ZONE 'UTC' AS attempted_at,
    CASE state
        WHEN 'completed' THEN completed_at
        WHEN 'cancelled' THEN cancelled_at
        WHEN 'discarded' THEN discarded_at
    END AT TIME ZONE 'UTC' AS ended_at
""")


def _source(filters: JobFilter, film: int | None) -> SQL | Composed:
    """Return the rows that an index finds in the order of ids, whatever else is asked."""
    states = filters.state or _STATES
    if film is not None:
        narrowed = filters.state or filters.run is not None
        return _OF_FILM_AND_STATES if narrowed else _OF_FILM
    if filters.run is not None:
        return _union(_OF_RUN, states)
    return _union(_OF_STATE, states) if filters.state else _OF_ALL


def _union(of_state: SQL, states: Sequence[str]) -> Composed:
    parts = [of_state.format(state=state) for state in states]
    if len(parts) == 1:
        return parts[0]
    # Parts in order are merged as they are read; `state = ANY`, or parts in no order, would be sorted.
    ordered = [SQL("({} ORDER BY id DESC)").format(part) for part in parts]
    return SQL(" UNION ALL ").join(ordered)


def _compose(name: str, jobs: SQL | Composed, wanted: SQL) -> Composed:
    return SQL(load(_OWNER, name)).format(jobs=jobs, wanted=wanted)


async def _values(
    conn: psycopg.AsyncConnection[Any],
    filters: JobFilter,
    times: Times,
    *,
    film: int | None,
    before: int | None,
) -> dict[str, Any]:
    contained = [Jsonb(each) for each in arguments_of(filters)]
    first = last = None
    if times.since is not None:
        first = await _id_at(conn, times.since - _OVERLAP)
    if times.until is not None:
        last = await _id_at(conn, times.until + _OVERLAP)
    until = _LARGEST_ID if last is None else last
    return {
        "first_id": first or 0,
        "last_id": until if before is None else min(until, before - 1),
        "look_at": LOOK_AT,
        "film": None if film is None else str(film),
        "run": None if filters.run is None else str(filters.run),
        "states": list(filters.state or _STATES),
        "queue": filters.queue,
        "worker": filters.worker,
        "without": list(filters.without),
        "error": filters.error,
        "contained": contained or None,
        "since": times.since,
        "until": times.until,
        "tries": filters.tries,
    }


async def _id_at(conn: psycopg.AsyncConnection[Any], at: datetime) -> int | None:
    cursor = await conn.execute(load(_OWNER, "find_id_at.sql"), {"at": at})
    [(found,)] = await cursor.fetchall()
    return None if found is None else int(found)


async def _find_rest(
    conn: psycopg.AsyncConnection[Any],
    filters: JobFilter,
    jobs: SQL | Composed,
    values: dict[str, Any],
) -> int | None:
    """Return the last id that was looked at, where that were `LOOK_AT` and more may match; else None."""
    if filters.is_indexed:
        return None
    looked = SQL(load(_OWNER, "find_looked_at.sql")).format(jobs=jobs)
    cursor = await conn.execute(looked, values)
    [(looked_at, last)] = await cursor.fetchall()
    return last if looked_at >= LOOK_AT else None


async def _newest(conn: psycopg.AsyncConnection[Any]) -> int:
    cursor = await conn.execute(load(_OWNER, "find_newest_job.sql"))
    [(newest,)] = await cursor.fetchall()
    return int(newest)
