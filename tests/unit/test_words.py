"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cinegraph import words

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (0.4, "0.4 s"),
        (12.4, "12 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
        (86400 * 4 + 5, "4 days"),
        (-3, "-3 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """A duration has one or two units."""
    assert words.duration(seconds) == text


def test_moments_are_told_from_now() -> None:
    """Past and future are told apart, and never is a word."""
    assert words.ago(None) == "never"
    assert words.ago(_NOW, _NOW) == "now"
    assert words.ago(_NOW - timedelta(seconds=5), _NOW) == "5 s ago"
    assert words.ago(_NOW + timedelta(minutes=5), _NOW) == "in 5 min 00 s"


def test_a_time_names_its_zone() -> None:
    """Whatever zone it came in, it is told in one."""
    there = datetime(2026, 9, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    assert words.moment(there) == "2026-09-01 12:00:00 UTC"
    assert words.moment(there.astimezone(UTC)) == "2026-09-01 12:00:00 UTC"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 1, "100 %"), (999_999, 1_000_000, "99.9 %"), (1, 3, "33.3 %"), (0, 0, "–")],
)
def test_nearly_all_is_not_all(part: int, whole: int, text: str) -> None:
    """One film missing of a million does not read as complete."""
    assert words.percent(part, whole) == text


def test_counts_and_sizes() -> None:
    """One is singular, thousands have separators, bytes a unit."""
    assert words.count(1, "film") == "1 film"
    assert words.count(2345, "film") == "2,345 films"
    assert words.size(1_500_000) == "2 MB"
    assert words.money(None) == "unknown"
