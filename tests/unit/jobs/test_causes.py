"""What limits a run, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cinegraph.jobs.browse import NodeRow
from cinegraph.jobs.causes import Facts, Group, explain
from cinegraph.limits.browse import BudgetState
from cinegraph.monitoring.progress import RunProgress

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _run(**changes: Any) -> RunProgress:
    values: dict[str, Any] = {
        "id": 1,
        "kind": "import_popular",
        "source": "tmdb",
        "arguments": {},
        "requested_by": "command",
        "state": "running",
        "note": None,
        "started_at": _NOW,
        "finished_at": None,
        "planned": 100,
        "done": 50,
        "absent": 0,
        "failed": 0,
        "quarantined": 0,
        "open": 50,
        "waiting": 0,
        "cancelled": 0,
        "pages_planned": 5,
        "pages_read": 5,
        "ended_last_minute": 0,
        "first_ended_at": None,
        "read_at": _NOW,
    }
    return RunProgress(**(values | changes))


def _node(queue: str, silent: float = 0.5) -> NodeRow:
    return NodeRow("a.1", queue, {"local_limit": 10}, _NOW, silent, is_leader=True)


def _budget(**changes: Any) -> BudgetState:
    values: dict[str, Any] = {
        "source": "tmdb",
        "configured_per_second": 39.0,
        "rate_now_per_second": 39.0,
        "burst": 4,
        "upstream_per_second": 50.0,
        "configured_at": _NOW,
        "paused_until": None,
        "paused_seconds": 0.0,
        "pause_reason": None,
        "last_throttled_at": None,
        "throttled_count": 0,
        "halted_at": None,
        "halt_reason": None,
        "next_probe_at": None,
    }
    return BudgetState(**(values | changes))


def _facts(**changes: Any) -> Facts:
    values: dict[str, Any] = {
        "groups": [Group("available", None, 50, 0.0)],
        "nodes": [_node("imports"), _node("discovery")],
        "paused_queues": frozenset(),
        "budget": _budget(),
        "round_in_seconds": None,
    }
    return Facts(**(values | changes))


_FAST = {
    "ended_last_minute": 2340,
    "first_ended_at": datetime(2026, 1, 1, 11, 59, tzinfo=UTC),
}
_DENIED = Group("scheduled", "absent_unconfirmed", 86, 12.2)


@pytest.mark.parametrize(
    ("run", "facts", "text"),
    [
        (_run(), _facts(nodes=[]), "no worker is running"),
        (_run(), _facts(nodes=[_node("imports", 9)]), "no worker is running"),
        (
            _run(),
            _facts(nodes=[_node("discovery")]),
            "no worker runs the queue imports",
        ),
        (
            _run(),
            _facts(paused_queues=frozenset({"imports"})),
            "queue imports is paused",
        ),
        (_run(), _facts(budget=_budget(halted_at=_NOW)), "key refused by TMDB"),
        (
            _run(),
            _facts(budget=_budget(paused_seconds=11.2)),
            "paused by a 429 for 12 s",
        ),
        (
            _run(),
            _facts(groups=[_DENIED]),
            "second look at 86 films that TMDB denied, in 13 s",
        ),
        (
            _run(),
            _facts(groups=[Group("retryable", "unavailable", 3, 75.0)]),
            "3 jobs are tried again (unavailable), in 1 min 15 s",
        ),
        (
            _run(open=0, waiting=4),
            _facts(groups=[], round_in_seconds=25.0),
            "waiting for another round: 4 films, in 25 s",
        ),
        (_run(), _facts(groups=[]), "another run imports the same films"),
        (
            _run(planned=0, open=0, done=0, pages_read=1),
            _facts(groups=[Group("executing", None, 1, 0.0)]),
            "reading the list: page 1 of 5",
        ),
        (_run(**_FAST), _facts(), "TMDB budget 39/s"),
        (
            _run(**_FAST),
            _facts(budget=_budget(rate_now_per_second=20.0)),
            "TMDB budget 20/s, slowed by a 429",
        ),
        (_run(), _facts(), "10 films at a time"),
        (
            _run(open=2, ended_last_minute=6, first_ended_at=_FAST["first_ended_at"]),
            _facts(groups=[Group("available", None, 2, 0.0)], answer_seconds=0.1),
            "working",
        ),
        (
            _run(),
            _facts(groups=[Group("retryable", None, 1, 20.0)]),
            "1 job is tried again, in 20 s",
        ),
        (
            _run(open=0, waiting=1),
            _facts(groups=[], round_in_seconds=25.0),
            "waiting for another round: 1 film, in 25 s",
        ),
    ],
)
def test_the_gravest_cause_is_told(run: RunProgress, facts: Facts, text: str) -> None:
    """Each state of the deployment has its own words."""
    assert text in explain(run, facts).text


def test_what_needs_a_person_is_marked() -> None:
    """A pause passes by itself, a refused key does not."""
    assert explain(_run(), _facts(budget=_budget(halted_at=_NOW))).needs_person
    assert not explain(_run(), _facts(budget=_budget(paused_seconds=3.0))).needs_person
