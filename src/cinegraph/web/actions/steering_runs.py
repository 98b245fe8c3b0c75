"""Runs: pause, resume, cancel, retry what failed."""

import msgspec

from cinegraph import words
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class RunArguments(msgspec.Struct, frozen=True):
    """Which run."""

    run_id: int
    """Its number."""


async def _pause(request: ActionRequest, given: RunArguments) -> Outcome:
    if await request.c.pause_run(given.run_id):
        return Outcome(message=f"Run {given.run_id} is paused; what runs already ends.")
    return Outcome(message=f"Run {given.run_id} was not running.", things=0)


async def _resume(request: ActionRequest, given: RunArguments) -> Outcome:
    if await request.c.resume_run(given.run_id):
        return Outcome(message=f"Run {given.run_id} goes on.")
    return Outcome(message=f"Run {given.run_id} was not paused.", things=0)


async def _cancel(request: ActionRequest, given: RunArguments) -> Outcome:
    if await request.c.cancel_run(given.run_id):
        return Outcome(
            message=f"Run {given.run_id} is cancelled; what is stored stays."
        )
    return Outcome(message=f"Run {given.run_id} was over already.", things=0)


async def _retry(request: ActionRequest, given: RunArguments) -> Outcome:
    things = await request.c.retry_run(given.run_id)
    if not things:
        return Outcome(message=f"Nothing of run {given.run_id} failed.", things=0)
    told = words.count(things, "thing")
    return Outcome(
        message=f"{told} of run {given.run_id} are tried again.", things=things
    )


ACTIONS = (
    Action(
        key="run.pause",
        path="/runs/{run_id:int}/pause",
        title="Pause",
        help="Nothing more of it is begun until it is resumed.",
        arguments=RunArguments,
        do=_pause,
    ),
    Action(
        key="run.resume",
        path="/runs/{run_id:int}/resume",
        title="Resume",
        help="It goes on within seconds.",
        arguments=RunArguments,
        do=_resume,
    ),
    Action(
        key="run.retry",
        path="/runs/{run_id:int}/retry",
        title="Retry failed",
        help="What failed or was quarantined is tried again, also in a run that has ended.",
        arguments=RunArguments,
        do=_retry,
    ),
    Action(
        key="run.cancel",
        path="/runs/{run_id:int}/cancel",
        title="Cancel",
        help="What is not settled counts as cancelled; what is stored stays.",
        arguments=RunArguments,
        do=_cancel,
        confirm="Cancel this run? What is not fetched yet is left out; the same import can be started again.",
    ),
)
