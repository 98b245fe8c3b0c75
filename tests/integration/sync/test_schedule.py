"""The table of schedules: which slot is due, and that it is taken once."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.db.pool import Pool
from cinegraph.sync import schedule
from cinegraph.sync.schedule import Schedule, ScheduleState
from ledger_rows import Conn

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SLOT = datetime(2026, 9, 2, 8, 15, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "ForTests"
OTHER = "ForOtherTests"


@pytest.fixture(autouse=True)
def _schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    at = timedelta(hours=8, minutes=15)
    for name in (NAME, OTHER):
        one = Schedule(name=name, every=DAY, at=at, reason="for tests")
        monkeypatch.setitem(schedule.BY_NAME, name, one)


async def _state(conn: Conn, name: str = NAME) -> ScheduleState:
    return {one.name: one for one in await schedule.list_states(conn)}[name]


async def _do_due(conn: Conn, now: datetime, job_id: int | None = 1) -> int:
    """Do what is due as a node does; return how many schedules that were."""
    async with conn.transaction():
        due = await schedule.take_due(conn, [NAME], now=now)
        for state in due:
            await schedule.move_on(conn, state, job_id=job_id, now=now)
    return len(due)


async def test_a_new_schedule_begins_with_its_next_slot(conn: Conn) -> None:
    """What was before it was known is not caught up; a row that is there stays."""
    await schedule.ensure(conn, [OTHER, NAME], now=NOON)
    await schedule.ensure(conn, [NAME], now=NOON + 9 * DAY)
    state = await _state(conn)
    assert (state.next_at, state.last_at, state.missed) == (SLOT, None, 0)
    assert await _do_due(conn, SLOT - timedelta(seconds=1)) == 0


async def test_a_slot_is_due_once(conn: Conn) -> None:
    """At its very moment; then the next one is tomorrow's."""
    await schedule.ensure(conn, [NAME], now=NOON)
    assert await _do_due(conn, SLOT, job_id=77) == 1
    assert await _do_due(conn, SLOT) == 0
    state = await _state(conn)
    assert (state.last_at, state.next_at) == (SLOT, SLOT + DAY)
    assert (state.last_job_id, state.missed) == (77, 0)


async def test_missed_slots_are_one_and_counted(conn: Conn) -> None:
    """Three days away: today's slot is done, two are missed; again later adds up."""
    await schedule.ensure(conn, [NAME], now=NOON)
    back = SLOT + 2 * DAY + timedelta(hours=5)
    assert await _do_due(conn, back) == 1
    assert await _do_due(conn, back) == 0
    state = await _state(conn)
    assert (state.last_at, state.next_at) == (SLOT + 2 * DAY, SLOT + 3 * DAY)
    assert state.missed == 2
    await _do_due(conn, SLOT + 4 * DAY)
    assert (await _state(conn)).missed == 3


async def test_a_clock_that_is_set_back_makes_no_second_slot(conn: Conn) -> None:
    """An hour comes twice, its slot does not."""
    await schedule.ensure(conn, [NAME], now=NOON)
    assert await _do_due(conn, SLOT + timedelta(minutes=1)) == 1
    for minutes in range(-60, 60, 7):
        await schedule.ensure(conn, [NAME], now=SLOT + timedelta(minutes=minutes))
        assert await _do_due(conn, SLOT + timedelta(minutes=minutes)) == 0
    assert await _do_due(conn, SLOT + DAY) == 1


async def test_a_clock_that_was_imitated_leaves_no_schedule_asleep(
    conn: Conn,
) -> None:
    """Back from a year ahead, the next slot is the next one, not next year's."""
    await schedule.ensure(conn, [NAME], now=NOON)
    await _do_due(conn, SLOT + 365 * DAY)
    await schedule.ensure(conn, [NAME], now=NOON)
    assert (await _state(conn)).next_at == SLOT
    assert await _do_due(conn, SLOT) == 1


async def test_work_that_is_live_already_keeps_the_last_job(conn: Conn) -> None:
    """The slot is done all the same."""
    await schedule.ensure(conn, [NAME], now=NOON)
    await _do_due(conn, SLOT, job_id=77)
    await _do_due(conn, SLOT + DAY, job_id=None)
    state = await _state(conn)
    assert (state.last_job_id, state.last_at) == (77, SLOT + DAY)


async def test_two_nodes_take_a_slot_once(pool: Pool, conn: Conn) -> None:
    """What one is at the other leaves, without waiting; other schedules it may take."""
    await schedule.ensure(conn, [NAME, OTHER], now=NOON)
    async with pool.connection() as one, pool.connection() as two:
        [mine] = await schedule.take_due(one, [NAME], now=SLOT)
        found = await schedule.take_due(two, [NAME, OTHER], now=SLOT)
        assert [state.name for state in found] == [OTHER]
        await schedule.move_on(one, mine, job_id=1, now=SLOT)
        await one.commit()
        await two.commit()
        found = await schedule.take_due(two, [NAME, OTHER], now=SLOT)
        assert [state.name for state in found] == [OTHER]


async def test_a_paused_schedule_catches_nothing_up(conn: Conn) -> None:
    """Resumed, it goes on with its next slot, and nothing was missed."""
    await schedule.ensure(conn, [NAME], now=NOON)
    await schedule.set_paused(conn, NAME, is_paused=True, now=NOON)
    assert await _do_due(conn, SLOT + 3 * DAY) == 0
    back = SLOT + 3 * DAY + timedelta(hours=1)
    await schedule.set_paused(conn, NAME, is_paused=False, now=back)
    assert await _do_due(conn, back) == 0
    state = await _state(conn)
    assert (state.next_at, state.missed) == (SLOT + 4 * DAY, 0)
    assert not state.is_paused


async def test_resuming_what_does_not_rest_skips_no_slot(conn: Conn) -> None:
    """A slot that is due at this moment stays due."""
    await schedule.ensure(conn, [NAME], now=NOON)
    await schedule.set_paused(conn, NAME, is_paused=False, now=SLOT)
    assert await _do_due(conn, SLOT) == 1


async def test_a_schedule_can_rest_before_a_node_has_known_it(conn: Conn) -> None:
    """Paused by a command on an empty database, it stays so when the nodes come."""
    await schedule.set_paused(conn, NAME, is_paused=True, now=NOON)
    await schedule.ensure(conn, [NAME], now=NOON)
    assert (await _state(conn)).is_paused
    assert await _do_due(conn, SLOT) == 0


async def test_only_what_a_node_knows_is_taken(conn: Conn) -> None:
    """A schedule of a newer version is left to the newer nodes."""
    await schedule.ensure(conn, [NAME, OTHER], now=NOON)
    assert await _do_due(conn, SLOT) == 1
    assert (await _state(conn, OTHER)).last_at is None
