"""
How the end of an attempt becomes what happens to its job.

`decide` turns an error into an outcome by its disposition (the one table is `BY_DISPOSITION`); `judge` turns an outcome
into a verdict: the state the job's row gets, whether that is final, and when it runs again. Both are pure.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

import msgspec
import psycopg

from cinegraph.errors import (
    CinegraphError,
    Disposition,
    SourceHaltedError,
    SourceThrottledError,
)

MAX_SNOOZES = 50
"""Snoozes a job may take before it is retried like any failure; at an hour each that is two days."""

_SNOOZE_STEP_SECONDS = 300  # the upstreams' limits reset within minutes
_MAX_SNOOZE_SECONDS = 3600
_MIN_RETRY_SECONDS = 15  # a service that restarts is back after that
_MAX_RETRY_SECONDS = 6 * 3600

type State = Literal["completed", "retryable", "scheduled", "cancelled", "discarded"]


class Done(msgspec.Struct, frozen=True):
    """The work is finished; *code* other than `done` names a special end, for example `absent`."""

    code: str = "done"
    message: str = ""


class Snooze(msgspec.Struct, frozen=True):
    """Not now: run again after *seconds*, without losing an attempt."""

    seconds: float | None = None
    """None: 5 minutes for each try so far, at most an hour."""
    code: str = "snoozed"
    message: str = ""
    is_capped: bool = True
    """False: may wait for ever, as work does whose source stands still."""


class Retry(msgspec.Struct, frozen=True):
    """Failed this time: run again after a backoff, or end as failed when the attempts are used up."""

    code: str = "retry"
    message: str = ""
    seconds: float | None = None
    """None: the worker's backoff."""


class Cancel(msgspec.Struct, frozen=True):
    """The job is pointless or wrong and is never tried again."""

    code: str = "cancelled"
    message: str = ""


class Fail(msgspec.Struct, frozen=True):
    """Failed, and trying again cannot help: a person has to look."""

    code: str = "failed"
    message: str = ""


type Outcome = Done | Snooze | Retry | Cancel | Fail


class Kind(StrEnum):
    """What became of an attempt."""

    DONE = "done"
    ABSENT = "absent"
    QUARANTINED = "quarantined"
    DEFERRED = "deferred"
    """Left to the ledger, because the source's day is used up."""
    SNOOZED = "snoozed"
    RETRYING = "retrying"
    CANCELLED = "cancelled"
    FAILED = "failed"


_FAILURES = frozenset({Kind.ABSENT, Kind.QUARANTINED, Kind.RETRYING, Kind.FAILED})


@dataclass(frozen=True, slots=True)
class Tries:
    """What counts towards a job's limits."""

    attempt: int
    max_attempts: int
    snoozes: int = 0

    @property
    def is_last(self) -> bool:
        """Whether a failure now uses up the attempts."""
        return self.attempt >= self.max_attempts


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of one attempt, as the job's row and `Worker.settle` get it."""

    kind: Kind
    state: State
    code: str
    message: str = ""
    delay_seconds: int | None = None
    """Until the job runs again; None when it does not."""
    error: BaseException | None = None
    """What `run` raised, with its facts; None when it returned."""
    is_hopeless: bool = False
    """Whether no further attempt or round can help: a person has to look."""

    @property
    def final(self) -> bool:
        """Whether the job will not run again by itself."""
        return self.delay_seconds is None

    @property
    def is_failure(self) -> bool:
        """Whether something went wrong with what was asked for; a budget, a pause or a person's word is no failure."""
        return self.kind in _FAILURES


def _retry(error: BaseException, _tries: Tries) -> Outcome:
    return Retry(code=code_of(error), message=text_of(error))


def _snooze(error: BaseException, tries: Tries) -> Outcome:
    seconds = _snooze_seconds(_wish_of(error), tries)
    # An outage may last for days, and no film is to blame for it.
    is_outage = isinstance(error, SourceThrottledError) and error.is_outage
    return Snooze(seconds, code_of(error), text_of(error), is_capped=not is_outage)


def _halt(error: BaseException, tries: Tries) -> Outcome:
    seconds = _snooze_seconds(_wish_of(error), tries)
    return Snooze(seconds, code_of(error), text_of(error), is_capped=False)


def _wish_of(error: BaseException) -> float | None:
    """How long *error* itself asks to wait; `None` where it does not say."""
    if isinstance(error, SourceThrottledError | SourceHaltedError):
        return error.retry_in_seconds
    return None


def _done(error: BaseException, _tries: Tries) -> Outcome:
    return Done(code_of(error), text_of(error))


def _cancel(error: BaseException, _tries: Tries) -> Outcome:
    return Cancel(code_of(error), text_of(error))


def _fail(error: BaseException, _tries: Tries) -> Outcome:
    return Fail(code_of(error), text_of(error))


BY_DISPOSITION: Mapping[Disposition, Callable[[BaseException, Tries], Outcome]] = (
    MappingProxyType(
        {
            Disposition.RETRY: _retry,
            Disposition.SNOOZE: _snooze,
            Disposition.DEFER: _done,
            Disposition.HALT: _halt,
            Disposition.ABSENT: _done,
            Disposition.QUARANTINE: _done,
            Disposition.CANCEL: _cancel,
            Disposition.FAIL: _fail,
        }
    )
)
"""What each disposition of `cinegraph.errors` does to a job; the one place that says so."""

_KIND_OF_DONE: Mapping[Disposition, Kind] = MappingProxyType(
    {
        Disposition.ABSENT: Kind.ABSENT,
        Disposition.QUARANTINE: Kind.QUARANTINED,
        Disposition.DEFER: Kind.DEFERRED,
    }
)


def decide(error: BaseException, tries: Tries) -> Outcome:
    """Return the outcome of an attempt that raised *error*; what is not ours is retried."""
    if isinstance(error, CinegraphError):
        return BY_DISPOSITION[error.disposition](error, tries)
    return _retry(error, tries)


def judge(
    outcome: Outcome,
    tries: Tries,
    *,
    error: BaseException | None = None,
    backoff: Callable[[int], float] | None = None,
) -> Verdict:
    """
    Return what *outcome* does to a job that was tried this often.

    Args:
        outcome: What `run` returned or `decide` said.
        tries: The attempt that ended and the limits.
        error: What `run` raised, kept in the verdict.
        backoff: Seconds until the next attempt, by attempt; one that raises or makes no sense is ignored.
    """
    match outcome:
        case Done(code, message):
            return Verdict(_kind_of(error), "completed", code, message, error=error)
        case Cancel(code, message):
            return Verdict(Kind.CANCELLED, "cancelled", code, message, error=error)
        case Snooze(seconds, code, message, is_capped):
            if is_capped and tries.snoozes >= MAX_SNOOZES:
                tired = Retry(code, f"{message} (after {tries.snoozes} snoozes)")
                return judge(tired, tries, error=error, backoff=backoff)
            # What a worker says for itself may be long; only a foreign wish is capped.
            wait = round(
                _snooze_seconds(None, tries) if seconds is None else max(seconds, 1.0)
            )
            return Verdict(Kind.SNOOZED, "scheduled", code, message, wait, error)
        case Retry(code, message, seconds) if not tries.is_last:
            wait = _retry_seconds(seconds, tries, backoff)
            return Verdict(Kind.RETRYING, "retryable", code, message, wait, error)
        case Retry(code, message) | Fail(code, message):
            is_hopeless = isinstance(outcome, Fail)
            return Verdict(
                Kind.FAILED, "discarded", code, message, None, error, is_hopeless
            )


def default_backoff(attempt: int) -> float:
    """Return seconds until the next attempt: 15 and doubling, a tenth of jitter, at most 6 hours."""
    seconds = min(_MIN_RETRY_SECONDS + 2.0 ** min(attempt, 20), _MAX_RETRY_SECONDS)
    return seconds * (1 + random.random() / 10)  # noqa: S311 - spreads load, hides nothing


def code_of(error: BaseException) -> str:
    """Return the stable code that tables and screens show for *error*."""
    match error:
        case CinegraphError():
            return error.code
        case psycopg.Error():
            return "database"
        case asyncio.CancelledError():
            return "cancelled_inside"
        case SystemExit():
            return "system_exit"
        case _:
            return "unexpected"


def text_of(error: BaseException) -> str:
    """Return one line that says what *error* is, whatever its `__str__` does."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a foreign exception's text may itself be broken
        text = "(its text cannot be read)"
    if isinstance(error, CinegraphError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _kind_of(error: BaseException | None) -> Kind:
    if isinstance(error, CinegraphError):
        return _KIND_OF_DONE.get(error.disposition, Kind.DONE)
    return Kind.DONE


def _snooze_seconds(seconds: float | None, tries: Tries) -> float:
    if seconds is None:
        # A snooze gives the attempt back, so the tries so far are both together.
        seconds = _SNOOZE_STEP_SECONDS * (max(tries.attempt, 1) + tries.snoozes)
    # Below: `Retry-After: 0` would burn every snooze at once.
    return min(max(seconds, 1.0), _MAX_SNOOZE_SECONDS)


def _retry_seconds(
    seconds: float | None, tries: Tries, backoff: Callable[[int], float] | None
) -> int:
    if seconds is None and backoff is not None:
        try:
            seconds = float(backoff(tries.attempt))
        except Exception:  # noqa: BLE001 - a raising backoff left jobs `executing` for ever
            seconds = None
    # The comparison is also false for NaN.
    if seconds is None or not seconds >= 0:
        seconds = default_backoff(tries.attempt)
    return round(min(seconds, _MAX_RETRY_SECONDS))
