"""How fast, and how long still: the arithmetic of a run's progress."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph.monitoring.progress import RunProgress, recent_rate

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def _progress(**facts: Any) -> RunProgress:
    given: dict[str, Any] = {
        "id": 1,
        "kind": "import_popular",
        "source": "tmdb",
        "arguments": {"pages": 5},
        "requested_by": "command",
        "state": "running",
        "note": None,
        "started_at": NOW - timedelta(minutes=2),
        "finished_at": None,
        "planned": 100,
        "done": 30,
        "absent": 5,
        "failed": 0,
        "quarantined": 1,
        "open": 60,
        "waiting": 4,
        "cancelled": 0,
        "pages_planned": 5,
        "pages_read": 5,
        "ended_last_minute": 30,
        "first_ended_at": NOW - timedelta(minutes=2),
        "read_at": NOW,
    }
    return RunProgress(**(given | facts))


@pytest.mark.parametrize(
    ("ended", "seconds", "rate"),
    [
        pytest.param(60, 60, 1.0, id="a whole minute"),
        pytest.param(60, 600, 1.0, id="of a longer run only the last minute counts"),
        pytest.param(10, 5, 2.0, id="a young run is not divided by a minute"),
        pytest.param(10, 0.1, 10.0, id="nor by less than a second"),
        pytest.param(0, 30, 0.0, id="nothing ended"),
    ],
)
def test_rate_of_the_last_minute(ended: int, seconds: float, rate: float) -> None:
    """Films by the time in which they ended."""
    first = NOW - timedelta(seconds=seconds)
    assert recent_rate(ended, first, NOW) == pytest.approx(rate)


def test_no_rate_before_the_first_film() -> None:
    """Nothing ended yet is no speed, not a division by zero."""
    assert recent_rate(0, None, NOW) == 0.0


def test_eta_counts_what_is_open_and_waiting() -> None:
    """64 films at half a film a second are 128 s."""
    assert _progress().films_per_second == pytest.approx(0.5)
    assert _progress().eta == timedelta(seconds=128)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"pages_read": 4}, id="films are still being found"),
        pytest.param({"ended_last_minute": 0, "first_ended_at": None}, id="it stands"),
        pytest.param({"state": "completed", "finished_at": NOW}, id="it has ended"),
    ],
)
def test_no_eta_is_invented(facts: dict[str, Any]) -> None:
    """Where nobody can know there is none."""
    assert _progress(**facts).eta is None


def test_an_ended_run_tells_its_mean_rate() -> None:
    """Over the whole run, until its end and not until now."""
    ended = _progress(
        state="completed",
        open=0,
        waiting=0,
        done=94,
        started_at=NOW - timedelta(minutes=100),
        finished_at=NOW - timedelta(minutes=99),
    )
    assert not ended.is_running
    assert ended.elapsed == timedelta(minutes=1)
    assert ended.films_per_second == pytest.approx(100 / 60)


def test_cancelled_films_are_no_speed() -> None:
    """Only films that were worked on count: 30 stored, 5 absent and 1 quarantined of 100."""
    ended = _progress(
        state="cancelled",
        open=0,
        waiting=0,
        cancelled=64,
        started_at=NOW - timedelta(minutes=1),
        finished_at=NOW,
    )
    assert ended.films_per_second == pytest.approx(36 / 60)


def test_a_run_that_ended_at_once_has_no_rate() -> None:
    """No division by zero."""
    ended = _progress(state="completed", started_at=NOW, finished_at=NOW)
    assert ended.films_per_second == 0.0


def test_ended_are_all_that_are_settled() -> None:
    """Whatever way: stored, absent, failed, quarantined or cancelled."""
    assert _progress().ended == 36
