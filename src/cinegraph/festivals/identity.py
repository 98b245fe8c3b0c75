"""
Which stored nomination is meant by what sources say now, and which of its rows a film or nominee has; pure.

A nomination keeps its id while anybody goes on to say it, however the saying changes: what people decided about it, and
what others hold its id for, stays true.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from cinegraph.festivals.likeness import agreement
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


def assign_ids(
    merged: Sequence[Merged],
    known: Sequence[Known],
    statement_ids: Mapping[tuple[str, int], int],
) -> list[int | None]:
    """
    Return the id that each of *merged* has already; None: it is new.

    First by the statements that are said as before; then, among what is left, by what was said before and is like it.

    Args:
        statement_ids: By source and number within it.
    """
    meant = {each.id: each.nomination_ids for each in known}
    links = [
        (count, place, nomination_id)
        for place, one in enumerate(merged)
        for nomination_id, count in Counter(
            nomination_id
            for said in one.said
            for nomination_id in meant.get(statement_ids[said.source, said.number], ())
        ).items()
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
        if (score := _likeness(one, each.statement)) is not None
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


def _likeness(one: Merged, before: NominationStatement) -> float | None:
    scores = [
        agreement(said.statement, before)
        for said in one.said
        if said.statement.canonical_category == before.canonical_category
    ]
    return max((score for score in scores if score is not None), default=None)


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
