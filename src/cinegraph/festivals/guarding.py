"""Statements that cannot be kept: told and left out, so that one of them holds up no edition; pure."""

import re
from collections.abc import Iterator
from typing import Final

from cinegraph.records.awards import EditionStatement, NominationStatement

MOST_LETTERS: Final = 500
"""Of a title, name or category: the longest of all ceremonies has 137, and more is a file that lost its separators."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL's text cannot hold: NUL, and halves of surrogate pairs."""


def find_objection(edition: EditionStatement, number: int) -> str:
    """Say why a nomination of an edition cannot be kept, with where it stands; empty: it can."""
    nomination = edition.nominations[number]
    where = f"{edition.year}, nomination {number + 1}"
    for text in _names(nomination):
        if len(text) > MOST_LETTERS:
            return f"{where}: a name of {len(text):,} letters ({text[:40]!r}…): is a separator missing?"
    for text in (*_names(nomination), *_texts(nomination)):
        if found := _UNSTORABLE.search(text):
            return (
                f"{where}: it holds the character {found[0]!a}, which cannot be stored"
            )
    return ""


def _names(nomination: NominationStatement) -> Iterator[str]:
    yield nomination.category
    yield nomination.canonical_category
    yield nomination.category_class or ""
    yield from nomination.songs
    for film in nomination.films:
        yield film.title
        yield from film.characters
    for nominee in nomination.nominees:
        yield nominee.name
        yield nominee.role or ""


def _texts(nomination: NominationStatement) -> Iterator[str]:
    for text in (
        nomination.credit,
        nomination.country,
        nomination.subject,
        nomination.note,
        nomination.citation,
    ):
        yield text or ""
