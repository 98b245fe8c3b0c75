"""What happened to a job, and how long it took."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph.jobs.browse import JobRow
from cinegraph.jobs.timeline import LONGEST_ERROR, measure, tell

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
_MADE = NOW - timedelta(minutes=10)


def _job(**given: Any) -> JobRow:
    usual: dict[str, Any] = {
        "id": 1,
        "state": "available",
        "queue": "imports",
        "worker": "cinegraph.jobs.imports.ImportMovie",
        "attempt": 0,
        "max_attempts": 5,
        "priority": 6,
        "args": {},
        "meta": {},
        "errors": [],
        "attempted_by": [],
        "inserted_at": _MADE,
        "scheduled_at": _MADE,
        "attempted_at": None,
        "ended_at": None,
    }
    return JobRow(**usual | given)


def _at(minutes: float) -> datetime:
    return _MADE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("job", "due_in", "waited", "ran"),
    [
        (_job(), None, 600, None),
        (_job(scheduled_at=NOW + timedelta(seconds=1)), None, 0, None),
        (_job(state="scheduled", scheduled_at=_at(15)), 300, None, None),
        (
            _job(state="retryable", scheduled_at=_at(9), attempted_at=_at(1)),
            None,
            60,
            None,
        ),
        (_job(state="executing", attempted_at=_at(4)), None, 240, 360),
        (_job(state="completed", attempted_at=_at(4), ended_at=_at(5)), None, 240, 60),
        (
            _job(
                state="completed",
                attempted_at=_at(2),
                ended_at=_at(3),
                scheduled_at=_at(5),
            ),
            None,
            None,
            60,
        ),
        (_job(state="cancelled", ended_at=_at(5)), None, None, None),
    ],
)
def test_durations_fit_the_state(
    job: JobRow, due_in: float | None, waited: float | None, ran: float | None
) -> None:
    """What has ended grows no more, what waits has not run, and nothing is negative."""
    told = measure(job, NOW)
    assert (told.due_in, told.waited, told.ran) == (due_in, waited, ran)


def test_a_story_is_told_in_order() -> None:
    """Made, each attempt with its error, the last one's start, the end with its message."""
    errors = [
        {
            "attempt": 1,
            "at": _at(1).isoformat(),
            "code": "unavailable",
            "error": "a\nb",
        },
        {"attempt": 2, "at": _at(3).isoformat(), "error": "x" * 9000},
    ]
    job = _job(
        state="discarded",
        attempt=2,
        errors=errors,
        attempted_at=_at(2),
        ended_at=_at(3),
        meta={"error_code": "unavailable", "message": "gave up"},
    )
    events = tell(job)
    assert [event.what for event in events] == [
        "made",
        "attempt 1 ended",
        "attempt 2 started",
        "attempt 2 ended",
        "discarded",
    ]
    assert (events[1].code, events[1].line, events[1].text) == (
        "unavailable",
        "b",
        "a\nb",
    )
    assert len(events[3].text or "") < LONGEST_ERROR + 100
    assert (events[4].line, events[4].code) == ("gave up", "unavailable")


def test_rows_that_others_wrote_break_nothing() -> None:
    """Errors without a time, an attempt or a text, or with a secret."""
    told = tell(
        _job(errors=[{}, {"at": "?", "attempt": "x", "error": "api_key=abcdefgh12345"}])
    )
    assert [event.what for event in told] == [
        "made",
        "an attempt ended",
        "an attempt ended",
        "may run",
    ]
    assert "abcdefgh12345" not in str(told)
    assert told[1].at is None
