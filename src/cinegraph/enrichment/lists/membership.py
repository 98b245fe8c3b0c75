"""Who joins a list, stays on it and leaves it, from what its source says now; pure."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cinegraph.enrichment.lists.columns import Entry

MOST_LEAVING_SHARE: Final = 0.2
"""
Of the members that may leave at once.

A new edition of a canon of a thousand films exchanges some sixty, a poll after ten years a sixth. A page that was read
in part, another list at the same address, and a list that was emptied by mistake lose more (Radarr/Radarr#11196: two
thirds of a library were deleted because of one incomplete page).
"""
ALWAYS_LEAVING: Final = 5
"""So many may always leave: a person's own short list changes by half."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A film that is on the list, or was."""

    key: str
    imdb_id: str | None
    tmdb_id: int | None
    movie_id: int | None
    has_left: bool


class Placed(msgspec.Struct, frozen=True):
    """What the source names, and which of our films it is."""

    entry: Entry
    movie_id: int | None


class Standing(msgspec.Struct, frozen=True):
    """A member as it is to be."""

    key: str
    entry: Entry
    movie_id: int | None


class Plan(msgspec.Struct, frozen=True):
    """What a reading changes."""

    standing: tuple[Standing, ...]
    """Every member that the source names."""
    leaving: tuple[str, ...]
    """The keys of those that it names no longer."""
    objection: str | None
    """Why so many cannot be believed to leave, for a person; None: they can."""


def plan(members: Sequence[Member], found: Sequence[Placed]) -> Plan:
    """
    Return what makes members equal to what was found.

    A member is the same film where the source names it by another id than before: it keeps its key and its history.

    Args:
        members: All there ever were, each key once.
        found: Each film once.
    """
    current = {each.key: each for each in members if not each.has_left}
    key_of = _match(current, found)
    standing = []
    for number, each in enumerate(found):
        key = key_of.get(number, each.entry.key)
        standing.append(Standing(key, each.entry, each.movie_id))
    kept = {each.key for each in standing}
    leaving = tuple(key for key in current if key not in kept)
    return Plan(tuple(standing), leaving, _object(len(current), len(leaving)))


def _match(current: dict[str, Member], found: Sequence[Placed]) -> dict[int, str]:
    """Return by place in *found* the key of the member that it is: first by that key, then by any id."""
    key_of = {
        number: each.entry.key
        for number, each in enumerate(found)
        if each.entry.key in current
    }
    taken = set(key_of.values())
    by_id = {
        mark: member.key
        for member in current.values()
        if member.key not in taken
        for mark in _marks(member.imdb_id, member.tmdb_id, member.movie_id)
    }
    for number, each in enumerate(found):
        if number in key_of:
            continue
        entry = each.entry
        for mark in _marks(entry.imdb_id, entry.tmdb_id, each.movie_id):
            key = by_id.get(mark)
            if key is not None and key not in taken:
                key_of[number] = key
                taken.add(key)
                break
    return key_of


def _marks(
    imdb_id: str | None, tmdb_id: int | None, movie_id: int | None
) -> Iterator[tuple[str, object]]:
    for name, value in (("imdb", imdb_id), ("tmdb", tmdb_id), ("ours", movie_id)):
        if value is not None:
            yield name, value


def _object(members: int, leaving: int) -> str | None:
    if leaving <= max(ALWAYS_LEAVING, MOST_LEAVING_SHARE * members):
        return None
    return (
        f"{leaving:,} of {members:,} members would leave at once, more than {MOST_LEAVING_SHARE:.0%}:"
        " it was read in part, or is another list"
    )


def claim(placed: Sequence[Placed]) -> list[Placed]:
    """
    Return the same with each film once.

    Of several entries that are one film, which a source names in two ways, the first in rank keeps it; the others are
    known without it.
    """
    ranked = sorted(
        range(len(placed)),
        key=lambda number: (
            placed[number].entry.position or 2**31,
            placed[number].entry.key,
        ),
    )
    holder: dict[int, int] = {}
    for number in ranked:
        movie_id = placed[number].movie_id
        if movie_id is not None:
            holder.setdefault(movie_id, number)
    return [
        each
        if each.movie_id is None or holder[each.movie_id] == number
        else Placed(each.entry, None)
        for number, each in enumerate(placed)
    ]
