"""
Which stored nomination is meant by what sources say now, and which of its rows a film or nominee has; pure.

A nomination keeps its id while anybody goes on to say it, however the saying changes: what people decided about it, and
what others hold its id for, stays true.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from cinegraph.festivals.likeness import agreement, corrected_agreement, fold
from cinegraph.festivals.merging import Merged, Said, is_bare, pair_categories
from cinegraph.records.awards import NominationStatement


class Known(msgspec.Struct, frozen=True):
    """A statement as it is stored."""

    id: int
    source: str
    statement: NominationStatement
    is_withdrawn: bool
    nomination_ids: tuple[int, ...]
    """What it meant so far."""


_AS_GOOD_AS_EQUAL: Final = 0.9
"""From this agreement on nominations of two categories are one that was put right."""

type _Scored = tuple[tuple[float, ...], int, int]
"""How well a place among what is merged and a nomination's id go together."""


def assign_ids(
    merged: Sequence[Merged],
    known: Sequence[Known],
    statement_ids: Mapping[tuple[str, int], int],
    *,
    names: Mapping[str, str] | None = None,
) -> list[int | None]:
    """
    Return the id that each of *merged* has already; None: it is new.

    First by the statements that are said as before; then, among what is left, by what was said before and is like it;
    then by what may be corrected since, an id or the name of a category. All this by those who name people: a title
    alone may have spoken of another nomination of its film, and decides only what is left.

    Args:
        statement_ids: By source and number within it.
        names: Canonical names of categories by folded name, as they were known before.
    """
    past = _Past(merged, known, statement_ids, names or {})
    found: dict[int, int] = {}
    for are_bare in (False, True):
        found = _take(past.links(are_bare=are_bare), found)
        for fits in (
            past.is_like,
            past.is_corrected,
            past.is_renamed,
            past.is_moved,
        ):
            found = _take(past.likes(fits, found, are_bare=are_bare), found)
    return [found.get(place) for place in range(len(merged))]


class _Past:
    """What was said and meant before, beside what is merged now."""

    def __init__(
        self,
        merged: Sequence[Merged],
        known: Sequence[Known],
        statement_ids: Mapping[tuple[str, int], int],
        names: Mapping[str, str],
    ) -> None:
        self._merged = merged
        self._known = known
        self._names = names
        meant = {each.id: each for each in known}
        self._meant = [
            [meant[statement_ids[said.source, said.number]] for said in one.said]
            for one in merged
        ]

    def links(self, *, are_bare: bool) -> list[_Scored]:
        """Count for each place what meant a nomination: who names people first, then titles, then who is believed."""
        scored: list[_Scored] = []
        for place, told in enumerate(self._meant):
            for id_ in {id_ for each in told for id_ in each.nomination_ids}:
                saying = [
                    n for n, each in enumerate(told) if id_ in each.nomination_ids
                ]
                named = sum(not is_bare(told[n].statement) for n in saying)
                if named or are_bare:
                    score = (named, len(saying) - named, -saying[0])
                    scored.append((score, place, id_))
        return scored

    def likes(
        self,
        fits: Callable[[Merged, NominationStatement], float | None],
        found: Mapping[int, int],
        *,
        are_bare: bool,
    ) -> list[_Scored]:
        """Score for each place that is left what is left of before."""
        used = set(found.values())
        left = [
            (each.statement, ids)
            for each in self._known
            if (ids := [id_ for id_ in each.nomination_ids if id_ not in used])
            and (are_bare or not is_bare(each.statement))
        ]
        return [
            ((score,), place, id_)
            for place, one in enumerate(self._merged)
            if place not in found
            and (are_bare or not all(is_bare(said.statement) for said in one.said))
            for statement, ids in left
            if (score := fits(one, statement)) is not None
            for id_ in ids
        ]

    def is_like(self, one: Merged, before: NominationStatement) -> float | None:
        """Score a nomination of the same category."""
        if not self._is_of_same_category(one, before):
            return None
        return agreement(before, *(said.statement for said in one.said))

    def is_corrected(self, one: Merged, before: NominationStatement) -> float | None:
        """Score a nomination of the same category whose ids may be corrected."""
        if not self._is_of_same_category(one, before):
            return None
        return corrected_agreement(before, *(said.statement for said in one.said))

    def is_renamed(self, one: Merged, before: NominationStatement) -> float | None:
        """Score a nomination of a category that is called otherwise: nobody says its old name any more."""
        if self._renamed.get(self._canonical(before)) != one.category:
            return None
        return agreement(before, *(said.statement for said in one.said))

    def is_moved(self, one: Merged, before: NominationStatement) -> float | None:
        """Score a nomination of the same people for the same film in another category: one was wrong."""
        if is_bare(before):
            return None
        score = agreement(before, *(said.statement for said in one.said))
        return score if score is not None and score >= _AS_GOOD_AS_EQUAL else None

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """How categories are called now that nobody calls as before."""
        before: dict[str, list[NominationStatement]] = defaultdict(list)
        for each in self._known:
            if each.nomination_ids:
                before[self._canonical(each.statement)].append(each.statement)
        now: dict[str, list[tuple[Said, ...]]] = defaultdict(list)
        for one in self._merged:
            now[one.category].append(one.said)
        return pair_categories(
            {name: said for name, said in before.items() if name not in now},
            {name: said for name, said in now.items() if name not in before},
        )

    def _is_of_same_category(self, one: Merged, before: NominationStatement) -> bool:
        return self._canonical(before) == one.category or any(
            said.statement.canonical_category == before.canonical_category
            for said in one.said
        )

    def _canonical(self, statement: NominationStatement) -> str:
        called = (statement.canonical_category, statement.category)
        known = (self._names.get(fold(name)) for name in called)
        return next((name for name in known if name), statement.canonical_category)


def _take(scored: Iterable[_Scored], found: Mapping[int, int]) -> dict[int, int]:
    taken = dict(found)
    used = set(found.values())
    for _, place, id_ in sorted(
        scored, key=lambda one: ([-each for each in one[0]], *one[1:])
    ):
        if place not in taken and id_ not in used:
            taken[place] = id_
            used.add(id_)
    return taken


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
    likes: list[_Scored] = [
        ((score,), place, row.position)
        for place, one in enumerate(named)
        for row in rows
        if (score := alike(row.named, one)) > 0
    ]
    found = _take(likes, {})
    taken = {row.position for row in rows if row.is_locked} | set(found.values())
    numbers = (n for n in range(len(named) + len(rows) + 1) if n not in taken)
    return [
        found[place] if place in found else next(numbers) for place in range(len(named))
    ]
