"""Readiness: what each finding comes to."""

from typing import Any

import pytest

from cinegraph.jobs.browse import NodeRow
from cinegraph.web.machine.readiness import LISTENER_SECONDS, Readiness, judge
from factories import NOON


def _row(*, silent: float = 0.5, leads: bool = True, heard: float = 0.4) -> NodeRow:
    meta: dict[str, Any] = {"listener_silent_seconds": heard, "running": 1}
    return NodeRow("node-1", "imports", meta, NOON, silent, leads)


def test_all_is_well() -> None:
    """With the ages of what was looked at."""
    assert judge([_row()], (0, None)) == Readiness(
        status="ok", nodes=1, leader_seconds=0.5, listener_seconds=0.4
    )


@pytest.mark.parametrize("rows", [[], [_row(silent=30.0)]])
def test_without_workers_it_can_be_read(rows: list[NodeRow]) -> None:
    """That is no reason to send nobody here, but it is said."""
    found = judge(rows, (0, None))
    assert (found.status, found.workers, found.missing) == ("ok", "none", [])


@pytest.mark.parametrize(
    ("row", "unacknowledged", "word"),
    [
        (_row(leads=False), (0, None), "leads"),
        (_row(heard=LISTENER_SECONDS + 1), (0, None), "echo"),
        (_row(), (2, 90.0), "2 jobs"),
    ],
)
def test_what_is_missing_is_named(
    row: NodeRow, unacknowledged: tuple[int, float | None], word: str
) -> None:
    """Each alone is enough."""
    found = judge([row], unacknowledged)
    assert (found.status, found.workers) == ("not ready", "troubled")
    [missing] = found.missing
    assert word in missing


def test_ages_are_told() -> None:
    """Of what has ended and is not written down, too."""
    assert judge([_row()], (2, 90.0)).ack_seconds == 90.0
