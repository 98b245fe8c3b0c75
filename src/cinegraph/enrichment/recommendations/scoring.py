"""
Which films are most like a film: candidates by what few films share, then the likeness itself; pure.

What candidates are chosen by is quick to tell from postings alone, in memory and in the database: the film's own
entries of the features both have, without knowing what else a candidate has. Only then candidates are held against the
film in everything.
"""

from typing import Any, Final

import msgspec
import numpy as np

from cinegraph.enrichment.recommendations.evidence import Doubles, Floats, Ints
from cinegraph.enrichment.recommendations.kinds import COUNT, KINDS
from cinegraph.enrichment.recommendations.matrix import Matrix

CANDIDATES: Final = 400
"""That are held against a film in everything; those that tie with the last come along."""
KEPT: Final = 50
"""So many are stored, of which reading shows some 20: it may choose diverse ones, and leave out what is gone."""
KEPT_ADULT: Final = 20
"""Films for adults, beside those: they take nobody's place."""
_LEAST_LOSS: Final = 0.35
"""Of a likeness to a film that nobody knows, how much is lost for one that itself nobody knows."""
_MOST_LOSS: Final = 0.80
"""The same for a film that everybody knows and likes: who liked it looks for films of its standing first."""
_DIGITS: Final = 4
"""Of a score: what is beyond them is noise, and equal scores go by id."""
_WEIGHTS: Final = np.array([kind.weight for kind in KINDS])
_SHARE_UNITS: Final = 255


class Ranked(msgspec.Struct, frozen=True):
    """The films most like a film, the best first."""

    rows: Ints
    """Their places in the matrix."""
    scores: Floats
    parts: bytes
    """COUNT bytes a film: of which kinds the likeness is made, in 255ths."""


class Likeness:
    """Holds films against one another."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        # One film at a time is spread out over all features.
        self._spread = np.zeros(matrix.columns_count, np.float32)

    def parts(self, row: int, others: Ints) -> Doubles:
        """Return the likeness of a film to *others*, a row each, a column a kind."""
        matrix = self._matrix
        own = slice(matrix.starts[row], matrix.starts[row + 1])
        self._spread[matrix.columns[own]] = matrix.data[own]
        firsts = matrix.starts[others]
        counts = matrix.starts[others + 1] - firsts
        ends = np.cumsum(counts)
        entries = np.repeat(firsts - (ends - counts), counts) + np.arange(
            ends[-1] if len(ends) else 0
        )
        columns = matrix.columns[entries]
        products = self._spread[columns] * matrix.data[entries]
        self._spread[matrix.columns[own]] = 0
        places = np.repeat(np.arange(len(others)) * COUNT, counts)
        places += matrix.kind_of[columns]
        summed: Doubles = np.bincount(
            places, weights=products, minlength=len(others) * COUNT
        )
        weighed: Doubles = summed.reshape(-1, COUNT) * _WEIGHTS
        return weighed

    def rank(self, row: int, candidates: Ints) -> Ranked:
        """Return the best of *candidates*."""
        matrix = self._matrix
        parts = self.parts(row, candidates)
        likeness = parts.sum(axis=1)
        loss = _LEAST_LOSS + (_MOST_LOSS - _LEAST_LOSS) * float(matrix.merit[row])
        worth = 1 - loss * (1 - matrix.merit[candidates].astype(np.float64))
        scores = np.round(likeness * worth, _DIGITS)
        best = np.lexsort((matrix.ids[candidates], -scores))
        best = best[scores[best] > 0]
        adult = matrix.is_adult[candidates[best]]
        allowed = np.where(adult, KEPT_ADULT, KEPT)
        so_far = np.where(adult, np.cumsum(adult), np.cumsum(~adult))
        best = best[so_far <= allowed]
        shares = parts[best] / likeness[best, None] * _SHARE_UNITS
        return Ranked(
            rows=candidates[best],
            scores=scores[best].astype(np.float32),
            parts=np.round(shares).astype(np.uint8).tobytes(),
        )


def choose_candidates(pulls: Any, row: int, itself: int | None) -> Ints:  # noqa: ANN401 - scipy has no types
    """
    Return the places of the candidates of a film.

    Args:
        pulls: What draws films to candidates, a sparse matrix with a column for each that may be one.
        row: Of the film in it.
        itself: The film's own column, which is none of its candidates.
    """
    span = slice(pulls.indptr[row], pulls.indptr[row + 1])
    columns, values = pulls.indices[span], pulls.data[span]
    if itself is not None:
        other = columns != itself
        columns, values = columns[other], values[other]
    if len(values) > CANDIDATES:
        least = np.partition(values, len(values) - CANDIDATES)[-CANDIDATES]
        columns = columns[values >= least]
    chosen: Ints = np.sort(columns).astype(np.int32)
    return chosen
