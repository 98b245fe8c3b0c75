"""Measuring recommendations by what users liked."""

import numpy as np
import pytest

from cinegraph.enrichment.recommendations.evaluating import (
    OURS,
    Catalogue,
    make_cases,
    make_rankers,
    measure,
)
from cinegraph.enrichment.recommendations.taste import add_up

RATED = {
    "all": dict.fromkeys(range(10), 10.0),
    "some": {**dict.fromkeys(range(20, 25), 9.0), 40: 2.0},
    "few": {1: 10.0, 2: 10.0, 3: 1.0},
}


def catalogue(films: int) -> Catalogue:
    """Return films of two genres, of which later ones are better known."""
    return Catalogue(
        ids=np.arange(films),
        popularity=np.arange(films, 0, -1.0),
        votes=np.arange(films, dtype=np.float64),
        genres=[(film % 2,) for film in range(films)],
    )


def test_a_fifth_of_what_is_liked_is_held_out() -> None:
    """Of each user by dice of their own; who likes fewer than five is left out."""
    cases = make_cases(RATED, liked_from=8)

    assert [(len(one.liked), len(one.held_out)) for one in cases] == [(8, 2), (4, 1)]
    assert not set(cases[0].liked) & cases[0].held_out
    assert cases[1].seen == (set(RATED["some"]) - cases[1].held_out)
    alone = make_cases({"some": RATED["some"]}, liked_from=8)
    assert alone == cases[1:]


def test_sums_recommend_what_fits_the_whole_taste() -> None:
    """Two fair scores beat a good one; neither liked nor seen films come back."""
    lists = {1: ([5, 6, 2, 9], [0.6, 0.8, 1.0, 2.0]), 2: ([5], [0.5])}
    votes = {5: 100, 6: 100}

    found = add_up(lists, votes, [1, 2, 77], seen={9}, limit=5)

    assert [(one.movie_id, one.because) for one in found] == [(5, (1, 2)), (6, (1,))]


def test_of_what_fits_equally_the_better_known_comes_first() -> None:
    """Far better known: also before what fits a little more."""
    lists = {1: ([5, 6, 7], [0.6, 0.5, 0.5])}

    found = add_up(lists, {5: 10, 6: 9_000}, [1], seen=(), limit=5)

    assert [one.movie_id for one in found] == [6, 5, 7]


def test_what_is_known_is_measured() -> None:
    """Lists that lead to all that is held out recall all; what is popular recalls what is popular."""
    cases = make_cases(RATED, liked_from=8)
    lists = {
        film: (list(range(first, end)), [1.0] * (end - first))
        for first, end in ((0, 10), (20, 25))
        for film in range(first, end)
    }
    rankers = make_rankers(catalogue(50), lists, {})

    found = {one.name: one for one in measure(cases, rankers, films=50)}

    ours = found[OURS]
    assert (ours.recall, ours.low, ours.high, ours.ahead) == (1.0, 1.0, 1.0, None)
    assert ours.coverage == pytest.approx(3 / 50)
    assert found["TMDB's own"].recall == 0.0
    assert found["most votes"].recall == 0.0
    # The first twenty by popularity hold all of one user's films and none of the other's.
    assert found["most popular"].recall == 0.5
    assert found["most popular"].ahead == 0.5
    assert found["most popular"].ahead_low == 0.0


def test_the_baseline_of_genres_goes_by_what_is_liked() -> None:
    """Who likes odd films gets the odd ones with most votes."""
    cases = make_cases({"odd": dict.fromkeys(range(1, 20, 2), 1.0)}, liked_from=1)
    rank = make_rankers(catalogue(100), {}, {})["same genres"]

    assert rank(cases[0]) == list(range(99, 60, -2))
