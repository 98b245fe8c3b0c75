"""How much a film matters, as the command tells it."""

import re

import psycopg
import pytest

from cinegraph import words
from cinegraph.enrichment.cri.formula import CURRENT
from valuing import fill

from .conftest import CONTROL_CODES, Inside


@pytest.fixture(autouse=True)
def _given(database_url: str) -> None:
    """Write films with votes, lists and awards."""
    with psycopg.connect(database_url) as connection:
        fill(connection, 5)


@pytest.fixture
def scored(inside: Inside) -> int:
    """Return a film that has a score."""
    for number in range(1, 80):
        data = inside("movie", str(number), "--score", "--json").json
        if data["score"]["score"] is not None:
            return number
    raise AssertionError


def test_terms_are_told_and_sum_up(inside: Inside, scored: int) -> None:
    """At 80 columns, each with its facts; the last line is the score."""
    told = inside("movie", str(scored), "--score")

    assert (told.code, told.err) == (0, "")
    assert not CONTROL_CODES.search(told.out)
    assert max(map(len, told.out.splitlines())) <= 80
    data = inside("movie", str(scored), "--score", "--json").json["score"]
    assert f"cultural relevance {data['score']:.2f} of 100" in told.out
    assert "not stored yet" in told.out
    assert f"confidence {100 * data['confidence']:.0f} % (" in told.out
    assert not re.search(r"\d%", told.out)
    assert "A weight is the part of the formula that counts here" in told.out
    assert told.out.splitlines()[-1].endswith(f"{data['score']:.2f}")
    assert round(sum(one["points"] for one in data["terms"]), 2) == data["score"]
    assert [one["term"] for one in data["terms"]] == [t.name for t in CURRENT.terms]
    for name in words.DIMENSIONS.values():
        assert name in told.out


def test_without_the_option_nothing_is_told(inside: Inside, scored: int) -> None:
    """Nor reckoned."""
    assert "cultural" not in inside("movie", str(scored)).out
    assert "score" not in inside("movie", str(scored), "--json").json


def test_an_impossible_score_says_why(
    inside: Inside, scored: int, database_url: str
) -> None:
    """Instead of a table."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE movies SET gone_at = '2026-01-01' WHERE tmdb_id = %s", [scored]
        )

    told = inside("movie", str(scored), "--score")

    assert "no cultural relevance: TMDB has it no longer" in told.out
    assert "what counts" not in told.out
