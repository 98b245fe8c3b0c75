"""
What several sources say of one edition, brought together by meaning; pure.

Sources call categories differently, name films by id or by title, and people or not. First their categories are found
to be the same: by a name that is known, else by the films nominated there. Then, within a category, their statements:
each source says a nomination at most once. What no other source says is a nomination too; nothing that is said is lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec
from rapidfuzz import fuzz

from cinegraph.festivals.likeness import agreement, fold
from cinegraph.records.awards import NominationStatement

LEAST_LIKE: Final = 0.45
"""What two categories have to be alike to be one, 0 to 1."""
LEAST_AHEAD: Final = 0.05
"""By so much the best category has to be better than the next, or it is nobody's guess."""
LEAST_SHARED: Final = 2
"""So many nominations unlike categories have in common, or they are two: one film wins several prizes."""
LEAST_SHARED_KNOWN: Final = 3
"""The same of two that are both known by their names: two films often are nominated in two categories."""
LEAST_NAMED: Final = 0.5
"""From this likeness of their names on one nomination in common will do, 0 to 1."""
_NAME_WEIGHT: Final = 0.4
"""Of the name, beside the nominations in common: it decides where the same films are nominated in two categories."""


class Said(msgspec.Struct, frozen=True):
    """A statement, and who says it."""

    source: str
    statement: NominationStatement
    number: int
    """Among what the source says."""
    is_shared: bool = False
    """Whether it speaks of several nominations: which of them won it does not tell."""


class Merged(msgspec.Struct, frozen=True):
    """One nomination, and all that is said of it."""

    category: str
    """The canonical name."""
    said: tuple[Said, ...]
    """By rank of the sources; the first is believed where they differ."""


def merge(
    statements: Mapping[str, Sequence[NominationStatement]],
    *,
    known: Mapping[str, str] | None = None,
    lone: Mapping[str, str] | None = None,
) -> list[Merged]:
    """
    Return the nominations of an edition.

    Args:
        statements: By source, the one that is believed most first.
        known: Canonical names of categories by folded name.
        lone: By canonical name, the only source that ever used it: it may be what others call otherwise.
    """
    told: dict[str, list[Said]] = {}
    for source in sorted(statements, key=lambda name: is_bare(*statements[name])):
        own = statements[source]
        merged = {name: _nominations(said) for name, said in told.items()}
        alone = {name for name, of in (lone or {}).items() if of == source}
        names, renamed = _canonical_names(merged, own, known or {}, alone)
        told = {renamed.get(name, name): said for name, said in told.items()}
        for number, statement in enumerate(own):
            said = Said(source, statement, number)
            told.setdefault(names[_own_name(statement)], []).append(said)
    ranks = {source: rank for rank, source in enumerate(statements)}
    found = {
        name: sorted(
            (_believed_first(each, ranks) for each in _nominations(said)),
            key=lambda each: _rank(each[0], ranks),
        )
        for name, said in told.items()
    }
    return [
        Merged(name, each)
        for name in sorted(found, key=lambda name: _rank(found[name][0][0], ranks))
        for each in found[name]
    ]


def is_bare(*said: NominationStatement) -> bool:
    """Whether no people are named: which of two nominations of its film a title means only the others tell."""
    return not any(each.nominees for each in said)


def _believed_first(said: Iterable[Said], ranks: Mapping[str, int]) -> tuple[Said, ...]:
    return tuple(sorted(said, key=lambda each: _rank(each, ranks)))


def _rank(said: Said, ranks: Mapping[str, int]) -> tuple[int, int]:
    return ranks[said.source], said.number


def _own_name(statement: NominationStatement) -> tuple[str, str]:
    return statement.category_class or "", statement.canonical_category


def _canonical_names(
    merged: Mapping[str, Sequence[Sequence[Said]]],
    said: Sequence[NominationStatement],
    known: Mapping[str, str],
    alone: Collection[str],
) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """
    Return for each category of a source how it is called over all sources, and which of *merged* are called so now.

    A name that is known outlasts one that is not, whichever of their sources is asked first.

    Args:
        alone: Canonical names that nobody else uses: before one counts, others may call the category otherwise.
    """
    own: dict[tuple[str, str], list[NominationStatement]] = defaultdict(list)
    for statement in said:
        own[_own_name(statement)].append(statement)
    called = _known_names(own, merged, known)
    names = {key: name for key, name in called.items() if name in merged}
    held = set(known.values())
    weak = {
        key: own[key]
        for key, name in called.items()
        if name in alone and name not in merged
    }
    names |= pair_categories(weak, _without(merged, names.values()))
    # Two names that are both known, and stand for the same nominations here: what others call it counts.
    other = {
        key: own[key]
        for key, name in called.items()
        if key not in names and name not in merged
    }
    known_ones = {name: each for name, each in merged.items() if name in held}
    names |= pair_categories(
        other,
        _without(known_ones, names.values()),
        least_shared=LEAST_SHARED_KNOWN,
    )
    called = {key: name for key, name in called.items() if names.get(key, name) == name}
    free = _without(merged, names.values())
    fresh = {name: each for name, each in free.items() if name not in held}
    unknown = {key: own[key] for key in own if key not in called and key not in names}
    pairs = pair_categories(unknown, free)
    late = pair_categories(
        {key: own[key] for key in called if key not in names},
        {name: each for name, each in fresh.items() if name not in pairs.values()},
    )
    names |= called | pairs
    taken = set(names.values())
    for key in own:
        names.setdefault(key, _new_name(key, taken, merged))
        taken.add(names[key])
    return names, {name: called[key] for key, name in late.items()}


def _without[T](merged: Mapping[str, T], taken: Iterable[str]) -> dict[str, T]:
    names = set(taken)
    return {name: each for name, each in merged.items() if name not in names}


def _known_names(
    own: Mapping[tuple[str, str], Sequence[NominationStatement]],
    merged: Mapping[str, object],
    known: Mapping[str, str],
) -> dict[tuple[str, str], str]:
    """Return how categories of a source are called that are known by a name, each name once."""
    names: dict[tuple[str, str], str] = {}
    for key, statements in own.items():
        name = _known_name(statements, merged, known)
        if name is not None and name not in names.values():
            names[key] = name
    return names


def _known_name(
    statements: Sequence[NominationStatement],
    merged: Mapping[str, object],
    known: Mapping[str, str],
) -> str | None:
    folded = {fold(name): name for name in merged}
    for statement in statements:
        for name in (statement.canonical_category, statement.category):
            if found := known.get(fold(name)) or folded.get(fold(name)):
                return found
    return None


def pair_categories[K](
    own: Mapping[K, Sequence[NominationStatement]],
    merged: Mapping[str, Sequence[Sequence[Said]]],
    *,
    least_shared: int = LEAST_SHARED,
) -> dict[K, str]:
    """
    Pair categories that are alike by their nominations and names, the surest first.

    Where two are equally good, once one of them is taken, else not.

    Args:
        least_shared: How many nominations those with unlike names have in common.
    """
    likes = {
        (key, name): like
        for key, statements in own.items()
        for name, nominations in merged.items()
        if (like := _like(statements, name, nominations, least_shared)) >= LEAST_LIKE
    }
    pairs: dict[K, str] = {}
    while found := _surest(likes):
        pairs[found[0]] = found[1]
        likes = {
            (key, name): like
            for (key, name), like in likes.items()
            if key != found[0] and name != found[1]
        }
    return pairs


def _surest[K](likes: Mapping[tuple[K, str], float]) -> tuple[K, str] | None:
    """Return the most alike pair of which neither side has another that is nearly as good."""
    for (key, name), like in sorted(likes.items(), key=lambda pair: -pair[1]):
        rivals = [
            other
            for (other_key, other_name), other in likes.items()
            if (other_key == key) != (other_name == name)
        ]
        if like - max(rivals, default=0.0) >= LEAST_AHEAD:
            return key, name
    return None


def _like(
    own: Sequence[NominationStatement],
    name: str,
    nominations: Sequence[Sequence[Said]],
    least_shared: int,
) -> float:
    """Return how alike two categories are, 0 to 1; 0 where they have no nomination in common."""
    groups = [[said.statement for said in before] for before in nominations]
    fits = [[agreement(one, *group) is not None for group in groups] for one in own]
    found = sum(map(any, fits))
    if not found:
        return 0.0
    back = sum(map(any, zip(*fits, strict=True)))
    shared = min(found / len(own), back / len(groups))
    theirs = [statement for group in groups for statement in group]
    named = max(
        float(fuzz.token_set_ratio(one, other)) / 100
        for one in _names(own)
        for other in (*_names(theirs), fold(name))
    )
    if min(found, back) < least_shared and named < LEAST_NAMED:
        return 0.0
    return shared * (1 - _NAME_WEIGHT) + named * _NAME_WEIGHT


def _names(statements: Sequence[NominationStatement]) -> set[str]:
    said = {(each.category, each.canonical_category) for each in statements}
    return {fold(name) for names in said for name in names}


def _new_name(
    key: tuple[str, str], taken: set[str], merged: Mapping[str, object]
) -> str:
    award, name = key
    if name not in taken and name not in merged:
        return name
    return f"{award}: {name}" if award else name


def _nominations(told: Sequence[Said]) -> list[list[Said]]:
    """Return what is said of each nomination of a category: first by those who name people, then by titles alone."""
    nominations: list[list[Said]] = []
    sources = dict.fromkeys(said.source for said in told)
    for are_bare in (False, True):
        for source in sources:
            own = [
                said
                for said in told
                if said.source == source and is_bare(said.statement) == are_bare
            ]
            _add(nominations, own)
    return nominations


def _add(nominations: list[list[Said]], own: Sequence[Said]) -> None:
    """Add statements of one source to what is said of its category's nominations, each to the one it fits best."""
    before = [tuple(said) for said in nominations]
    scored = sorted(
        (-score, _differs(said, others), number, place)
        for number, said in enumerate(own)
        for place, others in enumerate(before)
        if (score := _fits(said, others)) is not None
    )
    pairs = [(number, place) for _, _, number, place in scored]
    place_of: dict[int, int] = {}
    taken: set[int] = set()
    for number, place in pairs:
        if number not in place_of and place not in taken:
            place_of[number] = place
            taken.add(place)
    # A title that a source names once, without people, speaks of every nomination of it in the category.
    free = {place for _, place in pairs} - taken
    spoken: dict[int, list[int]] = {n: [place] for n, place in place_of.items()}
    for number, place in pairs:
        if place in free and not own[number].statement.nominees:
            spoken.setdefault(number, []).append(place)
            free.discard(place)
    # And of a nomination for several films it names each by itself.
    for number, place in pairs:
        if number not in spoken and _has_several_films(before[place]):
            spoken[number] = [place]
    for number, said in enumerate(own):
        places = spoken.get(number, [])
        for place in places:
            nominations[place].append(_shared(said) if len(places) > 1 else said)
        if not places:
            nominations.append([said])


def _has_several_films(said: Sequence[Said]) -> bool:
    return any(len(each.statement.films) > 1 for each in said)


def _shared(said: Said) -> Said:
    """Return what a statement says of each of several nominations: which of them won it does not tell."""
    told = said.statement
    if told.is_winner:
        told = msgspec.structs.replace(told, is_winner=None)
    return Said(said.source, told, said.number, is_shared=True)


def _fits(one: Said, before: Sequence[Said]) -> float | None:
    """Return how well a statement goes with all that is said of a nomination; None: it is another one."""
    if any(each.source == one.source for each in before):
        return None
    return agreement(one.statement, *(each.statement for each in before))


def _differs(said: Said, others: Sequence[Said]) -> bool:
    """Whether somebody says otherwise of who won: no other nomination, but of two equally good ones the worse."""
    told = {said.statement.is_winner, *(each.statement.is_winner for each in others)}
    return {True, False} <= told
