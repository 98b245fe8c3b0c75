"""The formula is whole: weights sum up, nothing is named twice, everything has a reason."""

import hashlib

import pytest

from cinegraph.enrichment.cri import baselines, categories, terms
from cinegraph.enrichment.cri.formula import CURRENT


def test_weights_sum_up_to_one() -> None:
    """Of the dimensions, of the terms within each, and of all terms."""
    assert sum(one.weight for one in CURRENT.dimensions) == pytest.approx(1)
    for dimension in CURRENT.dimensions:
        within = [t.weight for t in CURRENT.terms if t.dimension == dimension.name]
        assert sum(within) == pytest.approx(1)
    assert sum(CURRENT.weights()) == pytest.approx(1)


def test_everything_is_named_once_and_has_a_reason() -> None:
    """Also what an absence counts is a share."""
    names = [one.name for one in (*CURRENT.dimensions, *CURRENT.terms)]

    assert len(set(names)) == len(names)
    assert len(CURRENT.dimensions) == 5
    assert all(one.reason for one in (*CURRENT.dimensions, *CURRENT.terms))
    assert all(0 < one.absence <= 1 for one in CURRENT.terms)


def test_a_changed_formula_has_another_version() -> None:
    """Scores made before and after a change have to be told apart: new version, new fingerprint here."""
    constants = {
        name: value
        for name, value in vars(terms).items()
        # Not in an order of its own in every process.
        if name.isupper() and not isinstance(value, frozenset)
    }
    told = repr(
        (
            CURRENT.dimensions,
            CURRENT.terms,
            sorted(constants.items(), key=lambda pair: pair[0]),
            categories.RULES,
            categories.NOMINATED,
            categories.OTHER,
            sorted(categories.FESTIVALS),
            baselines.BEST_KNOWN,
            baselines.FEWEST_FILMS,
        )
    )

    fingerprint = hashlib.sha256(told.encode()).hexdigest()[:12]

    assert (CURRENT.version, fingerprint) == ("1", "fbff34529051")
