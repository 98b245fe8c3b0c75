"""Evidence becomes scores: a mean of what is known, weighted; pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cinegraph.enrichment.cri.baselines import Baselines
from cinegraph.enrichment.cri.facts import Facts, Films, Flags, Numbers
from cinegraph.enrichment.cri.formula import Formula
from cinegraph.enrichment.cri.terms import Evidence, weigh

GONE: Final = "TMDB has it no longer"
UNRELEASED: Final = "it is not released yet"
UNKNOWN: Final = (
    "nobody has voted for it, and no list, award, critic or other film names it"
)
DIGITS: Final = 2
"""After the point of scores, as they are stored."""


@dataclass(frozen=True)
class Scores:
    """Scores of films by column, in the order of their ids."""

    films: Films
    evidence: dict[str, Evidence]
    scores: Numbers
    """0 to 100; NaN: impossible."""
    confidence: Numbers
    dimensions: dict[str, Numbers]
    """0 to 100; NaN: nothing is known of it."""
    impossible: list[str | None]


def score(facts: Facts, baselines: Baselines, formula: Formula) -> Scores:
    """Score films."""
    evidence = weigh(facts, baselines, formula.terms)
    weights = dict(
        zip([one.name for one in formula.terms], formula.weights(), strict=True)
    )
    scores = _mean(evidence, weights)
    reasons = _reasons(facts.films, evidence, baselines)
    is_possible = np.array([one is None for one in reasons], dtype=np.bool_)
    return Scores(
        films=facts.films,
        evidence=evidence,
        scores=np.where(is_possible, scores, np.nan),
        confidence=_confidence(evidence, weights) * is_possible,
        dimensions={
            one.name: np.where(
                is_possible,
                _mean(
                    evidence,
                    {
                        term.name: weights[term.name]
                        for term in formula.terms
                        if term.dimension == one.name
                    },
                ),
                np.nan,
            )
            for one in formula.dimensions
        },
        impossible=reasons,
    )


def _mean(evidence: dict[str, Evidence], weights: dict[str, float]) -> Numbers:
    size = next(iter(evidence.values())).values.size
    found, known = np.zeros(size), np.zeros(size)
    for name, weight in weights.items():
        found = found + weight * evidence[name].values
        known = known + weight * evidence[name].shares
    mean: Numbers = np.divide(
        100 * found, known, out=np.full(size, np.nan), where=known > 0
    )
    return np.round(mean, DIGITS)


def _confidence(evidence: dict[str, Evidence], weights: dict[str, float]) -> Numbers:
    total = sum(weights.values())
    known = sum(weight * evidence[name].certainty for name, weight in weights.items())
    return np.round(np.asarray(known) / total, 3)


def _reasons(
    films: Films, evidence: dict[str, Evidence], baselines: Baselines
) -> list[str | None]:
    """Return why films have no score."""
    # A film on which all are silent is not bad: nobody has looked.
    is_known: Flags = np.isin(films.tmdb_votes > 0, [True])
    for one in evidence.values():
        is_known = is_known | (one.values > 0) | (one.absence == 1)
    reasons: list[str | None] = [None] * films.ids.size
    for index in np.flatnonzero(~is_known):
        reasons[index] = UNKNOWN
    for index in np.flatnonzero(films.years > baselines.year):
        reasons[index] = UNRELEASED
    for index in np.flatnonzero(~films.is_live):
        reasons[index] = GONE
    return reasons
