"""What tests of the ledger and of the runs begin with, and how they read it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from cinegraph.db.pool import Pool
from cinegraph.sync import ledger, planning, runs
from cinegraph.sync.runs import RunId

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
FILM: dict[str, Any] = {"source": "tmdb", "kind": "movie"}
TITLE: dict[str, Any] = {"source": "omdb", "kind": "movie"}

type Conn = psycopg.AsyncConnection[Any]


async def start(
    conn: Conn,
    *,
    kind: str = runs.CATALOG,
    planned: Sequence[int] = (),
    opened: Sequence[int] = (),
    item_kind: str = runs.MOVIE,
    now: datetime = NOW,
    **arguments: object,
) -> RunId:
    """Start a run that has items of one kind."""
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind=kind,
            source="tmdb",
            arguments={"from_export": True} | arguments,
            requested_by="command",
            now=now,
        )
        await planning.plan_items(conn, run_id, item_kind, planned)
        await runs.add_items(conn, run_id, item_kind, opened)
    return run_id


async def want(
    conn: Conn,
    worth: Mapping[int, float],
    *,
    run_id: int = 0,
    entry: Mapping[str, Any] = FILM,
    now: datetime = NOW,
) -> None:
    """Let the ledger want things."""
    await ledger.want(conn, worth, **entry, reason="for tests", run_id=run_id, now=now)


async def plan(conn: Conn, worth: Mapping[int, float], **changes: Any) -> RunId:
    """Start a run that plans films, and let the ledger want them for it."""
    run_id = await start(conn, planned=list(worth), **changes)
    await want(conn, worth, run_id=run_id)
    return run_id


async def add_listed(conn: Conn, ids: Sequence[int], *, is_adult: bool = False) -> None:
    """Write films as the newest export names them."""
    await conn.execute(
        "INSERT INTO listed_movies (tmdb_id, popularity, is_adult, is_video, stated_on)"
        " SELECT id, 1, %(is_adult)s, false, '2026-09-01' FROM unnest(%(ids)s::integer[]) AS given (id)",
        {"ids": list(ids), "is_adult": is_adult},
    )


async def add_movies(
    conn: Conn, imdb_ids: Mapping[int, str | None], *, popularity: float = 5.0
) -> dict[int, int]:
    """Write stored films, by TMDB's id with IMDb's; return our ids."""
    ids = {}
    for tmdb_id, imdb_id in imdb_ids.items():
        cursor = await conn.execute(
            "INSERT INTO movies (tmdb_id, imdb_id, title, popularity, release_date, created_at, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [
                tmdb_id,
                imdb_id,
                f"Film {tmdb_id}",
                popularity,
                date(1980, 1, 1),
                NOW,
                NOW,
            ],
        )
        [(ids[tmdb_id],)] = await cursor.fetchall()
    return ids


async def rows(
    conn: Conn, ids: Sequence[int] | None = None, *, source: str = "tmdb"
) -> dict[int, tuple[str, int, datetime | None]]:
    """Return state, run and due time of things in the ledger."""
    cursor = await conn.execute(
        "SELECT external_id, state, run_id, due_at FROM sync_ledger"
        " WHERE source = %(source)s AND (%(ids)s::bigint[] IS NULL OR external_id = ANY (%(ids)s)) ORDER BY 1",
        {"source": source, "ids": None if ids is None else list(ids)},
    )
    return {id_: (state, run, due) for id_, state, run, due in await cursor.fetchall()}


async def items(conn: Conn, run_id: int, kind: str = runs.MOVIE) -> dict[int, str]:
    """Return the state of a run's items of one kind."""
    cursor = await conn.execute(
        "SELECT external_id, state FROM sync_run_items WHERE run_id = %s AND kind = %s ORDER BY 1",
        [run_id, kind],
    )
    return dict(await cursor.fetchall())


async def run_state(conn: Conn, run_id: int) -> str:
    """Return the state of a run."""
    cursor = await conn.execute("SELECT state FROM sync_runs WHERE id = %s", [run_id])
    [(state,)] = await cursor.fetchall()
    return str(state)


async def live_jobs(conn: Conn) -> list[dict[str, Any]]:
    """Return arguments, meta data and priority of the jobs that have not ended, in the order they were made."""
    cursor = await conn.execute(
        "SELECT args, meta, priority, queue, state::text FROM oban_jobs"
        " WHERE state IN ('available', 'scheduled', 'retryable', 'executing') ORDER BY id"
    )
    return [
        {
            "args": args,
            "meta": meta,
            "priority": priority,
            "queue": queue,
            "state": state,
        }
        for args, meta, priority, queue, state in await cursor.fetchall()
    ]


async def job_ids(conn: Conn) -> list[int]:
    """Return TMDB's ids of the films that live import jobs are at, ascending."""
    return sorted(
        job["args"]["tmdb_id"]
        for job in await live_jobs(conn)
        if job["queue"] == "imports"
    )


async def count_waiting(pool: Pool) -> int:
    """Return how many connections to this database wait for a lock."""
    async with pool.connection() as watcher:
        cursor = await watcher.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        [(number,)] = await cursor.fetchall()
    return int(number)
