"""
Choosing films that are not all alike; pure.

As maximal marginal relevance does (Carbonell and Goldstein, SIGIR 1998): one after the other, each time the film that
fits best, less for being like one that was chosen before. What is taken off is a share of how well it fits, not a
difference: where all fit about equally, a difference would favour whatever fits least and is like nothing.
"""

from collections.abc import Callable, Sequence


def choose(
    scores: Sequence[float],
    likeness: Callable[[int, int], float],
    *,
    limit: int,
    diversity: float,
) -> list[int]:
    """
    Return the places of the chosen, in the order in which they were chosen.

    Args:
        scores: How well each fits, above 0.
        likeness: Of two places, 0 to 1.
        limit: At most so many.
        diversity: 0: the best scores; 1: what is wholly like one that was chosen comes last.
    """
    left = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    nearest = [0.0] * len(scores)
    chosen: list[int] = []
    while left and len(chosen) < limit:
        best = max(
            left, key=lambda place: scores[place] * (1 - diversity * nearest[place])
        )
        left.remove(best)
        chosen.append(best)
        for place in left:
            nearest[place] = max(nearest[place], likeness(best, place))
    return chosen
