"""
Which lists and awards are the same thing under two names, or made from each other.

A list that is held out of a score may stand in the catalogue once more: as an awards event, as another copy, as a poll
of which it is the sum. What is known is in `KNOWN`; the rest is told by how far the members are the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.cri.facts import HeldOut
from cinegraph.enrichment.cri.formula import REGISTRY

CONTAINED: Final = 0.8
"""
Of two lists, the share of the smaller one that stands on the larger: from here on one is taken to be made from the
other. Two canons made apart share less: of four well known ones 24 to 78 % of the smaller (ADR 0037).
"""
EQUAL: Final = 0.5
"""
Of a list and the films (or winners) of an award or a category, the share of both together that is common. Not how much
of the list is contained: nearly every known film was nominated for something, which makes no list of nominations.
"""
FEWEST: Final = 5
"""Members; of less nothing can be told."""


class Known(NamedTuple):
    """A list and the event that are the same thing."""

    list_key: str
    festival: str
    reason: str


KNOWN: Final = (
    Known(
        "registry",
        REGISTRY,
        "the National Film Preservation Board's choice is the list",
    ),
    Known("nfr", REGISTRY, "the same, as people abbreviate it"),
    Known("national-film-registry", REGISTRY, "the same"),
    Known("national_film_registry", REGISTRY, "the same"),
)


class Derived(msgspec.Struct, frozen=True):
    """What does not count while a list is held out."""

    name: str
    kind: str
    """list or award."""
    overlap: float | None
    """Of members, 0 to 1; None: it is known without looking."""
    reason: str


class List(NamedTuple):
    """A list's row."""

    id: int
    key: str
    name: str
    source: str
    location: str


class Members(NamedTuple):
    """Who stands where."""

    lists: dict[int, frozenset[str]]
    categories: dict[int, tuple[str, str, frozenset[str], frozenset[str]]]
    """By id: festival, name, films, and those that won."""


async def read_lists(conn: AsyncConnection[Any]) -> list[List]:
    """Return all lists."""
    cursor = await conn.execute(_load("read_lists.sql"))
    return [List(*row) for row in await cursor.fetchall()]


async def read_members(
    conn: AsyncConnection[Any], *, festival: str | None = None
) -> Members:
    """Return the members of all lists, and of the categories of one festival or all."""
    lists: dict[int, set[str]] = defaultdict(set)
    cursor = await conn.execute(_load("read_list_members.sql"))
    for list_id, member in await cursor.fetchall():
        lists[list_id].add(member)
    found: dict[int, tuple[str, str, set[str], set[str]]] = {}
    cursor = await conn.execute(_load("read_event_members.sql"), {"festival": festival})
    for key, category_id, name, member, won in await cursor.fetchall():
        _, _, films, winners = found.setdefault(category_id, (key, name, set(), set()))
        films.add(member)
        if won:
            winners.add(member)
    return Members(
        {list_id: frozenset(members) for list_id, members in lists.items()},
        {
            category_id: (key, name, frozenset(films), frozenset(winners))
            for category_id, (key, name, films, winners) in found.items()
        },
    )


def find_registry_lists(lists: Iterable[List], members: Members) -> tuple[int, ...]:
    """Return the lists that are the registry's awards event again, so that it counts once."""
    known = {one.list_key for one in KNOWN if one.festival == REGISTRY}
    films = _union(
        films for key, _, films, _ in members.categories.values() if key == REGISTRY
    )
    return tuple(
        one.id
        for one in lists
        if one.source != "event"
        and (one.key in known or _share(members.lists.get(one.id), films) >= CONTAINED)
    )


def find_derived(
    target: List, lists: Iterable[List], members: Members
) -> tuple[HeldOut, list[Derived]]:
    """Return what has to be held out with a list, itself included, and why."""
    own = members.lists.get(target.id, frozenset())
    held_lists, told = [target.id], []
    for other in lists:
        if other.id != target.id and (
            found := _same_list(target, other, own, members.lists.get(other.id))
        ):
            held_lists.append(other.id)
            told.append(found)
    held_categories: set[int] = set()
    for festival in sorted({key for key, *_ in members.categories.values()}):
        ids, found_event = _same_event(target, festival, own, members)
        held_categories.update(ids)
        told.extend(found_event)
    return HeldOut(
        lists=tuple(held_lists), categories=tuple(sorted(held_categories))
    ), told


def _same_list(
    target: List, other: List, own: frozenset[str], members: frozenset[str] | None
) -> Derived | None:
    events = {event for event in (_event_of(target), _event_of(other)) if event}
    if len(events) == 1 and _event_of(target) == _event_of(other):
        return Derived(
            other.name, "list", None, f"made of the same event, {events.pop()}"
        )
    if not members or min(len(own), len(members)) < FEWEST:
        return None
    contained = len(own & members) / min(len(own), len(members))
    if contained < CONTAINED:
        return None
    smaller, larger = (target, other) if len(own) <= len(members) else (other, target)
    return Derived(
        other.name,
        "list",
        contained,
        f"{contained:.0%} of {smaller.name} stand on {larger.name}",
    )


def _same_event(
    target: List, festival: str, own: frozenset[str], members: Members
) -> tuple[list[int], list[Derived]]:
    """Return the categories of a festival, all of them, where it or one of them is the list again."""
    mine = {
        category_id: (name, films, winners)
        for category_id, (key, name, films, winners) in members.categories.items()
        if key == festival
    }
    if _event_of(target) == festival:
        return list(mine), [
            Derived(festival, "award", None, "the list is this awards event")
        ]
    alike = [(_share(own, _union(films for _, films, _ in mine.values())), "")]
    for name, films, winners in mine.values():
        alike.append((max(_share(own, films), _share(own, winners)), f" of {name}"))
    share, category = max(alike, key=lambda one: one[0])
    if share < EQUAL:
        return [], []
    # All of it: who competes for one prize competes for the others of that evening.
    reason = f"{share:.0%} of the films of both{category} are common"
    return list(mine), [Derived(festival, "award", share, reason)]


def _event_of(one: List) -> str | None:
    """Return the festival that a list is known to be."""
    if one.source == "event":
        return one.location
    return next((same.festival for same in KNOWN if same.list_key == one.key), None)


def _share(some: frozenset[str] | None, others: frozenset[str]) -> float:
    """Return Jaccard's share of what is common."""
    if not some or min(len(some), len(others)) < FEWEST:
        return 0.0
    return len(some & others) / len(some | others)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
