"""Running jobs: Oban's executor around our attempt, given to Oban by its public `dispatcher=`."""

import asyncio
from typing import Any

import structlog
from oban import Job
from oban._executor import AckAction, Executor
from oban._producer import Producer

from cinegraph import clock
from cinegraph.errors import CinegraphError, SourceError
from cinegraph.jobs.attempts import readable, run_attempt
from cinegraph.jobs.outcome import Kind, Retry, Tries, Verdict, code_of, judge, text_of

_log = structlog.get_logger(__name__)


class Dispatcher:
    """Starts each job of a node as a task with the node's services."""

    def __init__(self, services: object) -> None:
        self._services = services

    async def start(self) -> None:
        """Nothing to prepare; Oban calls it."""

    async def stop(self) -> None:
        """Nothing to undo; Oban calls it."""

    def dispatch(self, producer: Producer, job: Job) -> asyncio.Task[None]:
        """Run *job* in a task that ends with its acknowledgement pending."""
        return asyncio.create_task(self._execute(producer, job))

    def cancel(self, _producer: Producer, job: Job) -> None:
        """Tell a running job that a person asked for its end."""
        if job._cancellation is not None:
            job._cancellation.set()

    async def _execute(self, producer: Producer, job: Job) -> None:
        job._cancellation = asyncio.Event()
        executor = AttemptExecutor(job, self._services)
        try:
            await executor.execute()
            action = executor.action
        except (asyncio.CancelledError, KeyboardInterrupt):
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            action = _fallback(job, "cancelled_inside", "CancelledError while settling")
        except BaseException as error:  # noqa: BLE001 - a job without an end would stay `executing`
            _log.error(
                "an attempt ended without a verdict", job=job.id, error=readable(error)
            )
            action = _fallback(job, code_of(error), text_of(error))
        if action is not None:
            producer._pending_acks.append(action)


class AttemptExecutor(Executor):
    """Oban's executor (its telemetry, its current job), with our verdict in place of its rules."""

    action: AckAction | None  # type: ignore[assignment]  # oban's has no annotation
    result: BaseException | None  # type: ignore[assignment]  # the same

    def __init__(self, job: Job, services: object) -> None:
        super().__init__(job, safe=True)
        self._services = services
        self._verdict: Verdict | None = None

    async def _process(self) -> None:
        self._verdict = await run_attempt(self.job, self._services)
        self.result = self._verdict.error

    def _record_stopped(self) -> None:
        if self._verdict is not None:
            self.action = action_of(self.job, self._verdict)


def action_of(job: Job, verdict: Verdict) -> AckAction:
    """Return what Oban's producer acknowledges for *verdict*."""
    if verdict.kind is Kind.DONE:
        said = {"outcome": verdict.code} if verdict.code != "done" else {}
        if verdict.message:
            said["message"] = verdict.message
        return AckAction(job=job, state="completed", meta=said or None)
    meta = {"outcome": verdict.kind.value, "error_code": verdict.code}
    if isinstance(verdict.error, SourceError):
        # Of several that a job may ask, the one to wait for.
        meta["source"] = verdict.error.source
    if verdict.kind is Kind.ABSENT:
        return AckAction(job=job, state="completed", meta=meta)
    if verdict.kind is Kind.SNOOZED:
        meta["snoozed"] = job.meta.get("snoozed", 0) + 1
    return AckAction(
        job=job,
        state=verdict.state,
        attempt_change=-1 if verdict.kind is Kind.SNOOZED else None,
        error=None if verdict.kind is Kind.SNOOZED else _error_of(job, verdict),
        meta=meta,
        schedule_in=verdict.delay_seconds,
    )


def _error_of(job: Job, verdict: Verdict) -> dict[str, Any]:
    text = verdict.message
    if verdict.error is not None and not isinstance(verdict.error, CinegraphError):
        # Only of what nobody foresaw is the place in the code worth its space.
        text = readable(verdict.error)
    return {
        "attempt": job.attempt,
        "at": clock.real_now().isoformat(),
        "error": text,
        "code": verdict.code,
    }


def _fallback(job: Job, code: str, message: str) -> AckAction:
    tries = Tries(job.attempt, job.max_attempts)
    return action_of(job, judge(Retry(code, message), tries))
