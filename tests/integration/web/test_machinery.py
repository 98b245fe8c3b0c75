"""Queues and nodes: what is shown of them, and what pressing does."""

from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from cinegraph import clock
from cinegraph.monitoring.samples import floor

from .conftest import VIEWER, Dashboard, bearer

_NODES: LiteralString = """
    INSERT INTO oban_leaders (name, node, elected_at, expires_at)
    VALUES ('oban', 'holder-one', timezone('UTC', now()), timezone('UTC', now()) + interval '1 hour');
    INSERT INTO oban_producers (uuid, node, queue, started_at, updated_at, meta) VALUES
        ('00000000-0000-0000-0000-000000000001', 'one', 'imports', timezone('UTC', now()) - interval '1 hour',
         timezone('UTC', now()) + interval '1 hour',
         '{"version": "0.1.0", "running": 2, "local_limit": 4, "paused": false, "holder": "holder-one",
           "host": "a", "pid": 7, "listener_silent_seconds": 0.4}'),
        ('00000000-0000-0000-0000-000000000002', 'two', 'imports', timezone('UTC', now()) - interval '1 hour',
         timezone('UTC', now()) + interval '1 hour',
         '{"version": "0.2.0", "running": 1, "local_limit": 4, "paused": false, "host": "<script>b", "pid": 8,
           "listener_silent_seconds": 75}'),
        ('00000000-0000-0000-0000-000000000003', 'three', 'omdb', timezone('UTC', now()) - interval '1 hour',
         timezone('UTC', now()) - interval '40 s', '{"version": "0.1.0", "running": 1, "local_limit": 1}');
"""
_JOBS: LiteralString = """
    INSERT INTO oban_jobs (state, queue, worker, scheduled_at, priority)
    SELECT 'available', 'imports', 'W', timezone('UTC', now()) - n * interval '1 minute', n %% 3
    FROM generate_series(1, 90) AS n;
    INSERT INTO oban_jobs (state, queue, worker, attempted_by, attempted_at)
    SELECT 'executing', 'imports', 'W', ARRAY['one', '00000000-0000-0000-0000-000000000001'], timezone('UTC', now())
    FROM generate_series(1, 3);
    INSERT INTO oban_jobs (state, queue, worker, attempted_by, attempted_at) VALUES
        ('executing', 'omdb', 'W', ARRAY['three', '00000000-0000-0000-0000-000000000003'],
         timezone('UTC', now()) - interval '3 minutes');
    INSERT INTO oban_jobs (state, queue, worker) SELECT 'scheduled', 'omdb', 'W' FROM generate_series(1, %(many)s);
"""


async def _run(dashboard: Dashboard, *statements: LiteralString, **values: Any) -> None:
    url = dashboard.c.database_url
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        for statement in statements:
            for part in statement.split(";\n"):
                if part.strip():
                    await conn.execute(part, values or None)


async def test_a_queue_with_all_that_is_told_of_it(dashboard: Dashboard) -> None:
    """What runs of how many, what waits and for how long, and where it runs."""
    await _run(dashboard, _NODES)
    await _run(dashboard, _JOBS, many=10_500)
    lines = {line.queue: line for line in await dashboard.c.list_queue_lines()}
    imports, omdb = lines["imports"], lines["omdb"]
    assert (imports.available, imports.running, imports.slots) == (90, 3, 8)
    assert imports.utilisation == 3 / 8
    assert imports.nodes == ["one", "two"]
    assert imports.waiting_seconds == pytest.approx(5400, abs=60)
    assert (omdb.nodes, omdb.slots, omdb.utilisation) == ([], 0, None)
    assert omdb.scheduled == 10_001
    assert lines["festivals"].per_minute is None

    page = await dashboard.get("/queues")
    assert "3 of 8" in page.text
    assert "10,000+" in page.text
    assert "no sample yet" in page.text


async def test_throughput_is_that_of_the_last_minutes(dashboard: Dashboard) -> None:
    """Of five that were sampled; a queue that had nothing had none."""
    last = floor(clock.real_now(), timedelta(minutes=1)) - timedelta(minutes=1)
    await _run(
        dashboard,
        "INSERT INTO monitoring_samples (minute, films, films_live, films_fresh)"
        " SELECT %(last)s - n * interval '1 minute', 1, 1, 1 FROM generate_series(0, 9) AS n",
        last=last,
    )
    await _run(
        dashboard,
        "INSERT INTO monitoring_queue_samples (minute, queue, waiting, running, completed, failed)"
        " SELECT minute, 'imports', 0, 0, CASE WHEN minute > %(last)s - interval '5 minutes' THEN 120 ELSE 7 END, 0"
        " FROM monitoring_samples",
        last=last,
    )
    lines = {line.queue: line for line in await dashboard.c.list_queue_lines()}
    assert lines["imports"].per_minute == pytest.approx(120, abs=23)
    assert lines["omdb"].per_minute == 0
    assert [jobs for jobs in lines["imports"].completed if jobs is not None][-2:] == [
        120,
        120,
    ]
    assert "polyline" in (await dashboard.get("/queues")).text


async def test_pausing_and_scaling_last(dashboard: Dashboard) -> None:
    """They are settings of the deployment, shown as such, and the number has bounds."""
    await dashboard.post("/queues/imports/pause")
    done = await dashboard.post("/queues/imports/scale", data={"jobs": "7"})
    assert done.status == 303
    lines = {line.queue: line for line in await dashboard.c.list_queue_lines()}
    assert (lines["imports"].paused, lines["imports"].node_limit) == (True, 7)
    page = (await dashboard.get("/queues")).text
    assert 'action="/queues/imports/resume"' in page
    assert 'action="/queues/imports/pause"' not in page
    assert "Set to 7" in page
    for bad in ("0", "-1", "501", "x", "1.5"):
        refused = await dashboard.post("/queues/imports/scale", data={"jobs": bad})
        assert refused.status == 400, bad
    answer = await dashboard.post("/api/v1/queues/imports/resume")
    assert answer.status == 200
    assert not {line.queue: line for line in await dashboard.c.list_queue_lines()}[
        "imports"
    ].paused
    unknown = await dashboard.post("/queues/nothing/pause")
    assert unknown.status == 400
    assert "there is no queue" in unknown.text


async def test_nodes_their_leader_and_what_is_stuck(dashboard: Dashboard) -> None:
    """Silent, deaf, of another version: each is said; what they name themselves is escaped."""
    await _run(dashboard, _NODES)
    await _run(dashboard, _JOBS, many=1)
    page = (await dashboard.get("/nodes")).text
    assert "Nodes of different versions are at work: 0.1.0, 0.2.0" in page
    assert page.count(">leads<") == 1
    assert page.count(">silent<") == 1
    assert "has heard nothing for 1 min 15 s" in page
    assert "<script>b" not in page
    assert "&lt;script&gt;b" in page
    [zombie] = await dashboard.c.list_zombies()
    assert (zombie.queue, zombie.node, zombie.jobs) == ("omdb", "three", 1)
    assert "three" in page[page.index("Stuck jobs") :]


async def test_no_node_leads(dashboard: Dashboard) -> None:
    """Which stops more than it seems to."""
    await _run(dashboard, _NODES, "DELETE FROM oban_leaders")
    assert "No node leads" in (await dashboard.get("/nodes")).text


async def test_no_node_at_all(dashboard: Dashboard) -> None:
    """Says what to start."""
    assert "cinegraph work" in (await dashboard.get("/nodes")).text
    assert "No node is at work" in (await dashboard.get("/queues")).text


async def test_a_viewer_sees_no_button(closed: Dashboard) -> None:
    """Nor any form that would be refused."""
    page = (await closed.get("/queues", **bearer(VIEWER))).text
    assert "<h1>Queues" in page
    assert "/queues/imports/pause" not in page
    assert "/queues/imports/scale" not in page
