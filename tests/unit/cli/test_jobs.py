"""What a job is about, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cinegraph.cli.jobs import subject
from cinegraph.jobs.browse import JobRow

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(**args: Any) -> JobRow:
    """Return a job with these arguments."""
    return JobRow(
        id=1,
        state="available",
        queue="festivals",
        worker="ImportFestival",
        attempt=0,
        max_attempts=3,
        priority=3,
        args=args,
        meta={},
        errors=[],
        attempted_by=[],
        inserted_at=_NOW,
        scheduled_at=_NOW,
        attempted_at=None,
        ended_at=None,
    )


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"run_id": 4, "tmdb_id": 603}, "tmdb_id=603 run_id=4"),
        (
            {
                "year": 2024,
                "run_id": 4,
                "edition": None,
                "options": {"source": "own", "only_changed": False},
            },
            "year=2024 source=own run_id=4",
        ),
        ({"options": {"only_changed": True}}, "only_changed=yes"),
        (
            {"movie_id": 7, "fields": ["ratings", "status"]},
            "movie_id=7 fields=ratings,status",
        ),
        ({"source": "popular", "page": 0}, "page=0"),
        ({"source": "tmdb"}, "source=tmdb"),
    ],
)
def test_what_a_job_is_about(args: dict[str, Any], told: str) -> None:
    """Words that can be read: no brackets and quotes of Python, nothing that is unset; its run last."""
    assert subject(job(**args)) == told
