"""`/healthz` and `/readyz`: open to whoever asks, and silent about everything else."""

import json

import pytest

from cinegraph.api import Cinegraph

from .conftest import Dashboard, OpenDashboard


async def test_it_is_ready_without_workers(closed: Dashboard) -> None:
    """Whoever asks needs no token, and hears nothing of the catalogue."""
    live = await closed.get("/healthz")
    assert (live.status, json.loads(live.text)) == (200, {"status": "ok"})
    ready = await closed.get("/readyz")
    told = json.loads(ready.text)
    assert ready.status == 200
    assert (told["status"], told["workers"], told["missing"]) == ("ok", "none", [])
    assert ready.headers["Cache-Control"] == "no-store"


async def test_with_a_worker_it_says_how_old_all_is(dashboard: Dashboard) -> None:
    """Echo, leader: each with its age."""
    async with dashboard.c.work({"imports": 1}):
        for _ in range(20):
            ready = await dashboard.get("/readyz")
            told = json.loads(ready.text)
            if told["workers"] == "ok":
                break
    assert (ready.status, told["nodes"]) == (200, 1), told
    assert told["leader_seconds"] < 5
    assert told["listener_seconds"] < 5
    assert told["unacknowledged"] == 0


async def test_ends_that_are_not_written_down(dashboard: Dashboard) -> None:
    """A job that its node does not run, and that counts as running, is found; a younger one is given time."""
    await dashboard.c.import_popular_movies(pages=1)
    async with dashboard.c._app.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO oban_producers (uuid, name, node, queue, meta, started_at, updated_at)"
            " VALUES ('00000000-0000-0000-0000-000000000001', 'Oban', 'n', 'discovery',"
            " '{\"running\": 0}', timezone('UTC', clock_timestamp()), timezone('UTC', clock_timestamp()))"
        )
        await conn.execute(
            "UPDATE oban_jobs SET state = 'executing',"
            " attempted_at = timezone('UTC', clock_timestamp()) - interval '1 minute',"
            " attempted_by = ARRAY['n', '00000000-0000-0000-0000-000000000001']"
        )
    jobs, seconds = await dashboard.c.count_unacknowledged(30)
    assert (jobs, 60 <= (seconds or 0) < 90) == (1, True)
    assert await dashboard.c.count_unacknowledged(120) == (0, None)
    ready = await dashboard.get("/readyz")
    assert ready.status == 503
    assert "1 jobs are not written down" in ready.text


async def test_without_its_database_it_is_not_ready(
    open_dashboard: OpenDashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error's name says what it was; its text may name the server, and is not told."""

    async def fail(_: Cinegraph) -> None:
        raise TimeoutError("postgresql://user:pass@db.example/cinegraph")

    async with open_dashboard() as dashboard:
        monkeypatch.setattr(Cinegraph, "get_pulse", fail)
        ready = await dashboard.get("/readyz")
        told = json.loads(ready.text)
        assert (ready.status, told["database"]) == (503, "TimeoutError")
        assert "example" not in ready.text
        assert (await dashboard.get("/healthz")).status == 200
