"""Pause and scale that last. Defect 7: Oban 0.7.0 forgets both at a restart and misses queues started later."""

import pytest
from engine_workers import Behave, BehaveArgs, Recorder
from oban import Oban

from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.jobs import browse, operations
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.monitoring import insights
from conftest import Query, StartNode, Until


async def test_plain_oban_forgets_a_pause(pool: Pool) -> None:
    """A restarted node runs what was paused: the defect that ours is for."""
    async with Oban(pool=pool, queues={"imports": 1}, name="plain") as plain:
        await plain.pause_queue("imports")
        assert plain.check_queue("imports").paused

    async with Oban(pool=pool, queues={"imports": 1}, name="plain") as plain:
        assert not plain.check_queue("imports").paused


async def test_a_pause_reaches_running_and_later_nodes(
    pool: Pool, start_node: StartNode, until: Until, recorder: Recorder
) -> None:
    """Set by anyone, followed by the node that runs and by one that starts afterwards, before its first job."""
    async with start_node("a") as first:
        await _do(pool, operations.pause_queue, "imports")
        await until(lambda: first.oban.check_queue("imports").paused, within=2)
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs())])
        async with start_node("b") as second:
            assert second.oban.check_queue("imports").paused
            assert recorder.ran == []
            await _do(pool, operations.resume_queue, "imports")
            await until(lambda: recorder.ran == [0], within=2)


async def test_a_scale_is_per_node_and_lasts(
    pool: Pool, start_node: StartNode, until: Until
) -> None:
    """Every node takes the limit, now and at its next start; pausing does not forget it."""
    async with start_node("a", limit=5) as first:
        await _do(pool, operations.scale_queue, "imports", 2)
        await until(lambda: first.oban.check_queue("imports").limit == 2, within=2)
        await _do(pool, operations.pause_queue, "imports")
    async with start_node("b", limit=5) as second:
        assert second.oban.check_queue("imports").limit == 2
        assert second.oban.check_queue("imports").paused


async def test_a_setting_is_followed_without_a_signal(
    start_node: StartNode, query: Query, until: Until
) -> None:
    """A node whose listener is deaf reads the table with its heartbeat."""
    async with start_node() as node:
        await query(
            "INSERT INTO queue_settings (queue, paused, updated_at)"
            " VALUES ('imports', true, clock_timestamp())"
        )
        await until(lambda: node.oban.check_queue("imports").paused, within=2)


async def test_a_queue_that_does_not_exist_is_refused(pool: Pool) -> None:
    """A typing error is told, with the names there are."""
    with pytest.raises(UsageError, match="improts") as caught:
        await _do(pool, operations.pause_queue, "improts")
    assert "imports" in caught.value.hint


async def test_a_limit_of_zero_is_refused(pool: Pool) -> None:
    """Stopping a queue is called pausing."""
    with pytest.raises(UsageError) as caught:
        await _do(pool, operations.scale_queue, "imports", 0)
    assert "pause" in caught.value.hint


async def test_nodes_and_queues_can_be_seen(
    pool: Pool, start_node: StartNode, until: Until, recorder: Recorder
) -> None:
    """`doctor` and `queues` see who runs what, who leads, and what waits."""
    async with start_node("a", limit=1) as node:
        await JobEngine(pool).enqueue(
            [Behave.new(BehaveArgs("patient", n)) for n in range(3)]
        )
        await until(lambda: node.is_leader and recorder.ran)
        await until(lambda: _running(pool))
        async with pool.connection() as conn:
            [seen] = await browse.list_nodes(conn)
            [queue] = await insights.list_queues(conn)
            jobs = await browse.list_jobs(conn)
            await operations.cancel_jobs(conn, [job.id for job in jobs])

    assert (seen.node, seen.is_leader, seen.meta["version"]) == ("a", True, "test")
    assert seen.silent_seconds < 1
    assert (queue.counts["available"], queue.counts["executing"]) == (2, 1)
    assert 0 < queue.waiting_seconds < 10


async def _running(pool: Pool) -> bool:
    async with pool.connection() as conn:
        [node] = await browse.list_nodes(conn)
    return node.meta["running"] == 1


async def _do(pool: Pool, operation: object, *values: object) -> None:
    async with pool.connection() as conn:
        await operation(conn, *values)
