"""Bulk enqueueing. Defect 8: `enqueue_many` of Oban 0.7.0 is one INSERT a row, and nothing is unique."""

import asyncio
from unittest.mock import patch

import psycopg
from engine_workers import Behave, BehaveArgs, Brief
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oban import Job, Oban

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.engine.node import JobEngine
from conftest import Query


def _jobs(*numbers: int, unique: bool = True) -> list[Job]:
    return [Behave.new(BehaveArgs(number=n), unique=unique) for n in numbers]


async def test_plain_oban_inserts_row_by_row(pool: Pool) -> None:
    """Ten jobs are ten statements: the defect that ours is for."""
    plain = Oban(pool=pool, name="plain")
    assert (
        await _statements(pool, plain.enqueue_many, _jobs(*range(10), unique=False))
        == 10
    )


async def test_ours_is_one_statement(pool: Pool) -> None:
    """However many jobs."""
    assert await _statements(pool, _insert, _jobs(*range(10))) == 1


async def test_ids_come_back_in_order(pool: Pool, query: Query) -> None:
    """Each job gets the id of its own row, and rows run in the order given."""
    jobs = await JobEngine(pool).enqueue(_jobs(*range(500)))

    stored = dict(await query("SELECT id, (args ->> 'number')::int FROM oban_jobs"))
    assert [stored[job.id] for job in jobs] == list(range(500))
    assert [job.id for job in jobs] == sorted(job.id for job in jobs)


async def test_a_single_job_is_available_at_once(pool: Pool, query: Query) -> None:
    """One line of nothing is not a time."""
    [job] = await JobEngine(pool).enqueue(_jobs(1, unique=False))

    assert await query("SELECT id, state::text FROM oban_jobs") == [
        (job.id, "available")
    ]


async def test_live_work_is_not_enqueued_twice(pool: Pool, query: Query) -> None:
    """Neither by a second call nor within one; the duplicate has no id and the others have theirs."""
    engine = JobEngine(pool)
    await engine.enqueue(_jobs(2))

    jobs = await engine.enqueue(_jobs(1, 2, 3, 3))

    assert [job.id is None for job in jobs] == [False, True, False, True]
    assert await query("SELECT count(*) FROM oban_jobs") == [(3,)]


async def test_ended_work_may_be_asked_for_again(pool: Pool, query: Query) -> None:
    """Uniqueness is among live jobs."""
    engine = JobEngine(pool)
    for state in ("completed", "cancelled", "discarded"):
        [job] = await engine.enqueue(_jobs(1))
        assert job.id is not None
        await query("UPDATE oban_jobs SET state = %s::oban_job_state", state)


async def test_uniqueness_is_scoped_to_the_worker(pool: Pool) -> None:
    """Two workers with the same arguments are two pieces of work."""
    jobs = await JobEngine(pool).enqueue(
        [Behave.new(BehaveArgs()), Brief.new(BehaveArgs())]
    )
    assert all(job.id for job in jobs)


async def test_jobs_share_the_fate_of_their_transaction(
    pool: Pool, query: Query
) -> None:
    """A rolled-back transaction takes its jobs with it."""
    async with pool.connection() as conn:
        await JobEngine(pool).enqueue(_jobs(1), conn)
        await conn.rollback()

    assert await query("SELECT 1 FROM oban_jobs") == []


async def test_callers_with_the_same_work_do_not_deadlock(
    pool: Pool, query: Query
) -> None:
    """Two transactions inserting the same jobs in opposite order both end."""
    numbers = range(300)
    for _ in range(5):
        await asyncio.gather(
            JobEngine(pool).enqueue(_jobs(*numbers)),
            JobEngine(pool).enqueue(_jobs(*reversed(numbers))),
        )
    assert await query("SELECT count(*) FROM oban_jobs") == [(300,)]


async def test_a_queue_is_woken_once_and_only_for_what_can_run(
    pool: Pool, database_url: str
) -> None:
    """One signal a queue, none for jobs of later."""
    listening = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
    async with listening:
        await listening.execute('LISTEN "public.oban_insert"')
        later = Behave.new(BehaveArgs(number=99), scheduled_in=60)
        await JobEngine(pool).enqueue([later])
        await JobEngine(pool).enqueue(_jobs(*range(50)))
        heard = [n.payload async for n in listening.notifies(timeout=0.3)]

    assert [payload.replace(" ", "") for payload in heard] == ['{"queue":"imports"}']


async def test_one_row_a_cron_slot(pool: Pool, query: Query) -> None:
    """However many nodes believe they lead, a slot is enqueued once."""
    slot = {"cron": True, "cron_name": "daily", "cron_at": "2030-01-01T00:00"}
    for _ in range(3):
        await JobEngine(pool).enqueue(
            [Job("x.Y", queue="maintenance", meta=dict(slot))]
        )
    assert await query("SELECT count(*) FROM oban_jobs") == [(1,)]


async def test_every_job_carries_its_lineage(pool: Pool, query: Query) -> None:
    """A root knows itself as root; run and parent are what was said."""
    [root] = await JobEngine(pool).enqueue([Behave.new(BehaveArgs(), run=5)])
    child = Behave.new(BehaveArgs(number=1), run=5, parent=root.id)
    await JobEngine(pool).enqueue([child])

    rows = await query(
        "SELECT meta ->> 'run_id', meta ->> 'parent_id', (meta ->> 'root_id')::int FROM oban_jobs ORDER BY id"
    )
    assert rows == [("5", None, root.id), ("5", str(root.id), root.id)]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        min_size=1,
        max_size=5,
    )
)
async def test_any_text_arrives_as_it_was(
    texts: list[str], pool: Pool, query: Query
) -> None:
    """Line breaks, quotes and whatever else Unicode holds do not mix up the rows."""
    jobs = [
        Job("x.Y", queue="imports", args={"t": text}, tags=["a", "b c"])
        for text in texts
    ]
    await JobEngine(pool).enqueue(jobs)

    stored = await query(
        "SELECT args ->> 't' FROM oban_jobs WHERE id = ANY(%s) ORDER BY id",
        [job.id for job in jobs],
    )
    assert [text for (text,) in stored] == texts


async def _statements(pool: Pool, insert: object, jobs: list[Job]) -> int:
    async with pool.connection() as conn:
        with patch.object(conn, "execute", wraps=conn.execute) as execute:
            await insert(jobs, conn=conn)
    return execute.call_count


async def _insert(jobs: list[Job], conn: psycopg.AsyncConnection) -> None:
    await insert_jobs(conn, jobs)
