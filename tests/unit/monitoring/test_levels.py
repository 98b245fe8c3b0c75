"""Levels held against their targets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from cinegraph.limits.browse import Load
from cinegraph.monitoring import levels
from cinegraph.monitoring.levels import Efficiency, ServiceLevels, Verdict

NOW = datetime(2026, 9, 10, tzinfo=UTC)
BUSY = Efficiency(
    source="tmdb",
    requests_last_hour=140_000,
    requests_last_day=140_000,
    worst_minute_share=0.78,
    worst_second=39,
    upstream_per_second=50,
    worst_day_share=0.7,
    budget_share=0.99,
)
GOOD = ServiceLevels(
    films_last_hour=139_000,
    films_per_second_last_minute=39,
    success=0.999,
    asked_last_week=1000,
    freshness=0.96,
    films_live=1000,
    films_fresh=960,
    films_fetched_last_week=900,
    feed_watermark=None,
    feed_read_at=None,
    update_p95_seconds=900,
    updates_measured=100,
    updates_late=0,
    last_update_at=NOW,
    has_backlog=True,
    efficiency=[BUSY],
    read_at=NOW,
)
NAMES = [
    "import_speed",
    "update_latency",
    "success",
    "api_efficiency_tmdb",
    "freshness",
]


def _verdicts(**other: Any) -> dict[str, Verdict]:
    found = msgspec.structs.replace(GOOD, **other)
    return {one.name: one.verdict for one in levels.judge(found, source="tmdb")}


def test_what_is_kept_is_met() -> None:
    """All five, each with the age of what it was computed from."""
    assert _verdicts() == dict.fromkeys(NAMES, Verdict.MET)
    assert {one.as_of for one in levels.judge(GOOD, source="tmdb")} == {NOW}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (
            "import_speed",
            {"films_last_hour": 999, "films_per_second_last_minute": 0.2},
        ),
        (
            "import_speed",
            {"efficiency": [msgspec.structs.replace(BUSY, budget_share=0.5)]},
        ),
        ("update_latency", {"update_p95_seconds": 3600.0}),
        ("success", {"success": 0.99}),
        (
            "api_efficiency_tmdb",
            {"efficiency": [msgspec.structs.replace(BUSY, worst_day_share=0.81)]},
        ),
        (
            "api_efficiency_tmdb",
            {"efficiency": [msgspec.structs.replace(BUSY, worst_second=51)]},
        ),
        ("freshness", {"freshness": 0.949}),
    ],
)
def test_what_is_not_kept_is_missed(name: str, other: dict[str, Any]) -> None:
    """One alone."""
    assert [
        missed
        for missed, verdict in _verdicts(**other).items()
        if verdict is Verdict.MISSED
    ] == [name]


def test_an_import_that_has_just_begun_is_judged_by_its_pace() -> None:
    """Its first hour is no slow one."""
    begun = {"films_last_hour": 100, "films_per_second_last_minute": 39.0}
    assert _verdicts(**begun)["import_speed"] is Verdict.MET


@pytest.mark.parametrize(
    ("first", "share"),
    [pytest.param(-6, 0.5, id="at work"), pytest.param(-5, None, id="just begun")],
)
def test_the_budgets_use_is_known_after_six_minutes(
    first: int, share: float | None
) -> None:
    """Its first minutes are no slow ones, and the one that is not over tells nothing."""
    minutes = [
        Load(
            period_at=NOW + timedelta(minutes=n),
            source="tmdb",
            requests=20 * 60,
            worst_minute=20 * 60,
            worst_second=30,
            share_of_budget=0.5,
            share_of_limit=0.4,
        )
        for n in range(first, 1)
    ]
    now = NOW + timedelta(seconds=30)
    assert levels.budget_share(40.0, minutes, now=now) == share


def test_nothing_to_measure_is_no_verdict() -> None:
    """An idle deployment keeps no promise, and breaks none."""
    idle = {
        "has_backlog": False,
        "update_p95_seconds": None,
        "success": None,
        "freshness": None,
        "efficiency": [],
    }

    assert set(_verdicts(**idle).values()) == {Verdict.UNKNOWN}
