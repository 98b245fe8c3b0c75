"""The scheduler: a slot is one job, whichever node leads and whatever the clock does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from oban import Job

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs import catalogue, schedules
from cinegraph.jobs.scheduling import Scheduler, run_now
from cinegraph.sync import schedule
from cinegraph.sync.schedule import ScheduleState
from ledger_rows import Conn, live_jobs

NAME = "MergeExport"
NIGHT = datetime(2026, 9, 1, 3, tzinfo=UTC)
SLOT = datetime(2026, 9, 1, 8, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture
async def scheduler(pool: Pool) -> Scheduler:
    """Return a scheduler of all schedules, as a node has it that came in the night."""
    made = Scheduler(pool, catalogue.SCHEDULED)
    with clock.frozen(NIGHT):
        assert await made.turn() == []
    return made


async def _turn(scheduler: Scheduler, at: datetime) -> list[str]:
    with clock.frozen(at):
        return await scheduler.turn()


async def _state(conn: Conn, name: str = NAME) -> ScheduleState:
    return {one.name: one for one in await schedule.list_states(conn)}[name]


async def _made(conn: Conn) -> int:
    """Return how many jobs of the export were ever made."""
    cursor = await conn.execute(
        "SELECT count(*) FROM oban_jobs WHERE worker LIKE '%MergeExport'"
    )
    [(number,)] = await cursor.fetchall()
    return int(number)


async def _end_jobs(conn: Conn) -> None:
    await conn.execute(
        "UPDATE oban_jobs SET state = 'completed', completed_at = timezone('UTC', clock_timestamp())"
    )


async def test_a_slot_becomes_a_job_once(conn: Conn, scheduler: Scheduler) -> None:
    """Not before its time, and not again when the job has ended; each day anew."""
    assert await _turn(scheduler, SLOT - timedelta(seconds=1)) == []
    assert await _turn(scheduler, SLOT) == [NAME]
    [job] = await live_jobs(conn)
    assert (job["queue"], job["args"]) == ("maintenance", {"run_id": None})
    state = await _state(conn)
    assert (state.last_at, state.next_at) == (SLOT, SLOT + DAY)
    await _end_jobs(conn)
    assert await _turn(scheduler, SLOT + timedelta(minutes=10)) == []
    assert await _turn(scheduler, SLOT + DAY) == [NAME, "MergeRatings"]
    assert await _made(conn) == 2


@pytest.mark.parametrize("nodes", [2, 5])
async def test_whoever_leads_a_slot_is_one_job(
    conn: Conn, pool: Pool, scheduler: Scheduler, nodes: int
) -> None:
    """Nodes that all believe they lead, at the same moment and one after the other."""
    del scheduler
    all_nodes = [Scheduler(pool, catalogue.SCHEDULED) for _ in range(nodes)]
    with clock.frozen(SLOT):
        taken = await asyncio.gather(*(node.turn() for node in all_nodes))
    assert sorted(taken, reverse=True)[:2] == [[NAME], []]
    await _end_jobs(conn)
    for node in all_nodes:
        assert await _turn(node, SLOT + timedelta(minutes=1)) == []
    assert await _made(conn) == 1
    assert (await _state(conn)).missed == 0


async def test_missed_slots_are_caught_up_by_one_job(
    conn: Conn, scheduler: Scheduler
) -> None:
    """Nobody was there for three slots: one job, and two are counted as missed."""
    back = SLOT + 2 * DAY + timedelta(minutes=20)
    assert await _turn(scheduler, back) == [NAME, "MergeRatings"]
    await _end_jobs(conn)
    assert await _turn(scheduler, back + timedelta(minutes=1)) == []
    assert await _made(conn) == 1
    state = await _state(conn)
    assert (state.missed, state.last_at) == (2, SLOT + 2 * DAY)
    assert state.next_at == SLOT + 3 * DAY


async def test_a_paused_schedule_makes_no_job(conn: Conn, scheduler: Scheduler) -> None:
    """Nor does it catch up what passed when it goes on."""
    await schedule.set_paused(conn, NAME, is_paused=True, now=NIGHT)
    assert await _turn(scheduler, SLOT + DAY) == ["MergeRatings"]
    back = SLOT + DAY + timedelta(hours=1)
    await schedule.set_paused(conn, NAME, is_paused=False, now=back)
    assert NAME not in await _turn(scheduler, back)
    assert await _made(conn) == 0
    assert NAME in await _turn(scheduler, SLOT + 2 * DAY)
    assert (await _state(conn)).missed == 0


async def test_a_clock_set_back_an_hour_makes_no_second_job(
    conn: Conn, scheduler: Scheduler
) -> None:
    """The same hour comes twice."""
    await _turn(scheduler, SLOT + timedelta(minutes=30))
    await _end_jobs(conn)
    for minutes in range(-30, 40, 5):
        assert await _turn(scheduler, SLOT + timedelta(minutes=minutes)) == []
    assert await _made(conn) == 1
    assert NAME in await _turn(scheduler, SLOT + DAY)


async def test_work_that_goes_on_is_not_doubled(
    conn: Conn, scheduler: Scheduler
) -> None:
    """Yesterday's job is still at it: the slot is done by it."""
    await _turn(scheduler, SLOT)
    first = (await _state(conn)).last_job_id
    await _turn(scheduler, SLOT + DAY)
    state = await _state(conn)
    assert (state.last_job_id, state.last_at) == (first, SLOT + DAY)
    assert await _made(conn) == 1


async def test_a_turn_that_dies_has_done_nothing(
    conn: Conn, pool: Pool, scheduler: Scheduler
) -> None:
    """The slot is still due for the next node."""

    def broken() -> Job:
        raise OSError

    dying = Scheduler(pool, {NAME: broken})
    with pytest.raises(OSError):  # noqa: PT011 - ours, of two lines before
        await _turn(dying, SLOT)
    assert (await _state(conn)).last_at is None
    assert await _turn(scheduler, SLOT) == [NAME]


async def test_a_schedule_that_is_switched_off_is_left(conn: Conn, pool: Pool) -> None:
    """Without IMDb's ratings a node neither knows nor does theirs."""
    jobs = {NAME: catalogue.SCHEDULED[NAME]}
    node = Scheduler(pool, jobs)
    await _turn(node, NIGHT)
    assert [one.name for one in await schedule.list_states(conn)] == [NAME]
    assert await _turn(node, SLOT + DAY) == [NAME]


async def test_a_person_runs_it_beside_its_slots(
    conn: Conn, scheduler: Scheduler
) -> None:
    """Once while it is live; the slot comes all the same."""
    before = await _state(conn)
    first = await run_now(conn, catalogue.SCHEDULED[NAME])
    assert first is not None
    assert await run_now(conn, catalogue.SCHEDULED[NAME]) is None
    assert await _state(conn) == before
    await _end_jobs(conn)
    assert await _turn(scheduler, SLOT) == [NAME]
    assert await _made(conn) == 2


def test_every_schedule_has_a_job_that_can_be_made() -> None:
    """The table and what makes the jobs name the same."""
    assert set(schedules.SCHEDULED) == {one.name for one in schedule.SCHEDULE}
    for name, make in schedules.SCHEDULED.items():
        job = make()
        assert job.worker.rsplit(".", 1)[1] == name
        assert msgspec.json.encode(job.args)
