"""Workers that misbehave on request; imported by the tests and by the nodes they start as processes."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from cinegraph.errors import (
    AbsentAtSourceError,
    PayloadError,
    SourceThrottledError,
    SourceUnavailableError,
)
from cinegraph.jobs.outcome import Cancel, Outcome, Snooze, Verdict
from cinegraph.jobs.worker import JobContext, Worker


@dataclass
class Recorder:
    """What the jobs of one test did."""

    node: str = "test"
    pool: Any = None
    """Where `test_runs` is written; None to keep it in memory alone."""
    ran: list[int] = field(default_factory=list)
    settled: list[Verdict] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)


class BehaveArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to behave, and a number to tell jobs apart."""

    how: str = "well"
    number: Annotated[int, msgspec.Meta(ge=0)] = 0
    seconds: float = 0.0


class Behave(Worker[BehaveArgs], queue="imports", max_attempts=3):
    """Behave as told."""

    async def run(self, job: JobContext[BehaveArgs]) -> Outcome | None:
        """Note the run, then behave."""
        await _note(job)
        await asyncio.sleep(job.args.seconds)
        return await _BEHAVIOURS[job.args.how](job)

    async def settle(self, job: JobContext[BehaveArgs], verdict: Verdict) -> None:
        """Note the verdict."""
        job.services.settled.append(verdict)
        if job.args.how == "settle":
            raise RuntimeError("settling fails")

    def backoff(self, attempt: int) -> float:
        """Fail for whoever asks."""
        raise ValueError(f"no idea after attempt {attempt}")


class Brief(Worker[BehaveArgs], queue="imports"):
    """A worker without a life of its own, for the identity of unique keys."""

    async def run(self, job: JobContext[BehaveArgs]) -> None:
        """Do nothing."""


async def _note(job: JobContext[BehaveArgs]) -> None:
    recorder: Recorder = job.services
    recorder.ran.append(job.args.number)
    if recorder.pool is not None:
        async with recorder.pool.connection() as conn:
            await conn.execute(
                "INSERT INTO test_runs (number, node) VALUES (%s, %s)",
                (job.args.number, recorder.node),
            )


async def _well(_job: JobContext[BehaveArgs]) -> None:
    return None


async def _nul(_job: JobContext[BehaveArgs]) -> None:
    raise RuntimeError("a \0 in the text")


async def _surrogate(_job: JobContext[BehaveArgs]) -> None:
    raise RuntimeError("a \ud800 in the text")


async def _long(_job: JobContext[BehaveArgs]) -> None:
    raise RuntimeError("x" * 1_000_000)


async def _secret(_job: JobContext[BehaveArgs]) -> None:
    raise RuntimeError("GET /3/movie/1?api_key=0123456789abcdef failed")


async def _our_secret(_job: JobContext[BehaveArgs]) -> None:
    reason = "a \0 and ?api_key=0123456789abcdef"
    raise SourceUnavailableError(reason, source="tmdb", endpoint="movie")


async def _cancelled(_job: JobContext[BehaveArgs]) -> None:
    raise asyncio.CancelledError


async def _exit(_job: JobContext[BehaveArgs]) -> None:
    raise SystemExit(3)


async def _throttled(_job: JobContext[BehaveArgs]) -> None:
    raise SourceThrottledError(source="tmdb", endpoint="movie", retry_in_seconds=0)


async def _absent(_job: JobContext[BehaveArgs]) -> None:
    raise AbsentAtSourceError(source="tmdb", endpoint="movie", external_id="movie 1")


async def _payload(_job: JobContext[BehaveArgs]) -> None:
    raise PayloadError("not a number", source="tmdb", endpoint="movie", field="id")


async def _unavailable(_job: JobContext[BehaveArgs]) -> None:
    raise SourceUnavailableError("HTTP 503", source="tmdb", endpoint="movie")


async def _snooze(_job: JobContext[BehaveArgs]) -> Outcome:
    return Snooze(60, "later", "not now")


async def _give_up(_job: JobContext[BehaveArgs]) -> Outcome:
    return Cancel("pointless", "nobody wants it")


async def _patient(job: JobContext[BehaveArgs]) -> None:
    while not job.cancelled():  # noqa: ASYNC110 - as a worker looks between its steps
        await asyncio.sleep(0.01)
    job.services.cancelled.append(job.args.number)
    raise RuntimeError("told to stop")


_BEHAVIOURS = {
    "well": _well,
    "settle": _absent,
    "nul": _nul,
    "surrogate": _surrogate,
    "long": _long,
    "secret": _secret,
    "our_secret": _our_secret,
    "cancelled": _cancelled,
    "exit": _exit,
    "throttled": _throttled,
    "absent": _absent,
    "payload": _payload,
    "unavailable": _unavailable,
    "snooze": _snooze,
    "give_up": _give_up,
    "patient": _patient,
}
