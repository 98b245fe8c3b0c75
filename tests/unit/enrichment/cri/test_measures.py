"""Measures of a ranking, held against slow reckonings of the same."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.enrichment.cri import measures

_VALUES = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, 2.0, 5.0]), st.booleans()), min_size=2
).filter(lambda films: len({member for _, member in films}) == 2)


@given(_VALUES)
def test_auc_is_the_share_of_pairs(films: list[tuple[float, bool]]) -> None:
    """In which the member stands before the other; equals are half."""
    values, members = map(np.array, zip(*films, strict=True))
    pairs = [
        1.0 if mine > other else 0.5 if mine == other else 0.0
        for mine, other in product(values[members], values[~members])
    ]

    assert measures.measure_auc(values, members) == pytest.approx(np.mean(pairs))


def test_average_precision_and_its_like() -> None:
    """Members at places 1, 3 and 4 of 5."""
    hits = np.array([True, False, True, True, False])

    assert measures.measure_average_precision(hits) == pytest.approx(
        (1 + 2 / 3 + 3 / 4) / 3
    )
    assert measures.measure_precision(hits, 3) == pytest.approx(2 / 3)
    assert measures.measure_recall(hits, 3) == pytest.approx(2 / 3)
    assert measures.measure_recall(hits, 5) == 1


def test_equals_are_put_in_an_order_by_lot() -> None:
    """The same for every ranking, and for every run of a seed."""
    values, lots = np.zeros(50), measures.shuffle(50, seed=3)

    order = measures.put_in_order(values, lots)

    assert order.tolist() == np.argsort(lots).tolist()
    assert measures.shuffle(50, seed=3).tolist() == lots.tolist()
    assert sorted(order.tolist()) == list(range(50))


@pytest.fixture
def films() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return members, a ranking that finds most of them, and one by lot."""
    rng = np.random.default_rng(1)
    members = rng.random(2000) < 0.05
    good = members * 1.0 + rng.normal(size=2000)
    return members, good, rng.random(2000)


class TestResample:
    """Films are drawn anew, for all rankings the same."""

    def test_a_ranking_is_no_better_than_itself(
        self, films: tuple[np.ndarray, ...]
    ) -> None:
        """Paired: whatever is drawn."""
        members, good, _ = films
        drawn = measures.resample(
            [good, good], members, measures.shuffle(2000, 1), seed=1, resamples=50
        )

        for measure in (drawn.auc, drawn.precision, drawn.average_precision):
            assert measure[0].tolist() == measure[1].tolist()

    def test_it_is_centred_and_as_wide_as_drawing_one_by_one(
        self, films: tuple[np.ndarray, ...]
    ) -> None:
        """Held against a plain bootstrap of the same measures."""
        members, good, chance = films
        lots = measures.shuffle(2000, 1)
        drawn = measures.resample([good, chance], members, lots, seed=1, resamples=400)
        rng = np.random.default_rng(2)
        plain = []
        for _ in range(400):
            chosen = rng.integers(0, 2000, 2000)
            hits = members[chosen][measures.put_in_order(good[chosen], lots[chosen])]
            plain.append(
                (
                    measures.measure_auc(good[chosen], members[chosen]),
                    measures.measure_precision(hits, int(hits.sum())),
                    measures.measure_average_precision(hits),
                )
            )

        ours = np.array([drawn.auc[0], drawn.precision[0], drawn.average_precision[0]])
        theirs = np.array(plain).T
        spread = theirs.std(axis=1)
        assert np.all(np.abs(ours.mean(axis=1) - theirs.mean(axis=1)) < spread / 2)
        assert np.all(np.abs(ours.std(axis=1) / spread - 1) < 0.3)
        assert np.quantile(drawn.auc[0] - drawn.auc[1], 0.025) > 0

    def test_of_very_many_films_those_near_no_top_stand_still(
        self, films: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which changes little."""
        members, good, _ = films
        lots = measures.shuffle(2000, 1)
        whole = measures.resample([good], members, lots, seed=1, resamples=300)
        monkeypatch.setattr(measures, "MOST_DRAWN", 500)
        part = measures.resample([good], members, lots, seed=1, resamples=300)

        for one, other in zip(
            (whole.auc, whole.precision, whole.average_precision),
            (part.auc, part.precision, part.average_precision),
            strict=True,
        ):
            assert abs(one.mean() - other.mean()) < one.std() / 2
            assert 0.7 < other.std() / one.std() < 1.3
