"""
Which person of a film's credits a nominee is; pure.

TMDB's credits name people and what they did, and no other id. A name that stands in the credits of the nominated film
is almost always the nominee, whatever department has it there; the department tells namesakes apart, and makes up for a
spelling that differs a little. What is not sure goes to a person, with the candidates.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from cinegraph.festivals.likeness import fold, name_likeness

LEAST_SCORE: Final = 0.8
"""From this on a nominee is found: an exact name of another department reaches it, and a similar one of the right."""
LEAST_AHEAD: Final = 0.05
"""By so much the best candidate has to be better than the next person, or a person decides."""
WORTH_SHOWING: Final = 0.5
_NAME, _PLACE = 0.85, 0.15
"""What a name, and the place in the credits, weigh: together 1."""

CAST: Final = "cast"
_PLACES: Final = (
    (("actor", "actress", "acting", "performance"), (CAST,)),
    (("screenplay", "writing", "written", "story", "script"), ("Writing",)),
    (("art direction", "production design", "decoration", "interior"), ("Art",)),
    (("costume", "makeup", "make-up", "hair"), ("Costume & Make-Up",)),
    (("sound", "music", "song", "score", "lyric"), ("Sound",)),
    (("effects",), ("Visual Effects", "Crew")),
    (("cinematography", "photography"), ("Camera",)),
    (("editing", "editor"), ("Editing",)),
    (("directing", "director", "direction"), ("Directing",)),
    (
        ("picture", "film", "short", "documentary", "producer", "casting"),
        ("Production", "Directing"),
    ),
)
"""Words of a category or a role, and where TMDB's credits have who is nominated for it; the first that fits counts."""


class Credited(msgspec.Struct, frozen=True):
    """A person of a film's credits, once for each thing they did."""

    person_id: int
    name: str
    department: str
    """TMDB's, or `cast`."""
    tmdb_id: int = 0
    imdb_id: str | None = None
    """None: not known."""
    also_known_as: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """Who a nominee may be."""

    person_id: int
    name: str
    score: float


class Match(msgspec.Struct, frozen=True):
    """Who a nominee is, if that is sure, and who else it may be."""

    found: Candidate | None
    candidates: tuple[Candidate, ...]
    """The best first, those worth showing."""
    reason: str = ""
    """Why nobody is found, for a person."""


def find_person(
    name: str,
    what_for: str,
    credited: Iterable[Credited],
    imdb_ids: Collection[str] = (),
) -> Match:
    """
    Return who of a film's credits is meant.

    Args:
        name: As the source writes it.
        what_for: The nominee's role, else the category.
        imdb_ids: The nominee's, where the source has them: who is known to have another one is somebody else.
    """
    places = _expected(what_for)
    best: dict[int, Candidate] = {}
    for one in credited:
        if imdb_ids and one.imdb_id is not None and one.imdb_id not in imdb_ids:
            continue
        score = _score(name, one, places)
        before = best.get(one.person_id)
        if score >= WORTH_SHOWING and (before is None or score > before.score):
            best[one.person_id] = Candidate(one.person_id, one.name, score)
    ranked = tuple(sorted(best.values(), key=lambda one: (-one.score, one.person_id)))
    if not ranked:
        return Match(None, (), "nobody of that name is in the film's credits")
    if ranked[0].score < LEAST_SCORE:
        return Match(
            None, ranked, f"the nearest name in the credits is {ranked[0].name!r}"
        )
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < LEAST_AHEAD:
        return Match(
            None, ranked, "several people of that name are in the film's credits"
        )
    return Match(ranked[0], ranked)


def _score(name: str, credited: Credited, places: Sequence[str]) -> float:
    names = (credited.name, *credited.also_known_as)
    named = max(name_likeness(name, each) for each in names)
    # Where nothing is known of the place, it speaks neither for nor against.
    placed = 1.0 if not places or credited.department in places else 0.0
    return _NAME * named + _PLACE * placed


def _expected(what_for: str) -> tuple[str, ...]:
    folded = fold(what_for)
    for words, places in _PLACES:
        if any(fold(word) in folded for word in words):
            return places
    return ()
