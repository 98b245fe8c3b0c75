"""Killed workers and a faulty upstream: the same rows as a calm import, and no key anywhere."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cinegraph.sandbox import SandboxSettings, World
from deployments import POLL, Deployment
from polling import until
from snapshots import catalog_of, tables_of

PAGES = 6
CANARY = "eyJhbGciOiJIUzI1NiJ9.canary-that-must-stay-secret.sig"
TRANSIENT = (
    "429",
    "429-bare",
    "5xx",
    "slow",
    "cut",
    "html",
    "encoding",
    "empty",
    "not-found",
)
SHARES = dict.fromkeys(TRANSIENT, 0.05) | {"not-found": 0.02}
"""Two 404s in a row for one film are believed, and a killed worker shifts which of its requests meet one."""


class WorkerProcess:
    """A worker that can be killed; what it logged is kept."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                [sys.executable, str(Path(__file__).with_name("worker_process.py"))],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )

    async def ready(self) -> None:
        """Wait until it works."""
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        assert line == b"ready\n", self.log.read_text()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Let it end by itself."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@pytest.fixture
def world() -> World:
    """Return a world whose popular pages take some seconds to import."""
    return World(films=600, seed=11)


@pytest.fixture
def sandbox_settings() -> SandboxSettings:
    """Return an imitation that takes its time, so that workers die in the middle."""
    return SandboxSettings(
        port=0, rate=0, latency="0.15", slow_seconds=0.3, key=CANARY, seed=5
    )


@asynccontextmanager
async def _workers(
    deployment: Deployment,
    folder: Path,
    count: int,
) -> AsyncIterator[list[WorkerProcess]]:
    environment = os.environ | {
        "DATABASE_URL": deployment.database_url,
        "TMDB_BASE_URL": deployment.sandbox.base_url,
        "TMDB_API_KEY": CANARY,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_HOME": str(folder),
        "CINEGRAPH_PROFILE": "prod",
        "PYTHONPATH": os.pathsep.join(
            [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
        ),
    }
    workers = [
        WorkerProcess(
            environment | {"TEST_NODE": f"node-{n}"}, folder / f"worker-{n}.log"
        )
        for n in range(count)
    ]
    try:
        await asyncio.gather(*(worker.ready() for worker in workers))
        yield workers
    finally:
        for worker in workers:
            worker.stop()


async def _until_done(deployment: Deployment, run_id: int, films: int) -> None:
    async def is_reached() -> bool:
        reading = await deployment.c.get_run(run_id)
        assert reading.is_running
        return reading.done >= films

    await until(is_reached)


@pytest.mark.timeout(120)
async def test_two_of_three_workers_die_amid_all_faults(
    deployment: Deployment,
    world: World,
    tmp_path: Path,
) -> None:
    """
    Every transient fault, two of three workers killed: the rows of a calm import.

    The counts of the run are exact, and the key is in no row and no log line of all this.
    """
    listed = {
        tmdb_id for page in range(1, PAGES + 1) for tmdb_id in world.popular_ids(page)
    }
    run_id = await deployment.c.import_popular_movies(pages=PAGES)
    deployment.sandbox.change_faults(SHARES)
    async with _workers(deployment, tmp_path, 3) as workers:
        await _until_done(deployment, run_id, len(listed) // 5)
        workers[0].kill()
        await _until_done(deployment, run_id, len(listed) // 2)
        workers[1].kill()
        ended = await deployment.c.wait_for_run(run_id, every=POLL)
        logs = [worker.log for worker in workers]
    assert (ended.state, ended.planned, ended.done) == (
        "completed",
        len(listed),
        len(listed),
    )
    assert (ended.failed, ended.absent, ended.quarantined) == (0, 0, 0)
    assert set(deployment.sandbox.report()["by_fault"]) == set(TRANSIENT)
    stormy = await _snapshot(deployment)
    await _assert_secret_is_nowhere(deployment, logs)
    assert stormy == await _calm_import(deployment)


async def _snapshot(deployment: Deployment) -> dict[str, list[Any]]:
    async with deployment.c._app.pool.connection() as conn:
        return _without_days(await catalog_of(conn))


def _without_days(held: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The two imports may lie on two sides of a midnight."""
    return {
        name: [
            {key: value for key, value in row.items() if key != "stated_on"}
            for row in rows
        ]
        for name, rows in held.items()
    }


async def _calm_import(deployment: Deployment) -> dict[str, list[Any]]:
    """Empty the catalogue and import the same pages again, without any trouble."""
    deployment.sandbox.change_faults({})
    await deployment.fetch(
        "TRUNCATE documents, movies, people, collections, companies, countries, genres,"
        " keywords, languages, watch_providers, sync_ledger CASCADE"
    )
    async with deployment.open_other(tmdb_api_key=CANARY) as c:
        run_id = await c.import_popular_movies(pages=PAGES)
        async with deployment.work(c, queues={"discovery": 4, "imports": 40}):
            await c.wait_for_run(run_id, every=POLL)
    return await _snapshot(deployment)


async def _assert_secret_is_nowhere(deployment: Deployment, logs: list[Path]) -> None:
    for log in logs:
        assert CANARY not in log.read_text(), log
    assert any(log.stat().st_size for log in logs), "nothing was logged at all"
    async with deployment.c._app.pool.connection() as conn:
        assert await _rows_with(conn, CANARY) == {}
        await conn.execute("CREATE TABLE leak AS SELECT %s::text AS word", [CANARY])
        assert await _rows_with(conn, CANARY) == {"leak": 1}, "the search finds nothing"
        await conn.execute("DROP TABLE leak")


async def _rows_with(conn: psycopg.AsyncConnection[Any], word: str) -> dict[str, int]:
    found = {}
    for name in await tables_of(conn):
        cursor = await conn.execute(
            sql.SQL(
                "SELECT count(*) FROM {} AS row WHERE strpos(row::text, %s) > 0"
            ).format(sql.Identifier(name)),
            [word],
        )
        row = await cursor.fetchone()
        if row and row[0]:
            found[name] = row[0]
    return found
