"""What a nomination is by all that is said of it; pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cinegraph.festivals.likeness import fold, is_same_film, is_same_nominee
from cinegraph.festivals.merging import Merged
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)

_GIVEN: Final = re.compile(
    r"\b(scitech|scientific|technical achievement|honorary|humanitarian|memorial|commendation"
    r"|special (achievement )?award)\b|^special "
)
"""In the class and name of a category whose awards are given: nobody is nominated, nobody loses."""
_DIGITS = 32


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One nomination as it is stored."""

    category: str
    """The canonical name."""
    category_class: str | None
    category_name: str
    is_winner: bool | None
    songs: tuple[str, ...]
    country: str | None
    subject: str | None
    credit: str | None
    note: str | None
    citation: str | None
    films: tuple[FilmStatement, ...]
    nominees: tuple[NomineeStatement, ...]


def to_view(merged: Merged) -> View:
    """Return a nomination: of each fact what the source says that is believed most and says anything."""
    said = [each.statement for each in merged.said]
    first = said[0]
    return View(
        category=merged.category,
        category_class=_first(each.category_class for each in said),
        category_name=first.category,
        is_winner=_first(each.is_winner for each in said),
        songs=_first(each.songs or None for each in said) or (),
        country=_first(each.country for each in said),
        subject=_first(each.subject for each in said),
        credit=_first(each.credit for each in said),
        note=_first(each.note for each in said),
        citation=_first(each.citation for each in said),
        films=_films(said),
        nominees=_nominees(said),
    )


def is_competitive(statement: NominationStatement) -> bool:
    """Whether a nomination's category has nominees of which one wins; honorary and technical awards are given."""
    words = f"{statement.category_class or ''} {statement.canonical_category}"
    return not _GIVEN.search(fold(words))


def fingerprint(statement: NominationStatement) -> str:
    """Return what tells a statement from the others of its source: who won, and notes, may change."""
    said = (
        fold(statement.canonical_category),
        [film.imdb_id or fold(film.title) for film in statement.films],
        [sorted(one.imdb_ids) or fold(one.name) for one in statement.nominees],
        [fold(song) for song in statement.songs],
        fold(statement.subject or ""),
        "" if statement.films else fold(statement.citation or statement.note or ""),
    )
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:_DIGITS]


def fingerprints(statements: Sequence[NominationStatement]) -> list[str]:
    """Return the fingerprint of each; where two are equal, the second one is numbered."""
    seen: dict[str, int] = {}
    found = []
    for statement in statements:
        mark = fingerprint(statement)
        seen[mark] = seen.get(mark, 0) + 1
        found.append(mark if seen[mark] == 1 else f"{mark}-{seen[mark]}")
    return found


def _first[T](values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _films(said: Sequence[NominationStatement]) -> tuple[FilmStatement, ...]:
    others = [film for each in said for film in each.films]
    return tuple(_fill_film(film, others) for film in _named_films(said))


def _named_films(said: Sequence[NominationStatement]) -> Sequence[FilmStatement]:
    """Return the films of the source that is believed most; one that names nobody says each title by itself."""
    first = next((each for each in said if each.films), None)
    if first is None or first.nominees:
        return first.films if first else ()
    films: list[FilmStatement] = []
    for each in said:
        films += [
            film
            for film in each.films
            if not any(is_same_film(film, other) for other in films)
        ]
        if each.films and each.nominees:
            break
    return films


def _fill_film(film: FilmStatement, others: Iterable[FilmStatement]) -> FilmStatement:
    for other in others:
        if is_same_film(film, other):
            film = FilmStatement(
                film.title or other.title,
                film.imdb_id or other.imdb_id,
                film.characters or other.characters,
            )
    return film


def _nominees(said: Sequence[NominationStatement]) -> tuple[NomineeStatement, ...]:
    base = next((each.nominees for each in said if each.nominees), ())
    others = [nominee for each in said for nominee in each.nominees]
    return tuple(_fill_nominee(nominee, others) for nominee in base)


def _fill_nominee(
    nominee: NomineeStatement, others: Iterable[NomineeStatement]
) -> NomineeStatement:
    for other in others:
        if is_same_nominee(nominee, other):
            is_unknown = nominee.kind is NomineeKind.UNKNOWN
            nominee = NomineeStatement(
                nominee.name or other.name,
                other.kind if is_unknown else nominee.kind,
                nominee.imdb_ids or other.imdb_ids,
                nominee.role or other.role,
            )
    return nominee
