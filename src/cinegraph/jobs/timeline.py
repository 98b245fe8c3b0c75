"""What happened to a job, in order, and how long it took; pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from cinegraph.jobs.browse import JobRow
from cinegraph.scrubbing import presentable

LONGEST_ERROR: Final = 4000
"""Characters of one attempt's error: its first quarter and its end."""
_WAITING: Final = ("available", "scheduled", "retryable", "suspended")
_ENDED: Final = ("completed", "cancelled", "discarded")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a job, or that is to happen."""

    at: datetime | None
    """Real time; None: nobody noted it."""
    what: str
    """In words."""
    state: str
    """As a job's state, for its colour."""
    attempt: int | None = None
    code: str | None = None
    """As in `cinegraph.errors`."""
    line: str | None = None
    """Of `text`, what tells most: its last line."""
    text: str | None = None
    """All that was written down, without secrets, cut to `LONGEST_ERROR`."""


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds; None: it does not apply to the state the job is in."""

    due_in: float | None
    """Until it may run."""
    waited: float | None
    """For its turn, before the last attempt or until now."""
    ran: float | None
    """In the last attempt, until it ended or until now."""


def tell(job: JobRow) -> list[Event]:
    """Return what happened to *job*, oldest first."""
    made = Event(at=job.inserted_at, what="made", state="scheduled")
    events = [made, *map(_attempt, job.errors)]
    if job.attempted_at is not None and job.state not in _WAITING:
        started = f"attempt {job.attempt} started"
        events.append(
            Event(
                at=job.attempted_at,
                what=started,
                state="executing",
                attempt=job.attempt,
            )
        )
    events += _last(job)
    return sorted(events, key=lambda event: event.at or job.inserted_at)


def measure(job: JobRow, now: datetime) -> Durations:
    """Return how long *job* waited and ran; *now* is real time, of this machine."""
    due_in = waited = ran = None
    if job.state in _WAITING:
        late = (now - job.scheduled_at).total_seconds()
        if late < 0 and job.state != "available":
            due_in = -late
        else:
            waited = max(late, 0.0)
    elif job.attempted_at is not None:
        ran = max(((job.ended_at or now) - job.attempted_at).total_seconds(), 0.0)
        turn = (job.attempted_at - job.scheduled_at).total_seconds()
        # What is put off gets a later time than its last attempt: how long that waited is not known any longer.
        waited = turn if turn >= 0 else None
    return Durations(due_in=due_in, waited=waited, ran=ran)


def _attempt(error: dict[str, Any]) -> Event:
    text = presentable(str(error.get("error") or ""), LONGEST_ERROR).strip()
    number = error.get("attempt")
    attempt = number if isinstance(number, int) else None
    code = error.get("code")
    return Event(
        at=_time(error.get("at")),
        what="an attempt ended" if attempt is None else f"attempt {attempt} ended",
        state="retryable",
        attempt=attempt,
        code=None if code is None else presentable(str(code), 200),
        line=_telling(text),
        text=text or None,
    )


def _last(job: JobRow) -> Iterator[Event]:
    message = presentable(str(job.meta.get("message") or ""), LONGEST_ERROR).strip()
    code = job.meta.get("error_code") or job.meta.get("outcome")
    told = None if code is None else presentable(str(code), 200)
    if job.state in _ENDED:
        yield Event(
            at=job.ended_at,
            what=job.state,
            state=job.state,
            code=told,
            line=_telling(message),
            text=message or None,
        )
    elif job.state in _WAITING:
        yield Event(
            at=job.scheduled_at,
            what="may run" if job.state == "available" else "is to run",
            state=job.state,
            code=told,
            line=_telling(message),
            text=message or None,
        )


def _telling(text: str) -> str | None:
    lines = text.splitlines()
    return lines[-1][:300] if lines else None


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
