"""Jobs: retry or cancel one, or all that match a filter."""

import msgspec

from cinegraph import words
from cinegraph.api.matching import Swept
from cinegraph.jobs.filters import JobFilter, Number
from cinegraph.web.actions.action import Action, ActionRequest, Outcome


class JobArguments(msgspec.Struct, frozen=True):
    """Which job."""

    job_id: int
    """Its number."""


class MatchingArguments(JobFilter, frozen=True, kw_only=True):
    """All jobs that match; see the filters of `/jobs`."""

    up_to: Number | None = None
    """Only jobs up to this number: those that were there when somebody looked."""


async def _retry(request: ActionRequest, given: JobArguments) -> Outcome:
    result = await request.c.retry_jobs([given.job_id])
    if result.retried:
        return Outcome(message=f"Job {given.job_id} runs again.")
    why = result.refused.get(given.job_id, "it has changed meanwhile")
    return Outcome(message=f"Job {given.job_id} was not retried: {why}.", things=0)


async def _cancel(request: ActionRequest, given: JobArguments) -> Outcome:
    result = await request.c.cancel_jobs([given.job_id])
    if result.ended:
        return Outcome(message=f"Job {given.job_id} is cancelled.")
    if result.asked:
        return Outcome(message=f"Job {given.job_id} runs; it was asked to end.")
    return Outcome(
        message=f"Job {given.job_id} has ended already, or there is none.", things=0
    )


async def _retry_matching(request: ActionRequest, given: MatchingArguments) -> Outcome:
    swept = await request.c.retry_matching(given, up_to=given.up_to)
    return _swept(swept, "run again")


async def _cancel_matching(request: ActionRequest, given: MatchingArguments) -> Outcome:
    swept = await request.c.cancel_matching(given, up_to=given.up_to)
    return _swept(swept, "are cancelled, or were asked to end")


def _swept(swept: Swept, done: str) -> Outcome:
    told = f"{words.count(swept.jobs, 'job')} {done}"
    if swept.jobs == 1:
        told = told.replace("run again", "runs again").replace("are", "is", 1)
        told = told.replace("were asked", "was asked")
    if swept.refused:
        told += f"; {swept.refused:,} could not be: their work is live already, or they ended meanwhile"
    if not swept.is_all:
        told += ". Some are left, because that took long: do it again for the rest"
    return Outcome(
        message=f"{told}.",
        things=swept.jobs,
        to="/jobs",
        result=msgspec.to_builtins(swept),
    )


ACTIONS = (
    Action(
        key="job.retry",
        path="/jobs/{job_id:int}/retry",
        title="Retry",
        help="It runs again at once, with at least one attempt left.",
        arguments=JobArguments,
        do=_retry,
    ),
    Action(
        key="job.cancel",
        path="/jobs/{job_id:int}/cancel",
        title="Cancel",
        help="A job that waits ends now, one that runs is asked to; its run does not wait for it any longer.",
        arguments=JobArguments,
        do=_cancel,
        confirm="Cancel this job? What it was to do is left out until it is asked for again.",
    ),
    Action(
        key="jobs.retry_matching",
        path="/jobs/retry-matching",
        title="Retry all that match",
        help="Those that failed, were cancelled or wait for their next try run again.",
        arguments=MatchingArguments,
        do=_retry_matching,
        confirm="Run all jobs again that match? Each asks its source again.",
    ),
    Action(
        key="jobs.cancel_matching",
        path="/jobs/cancel-matching",
        title="Cancel all that match",
        help="Those that wait end now, those that run are asked to.",
        arguments=MatchingArguments,
        do=_cancel_matching,
        confirm="Cancel all jobs that match? What they were to do is left out until it is asked for again.",
    ),
)
