"""
Which stored nomination is meant by what sources say now, and which of its rows a film or nominee has; pure.

A nomination keeps its id while anybody goes on to say it, however the saying changes: what people decided about it, and
what others hold its id for, stays true.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.festivals.likeness import agreement, fold
from cinegraph.festivals.merging import Merged
from cinegraph.records.awards import NominationStatement


class Known(msgspec.Struct, frozen=True):
    """A statement as it is stored."""

    id: int
    source: str
    statement: NominationStatement
    is_withdrawn: bool
    nomination_ids: tuple[int, ...]
    """What it meant so far."""
    is_shared: bool = False
    """Whether it meant several, or one of several: a title that a source names once."""


_SHARED: Final = 0.001
"""What a title that stands for several nominations says of which one is meant: it breaks ties."""
_OTHER_IDS: Final = 0.8
_OTHER_CATEGORY: Final = 0.5
"""How like a nomination is to one of the same words with other ids, or in another category: both were corrected."""
_AS_GOOD_AS_EQUAL: Final = 0.9
"""From this agreement on two statements of different categories are one that was corrected."""


def assign_ids(
    merged: Sequence[Merged],
    known: Sequence[Known],
    statement_ids: Mapping[tuple[str, int], int],
    *,
    names: Mapping[str, str] = MappingProxyType({}),
) -> list[int | None]:
    """
    Return the id that each of *merged* has already; None: it is new.

    First by the statements that are said as before; then, among what is left, by what was said before and is like it.

    Args:
        statement_ids: By source and number within it.
        names: Canonical names of categories by folded name.
    """
    meant = {each.id: each for each in known}
    links = [
        (weight, place, nomination_id)
        for place, one in enumerate(merged)
        for nomination_id, weight in _weigh(one, meant, statement_ids).items()
    ]
    found = _take(links, {}, set())
    left = [
        each for each in known if not set(each.nomination_ids) & set(found.values())
    ]
    likes = [
        (score, place, nomination_id)
        for place, one in enumerate(merged)
        if place not in found
        for each in left
        for nomination_id in each.nomination_ids
        if (score := _likeness(one, each.statement, names)) is not None
    ]
    found = _take(likes, found, set(found.values()))
    return [found.get(place) for place in range(len(merged))]


def _take(
    scored: Iterable[tuple[float, int, int]], found: dict[int, int], used: set[int]
) -> dict[int, int]:
    for _, place, nomination_id in sorted(scored, key=lambda one: (-one[0], one[1:])):
        if place not in found and nomination_id not in used:
            found[place] = nomination_id
            used.add(nomination_id)
    return found


def _weigh(
    one: Merged,
    meant: Mapping[int, Known],
    statement_ids: Mapping[tuple[str, int], int],
) -> dict[int, float]:
    """Return by nomination how much speaks for *one* being it."""
    weights: dict[int, float] = defaultdict(float)
    for said in one.said:
        before = meant.get(statement_ids[said.source, said.number])
        if before is None:
            continue
        weight = _SHARED if said.is_shared or before.is_shared else 1.0
        for nomination_id in before.nomination_ids:
            weights[nomination_id] += weight
    return weights


def _likeness(
    one: Merged, before: NominationStatement, names: Mapping[str, str]
) -> float | None:
    scores = [_alike(said.statement, before) for said in one.said]
    best = max((score for score in scores if score is not None), default=None)
    if best is None or one.category == _canonical(before, names):
        return best
    return best * _OTHER_CATEGORY if best >= _AS_GOOD_AS_EQUAL else None


def _canonical(statement: NominationStatement, names: Mapping[str, str]) -> str:
    name = statement.canonical_category
    return names.get(fold(name), name)


def _alike(one: NominationStatement, before: NominationStatement) -> float | None:
    """Return how alike two statements are; the same words count also where an id was corrected."""
    score = agreement(one, before)
    if score is not None:
        return score
    in_words = agreement(_without_ids(one), _without_ids(before))
    return None if in_words is None else in_words * _OTHER_IDS


def _without_ids(statement: NominationStatement) -> NominationStatement:
    replace = msgspec.structs.replace
    return replace(
        statement,
        films=tuple(
            replace(film, imdb_id=None) for film in statement.films if film.title
        ),
        nominees=tuple(replace(each, imdb_ids=()) for each in statement.nominees),
    )


class Row[T](msgspec.Struct, frozen=True):
    """A film or nominee as it is stored."""

    position: int
    named: T
    is_locked: bool


def assign_positions[T](
    named: Sequence[T], rows: Sequence[Row[T]], alike: Callable[[T, T], float]
) -> list[int]:
    """
    Return the position that each film or nominee has or gets: of the row that is most like it, else a free one.

    Args:
        alike: How alike two are, 0 to 1; 0: they are not the same.
    """
    likes = [
        (score, place, row.position)
        for place, one in enumerate(named)
        for row in rows
        if (score := alike(row.named, one)) > 0
    ]
    found = _take(likes, {}, set())
    taken = {row.position for row in rows if row.is_locked} | set(found.values())
    numbers = (n for n in range(len(named) + len(rows) + 1) if n not in taken)
    return [
        found[place] if place in found else next(numbers) for place in range(len(named))
    ]
