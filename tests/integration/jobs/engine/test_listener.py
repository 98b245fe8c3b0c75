"""A listener that heals. Defect 6: one malformed NOTIFY ends Oban 0.7.0's for good."""

import asyncio

import pytest
from engine_workers import Behave, BehaveArgs, Recorder
from oban import Oban

from cinegraph.db.pool import Pool
from cinegraph.jobs import browse, operations
from cinegraph.jobs.engine.node import JobEngine
from conftest import Query, StartNode, Until

_MALFORMED = "SELECT pg_notify('public.oban_signal', 'not a payload')"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_plain_oban_goes_deaf(pool: Pool, query: Query, until: Until) -> None:
    """Its listening task has ended and nothing starts another: the defect that ours is for."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with Oban(pool=pool, queues={"imports": 1}, name="plain") as plain:
        await until(lambda: not plain._notifier._pending_listen)
        await query(_MALFORMED)
        await until(plain._notifier._loop_task.done)
        await asyncio.sleep(0.3)

        assert plain._notifier._loop_task.done()
        plain._notifier._loop_task.exception()
        plain._notifier._loop_task = asyncio.create_task(asyncio.sleep(0))


async def test_a_malformed_notification_is_skipped(
    start_node: StartNode, query: Query, until: Until
) -> None:
    """It is counted, and the next echo is heard on the same connection."""
    async with start_node() as node:
        listener = node.oban._notifier
        await until(lambda: not listener._pending_listen)
        await query(_MALFORMED)
        await until(lambda: listener.malformed == 1)
        await _hears(listener, until)

        assert listener.rebuilt == 0


async def test_a_dead_listener_is_rebuilt_and_seen(
    pool: Pool, start_node: StartNode, until: Until, recorder: Recorder
) -> None:
    """Whatever ended it, the missing echo brings a new connection; `doctor` sees that it happened."""
    async with start_node() as node:
        listener = node.oban._notifier
        listener._loop_task.cancel()
        await until(lambda: listener.rebuilt == 1)
        await _hears(listener, until)
        await until(lambda: _rebuilt(pool))

        await _cancel_a_running_job(pool, until, recorder)


async def test_a_cut_connection_is_rebuilt(
    pool: Pool, start_node: StartNode, until: Until, recorder: Recorder
) -> None:
    """A listener whose connection the server closed listens again."""
    async with start_node() as node:
        listener = node.oban._notifier
        async with pool.connection() as conn:
            await conn.execute(
                "SELECT pg_terminate_backend(%s)", (listener._conn.info.backend_pid,)
            )
        await until(lambda: listener.rebuilt >= 1)
        await _hears(listener, until)

        await _cancel_a_running_job(pool, until, recorder)


async def test_a_cancellation_reaches_a_node_whose_listener_is_deaf(
    pool: Pool, start_node: StartNode, until: Until, recorder: Recorder, query: Query
) -> None:
    """The mark in the row is found by the next heartbeats."""
    async with start_node() as node:
        node.oban._notifier._is_stopping = True  # so that it is not rebuilt
        node.oban._notifier._loop_task.cancel()

        await _cancel_a_running_job(pool, until, recorder)
        await until(lambda: query("SELECT 1 FROM oban_jobs WHERE state = 'cancelled'"))


async def _hears(listener: object, until: Until) -> None:
    since = listener._heard_at
    await until(lambda: listener._heard_at > since and listener.silent_seconds < 0.5)


async def _rebuilt(pool: Pool) -> bool:
    async with pool.connection() as conn:
        [node] = await browse.list_nodes(conn)
    return node.meta["listener_rebuilt"] == 1


async def _cancel_a_running_job(pool: Pool, until: Until, recorder: Recorder) -> None:
    [job] = await JobEngine(pool).enqueue([Behave.new(BehaveArgs("patient", 7))])
    await until(lambda: recorder.ran)
    async with pool.connection() as conn:
        done = await operations.cancel_jobs(conn, [job.id])
    assert done.asked == (job.id,)
    await until(lambda: recorder.cancelled == [7], within=5)
