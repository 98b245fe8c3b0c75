"""Starting and stopping a node as one."""

import asyncio

import pytest

from cinegraph.db.pool import Pool, open_pool
from cinegraph.jobs.engine.node import JobEngine
from conftest import Query, StartNode


async def test_a_node_that_cannot_start_leaves_nothing_behind(
    empty_database_url: str,
) -> None:
    """Without a schema it fails at once; no task, no heartbeat and no connection stays."""
    opened = await open_pool(empty_database_url, size=2, application_name="empty")
    async with opened as pool:
        before = asyncio.all_tasks()
        engine = JobEngine(pool, queues={"imports": 1})
        with pytest.raises(Exception, match="queue_settings"):
            await engine.start()

        assert asyncio.all_tasks() == before
        assert not engine.is_leader


async def test_a_stopped_node_leaves_nothing_behind(
    start_node: StartNode, query: Query
) -> None:
    """Neither tasks nor heartbeat nor lease."""
    before = asyncio.all_tasks()
    async with start_node():
        assert len(asyncio.all_tasks()) > len(before)

    assert asyncio.all_tasks() == before
    assert await query("SELECT 1 FROM oban_producers") == []
    assert await query("SELECT 1 FROM oban_leaders") == []


async def test_an_engine_without_queues_only_enqueues(pool: Pool, query: Query) -> None:
    """A command that enqueues is no node."""
    async with JobEngine(pool) as engine:
        await engine.enqueue([])

        assert not engine.is_leader
        assert await query("SELECT 1 FROM oban_producers") == []
        with pytest.raises(RuntimeError, match="not running"):
            _ = engine.oban
