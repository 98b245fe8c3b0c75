"""Zombies: rows that say we run what we do not."""

import asyncio

from engine_workers import Behave, BehaveArgs, Recorder

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.node import JobEngine
from conftest import Query, StartNode, Until


async def test_a_job_that_only_the_database_runs_is_given_back(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """As after an answer to a fetch was lost: it runs after all, its attempt not counted."""
    async with start_node() as node:
        producer = node.oban._producers["imports"]
        [job] = await JobEngine(pool).enqueue(
            [Behave.new(BehaveArgs(), scheduled_in=60)]
        )
        await query(
            "UPDATE oban_jobs SET state = 'executing', attempt = 1, attempted_by = %s,"
            " attempted_at = timezone('UTC', clock_timestamp()) WHERE id = %s",
            ["one", producer._uuid],
            job.id,
        )
        await until(lambda: recorder.ran == [0], within=5)
        await until(lambda: _state(query, "completed"))

    assert await query("SELECT attempt, meta ->> 'given_back' FROM oban_jobs") == [
        (1, "1")
    ]


async def test_a_job_that_runs_is_left_alone(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """Many heartbeats long, a running job is held by memory and database alike."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=1.0))])
        await until(lambda: _state(query, "completed"))

    assert recorder.ran == [0]


async def test_an_end_that_could_not_be_written_is_written_later(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """While the table is locked away the end waits, and needs no new job to be written."""
    async with start_node() as node:
        producer = node.oban._producers["imports"]
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=0.2))])
        await until(lambda: recorder.ran)
        line_run = node._line.run

        async def broken(*_args: object) -> None:
            raise OSError("no database")

        node._line.run = broken
        await until(lambda: producer._pending_acks)
        await asyncio.sleep(0.1)
        node._line.run = line_run
        await until(lambda: _state(query, "completed"), within=3)

    assert recorder.ran == [0]


async def _state(query: Query, state: str) -> bool:
    return await query("SELECT state::text FROM oban_jobs") == [(state,)]
