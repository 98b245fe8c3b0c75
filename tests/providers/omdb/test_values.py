"""Single values of OMDb: every form seen, and what is unknown."""

from datetime import date

import pytest

from cinegraph.sources.providers.omdb.payloads import Scalar
from cinegraph.sources.providers.omdb.values import (
    to_date,
    to_dollars,
    to_minutes,
    to_score,
    to_text,
    to_whole,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Drama", "Drama"),
        (" R ", "R"),
        ("N/A", None),
        ("n/a", None),
        ("", None),
        (None, None),
        (7, "7"),
    ],
)
def test_text(value: Scalar, expected: str | None) -> None:
    """The words "N/A" are no text."""
    assert to_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("100,446", 100_446),
        ("1,234,567", 1_234_567),
        ("2193", 2193),
        ("7", 7),
        (7, 7),
        ("0", None),
        ("1,23", None),
        ("12.5", None),
        ("-3", None),
        ("٣", None),
        ("N/A", None),
        ("99,999,999,999", None),
    ],
)
def test_whole(value: Scalar, expected: int | None) -> None:
    """With commas between thousands or without; beyond the range is unknown."""
    assert to_whole(value, smallest=1, largest=2**31 - 1) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$1,234,567", 1_234_567),
        ("$2,923,706,026", 2_923_706_026),
        ("$0", None),
        ("£1,000", None),
        ("1,000", None),
        ("$1.5M", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_dollars(value: Scalar, expected: int | None) -> None:
    """Beyond 2³¹ too; other currencies are not ours to change."""
    assert to_dollars(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("142 min", 142),
        ("1 h 30 min", 90),
        ("2 h", 120),
        ("1,440 min", 1440),
        ("34S min", None),
        ("0 min", None),
        ("90", None),
        ("min", None),
        ("", None),
        ("N/A", None),
    ],
)
def test_minutes(value: Scalar, expected: int | None) -> None:
    """Hours and minutes in every form seen."""
    assert to_minutes(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("06 Feb 1921", date(1921, 2, 6)),
        ("6 feb 1921", date(1921, 2, 6)),
        ("31 Feb 2020", None),
        ("06 Fev 1921", None),
        ("1921-02-06", None),
        ("1921", None),
        ("N/A", None),
    ],
)
def test_dates(value: Scalar, expected: date | None) -> None:
    """English months, whatever the machine speaks."""
    assert to_date(value) == expected


@pytest.mark.parametrize(
    ("value", "best", "expected"),
    [
        ("8.3", 10, 8.3),
        ("8.3/10", 10, 8.3),
        ("91%", 100, 91.0),
        ("0%", 100, 0.0),
        ("74/100", 100, 74.0),
        ("74", 100, 74.0),
        (8.3, 10, 8.3),
        ("8.3/10", 100, None),
        ("101%", 100, None),
        ("11", 10, None),
        ("good", 10, None),
        ("N/A", 10, None),
    ],
)
def test_scores(value: Scalar, best: int, expected: float | None) -> None:
    """A score on another scale than the house's is not understood."""
    assert to_score(value, best=best) == expected
