"""
How well a ranking finds the films of a list: measures, and how sure they are; pure.

Films that a ranking holds equal are put in an order by lot, the same for all rankings; the ROC AUC counts them half.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cinegraph.enrichment.cri.facts import Flags, Ids, Numbers

RESAMPLES: Final = 1000
MOST_DRAWN: Final = 20_000
"""
Films that are drawn anew in every resample; of more only those that some ranking has near its top, and all members. The
others are so many that drawing them changes nothing.
"""
_CHUNK: Final = 250
"""Resamples at once: 20 MB for 20,000 films."""


@dataclass(frozen=True)
class Resampled:
    """What measures come to when films are drawn anew, resample by resample; a row a ranking."""

    auc: Numbers
    precision: Numbers
    average_precision: Numbers


def shuffle(films: int, seed: int) -> Numbers:
    """Return the lots that put equal films in an order."""
    return np.random.default_rng(seed).random(films)


def put_in_order(values: Numbers, lots: Numbers) -> Ids:
    """Return the films from the best to the worst."""
    return np.lexsort((lots, -values))


def measure_auc(values: Numbers, members: Flags) -> float:
    """Return how often a member stands before another film, equals counted half; NaN without either."""
    placed, _ = _placements(values, members)
    return float(placed.mean()) if placed.size else float("nan")


def measure_precision(hits: Flags, depth: int) -> float:
    """Return the share of members among the first films; *hits*: whether each is one, in order."""
    return float(hits[:depth].mean()) if depth else float("nan")


def measure_recall(hits: Flags, depth: int) -> float:
    """Return the share of the members that are among the first films."""
    return float(hits[:depth].sum() / hits.sum())


def measure_average_precision(hits: Flags) -> float:
    """Return the mean precision at the places of the members."""
    places = np.flatnonzero(hits)
    return float(np.mean(np.arange(1, places.size + 1) / (places + 1)))


def resample(
    rankings: list[Numbers],
    members: Flags,
    lots: Numbers,
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Resampled:
    """
    Draw the films anew, as often as Poisson says, and measure all rankings with the same draw (paired bootstrap).

    The AUC follows its linear expansion: the mean placement of the members drawn, and of the others drawn.
    """
    orders = [put_in_order(values, lots) for values in rankings]
    drawn = _choose_drawn(orders, members)
    placements = [_placements(values, members) for values in rankings]
    rng = np.random.default_rng(seed)
    parts = []
    for start in range(0, resamples, _CHUNK):
        size = (min(_CHUNK, resamples - start), drawn.size)
        weights = rng.poisson(1.0, size).astype(np.float32)
        parts.append(
            [
                _measure_drawn(order, placed, members, drawn, weights)
                for order, placed in zip(orders, placements, strict=True)
            ]
        )
    stacked = np.concatenate([np.array(part) for part in parts], axis=2)
    return Resampled(stacked[:, 0], stacked[:, 1], stacked[:, 2])


def _placements(values: Numbers, members: Flags) -> tuple[Numbers, Numbers]:
    """Return for each member the share of others behind it, for each other the share of members before it."""
    ranks = rank_middle(values)
    of_members = rank_middle(values[members])
    of_others = rank_middle(values[~members])
    many = max(values.size - of_members.size, 1)
    behind = (ranks[members] - of_members) / many
    before = 1 - (ranks[~members] - of_others) / max(of_members.size, 1)
    return behind, before


def rank_middle(values: Numbers) -> Numbers:
    """Return places from below, from 1; equals share the middle of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Numbers = (last - (counts - 1) / 2)[where]
    return ranks


def _choose_drawn(orders: list[Ids], members: Flags) -> Ids:
    if members.size <= MOST_DRAWN:
        return np.arange(members.size)
    depth = max(MOST_DRAWN // len(orders), 5 * int(members.sum()))
    near = [order[:depth] for order in orders]
    return np.unique(np.concatenate([*near, np.flatnonzero(members)]))


def _measure_drawn(
    order: Ids,
    placed: tuple[Numbers, Numbers],
    members: Flags,
    drawn: Ids,
    weights: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> tuple[Numbers, Numbers, Numbers]:
    """Return AUC, precision and average precision of a ranking, resample by resample."""
    places = np.empty(order.size, dtype=np.int64)
    places[order] = np.arange(order.size)
    sequence = np.argsort(places[drawn])
    ordered = drawn[sequence]
    # Films that are not drawn stand between; each counts once.
    between = places[ordered] - np.arange(ordered.size)
    at = np.flatnonzero(members[ordered])
    hits = weights[:, sequence[at]]
    above = np.cumsum(weights[:, sequence], axis=1)[:, at] + between[at]
    total = np.maximum(hits.sum(axis=1), 1.0)
    precision = (hits * (above <= total[:, None])).sum(axis=1) / total
    so_far = np.cumsum(hits, axis=1) / np.maximum(above, 1.0)
    average = (hits * so_far).sum(axis=1) / total
    return (
        _auc_drawn(placed, members, drawn, weights),
        precision.astype(np.float64),
        average.astype(np.float64),
    )


def _auc_drawn(
    placed: tuple[Numbers, Numbers],
    members: Flags,
    drawn: Ids,
    weights: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> Numbers:
    behind, before = placed
    whole = float(behind.mean())
    is_member = members[drawn]
    # Members and others are numbered each for themselves.
    number = np.where(members, np.cumsum(members), np.cumsum(~members)) - 1
    mine, others = weights[:, is_member], weights[:, ~is_member]
    mine_placed = behind[number[drawn[is_member]]] - whole
    others_placed = before[number[drawn[~is_member]]] - whole
    undrawn = members.size - drawn.size
    rest = float((before - whole).sum() - others_placed.sum())
    auc: Numbers = (
        whole
        + mine @ mine_placed / np.maximum(mine.sum(axis=1), 1.0)
        + (others @ others_placed + rest)
        / np.maximum(others.sum(axis=1) + undrawn, 1.0)
    )
    return auc
