"""
Clusters of taste in the invented world: films of one cluster are alike in what recommends them.

A film's cluster follows from its rank by popularity, so each has films of all ranks, and one near any rank is found by
arithmetic. A film draws its genres, themes, words, companies and people more often from a few of its cluster's own, and
TMDB's recommendations for it name films of its cluster more often than others.
"""

from typing import Final

from cinegraph.sandbox.dice import mix

_FILMS_A_CLUSTER: Final = 100
_FEWEST, _MOST = 4, 2_000
_SPAN: Final = 1 << 64


class Lean:
    """How the draws of one cluster lean: a draw in [0, 1) becomes another, for the same number of draws."""

    __slots__ = ("_seed",)

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def draw(self, drawn: float, salt: int, *, share: float, own: int) -> float:
        """
        Return a draw that in a *share* of cases is one of the cluster's *own* few.

        Args:
            drawn: In [0, 1).
            salt: Of what is drawn: each thing has other favourites.
            share: Of draws that fall on favourites.
            own: How many favourites there are.
        """
        if drawn >= share:
            return (drawn - share) / (1 - share)
        favourite = int(drawn / share * own)
        return mix(self._seed ^ (salt << 32 | favourite)) / _SPAN


class Tastes:
    """The clusters of a world."""

    def __init__(self, size: int, base: int) -> None:
        self.count = min(max(size // _FILMS_A_CLUSTER, _FEWEST), _MOST)
        self._base = base

    def cluster(self, popularity_rank: int) -> int:
        """Return the cluster of the film of a rank."""
        return popularity_rank % self.count

    def lean(self, popularity_rank: int) -> Lean:
        """Return how the draws of a film lean."""
        return Lean(mix(self._base ^ 0x7A57E ^ self.cluster(popularity_rank) << 20))

    def near(self, popularity_rank: int, cluster: int) -> int:
        """Return the rank of a film of a cluster near a rank; it may lie behind the last."""
        return popularity_rank - popularity_rank % self.count + cluster
