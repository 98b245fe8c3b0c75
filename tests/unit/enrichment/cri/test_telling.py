"""Explanations: points sum up, facts are in words; and what two versions have in common."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.enrichment.cri.baselines import Baselines, measure_decades
from cinegraph.enrichment.cri.comparing import correlate
from cinegraph.enrichment.cri.explaining import share_out
from cinegraph.enrichment.cri.facts import Directed, Kept
from cinegraph.enrichment.cri.formula import TERMS
from cinegraph.enrichment.cri.wording import Case, tell
from valuing import BASELINES, honour, make_facts, place


@given(st.lists(st.floats(0, 20), min_size=1, max_size=14))
def test_points_sum_up_to_the_score(parts: list[float]) -> None:
    """In hundredths, and each within a hundredth of its own."""
    score = round(sum(parts), 2)
    points = share_out(score, parts)

    assert round(sum(points), 2) == score
    assert all(abs(a - b) <= 0.011 for a, b in zip(points, parts, strict=True))


def said(term: str, film: dict[str, Any] | None = None, **rows: Any) -> str:
    """Return what a term says of a film."""
    baselines = rows.pop("baselines", BASELINES)
    return tell(term, Case(make_facts(film or {}, **rows), baselines))


def test_every_term_has_words_for_what_is_not_known() -> None:
    """With nothing stored, and with lists and awards stored."""
    for term in TERMS:
        assert said(term.name)
        assert said(term.name, baselines=Baselines(year=2026))


@pytest.mark.parametrize(
    ("term", "film", "words"),
    [
        (
            "voters",
            {"years": 1975, "tmdb_votes": 1_234_567},
            "1,234,567 votes at TMDB, more than 99 % of films of the 1970s",
        ),
        (
            "voters",
            {"years": 1975, "tmdb_votes": 1},
            "1 vote at TMDB, fewer than half of the films of the 1970s",
        ),
        ("metacritic", {"metacritic": 85}, "Metascore 85"),
        ("kept", {"years": 2024}, "2 years after its release it is too early to tell"),
        (
            "listed",
            {"years": 2018},
            "on none of 2 lists that could name it; lists have hardly looked at it after 8 years",
        ),
        ("listed", {"years": 2024}, "no list that could name it is stored"),
        (
            "registry",
            {"years": 1975},
            "a film of another country: the registry says nothing of it",
        ),
        (
            "tmdb",
            {"tmdb_scores": 8.16, "tmdb_votes": 1500},
            "8.2 of 10 at TMDB, 1,500 votes",
        ),
    ],
)
def test_facts_are_told(term: str, film: dict[str, Any], words: str) -> None:
    """With numbers that a person can read."""
    assert said(term, film) == words


def test_rows_are_told() -> None:
    """Lists by name, the best place, the weightiest nomination, the director's other films."""
    film = {"years": 1975}
    listings = [place(position=12), place(list_id=2, weight=0.5), place(2)]
    assert said("listed", film, listings=listings) == "on 2 lists: List 1, List 2"
    assert said("ranked", film, listings=listings) == "place 12 of List 1"
    assert said("kept", film, kept=[Kept(1, 0.6)]) == (
        "1 list names it 51 years after its release"
    )
    assert said("awards", film, honours=[honour("sound"), honour(won=True)]) == (
        "2 nominations, 1 win; above all best film (Oscars, won)"
    )
    assert said("directors", film, listings=listings, directed=[Directed(1, 5, 2)]) == (
        "1 other film of its director stands on lists"
    )


def test_a_decade_of_few_films_is_held_against_its_neighbours() -> None:
    """The best known are a twentieth, at most the 25th; films without a date belong to no decade."""
    decades = np.array([1900.0] * 5 + [1910.0] * 95 + [2000.0] * 2000 + [np.nan] * 7)
    votes = np.concatenate([np.arange(1, 101), np.arange(1, 2001), np.ones(7)])

    found = measure_decades(decades, votes * 1.0)

    assert set(found) == {1900, 1910, 2000}
    assert found[1900] == found[1910]
    assert found[1900].voters == 96
    assert found[2000].voters == 2000


def test_correlation_is_of_ranks() -> None:
    """Whatever the distances; of one film, or of equals, there is none."""
    one = np.array([1.0, 2, 3, 4])
    assert correlate(one, np.exp(one)) == pytest.approx(1)
    assert correlate(one, -one) == pytest.approx(-1)
    assert correlate(one[:1], one[:1]) is None
    assert correlate(one, np.ones(4)) is None
