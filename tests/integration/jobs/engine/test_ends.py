"""Every attempt ends. Defect 5: jobs of Oban 0.7.0 that never leave `executing`."""

import asyncio
import sys
from datetime import timedelta

import pytest
from engine_workers import Behave, BehaveArgs, Recorder
from oban import Job as ObanJob
from oban import Oban, Worker, worker

from cinegraph.db.pool import Pool
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.jobs.outcome import MAX_SNOOZES, Kind
from conftest import Query, StartNode, Until

_ROW = "SELECT state::text, attempt, meta ->> 'error_code' FROM oban_jobs"


@worker(queue="imports")
class RaisesCancelled:
    """A job of plain Oban that lets a CancelledError through."""

    async def process(self, _job: ObanJob) -> None:
        """Raise it."""
        raise asyncio.CancelledError


@worker(queue="imports")
class RaisingBackoff:
    """A job of plain Oban that fails, and whose backoff fails."""

    async def process(self, _job: ObanJob) -> None:
        """Fail."""
        raise RuntimeError("no")

    def backoff(self, _job: ObanJob) -> int:
        """Fail too."""
        raise ValueError("no idea")


@pytest.mark.parametrize("kind", [RaisesCancelled, RaisingBackoff])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_plain_oban_leaves_it_executing(
    kind: type[Worker], pool: Pool, query: Query, until: Until
) -> None:
    """Its task is over and its row is not: the defect that ours is for."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with Oban(pool=pool, queues={"imports": 1}, name="plain") as plain:
        await plain.enqueue(kind.new({}))
        await until(lambda: _has(query, "executing"))
        await until(lambda: not plain._producers["imports"]._running_jobs)
        await asyncio.sleep(0.2)

        assert await _has(query, "executing")


@pytest.mark.parametrize(
    ("how", "row", "kind"),
    [
        ("cancelled", ("retryable", 1, "cancelled_inside"), Kind.RETRYING),
        ("exit", ("retryable", 1, "system_exit"), Kind.RETRYING),
        ("unavailable", ("retryable", 1, "unavailable"), Kind.RETRYING),
        ("throttled", ("scheduled", 0, "throttled"), Kind.SNOOZED),
        ("snooze", ("scheduled", 0, "later"), Kind.SNOOZED),
        ("absent", ("completed", 1, "absent"), Kind.ABSENT),
        ("payload", ("completed", 1, "payload"), Kind.QUARANTINED),
        ("give_up", ("cancelled", 1, "pointless"), Kind.CANCELLED),
        ("settle", ("retryable", 1, "settle_failed"), Kind.ABSENT),
    ],
)
async def test_every_end_reaches_the_row_and_the_worker(  # noqa: PLR0917 - fixtures
    how: str,
    row: tuple[str, int, str],
    kind: Kind,
    pool: Pool,
    start_node: StartNode,
    query: Query,
    until: Until,
    recorder: Recorder,
) -> None:
    """The row gets the state and code of the outcome, and `settle` was told before; a raising backoff harms nothing."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(how))])
        await until(lambda: _is(query, row))
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(number=1))])
        await until(lambda: _has(query, "completed"))

    assert [verdict.kind for verdict in recorder.settled] == [kind]


async def test_a_plain_end_is_not_settled(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """`settle` is for ends that `run` did not reach."""
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs())])
        await until(lambda: _has(query, "completed"))

    assert recorder.settled == []
    [(errors, meta)] = await query("SELECT errors, meta FROM oban_jobs")
    assert errors == []
    assert set(meta) == {"uniq_key", "root_id"}


async def test_the_last_attempt_ends_as_discarded(
    pool: Pool, start_node: StartNode, query: Query, until: Until, recorder: Recorder
) -> None:
    """With its attempts used up a job has failed, and the verdict says that it is final."""
    await JobEngine(pool).enqueue([Behave.new(BehaveArgs("unavailable"))])
    await query("UPDATE oban_jobs SET attempt = 2")
    async with start_node():
        await until(lambda: _is(query, ("discarded", 3, "unavailable")))

    assert [verdict.final for verdict in recorder.settled] == [True]


async def test_snoozes_are_counted_and_capped(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """After its fill of snoozes a job fails like any other."""
    await JobEngine(pool).enqueue([Behave.new(BehaveArgs("throttled"))])
    await query(
        "UPDATE oban_jobs SET meta = meta || jsonb_build_object('snoozed', %s::int)",
        MAX_SNOOZES - 1,
    )
    async with start_node():
        await until(lambda: _is(query, ("scheduled", 0, "throttled")))
        assert await query("SELECT (meta ->> 'snoozed')::int FROM oban_jobs") == [
            (MAX_SNOOZES,)
        ]
        await until(lambda: _is(query, ("retryable", 1, "throttled")), within=5)


async def test_a_job_that_hangs_is_stopped(
    pool: Pool,
    start_node: StartNode,
    query: Query,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond its worker's time a job is stopped and retried."""
    monkeypatch.setattr(Behave, "timeout", timedelta(seconds=0.1))
    async with start_node():
        await JobEngine(pool).enqueue([Behave.new(BehaveArgs(seconds=30))])
        await until(lambda: _is(query, ("retryable", 1, "job_timeout")))


async def test_a_job_of_an_unknown_worker_is_put_off(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """A name in a row is never imported; the job waits for a node that knows it, as in a rolling upgrade."""
    await JobEngine(pool).enqueue(
        [ObanJob("antigravity.Flight", queue="imports", args={})]
    )
    async with start_node():
        await until(lambda: _is(query, ("scheduled", 0, "unknown_worker")))

    assert "antigravity" not in sys.modules


async def test_a_job_of_a_worker_that_stays_unknown_ends_with_the_reason(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """Put off as often as a job may be, it fails like any other and says why."""
    lost = ObanJob("antigravity.Flight", queue="imports", args={}, max_attempts=1)
    lost.meta["snoozed"] = MAX_SNOOZES
    await JobEngine(pool).enqueue([lost])
    async with start_node():
        await until(lambda: _is(query, ("discarded", 1, "unknown_worker")))

    [(errors,)] = await query("SELECT errors FROM oban_jobs")
    assert "antigravity.Flight" in errors[0]["error"]


async def test_stored_arguments_that_no_longer_fit_are_refused(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """A row older than its worker's code is cancelled with the reason, not run."""
    await JobEngine(pool).enqueue(
        [ObanJob(Behave.name, queue="imports", args={"number": -1})]
    )
    async with start_node():
        await until(lambda: _is(query, ("cancelled", 1, "job_arguments")))


async def test_a_code_of_an_earlier_attempt_leaves_a_job_that_ended_well(
    pool: Pool, start_node: StartNode, query: Query, until: Until
) -> None:
    """`meta.error_code` tells the last end."""
    await JobEngine(pool).enqueue([Behave.new(BehaveArgs())])
    await query("""UPDATE oban_jobs SET meta = meta || '{"error_code": "old"}'""")
    async with start_node():
        await until(lambda: _is(query, ("completed", 1, None)))


async def _has(query: Query, state: str) -> bool:
    return any(row[0] == state for row in await query(_ROW))


async def _is(query: Query, row: tuple[str, int, str | None]) -> bool:
    return row in await query(_ROW)
