"""Nodes that beat ten times as fast as real ones, plain Oban beside them, and a way to wait for what must come."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE))

from engine_workers import Recorder  # noqa: E402 - found by the line above

from cinegraph.db.pool import Pool  # noqa: E402
from cinegraph.jobs.engine.node import JobEngine  # noqa: E402
from cinegraph.jobs.settings import EngineSettings  # noqa: E402

FAST = EngineSettings(
    beat_interval=timedelta(seconds=0.1),
    heartbeat_grace=timedelta(seconds=0.8),
    lease=timedelta(seconds=0.8),
    lease_margin=timedelta(seconds=0.2),
    listener_grace=timedelta(seconds=0.6),
    shutdown_grace=timedelta(seconds=0.5),
)

type Query = Callable[..., Awaitable[list[tuple[Any, ...]]]]
type Until = Callable[..., Awaitable[Any]]
type StartNode = Callable[..., AbstractAsyncContextManager[JobEngine]]
type StartProcess = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def recorder() -> Recorder:
    """Return what the jobs of this test write down."""
    return Recorder()


@pytest.fixture
def query(pool: Pool) -> Query:
    """Return a function that runs one statement and returns its rows."""

    async def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        async with pool.connection() as conn:
            cursor = await conn.execute(statement, values or None)
            return await cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def until() -> Until:
    """Return a function that asks until the answer is true, at most *within* seconds."""

    async def wait(
        ask: Callable[[], Any], *, within: float = 10.0, every: float = 0.02
    ) -> Any:  # noqa: ANN401 - whatever was asked
        deadline = time.monotonic() + within
        while True:
            answer = ask()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return answer
            if time.monotonic() > deadline:
                pytest.fail(f"not within {within} s: {ask}")
            await asyncio.sleep(every)

    return wait


@pytest.fixture
def start_node(pool: Pool, recorder: Recorder) -> StartNode:
    """Return a function that runs a fast node for the length of a block."""

    @asynccontextmanager
    async def start(
        node: str = "one",
        *,
        limit: int = 5,
        settings: EngineSettings = FAST,
        services: object = None,
    ) -> AsyncIterator[JobEngine]:
        engine = JobEngine(
            pool,
            services or recorder,
            queues={"imports": limit},
            node=node,
            version="test",
            settings=settings,
        )
        async with engine:
            yield engine

    return start


@pytest.fixture
def start_process(database_url: str) -> Iterator[StartProcess]:
    """Return a function that starts a node as a process; all are killed afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(node: str, limit: int = 5) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(_HERE / "node_process.py"), database_url, node]
        process = subprocess.Popen([*command, str(limit)])  # noqa: S603 - our own script
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
async def runs_table(query: Query) -> None:
    """Make the table in which jobs of other processes write that they ran."""
    await query(
        "CREATE TABLE test_runs (number int, node text,"
        " at timestamptz DEFAULT clock_timestamp())"
    )
