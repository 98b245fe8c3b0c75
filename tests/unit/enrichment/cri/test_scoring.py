"""Scores: what is not known is left out, more evidence never lowers, every score has a confidence or a reason."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.enrichment.cri import scoring
from cinegraph.enrichment.cri.facts import Directed, Kept
from cinegraph.enrichment.cri.formula import CURRENT
from cinegraph.enrichment.cri.scoring import Scores, score
from valuing import BASELINES, honour, make_facts, place

KNOWN = {"years": 1975, "tmdb_votes": 900, "tmdb_scores": 7.4}


def scored(*films: dict[str, Any], **rows: Any) -> Scores:
    """Score films."""
    return score(make_facts(*films, **rows), BASELINES, CURRENT)


def test_a_score_is_the_weighted_mean_of_what_is_known() -> None:
    """Reckoned here by hand, term by term."""
    found = scored(KNOWN)

    above = below = 0.0
    for weight, term in zip(CURRENT.weights(), CURRENT.terms, strict=True):
        evidence = found.evidence[term.name]
        above += weight * float(evidence.values[0])
        below += weight * float(evidence.shares[0])
    assert found.scores[0] == round(100 * above / below, 2)
    assert below < 1


def test_what_is_not_known_counts_neither_way() -> None:
    """A review that is as good as all the rest leaves the score; a zero would not."""
    bare = scored(KNOWN)
    value = 30 + 65 * float(bare.scores[0]) / 100
    reviewed = scored(KNOWN | {"metacritic": value})

    assert reviewed.scores[0] == pytest.approx(bare.scores[0], abs=0.01)
    assert reviewed.confidence[0] > bare.confidence[0]
    assert scored(KNOWN | {"metacritic": 0}).scores[0] < bare.scores[0]


def test_a_film_that_is_known_by_votes_alone_has_a_score_of_its_own() -> None:
    """Not near nothing, as where every part that is missing counts as zero."""
    found = scored({"years": 1975, "tmdb_votes": 5000, "tmdb_scores": 8.3})

    assert found.scores[0] > 55
    assert 0.3 < found.confidence[0] < 0.8


def test_dimensions_are_means_of_their_own_terms() -> None:
    """Of those of which nothing is known there is none."""
    found = scored(KNOWN | {"metacritic": 95}, {"tmdb_votes": 3, "tmdb_scores": 5})

    assert found.dimensions["artistry"][0] > 50
    assert found.dimensions["timelessness"][0] > 0
    assert np.isnan(found.dimensions["timelessness"][1])


@pytest.mark.parametrize(
    ("film", "reason"),
    [
        ({}, scoring.UNKNOWN),
        ({"years": 1975, "tmdb_votes": 0}, scoring.UNKNOWN),
        (KNOWN | {"years": 2031}, scoring.UNRELEASED),
        (KNOWN | {"is_live": False}, scoring.GONE),
    ],
)
def test_where_nothing_can_be_said_it_is_said_why(
    film: dict[str, Any], reason: str
) -> None:
    """And there is no score."""
    found = scored(film, KNOWN)

    assert found.impossible == [reason, None]
    assert np.isnan(found.scores[0])
    assert found.confidence[0] == 0


def test_a_place_on_a_list_is_enough_for_a_score() -> None:
    """Nobody has voted."""
    assert scored({"years": 1975}, listings=[place()]).impossible == [None]


def test_confidence_grows_with_votes() -> None:
    """The score of three is hardly believed."""
    few = KNOWN | {"tmdb_votes": 3}
    many = KNOWN | {"tmdb_votes": 30_000}
    found = scored(few, many)

    assert found.confidence[0] < found.confidence[1]


_FILM = st.fixed_dictionaries(
    {
        "years": st.sampled_from([float("nan"), 1935, 1975, 2015, 2022]),
        "tmdb_votes": st.sampled_from([float("nan"), 1, 40, 3000, 90_000]),
        "tmdb_scores": st.floats(1, 10),
        "imdb_votes": st.sampled_from([float("nan"), 30, 20_000]),
        "imdb_scores": st.floats(1, 10),
        "metacritic": st.one_of(st.just(float("nan")), st.floats(0, 100)),
        "tomatoes": st.one_of(st.just(float("nan")), st.floats(0, 100)),
        "named": st.integers(0, 300),
        "is_domestic": st.booleans(),
    }
)
_ROWS = st.fixed_dictionaries(
    {
        "listings": st.lists(
            st.builds(
                place,
                st.sampled_from([1, 2]),
                st.integers(1, 9),
                weight=st.floats(0.1, 1),
                position=st.one_of(st.none(), st.integers(1, 1000)),
            ),
            max_size=3,
        ),
        "honours": st.lists(
            st.builds(
                honour,
                st.sampled_from(["best film", "sound"]),
                st.sampled_from(["oscars", "cannes"]),
                won=st.booleans(),
            ),
            max_size=3,
        ),
        "kept": st.lists(st.just(Kept(1, 0.6)), max_size=1),
        "directed": st.lists(st.just(Directed(1, 7, 2)), max_size=1),
    }
)
_MORE = st.sampled_from(
    [
        {"listings": [place(list_id=99, weight=0.4)]},
        {"listings": [place(list_id=99, weight=0.4, position=3)]},
        {"honours": [honour("sound", number=99)]},
        {"honours": [honour(festival="cannes", won=True, number=99)]},
        {"kept": [Kept(1, 0.6)]},
        {"listings": [place(2, list_id=99)], "directed": [Directed(1, 9, 2)]},
    ]
)


@given(film=_FILM, rows=_ROWS, more=_MORE)
def test_more_evidence_of_greatness_never_lowers(
    film: dict[str, Any], rows: dict[str, list[Any]], more: dict[str, list[Any]]
) -> None:
    """Whatever is known of the film: one more place, nomination, or listed film of its director."""
    before = scored(film, **rows)
    after = scored(film, **{name: rows[name] + more.get(name, []) for name in rows})

    if before.impossible[0] is None:
        assert after.scores[0] >= before.scores[0]
    assert after.confidence[0] >= before.confidence[0]


@given(film=_FILM, rows=_ROWS, better=st.integers(1, 100))
def test_better_reviews_and_more_recommendations_never_lower(
    film: dict[str, Any], rows: dict[str, list[Any]], better: int
) -> None:
    """Of what is known already."""
    raised = film | {
        "metacritic": min(100, film["metacritic"] + better),
        "tmdb_scores": min(10, film["tmdb_scores"] + better / 100),
        "named": film["named"] + better,
    }
    before, after = scored(film, **rows), scored(raised, **rows)

    if before.impossible[0] is None:
        assert after.scores[0] >= before.scores[0]


def test_a_better_place_never_lowers() -> None:
    """From the last to the first."""
    found = [
        float(scored(KNOWN, listings=[place(position=at)]).scores[0])
        for at in (1000, 300, 20, 2, 1)
    ]

    assert found == sorted(found)
