"""One attempt of one job: arguments, time limit, error to outcome, settling."""

import asyncio
import traceback
from dataclasses import replace
from typing import Any

import structlog
from oban import Job

from cinegraph.errors import CinegraphError, JobArgumentsError, JobTimeoutError
from cinegraph.jobs.outcome import (
    Cancel,
    Done,
    Kind,
    Outcome,
    Retry,
    Snooze,
    Tries,
    Verdict,
    decide,
    judge,
    text_of,
)
from cinegraph.jobs.worker import (
    JobContext,
    Worker,
    decode_args,
    enter,
    find_worker,
)
from cinegraph.scrubbing import presentable

_SETTLE_TIMEOUT_SECONDS = 30.0  # one short transaction

_UNKNOWN_WORKER_SECONDS = 60.0
"""Put off, not cancelled; after 50 times it is retried like any failure and ends with the reason."""

_log = structlog.get_logger(__name__)
_PLAIN = Done()


async def run_attempt(job: Job, services: object) -> Verdict:
    """
    Run *job* once and return what becomes of it.

    Raises:
        asyncio.CancelledError: The node stops; the job has not ended and is given back.
    """
    worker_class = find_worker(job.worker)
    if worker_class is None:
        return _put_off_unknown(job)
    try:
        args = decode_args(worker_class, job.args)
    except JobArgumentsError as refused:
        return _refuse(str(refused), refused.code, refused)
    context = JobContext(args, job, services)
    enter(context)
    worker = worker_class()
    outcome, error = await _finish(worker, context)
    if error is None and type(outcome) is Done:
        return judge(outcome, context.tries)
    verdict = judge(outcome, context.tries, error=error, backoff=worker.backoff)
    return await _settle(worker, context, verdict)


async def _finish(
    worker: Worker[Any], context: JobContext[Any]
) -> tuple[Outcome, BaseException | None]:
    error: BaseException | None = None
    try:
        outcome = await _run(worker, context) or _PLAIN
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as caught:
        if _is_stopping(caught):
            raise
        error, outcome = caught, _outcome_of(caught, context)
    if context.cancelled() and isinstance(outcome, Snooze | Retry):
        outcome = Cancel(message=f"cancelled while it ran ({outcome.message})")
    return outcome, error


async def _run(worker: Worker[Any], context: JobContext[Any]) -> Outcome | None:
    seconds = worker.timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds) as limit:
            return await worker.run(context)
    except TimeoutError as error:
        if limit.expired():
            raise JobTimeoutError(
                f"{type(worker).__name__} ran longer than {seconds:g} s and was stopped"
            ) from error
        raise


def _outcome_of(error: BaseException, context: JobContext[Any]) -> Outcome:
    if not isinstance(error, CinegraphError):
        _log.error(
            "job failed unexpectedly",
            job=context.id,
            worker=context.job.worker,
            error=readable(error),
        )
    return decide(error, context.tries)


def _is_stopping(error: BaseException) -> bool:
    # A job may raise CancelledError itself, or let that of a lost task through: nobody cancelled *this* task then.
    task = asyncio.current_task()
    return (
        isinstance(error, asyncio.CancelledError)
        and task is not None
        and task.cancelling() > 0
    )


async def _settle(
    worker: Worker[Any], context: JobContext[Any], verdict: Verdict
) -> Verdict:
    try:
        async with asyncio.timeout(_SETTLE_TIMEOUT_SECONDS):
            await worker.settle(context, verdict)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job must end
        _log.error(
            "settling a job failed",
            job=context.id,
            worker=context.job.worker,
            error=readable(error),
        )
        if not verdict.final:
            return verdict
        again = Retry(
            "settle_failed", f"{verdict.message} (not written down: {text_of(error)})"
        )
        return replace(
            judge(again, context.tries, backoff=worker.backoff),
            error=verdict.error or error,
        )
    return verdict


def readable(error: BaseException) -> str:
    """Return the traceback of *error*, short and without secrets, whatever its `__str__` does."""
    try:
        text = "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001 - a foreign exception's text may itself be broken
        text = text_of(error)
    return presentable(text)


def _put_off_unknown(job: Job) -> Verdict:
    # During a rolling upgrade an old node meets jobs of workers that only newer nodes have.
    reason = f"no worker is registered as {job.worker} on this node"
    _log.warning("job of an unknown worker put off", job=job.id, worker=job.worker)
    tries = Tries(job.attempt, job.max_attempts, job.meta.get("snoozed", 0))
    wait = Snooze(_UNKNOWN_WORKER_SECONDS, "unknown_worker", reason)
    return judge(wait, tries)


def _refuse(reason: str, code: str, error: BaseException | None = None) -> Verdict:
    return Verdict(Kind.CANCELLED, "cancelled", code, reason, error=error)
