"""What a person may do to jobs."""

import pytest
from oban import Job

from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.jobs import browse, operations
from cinegraph.jobs.engine.node import JobEngine


def _job(key: str | None = None) -> Job:
    return Job("x.Y", queue="imports", meta={"uniq_key": key} if key else {})


async def _ended(pool: Pool, *jobs: Job) -> list[int]:
    enqueued = await JobEngine(pool).enqueue(jobs)
    ids = [job.id for job in enqueued]
    async with pool.connection() as conn:
        await conn.execute(
            "UPDATE oban_jobs SET state = 'discarded', attempt = max_attempts,"
            " discarded_at = timezone('UTC', clock_timestamp()),"
            """ meta = meta || '{"error_code": "x", "snoozed": 9}' WHERE id = ANY(%s)""",
            (ids,),
        )
    return ids


async def test_a_failed_job_is_retried_with_an_attempt(pool: Pool) -> None:
    """It is available at once, one attempt longer, its counters forgotten."""
    [id_] = await _ended(pool, _job())

    async with pool.connection() as conn:
        done = await operations.retry_jobs(conn, [id_])
        job = await browse.get_job(conn, id_)

    assert done.retried == (id_,)
    assert (job.state, job.max_attempts - job.attempt) == ("available", 1)
    assert set(job.meta) == {"root_id"}


async def test_work_that_is_live_is_not_retried(pool: Pool) -> None:
    """The reason names the live job; the others of the request are retried."""
    [old, other] = await _ended(pool, _job("same"), _job())
    [live] = await JobEngine(pool).enqueue([_job("same")])

    async with pool.connection() as conn:
        done = await operations.retry_jobs(conn, [old, other, live.id, 999])

    assert done.retried == (other,)
    assert done.refused == {
        old: f"the same work is live in job {live.id}",
        live.id: "it is available already",
        999: "there is no such job",
    }


async def test_of_several_ended_jobs_with_the_same_work_one_is_retried(
    pool: Pool,
) -> None:
    """The newest; the request as a whole succeeds."""
    ids = [(await _ended(pool, _job("same")))[0] for _ in range(3)]

    async with pool.connection() as conn:
        done = await operations.retry_jobs(conn, ids)

    assert done.retried == (ids[-1],)
    assert set(done.refused) == set(ids[:-1])


async def test_a_waiting_job_is_cancelled_and_an_ended_one_left(pool: Pool) -> None:
    """Cancelling ends what waits, and only that."""
    [ended] = await _ended(pool, _job())
    [waiting] = await JobEngine(pool).enqueue([_job()])

    async with pool.connection() as conn:
        done = await operations.cancel_jobs(conn, [ended, waiting.id])
        states = {job.id: job.state for job in await browse.list_jobs(conn)}

    assert done == operations.Cancelled(ended=(waiting.id,), asked=())
    assert states == {ended: "discarded", waiting.id: "cancelled"}


async def test_jobs_are_listed_by_what_is_asked(pool: Pool) -> None:
    """Filters add up; the newest comes first; a page ends before an id."""
    jobs = [
        Job("a.b.First", queue="imports", meta={"run_id": 7}),
        Job("a.b.Second", queue="discovery", meta={"run_id": 7}),
        Job("a.b.First", queue="imports"),
    ]
    first, second, third = [job.id for job in await JobEngine(pool).enqueue(jobs)]

    async with pool.connection() as conn:

        async def ids(**filters: object) -> list[int]:
            return [job.id for job in await browse.list_jobs(conn, **filters)]

        assert await ids() == [third, second, first]
        assert await ids(worker="First") == [third, first]
        assert await ids(run=7) == [second, first]
        assert await ids(run=7, queue="imports") == [first]
        assert await ids(before=third, page_size=1) == [second]
        assert await ids(states=["completed"]) == []
        assert await ids(states=["available"]) == [third, second, first]


async def test_a_job_that_is_gone_is_told(pool: Pool) -> None:
    """The error says why it may be gone."""
    async with pool.connection() as conn:
        with pytest.raises(UsageError, match="no job 1"):
            await browse.get_job(conn, 1)
