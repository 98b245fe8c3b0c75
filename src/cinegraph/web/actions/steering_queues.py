"""Queues: pause, resume, scale; what is set lasts over restarts and counts for nodes to come."""

from typing import Annotated

import msgspec

from cinegraph import words
from cinegraph.jobs.queue_lines import MOST_AT_ONCE
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class QueueArguments(msgspec.Struct, frozen=True):
    """Which queue."""

    queue: str
    """Its name."""


class ScaleArguments(msgspec.Struct, frozen=True):
    """Which queue, and how much of it."""

    queue: str
    """Its name."""
    jobs: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)]
    """At once on each node."""


async def _pause(request: ActionRequest, given: QueueArguments) -> Outcome:
    await request.c.pause_queue(given.queue)
    return Outcome(
        message=f"Queue {given.queue} is paused on every node; what runs already ends."
    )


async def _resume(request: ActionRequest, given: QueueArguments) -> Outcome:
    await request.c.resume_queue(given.queue)
    return Outcome(message=f"Queue {given.queue} runs again.")


async def _scale(request: ActionRequest, given: ScaleArguments) -> Outcome:
    setting = await request.c.scale_queue(given.queue, given.jobs)
    many = words.count(given.jobs, "job")
    but = "; it is paused" if setting.paused else ""
    return Outcome(
        message=f"Queue {given.queue} runs {many} at once on each node, now and later{but}."
    )


ACTIONS = (
    Action(
        key="queue.pause",
        path="/queues/{queue}/pause",
        title="Pause",
        help="No node starts a job of it until it is resumed, also after restarts; what runs already ends.",
        arguments=QueueArguments,
        do=_pause,
    ),
    Action(
        key="queue.resume",
        path="/queues/{queue}/resume",
        title="Resume",
        help="Its jobs start again within a second.",
        arguments=QueueArguments,
        do=_resume,
    ),
    Action(
        key="queue.scale",
        path="/queues/{queue}/scale",
        title="Set",
        help="So many of its jobs run at once on each node, within a second and after restarts.",
        arguments=ScaleArguments,
        do=_scale,
    ),
)
