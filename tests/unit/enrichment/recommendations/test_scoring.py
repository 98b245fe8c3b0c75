"""Candidates, vectors and scores."""

import numpy as np
import pytest
from scipy import sparse

from cinegraph.enrichment.recommendations.evidence import (
    Features,
    Film,
    Frequencies,
    make_evidence,
    score_merit,
)
from cinegraph.enrichment.recommendations.kinds import BY_NAME
from cinegraph.enrichment.recommendations.matrix import Builder, Matrix
from cinegraph.enrichment.recommendations.scoring import (
    CANDIDATES,
    KEPT,
    KEPT_ADULT,
    Likeness,
    choose_candidates,
)


def make_matrix(
    themes: list[list[int]], *, known: Frequencies | None = None, adult: int = 0
) -> Matrix:
    """Return the matrix of films with themes; the last *adult* ones are for adults."""
    films = [
        Film(n + 1, True, n >= len(themes) - adult, True, None, None, None, 0, False, "", None, None)  # noqa: FBT003 - a row
        for n in range(len(themes))
    ]  # fmt: skip
    rows = np.repeat(np.arange(len(themes)), [len(one) for one in themes])
    keys = np.array([key for one in themes for key in one], np.int32)
    given = Features(
        rows.astype(np.int32),
        np.full(len(keys), BY_NAME["keywords"].id, np.int8),
        keys,
        np.ones(len(keys), np.float32),
    )
    builder = Builder()
    builder.add(make_evidence(films, given))
    return builder.build(known)


def test_what_few_share_tells_more_than_what_many_share() -> None:
    """A rare theme makes films more alike than a common one."""
    matrix = make_matrix([[1, 9], [1], [9], *([9] for _ in range(20)), [7]])

    rare, common = Likeness(matrix).parts(0, np.array([1, 2], np.int32)).sum(axis=1)

    assert rare > 2 * common > 0


def test_a_few_films_have_the_rows_they_have_among_all() -> None:
    """With what was counted over all: to the last bit."""
    themes = [[n % 3, 5 + n % 4, 20 + n] for n in range(40)]
    whole = make_matrix(themes)
    few = make_matrix(themes[:3], known=whole.frequencies())

    for row in range(3):
        columns = slice(whole.starts[row], whole.starts[row + 1])
        among_all = dict(
            zip(whole.keys[whole.columns[columns]], whole.data[columns], strict=True)
        )
        columns = slice(few.starts[row], few.starts[row + 1])
        alone = dict(
            zip(few.keys[few.columns[columns]], few.data[columns], strict=True)
        )
        # A theme of this film alone counts for the length in both, and is kept in one.
        alone.pop(20 + row)
        assert among_all == alone


def test_candidates_that_tie_with_the_last_come_along() -> None:
    """So which of them are taken does not depend on their order."""
    count = CANDIDATES + 50
    values = np.array([3.0] * 10 + [2.0] * (count - 20) + [1.0] * 10, np.float32)
    pulls = sparse.csr_array(values[None, :])

    assert choose_candidates(pulls, 0, None).tolist() == list(range(count - 10))
    assert 5 not in choose_candidates(pulls, 0, 5)


def test_films_for_adults_take_nobodys_place() -> None:
    """They are kept beside the others."""
    rare = Frequencies.read([(0, 0, 10_000), (BY_NAME["keywords"].id, 1, 200)])
    matrix = make_matrix([[1]] * 200, known=rare, adult=100)

    kept = Likeness(matrix).rank(0, np.arange(1, 200, dtype=np.int32))

    adult = matrix.is_adult[kept.rows]
    assert (int((~adult).sum()), int(adult.sum())) == (KEPT, KEPT_ADULT)


def test_equal_scores_go_by_id() -> None:
    """So that computing again gives the same."""
    matrix = make_matrix([[1, 2]] * 6)

    kept = Likeness(matrix).rank(3, np.array([5, 4, 2, 1, 0], np.int32))

    assert kept.rows.tolist() == [0, 1, 2, 4, 5]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"votes": 10, "rating": 7.0}, {"votes": 1_000, "rating": 7.0}),
        ({"votes": 1_000, "rating": 5.0}, {"votes": 1_000, "rating": 8.0}),
        ({"votes": 2, "rating": 10.0}, {"votes": 2_000, "rating": 7.5}),
        ({"votes": 900, "rating": 7.0, "is_video": True}, {"votes": 900, "rating": 7.0}),
    ],
)  # fmt: skip
def test_merit_is_fame_and_liking(
    worse: dict[str, float], better: dict[str, float]
) -> None:
    """Between 0 and 1; a ten of two votes is no great film."""

    def merit(facts: dict[str, float]) -> float:
        film = Film(1, True, False, True, None, None, None, 0, False, "", None, None)  # noqa: FBT003 - a row
        return score_merit(
            Film(
                *(
                    facts.get(name, getattr(film, name))
                    for name in Film.__struct_fields__
                )
            )  # type: ignore[arg-type]
        )

    assert 0 <= merit(worse) < merit(better) <= 1
