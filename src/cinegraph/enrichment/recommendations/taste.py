"""Recommending to somebody who likes several films, from what is recommended for each of them; pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from cinegraph.enrichment.recommendations.evidence import score_fame

type Lists = Mapping[int, tuple[Sequence[int], Sequence[float]]]
"""By film, the films that are recommended for it, and their scores."""

_FAME_POWER: Final = 2
"""
Of what fits a taste about equally, the better known is liked by more people who saw it, and was seen by more: a film of
200 votes has 0.29 of the weight of one of 20,000.
"""


class Fit(msgspec.Struct, frozen=True):
    """How well a film fits a taste."""

    movie_id: int
    score: float
    because: tuple[int, ...]
    """Of the films that are liked, those for which it is recommended, the most strongly first."""


def add_up(
    lists: Lists,
    votes: Mapping[int, float],
    liked: Iterable[int],
    *,
    seen: Collection[int],
    limit: int,
) -> list[Fit]:
    """
    Return the films that are recommended for most of *liked*, and most strongly; well-known ones rather.

    The scores are summed up, for a taste of forty films is not shown by any single one of them.

    Args:
        lists: Of films; those that are missing recommend nothing.
        votes: By film, how many voted on it; missing: nobody.
        liked: Films.
        seen: Films that are not recommended, beside *liked*.
        limit: At most so many.
    """
    own = set(liked)
    leading: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for film in own:
        for other, score in zip(*lists.get(film, ((), ())), strict=True):
            if other not in own and other not in seen:
                leading[other].append((-score, film))
    scores = {
        film: -sum(score for score, _ in led) * _weigh(votes.get(film, 0))
        for film, led in leading.items()
    }
    best = sorted(scores, key=lambda film: (-scores[film], film))[:limit]
    return [
        Fit(film, scores[film], tuple(liked for _, liked in sorted(leading[film])))
        for film in best
    ]


def _weigh(votes: float) -> float:
    # Without votes it is still there, behind all that somebody has seen.
    return max(score_fame(votes), 0.01) ** _FAME_POWER
