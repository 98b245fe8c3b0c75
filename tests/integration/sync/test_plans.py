"""What the feeder and the audit ask every second finds its rows by index, however large the ledger."""

from collections.abc import Iterator
from typing import Any

import pytest

from cinegraph.db import sql
from cinegraph.sync import ledger, planning, runs, strategies
from ledger_rows import FILM, NOW, Conn, add_listed, want

FILL = """
INSERT INTO sync_runs (kind, source, arguments, requested_by, state, started_at)
    VALUES ('import_catalog', 'tmdb', '{}', 'command', 'running', '2026-09-01');
INSERT INTO sync_ledger (source, kind, external_id, state, reason, priority, run_id, due_at, created_at, queued_at)
    SELECT
        'tmdb', 'movie', n, CASE WHEN n % 100 = 0 THEN 'queued' WHEN n % 4 = 0 THEN 'fresh' ELSE 'wanted' END, 'x', n,
        CASE WHEN n % 4 = 0 THEN 0 ELSE 1 END,
        timestamptz '2026-09-01' + CASE WHEN n % 4 = 0 THEN interval '30 days' ELSE interval '0' END,
        '2026-09-01', '2026-09-01'
    FROM generate_series(1, 30000) AS n;
INSERT INTO sync_run_items (run_id, kind, external_id, state)
    SELECT 1, 'movie', n, CASE WHEN n % 100 = 0 THEN 'open' WHEN n % 4 = 0 THEN 'done' ELSE 'planned' END
    FROM generate_series(1, 30000) AS n;
INSERT INTO oban_jobs (worker, queue, args, meta, state)
    SELECT 'ImportMovie', 'imports', jsonb_build_object('tmdb_id', n * 100), '{}', 'available'
    FROM generate_series(1, 300) AS n;
INSERT INTO oban_jobs (worker, queue, args, meta, state, completed_at)
    SELECT 'ImportMovie', 'imports', jsonb_build_object('tmdb_id', n), '{}', 'completed', '2026-09-01'
    FROM generate_series(1, 30000) AS n;
"""
HOT: dict[str, tuple[str, dict[str, Any]]] = {
    "take_due.sql": (
        "cinegraph.sync",
        FILM
        | {"run_ids": [0, 1], "now": NOW, "limit": 100, "others_limit": 100}
        | {"again_share": 0.5}
        | strategies.parameters(),
    ),
    "list_feeding_runs.sql": (
        "cinegraph.sync",
        {"kind": "movie", "updates": False},
    ),
    "open_planned.sql": (
        "cinegraph.sync",
        {"kind": "movie", "ids": list(range(1, 200, 2))},
    ),
    "reopen_due_items.sql": ("cinegraph.sync", {"now": NOW, "limit": 100}),
    "count_live_jobs.sql": (
        "cinegraph.jobs",
        {"queues": ["imports", "updates"], "limit": 201, "of_runs": False},
    ),
    "list_lost_items.sql": ("cinegraph.jobs", {"limit": 1000}),
    "want_lost_entries.sql": (
        "cinegraph.jobs",
        FILM | {"item_kind": "movie", "queues": ["imports", "updates"], "now": NOW},
    ),
}
FILMS = 30_000
LARGE = {"sync_ledger", "sync_run_items", "oban_jobs"}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


async def _explain(conn: Conn, name: str) -> list[dict[str, Any]]:
    """Run a statement and return the nodes of its plan; what it does is taken back."""
    owner, values = HOT[name]
    async with conn.transaction(force_rollback=True):
        cursor = await conn.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + sql.load(owner, name), values
        )
        [(told,)] = await cursor.fetchall()
    return list(_nodes(told[0]["Plan"]))


@pytest.fixture
async def filled(conn: Conn) -> Conn:
    """Return a connection to a ledger of 30,000 films that nothing was told the planner about."""
    await conn.execute(FILL)
    return conn


@pytest.mark.parametrize("name", HOT)
async def test_no_large_table_is_read_whole(filled: Conn, name: str) -> None:
    """Not one sequential scan of the ledger, the items of runs or the jobs."""
    await filled.execute("ANALYZE sync_ledger, sync_run_items, oban_jobs")
    nodes = await _explain(filled, name)
    scans = [
        node["Relation Name"]
        for node in nodes
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
    ]

    assert scans == []


@pytest.mark.parametrize("name", ["take_due.sql", "want_lost_entries.sql"])
async def test_a_ledger_that_has_just_grown_is_not_looped_over(
    filled: Conn, name: str
) -> None:
    """Before the planner is told it may read it once for a run, never once for each row that it finds."""
    nodes = await _explain(filled, name)
    looked_at = max(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        * node["Actual Loops"]
        for node in nodes
        if node.get("Relation Name") in LARGE
    )

    assert looked_at <= 2 * FILMS


async def _analyzed(conn: Conn, table: str) -> bool:
    cursor = await conn.execute(
        "SELECT reltuples > 0 FROM pg_class WHERE relname = %s", [table]
    )
    return await cursor.fetchall() == [(True,)]


async def test_the_planner_is_told_of_many_new_films(
    conn: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By who enters them: after a first export nobody waits a minute for it."""
    monkeypatch.setattr(ledger, "MANY", 100)
    await add_listed(conn, range(1, 101))
    async with conn.transaction():
        await conn.execute(
            "CREATE TEMPORARY TABLE export_staging ON COMMIT DROP AS"
            " SELECT tmdb_id, popularity, is_adult, is_video, 'Film'::text AS original_title FROM listed_movies"
        )
        new = await ledger.want_listed(
            conn,
            **FILM,
            reason="in the export",
            run_id=0,
            due_at=NOW,
            with_adult=True,
            now=NOW,
        )
    assert new == 100
    assert await _analyzed(conn, "sync_ledger")
    assert not await _analyzed(conn, "sync_run_items")
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind=runs.CATALOG,
            source="tmdb",
            arguments={},
            requested_by="command",
            now=NOW,
        )
        planned = await planning.plan_films(
            conn,
            run_id,
            source="tmdb",
            reason="whole catalogue",
            with_adult=False,
            limit=None,
            now=NOW,
        )
    assert planned.planned == 100
    assert await _analyzed(conn, "sync_run_items")


async def test_few_new_films_cost_no_analysis(conn: Conn) -> None:
    """The database notices a thousand by itself."""
    await want(conn, {1: 1.0})
    assert not await _analyzed(conn, "sync_ledger")
