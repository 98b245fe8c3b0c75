"""Schedules on their page: when, what became of their slots; and what pressing does."""

from datetime import UTC, datetime, timedelta

from cinegraph import clock
from cinegraph.jobs.schedule_lines import SLOTS, ScheduleLine
from cinegraph.jobs.schedules import SCHEDULED
from cinegraph.jobs.scheduling import Scheduler
from cinegraph.sync import schedule

from .conftest import Dashboard

NIGHT = datetime(2026, 9, 1, 3, 1, tzinfo=UTC)
"""Of the quarter-hourly feed the next slot is 03:15."""


async def _turn(dashboard: Dashboard, at: datetime) -> list[str]:
    with clock.frozen(at):
        return await Scheduler(dashboard.c._app.pool, SCHEDULED).turn()


async def _lines(dashboard: Dashboard) -> dict[str, ScheduleLine]:
    return {line.name: line for line in await dashboard.c.list_schedule_lines()}


async def _end(dashboard: Dashboard, job_id: int | None, state: str) -> None:
    async with dashboard.c._app.pool.connection() as conn:
        await conn.execute(
            "UPDATE oban_jobs SET state = %s::text::oban_job_state WHERE id = %s",
            [state, job_id],
        )


async def test_what_became_of_the_last_slots(dashboard: Dashboard) -> None:
    """Each slot with its job's state; what was missed; what ran already; what is forgotten."""
    await _turn(dashboard, NIGHT)
    first = NIGHT.replace(minute=15)
    assert "FollowChanges" in await _turn(dashboard, first)
    line = (await _lines(dashboard))["FollowChanges"]
    assert [(slot.slot_at, slot.state, slot.missed) for slot in line.slots] == [
        (first, "available", 0)
    ]
    # Its job is live still: the next slot makes none. Then a night without a node.
    second = first + timedelta(minutes=15)
    await _turn(dashboard, second)
    await _end(dashboard, line.slots[0].job_id, "completed")
    third = second + timedelta(hours=1)
    await _turn(dashboard, third)
    line = (await _lines(dashboard))["FollowChanges"]
    await _end(dashboard, line.slots[-1].job_id, "discarded")
    line = (await _lines(dashboard))["FollowChanges"]
    assert [(slot.slot_at, slot.state, slot.missed) for slot in line.slots] == [
        (first, "completed", 0),
        (second, None, 0),
        (third, "discarded", 3),
    ]
    assert (line.last_at, line.next_at, line.missed) == (
        third,
        third + timedelta(minutes=15),
        3,
    )
    page = (await dashboard.get("/schedules")).text
    assert (
        "FollowChanges, the last 3 slots: 1 completed, 1 failed, 3 missed before"
        in page
    )
    assert "2026-09-01 03:30 UTC: the same work ran already" in page
    assert "every 15 minutes" in page
    assert "daily at 02:00 UTC" in page
    assert f'data-local="{line.next_at.isoformat()}"' in page


async def test_so_many_are_shown_and_old_ones_leave(dashboard: Dashboard) -> None:
    """The last of each."""
    await _turn(dashboard, NIGHT)
    at = NIGHT
    for _ in range(SLOTS + 2):
        at += timedelta(minutes=15)
        await _turn(dashboard, at)
    line = (await _lines(dashboard))["FollowChanges"]
    assert len(line.slots) == SLOTS
    assert line.slots[-1].slot_at == line.last_at
    async with dashboard.c._app.pool.connection() as conn:
        await schedule.forget_slots(conn, before=at)
    assert len((await _lines(dashboard))["FollowChanges"].slots) == 1


async def test_running_pausing_and_resuming(dashboard: Dashboard) -> None:
    """A job at once; a rest that lasts; both said in a sentence."""
    assert "No node has led yet" in (await dashboard.get("/schedules")).text
    await Scheduler(dashboard.c._app.pool, SCHEDULED).turn()
    answer = await dashboard.post(
        "/schedules/Retention/run", data={"_from": "/schedules"}
    )
    assert answer.headers["Location"] == "/schedules"
    assert "Retention is queued as job" in (await dashboard.get("/schedules")).text
    [job] = await dashboard.c.list_jobs(worker="Retention")
    assert job.state == "available"
    await dashboard.post("/schedules/Retention/run")
    assert "queued or running already" in (await dashboard.get("/schedules")).text
    await dashboard.post("/schedules/Retention/pause")
    assert (await _lines(dashboard))["Retention"].is_paused
    page = (await dashboard.get("/schedules")).text
    assert 'action="/schedules/Retention/resume"' in page
    assert 'action="/schedules/Retention/pause"' not in page
    await dashboard.post("/schedules/Retention/resume")
    assert not (await _lines(dashboard))["Retention"].is_paused
    assert (await dashboard.post("/schedules/Nothing/run")).status == 400


async def test_what_is_switched_off_is_said_and_has_no_button(
    dashboard: Dashboard,
) -> None:
    """IMDb's ratings want a setting."""
    jobs = {name: make for name, make in SCHEDULED.items() if name != "MergeRatings"}
    await Scheduler(dashboard.c._app.pool, jobs).turn()
    assert not (await _lines(dashboard))["MergeRatings"].is_on
    page = (await dashboard.get("/schedules")).text
    assert ">not on<" in page
    assert "/schedules/MergeRatings/run" not in page
    assert "/schedules/MergeExport/run" in page
