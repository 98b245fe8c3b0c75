"""Rescue by heartbeat. Defect 4: Oban 0.7.0 rescues by age, so a long job runs beside itself."""

import asyncio
import time

import pytest
from engine_workers import Behave, BehaveArgs, Recorder
from oban._lifeline import _rescue
from oban._query import Query as ObanQuery

from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.jobs.engine.node import JobEngine
from conftest import Query, StartNode, StartProcess, Until

_LONGER = 6.0
_STATES = "SELECT state::text FROM oban_jobs ORDER BY id"


async def test_plain_oban_rescues_a_job_that_still_runs(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """Age alone decides, whatever the node says: the defect that ours is for."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=0.6))])
        await until(lambda: recorder.ran)
        await asyncio.sleep(0.15)

        await _rescue(ObanQuery(pool), 0.1)

        assert await query(_STATES) != [("executing",)]


async def test_a_job_longer_than_the_grace_runs_once(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """While its node's heart beats, a job is nobody else's."""
    async with start_node("a"), start_node("b"):
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=2.0))])
        await until(lambda: _all(query, "completed"), within=5)

    assert recorder.ran == [0]


@pytest.mark.usefixtures("runs_table")
async def test_the_jobs_of_a_killed_node_run_again(
    pool: Pool, start_process: StartProcess, query: Query, until: Until
) -> None:
    """Kill -9 of the leader itself, with real intervals: another runs its jobs within 10 s, usually 6."""
    victim = start_process("victim", 3)
    # Longer than a slow machine needs to start the heir: they are to be running when their node dies.
    jobs = [Behave.new(BehaveArgs(number=n, seconds=_LONGER)) for n in range(3)]
    await JobEngine(pool).enqueue(jobs)
    await until(lambda: _count(query, "victim", 3))
    start_process("heir", 3)
    await until(lambda: query("SELECT 1 FROM oban_producers WHERE node = 'heir'"))
    assert await _all(query, "executing")
    victim.kill()
    killed_at = time.monotonic()

    await until(lambda: _count(query, "heir", 3), within=10)
    taken = time.monotonic() - killed_at
    await until(lambda: _all(query, "completed"), within=_LONGER + 5)

    assert taken < 10
    rows = await query("SELECT DISTINCT attempt, meta ->> 'rescued' FROM oban_jobs")
    assert rows == [(2, "1")]


async def test_a_terminated_node_gives_its_jobs_back_at_once(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """What the grace of a shutdown cuts off is available at once, its attempt not counted."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=30))])
        await until(lambda: recorder.ran)

    assert await query("SELECT state::text, attempt FROM oban_jobs") == [
        ("available", 0)
    ]
    assert await query("SELECT 1 FROM oban_producers") == []


async def test_a_running_job_may_finish_at_shutdown(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """Within the grace a job ends as if nothing were."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=0.3))])
        await until(lambda: recorder.ran)

    assert await query(_STATES) == [("completed",)]


async def test_nothing_is_rescued_while_heartbeats_may_be_missing(
    pool: Pool, query: Query
) -> None:
    """After a crash emptied the heartbeats, no node is taken for dead before it could beat again."""
    await _lose_one(pool, query)

    await _set_epoch(query, "1 min")
    assert await _rescued(pool, grace=0.3) == []
    await query("TRUNCATE heartbeat_epoch")
    assert await _rescued(pool, grace=0.3) == []
    await _set_epoch(query, "-6 s")
    assert await _rescued(pool, grace=0.3) == ["available"]


async def test_nothing_is_rescued_by_a_server_younger_than_the_grace(
    pool: Pool, query: Query
) -> None:
    """After a restart all heartbeats are old, and the nodes behind them may live."""
    await _lose_one(pool, query)
    await query("UPDATE oban_jobs SET attempted_at = '2001-01-01'")
    await _set_epoch(query, "-10 years")
    [(age,)] = await query(
        "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float"
    )

    assert await _rescued(pool, grace=age + 60) == []
    assert await _rescued(pool, grace=0.3) == ["available"]


async def test_a_lost_job_without_attempts_ends_with_a_reason(
    pool: Pool, query: Query
) -> None:
    """Its error says that the node died, with a code."""
    await _lose_one(pool, query)
    await _set_epoch(query, "-6 s")
    await query("UPDATE oban_jobs SET attempt = max_attempts")

    assert await _rescued(pool, grace=0.01) == ["discarded"]
    [(errors, meta)] = await query("SELECT errors, meta FROM oban_jobs")
    assert errors[0]["code"] == meta["error_code"] == "node_died"


async def test_an_exhausted_job_does_not_block_its_queue(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """A row at the head without an attempt left is passed over, and ended by the leader."""
    await JobEngine(pool).enqueue([Behave.new(BehaveArgs(number=n)) for n in range(3)])
    await query(
        "UPDATE oban_jobs SET attempt = max_attempts WHERE id = (SELECT min(id) FROM oban_jobs)"
    )
    async with start_node(limit=1):
        await until(
            lambda: _all(query, "discarded", "completed", "completed"), within=5
        )


async def _lose_one(pool: Pool, query: Query) -> None:
    await JobEngine(pool).enqueue([Behave.new(BehaveArgs())])
    await query(
        "UPDATE oban_jobs SET state = 'executing', attempt = 1, attempted_by = '{gone,x}',"
        " attempted_at = timezone('UTC', clock_timestamp()) - interval '1 min'"
    )


async def _rescued(pool: Pool, *, grace: float) -> list[str]:
    statement = load("cinegraph.jobs.engine", "rescue_jobs.sql")
    async with pool.connection() as conn:
        cursor = await conn.execute(
            statement, {"grace": grace, "channel": "public.oban_insert"}
        )
        return [state for _, _, state in await cursor.fetchall()]


async def _set_epoch(query: Query, offset: str) -> None:
    await query("TRUNCATE heartbeat_epoch")
    await query(
        "INSERT INTO heartbeat_epoch (since) VALUES (clock_timestamp() + %s::interval)",
        offset,
    )


async def _all(query: Query, *states: str) -> bool:
    found = [state for (state,) in await query(_STATES)]
    return bool(found) and (
        found == list(states) or (set(found) == set(states) and len(states) == 1)
    )


async def _count(query: Query, node: str, count: int) -> bool:
    [(found,)] = await query("SELECT count(*) FROM test_runs WHERE node = %s", node)
    return bool(found >= count)
