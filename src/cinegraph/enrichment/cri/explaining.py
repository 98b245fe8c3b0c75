"""Why a film has its score: term by term, with the facts in words; the points sum up to the score."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.cri import baselines as measuring
from cinegraph.enrichment.cri.facts import read_facts
from cinegraph.enrichment.cri.formula import CURRENT, Formula
from cinegraph.enrichment.cri.scoring import Scores, score
from cinegraph.enrichment.cri.wording import Case, tell

_HUNDREDTHS: Final = 100


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """What one term adds to a score."""

    dimension: str
    term: str
    fact: str
    """In words."""
    value: float
    """Evidence, 0 to 1."""
    share: float
    """How much of the weight counts, 0 to 1; 0: nothing is known."""
    weight: float
    """Of the term in the whole formula, 0 to 1."""
    points: float
    """That it adds; all together are the score."""
    reason: str
    """Why it counts."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A film's score, reckoned now, and why."""

    movie_id: int
    title: str
    version: str
    score: float | None
    """0 to 100; None: impossible."""
    confidence: float
    """0 to 1."""
    impossible: str | None
    dimensions: dict[str, float | None]
    """0 to 100; None: nothing is known of it."""
    terms: tuple[Term, ...]
    stored_score: float | None
    """In `cri_scores`; another than `score` where facts changed since."""
    computed_at: datetime | None
    """When the stored row last changed; None: the film was never scored."""

    @property
    def is_stored(self) -> bool:
        """Whether what is stored is what is explained."""
        return self.computed_at is not None and self.score == self.stored_score


async def explain_film(
    conn: AsyncConnection[Any],
    movie_id: int,
    *,
    now: datetime,
    formula: Formula = CURRENT,
    measures: bool = True,
) -> Explanation | None:
    """
    Return why a film (our id) has its score; None: it is not stored. Writes nothing.

    The score is reckoned anew, with the baselines of the last pass; where there was none they are measured, which reads
    the votes of all films: a second or more. Without *measures* there is no explanation then, either.
    """
    cursor = await conn.execute(_load("find_score.sql"), {"movie_id": movie_id})
    row = await cursor.fetchone()
    if row is None:
        return None
    title, stored, computed_at, _ = row
    baselines = await measuring.find(conn, formula.version)
    if baselines is None and not measures:
        return None
    if baselines is None:
        baselines = await measuring.measure(conn, now=now)
    facts = await read_facts(conn, [movie_id])
    scores = score(facts, baselines, formula)
    value = _plain(scores.scores[0])
    return Explanation(
        movie_id=movie_id,
        title=title,
        version=formula.version,
        score=value,
        confidence=float(scores.confidence[0]),
        impossible=scores.impossible[0],
        dimensions={
            name: _plain(values[0]) for name, values in scores.dimensions.items()
        },
        terms=_terms(scores, formula, Case(facts, baselines), value),
        stored_score=stored,
        computed_at=computed_at,
    )


def share_out(score_: float, parts: Sequence[float]) -> list[float]:
    """Return parts in hundredths that sum up to a score, each as near to its own as can be (largest remainder)."""
    whole = round(score_ * _HUNDREDTHS)
    floors = [int(part * _HUNDREDTHS) for part in parts]
    left = whole - sum(floors)
    remainders = sorted(
        range(len(parts)), key=lambda at: floors[at] - parts[at] * _HUNDREDTHS
    )
    for at in remainders[: max(left, 0)]:
        floors[at] += 1
    return [floor / _HUNDREDTHS for floor in floors]


def _terms(
    scores: Scores, formula: Formula, case: Case, value: float | None
) -> tuple[Term, ...]:
    weights = formula.weights()
    evidence = [scores.evidence[one.name] for one in formula.terms]
    values = [float(one.values[0]) for one in evidence]
    shares = [float(one.shares[0]) for one in evidence]
    known = sum(weight * share for weight, share in zip(weights, shares, strict=True))
    parts = [
        100 * weight * one / known if known else 0.0
        for weight, one in zip(weights, values, strict=True)
    ]
    points = [0.0] * len(parts) if value is None else share_out(value, parts)
    return tuple(
        Term(
            dimension=term.dimension,
            term=term.name,
            fact=tell(term.name, case),
            value=values[at],
            share=shares[at],
            weight=weights[at],
            points=points[at],
            reason=term.reason,
        )
        for at, term in enumerate(formula.terms)
    )


def _plain(number: Any) -> float | None:  # noqa: ANN401 - numpy's scalar
    return None if np.isnan(number) else float(number)


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
