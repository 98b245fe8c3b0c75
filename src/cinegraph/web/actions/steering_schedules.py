"""Schedules: run now, pause, resume."""

import msgspec

from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class ScheduleArguments(msgspec.Struct, frozen=True):
    """Which schedule."""

    name: str
    """As `cinegraph schedules list` says."""


async def _run(request: ActionRequest, given: ScheduleArguments) -> Outcome:
    job_id = await request.c.run_schedule(given.name)
    if job_id is None:
        return Outcome(message=f"{given.name} is queued or running already.", things=0)
    return Outcome(
        message=f"{given.name} is queued as job {job_id}.", result={"job_id": job_id}
    )


async def _pause(request: ActionRequest, given: ScheduleArguments) -> Outcome:
    await request.c.pause_schedule(given.name)
    return Outcome(message=f"{given.name} rests; what it misses is not caught up.")


async def _resume(request: ActionRequest, given: ScheduleArguments) -> Outcome:
    await request.c.pause_schedule(given.name, is_paused=False)
    return Outcome(message=f"{given.name} goes on with its next slot.")


ACTIONS = (
    Action(
        key="schedule.run",
        path="/schedules/{name}/run",
        title="Run now",
        help="Its job is made at once, beside its slots.",
        arguments=ScheduleArguments,
        do=_run,
    ),
    Action(
        key="schedule.pause",
        path="/schedules/{name}/pause",
        title="Pause",
        help="It rests until it is resumed, also after restarts; what it misses is not caught up.",
        arguments=ScheduleArguments,
        do=_pause,
    ),
    Action(
        key="schedule.resume",
        path="/schedules/{name}/resume",
        title="Resume",
        help="It goes on with its next slot.",
        arguments=ScheduleArguments,
        do=_resume,
    ),
)
