"""Choosing films that are not all alike."""

from cinegraph.enrichment.recommendations.diversity import choose

SCORES = [0.9, 0.8, 0.7, 0.2]


def likeness(a: int, b: int) -> float:
    """The first two are the same film twice."""
    return 1.0 if {a, b} == {0, 1} else 0.0


def test_without_diversity_the_best_are_chosen() -> None:
    """In the order of their scores."""
    assert choose(SCORES, likeness, limit=3, diversity=0.0) == [0, 1, 2]


def test_with_diversity_what_is_alike_comes_later() -> None:
    """A little: behind what fits nearly as well. Wholly: last."""
    assert choose(SCORES, likeness, limit=4, diversity=0.2) == [0, 2, 1, 3]
    assert choose(SCORES, likeness, limit=4, diversity=1.0) == [0, 2, 3, 1]


def test_equal_scores_keep_their_order() -> None:
    """So that the same question has the same answer."""
    assert choose([0.5, 0.5, 0.5], lambda *_: 0.0, limit=9, diversity=0.5) == [0, 1, 2]
