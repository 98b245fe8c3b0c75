"""
What a source says of an award: editions, nominations, and who and what was nominated.

A statement repeats the source; whether its films and people are known is for others to find out. Ids are the source's.
"""

from enum import StrEnum
from typing import Final

import msgspec

FIRST_YEAR: Final = 1880
LAST_YEAR: Final = 2100
"""Of editions: nothing was filmed before, and nothing is planned for later."""


class NomineeKind(StrEnum):
    """What a name stands for, as far as the source tells."""

    PERSON = "person"
    COMPANY = "company"
    UNKNOWN = "unknown"


class FilmStatement(msgspec.Struct, frozen=True, gc=False):
    """A film as a source names it in a nomination."""

    title: str
    """As written; empty where the source has an id alone."""
    imdb_id: str | None = None
    """`tt…`."""
    characters: tuple[str, ...] = ()
    """Whom the nominee plays in it."""


class NomineeStatement(msgspec.Struct, frozen=True, gc=False):
    """A person or company as a source names it in a nomination."""

    name: str
    kind: NomineeKind = NomineeKind.UNKNOWN
    imdb_ids: tuple[str, ...] = ()
    """`nm…` or `co…`; several where one name, such as a pen name, stands for several people."""
    role: str | None = None
    """What for, in the source's words, such as `Set Decoration` or `Lyric`."""


class NominationStatement(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One nomination."""

    category: str
    """As it was called in that year."""
    canonical_category: str
    """As it is called over all years; the same as `category` where the source knows but one."""
    category_class: str | None = None
    """The kind of category, such as `Acting` or `SciTech`."""
    films: tuple[FilmStatement, ...] = ()
    nominees: tuple[NomineeStatement, ...] = ()
    is_winner: bool | None = None
    """None: the source does not say, or the night has not come."""
    credit: str | None = None
    """The line in which the source names the nominees."""
    songs: tuple[str, ...] = ()
    """The songs or dances that are nominated."""
    country: str | None = None
    """That submitted the film."""
    subject: str | None = None
    """What a technical award is about."""
    note: str | None = None
    citation: str | None = None


class EditionStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of one edition of a festival."""

    number: int | None
    """Counted from 1; None: the source does not count."""
    year: int
    """In which it was held."""
    part: int = 1
    """Of several editions in one year, which; counted from 1."""
    eligibility: str | None = None
    """The years of its films, such as `1927/28`."""
    is_partial: bool = False
    """Whether the source has more than it showed: what is missing here is not gone."""
    nominations: tuple[NominationStatement, ...]
    """In the source's order."""
