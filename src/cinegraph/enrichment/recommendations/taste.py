"""Recommending to somebody who likes several films, from what is recommended for each of them; pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

type Lists = Mapping[int, tuple[Sequence[int], Sequence[float]]]
"""By film, the films that are recommended for it, and their scores."""


def add_up(
    lists: Lists, liked: Iterable[int], *, seen: Collection[int], limit: int
) -> list[int]:
    """
    Return the films that are recommended for most of *liked*, and most strongly: by the sum of their scores.

    The sum, not the best score: who likes forty films has a taste that no single one of them shows.

    Args:
        lists: Of films; those that are missing recommend nothing.
        liked: Films.
        seen: Films that are not recommended, beside *liked*.
        limit: At most so many.
    """
    own = set(liked)
    sums: dict[int, float] = defaultdict(float)
    for film in own:
        for other, score in zip(*lists.get(film, ((), ())), strict=True):
            sums[other] += score
    left = (film for film in sums if film not in own and film not in seen)
    return sorted(left, key=lambda film: (-sums[film], film))[:limit]
