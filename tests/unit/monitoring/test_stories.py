"""One sentence why a film is as it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph.monitoring.insights import JobTrace, MovieTrace
from cinegraph.monitoring.stories import explain_movie
from cinegraph.sync.ledger import LedgerEntry

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _entry(state: str, **changes: Any) -> LedgerEntry:
    values: dict[str, Any] = {
        "source": "tmdb",
        "kind": "movie",
        "external_id": 603,
        "state": state,
        "reason": "on popular page 3",
        "due_at": _NOW + timedelta(days=30),
        "checked_at": _NOW,
        "changed_at": _NOW,
        "attempts": 0,
        "error_code": None,
        "error": None,
    }
    return LedgerEntry(**(values | changes))


def _job(state: str, queue: str = "imports") -> JobTrace:
    return JobTrace(
        id=7,
        worker="ImportMovie",
        queue=queue,
        state=state,
        attempt=2,
        max_attempts=5,
        errors=[],
        run_id=1,
        inserted_at=_NOW,
        scheduled_at=_NOW,
        attempted_at=None,
        ended_at=None,
    )


@pytest.mark.parametrize(
    ("entries", "jobs", "text"),
    [
        ([], [], "Nobody has asked for this film."),
        ([_entry("fresh")], [], "It is fresh: TMDB answered at 2026-01-01 12:00 UTC"),
        ([_entry("fresh", due_at=_NOW)], [], "It is stale"),
        ([_entry("absent")], [], "TMDB says there is no such film."),
        (
            [_entry("failed", error_code="unavailable", attempts=3)],
            [],
            "(unavailable), 3 times",
        ),
        (
            [_entry("quarantined", error_code="payload")],
            [],
            "breaks the schema (payload)",
        ),
        ([_entry("queued")], [_job("available")], "on popular page 3. Job 7 waits"),
        (
            [_entry("queued")],
            [_job("retryable")],
            "Job 7 tries again at 12:00:00 UTC, 2 of 5",
        ),
        ([_entry("queued")], [_job("executing")], "Job 7 is fetching it now."),
        ([_entry("queued")], [_job("scheduled")], "Job 7 is due at"),
        (
            [_entry("wanted", due_at=None, reason="in the export of 2026-01-01")],
            [],
            "TMDB names it, and nobody has asked for it: in the export of 2026-01-01.",
        ),
        (
            [_entry("fresh"), _entry("fresh", source="omdb")],
            [],
            "TMDB answered at 2026-01-01 12:00 UTC, and is due again on 2026-01-31. OMDb answered on 2026-01-01.",
        ),
        (
            [_entry("fresh"), _entry("empty", source="omdb")],
            [],
            "OMDb holds no rating of it yet, and is asked again on 2026-01-31.",
        ),
        (
            [_entry("fresh"), _entry("absent", source="omdb", asked_for="tt0133093")],
            [],
            "OMDb does not hold tt0133093.",
        ),
        (
            [
                _entry("fresh"),
                _entry("failed", source="omdb", error_code="unavailable"),
            ],
            [],
            "OMDb failed (unavailable)",
        ),
        (
            [
                _entry("fresh"),
                _entry("quarantined", source="omdb", error_code="payload"),
            ],
            [],
            "What OMDb sent cannot be read (payload)",
        ),
        (
            [_entry("fresh"), _entry("wanted", source="omdb", reason="the quota")],
            [],
            "OMDb follows on 2026-01-31: the quota.",
        ),
        (
            [_entry("fresh"), _entry("wanted", source="omdb", due_at=_NOW)],
            [],
            "OMDb follows when its quota allows.",
        ),
        (
            [_entry("fresh"), _entry("queued", source="omdb")],
            [_job("available", queue="omdb")],
            "OMDb's turn is next. Job 7 waits for its turn.",
        ),
    ],
)
def test_every_state_has_its_sentence(
    entries: list[LedgerEntry], jobs: list[JobTrace], text: str
) -> None:
    """Ledger and live jobs together say why."""
    trace = MovieTrace(tmdb_id=603, ledger=entries, jobs=jobs, read_at=_NOW)
    assert text in explain_movie(None, trace)
