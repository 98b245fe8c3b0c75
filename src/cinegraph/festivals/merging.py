"""
What several sources say of one edition, brought together by meaning; pure.

Sources call categories differently, name films by id or by title, and people or not. First their categories are found
to be the same: by a name that is known, else by the films nominated there. Then, within a category, their statements:
each source says a nomination at most once. What no other source says is a nomination too; nothing that is said is lost.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from rapidfuzz import fuzz

from cinegraph.festivals.likeness import agreement, fold
from cinegraph.records.awards import NominationStatement

LEAST_LIKE: Final = 0.45
"""What two categories have to be alike to be one, 0 to 1."""
LEAST_AHEAD: Final = 0.05
"""By so much the best category has to be better than the next, or it is nobody's guess."""
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
    merged: dict[str, list[list[Said]]] = defaultdict(list)
    rank = {source: number for number, source in enumerate(statements)}
    for source in _by_detail(statements):
        said = statements[source]
        own_names = {name for name, of in (lone or {}).items() if of == source}
        names = _canonical_names(merged, said, known or {}, own_names)
        by_category: dict[str, list[Said]] = defaultdict(list)
        for number, statement in enumerate(said):
            name = names[_own_name(statement)]
            by_category[name].append(Said(source, statement, number))
        for category, own in by_category.items():
            _add(merged[category], own)
    found = [
        Merged(category, tuple(sorted(each, key=lambda said: rank[said.source])))
        for category, nominations in merged.items()
        for each in nominations
    ]
    return sorted(found, key=lambda one: (rank[one.said[0].source], one.said[0].number))


def _by_detail(
    statements: Mapping[str, Sequence[NominationStatement]],
) -> list[str]:
    """
    Return the sources in the order in which they are brought together: who names people first.

    A bare title fits every nomination of it in its category. Before the others it would be one of them by itself, and
    the first that is named then would be taken for it.
    """

    def is_bare(source: str) -> bool:
        return not any(each.nominees for each in statements[source])

    return sorted(statements, key=is_bare)


def _own_name(statement: NominationStatement) -> tuple[str, str]:
    return statement.category_class or "", statement.canonical_category


def _canonical_names(
    merged: Mapping[str, Sequence[Sequence[Said]]],
    said: Sequence[NominationStatement],
    known: Mapping[str, str],
    own_names: Collection[str],
) -> dict[tuple[str, str], str]:
    """
    Return for each category of a source how it is called over all sources.

    Args:
        own_names: Canonical names that nobody else uses: before one counts, others may call the category otherwise.
    """
    own: dict[tuple[str, str], list[NominationStatement]] = defaultdict(list)
    for statement in said:
        own[_own_name(statement)].append(statement)
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    weak: dict[tuple[str, str], str] = {}
    for key, statements in own.items():
        name = _known_name(statements, merged, known)
        if name is None or name in taken:
            continue
        if name in own_names and name not in merged:
            weak[key] = name
        else:
            names[key] = name
            taken.add(name)
    names |= _by_nominations(merged, own, names, taken)
    taken |= set(names.values())
    for key, name in weak.items():
        if key not in names and name not in taken:
            names[key] = name
            taken.add(name)
    for key in own:
        names.setdefault(key, _new_name(key, taken, merged))
        taken.add(names[key])
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


def _by_nominations(
    merged: Mapping[str, Sequence[Sequence[Said]]],
    own: Mapping[tuple[str, str], Sequence[NominationStatement]],
    names: Mapping[tuple[str, str], str],
    taken: set[str],
) -> dict[tuple[str, str], str]:
    """Pair categories that are alike, the surest first; where two are equally good, once one of them is taken."""
    likes = {
        (key, name): like
        for key, statements in own.items()
        if key not in names
        for name, nominations in merged.items()
        if name not in taken
        if (like := _like(statements, name, nominations)) >= LEAST_LIKE
    }
    pairs: dict[tuple[str, str], str] = {}
    while found := _surest(likes):
        pairs[found[0]] = found[1]
        likes = {
            (key, name): like
            for (key, name), like in likes.items()
            if key != found[0] and name != found[1]
        }
    return pairs


def _surest(
    likes: Mapping[tuple[tuple[str, str], str], float],
) -> tuple[tuple[str, str], str] | None:
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
    statements: Sequence[NominationStatement],
    name: str,
    nominations: Sequence[Sequence[Said]],
) -> float:
    """Return how alike two categories are, 0 to 1; 0 where they have no nomination in common."""
    found = sum(
        any(_fits(one, before) is not None for before in nominations)
        for one in statements
    )
    if not found:
        return 0.0
    back = sum(
        any(_fits(one, before) is not None for one in statements)
        for before in nominations
    )
    shared = min(found / len(statements), back / len(nominations))
    theirs = [said.statement for before in nominations for said in before]
    named = max(
        float(fuzz.token_set_ratio(one, other)) / 100
        for one in _names(statements)
        for other in (*_names(theirs), fold(name))
    )
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


def _add(nominations: list[list[Said]], own: Sequence[Said]) -> None:
    """Add one source's statements of a category to what others say of its nominations, each to the one it fits best."""
    before = [tuple(said) for said in nominations]
    pairs = sorted(
        (-score, number, place)
        for number, said in enumerate(own)
        for place, others in enumerate(before)
        if (score := _fits(said.statement, others)) is not None
    )
    place_of: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, place in pairs:
        if number not in place_of and place not in taken:
            place_of[number] = place
            taken.add(place)
    # A title that a source names once, without people, speaks of every nomination of it in the category.
    free = {place for _, _, place in pairs} - taken
    spoken: dict[int, list[int]] = {n: [place] for n, place in place_of.items()}
    for _, number, place in pairs:
        if place in free and not own[number].statement.nominees:
            spoken.setdefault(number, []).append(place)
            free.discard(place)
    # And of a nomination for several films it names each by itself.
    for _, number, place in pairs:
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


def _fits(statement: NominationStatement, before: Sequence[Said]) -> float | None:
    """Return how well a statement goes with all that is said of a nomination; None: it is another one."""
    scores = [agreement(statement, said.statement) for said in before]
    told = [score for score in scores if score is not None]
    return max(told) if told else None
