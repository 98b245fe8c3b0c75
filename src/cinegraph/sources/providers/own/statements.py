"""
What a person's own file says, whichever way it is written, as statements; pure.

What is wrong beside a nomination (an id, whether it won) costs only itself; what leaves open who or what was nominated
costs the nomination. Both are told with their line.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cinegraph.records.awards import (
    FIRST_YEAR,
    LAST_YEAR,
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.own.written import (
    Film,
    Held,
    Nomination,
    Nominee,
    UnreadableRowError,
    refusal,
)

_FILM_ID: Final = re.compile(r"tt\d{7,9}", re.ASCII)
_NOMINEE_ID: Final = re.compile(r"(nm|co)\d{7,9}", re.ASCII)
_KINDS: Final = {"nm": NomineeKind.PERSON, "co": NomineeKind.COMPANY}
_NUMBER: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_WINNER: Final = {
    "": None,
    **dict.fromkeys(("true", "yes", "1", "x"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


class Remark(msgspec.Struct, frozen=True):
    """What could not be read as it stands there."""

    line: int
    """Counted from 1; in JSON that of the nomination's opening brace."""
    reason: str


class OwnFile(msgspec.Struct, frozen=True):
    """What the file says."""

    editions: tuple[EditionStatement, ...]
    """In the file's order; partial, all of them, where a nomination could not be read: it may be of any."""
    remarks: tuple[Remark, ...]
    """By line."""


class _Edition:
    """An edition as far as it was read."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.number_line = 0
        self.lines: dict[NominationStatement, int] = {}
        """Where each nomination stands, in the file's order."""


class Collector:
    """Gathers nominations by edition, and remembers what could not be read."""

    def __init__(self) -> None:
        self._editions: dict[tuple[int, int], _Edition] = {}
        self._remarks: list[Remark] = []
        self._is_partial = False

    def add(self, line: int, held: Held, given: Nomination) -> None:
        """Take a nomination; one that stands there twice counts once."""
        try:
            key, number = _to_key(held)
            edition = self._editions.get(key) or _Edition()
            _require_number(edition, number, key[0])
            asides: list[str] = []
            nomination = _to_nomination(given, asides)
        except UnreadableRowError as error:
            self.lose(line, str(error))
            return
        self._editions[key] = edition
        if number and edition.number is None:
            edition.number, edition.number_line = number, line
        if nomination in edition.lines:
            before = edition.lines[nomination]
            asides.append(f"the same as line {before:,}: it counts once")
        edition.lines.setdefault(nomination, line)
        self._remarks += [Remark(line, aside) for aside in asides]

    def lose(self, line: int, reason: str) -> None:
        """Remember that a nomination could not be read."""
        self._remarks.append(Remark(line, reason))
        self._is_partial = True

    def finish(self, body: bytes) -> OwnFile:
        """
        Return what was gathered.

        Raises:
            UndecodableError: It is nothing.
        """
        remarks = sorted(self._remarks, key=lambda remark: remark.line)
        if not self._editions:
            first = (
                f": line {remarks[0].line:,}: {remarks[0].reason}" if remarks else ""
            )
            raise refusal(f"no nomination can be read in it{first}", body)
        editions = tuple(
            EditionStatement(
                number=edition.number,
                year=year,
                part=part,
                is_partial=self._is_partial,
                nominations=tuple(edition.lines),
            )
            for (year, part), edition in self._editions.items()
        )
        return OwnFile(editions, tuple(remarks))


def _to_key(held: Held) -> tuple[tuple[int, int], int | None]:
    """Return year and part, and the number of the edition where it is given."""
    if not held.year:
        raise UnreadableRowError("it has no year: that in which the edition was held")
    if not _YEAR.fullmatch(held.year):
        raise UnreadableRowError(f"{held.year!r} is no year: write four digits")
    year = int(held.year)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableRowError(
            f"the year {year} is not between {FIRST_YEAR} and {LAST_YEAR}"
        )
    return (year, _to_number("part", held.part) or 1), _to_number(
        "edition", held.edition
    )


def _to_number(name: str, text: str) -> int | None:
    if text and not _NUMBER.fullmatch(text):
        raise UnreadableRowError(f"{name} {text!r} is no number from 1 to 999")
    return int(text) if text else None


def _require_number(edition: _Edition, number: int | None, year: int) -> None:
    if number and edition.number and number != edition.number:
        raise UnreadableRowError(
            f"edition {number} of {year}, but line {edition.number_line:,} says {edition.number}: where two were held"
            " in a year, tell them apart by part"
        )


def _to_nomination(given: Nomination, asides: list[str]) -> NominationStatement:
    """Return the statement; what it is without goes to *asides*."""
    if not given.category:
        raise UnreadableRowError("it has no category")
    nomination = NominationStatement(
        category=given.category,
        canonical_category=given.canonical_category or given.category,
        films=tuple(_films(given.films, asides)),
        nominees=tuple(_nominees(given.nominees, asides)),
        is_winner=_to_winner(given.winner, asides),
        songs=tuple(filter(None, given.songs)),
        country=given.country or None,
        note=given.note or None,
    )
    named = nomination.films or nomination.nominees or nomination.songs
    if not (named or nomination.country or nomination.note):
        told = "".join(f"; {aside}" for aside in asides)
        raise UnreadableRowError(
            f"it names no film, no nominees, songs, country or note{told}"
        )
    return nomination


def _films(given: Iterable[Film], asides: list[str]) -> Iterator[FilmStatement]:
    for number, film in enumerate(given, 1):
        imdb_id = film.imdb_id.lower()
        if imdb_id and not _FILM_ID.fullmatch(imdb_id):
            asides.append(_explain_id(film.imdb_id, "film", "tt"))
            imdb_id = ""
        if film.title or imdb_id:
            yield FilmStatement(film.title, imdb_id or None, film.characters)
        elif not film.imdb_id:
            raise UnreadableRowError(f"film {number} has neither a title nor an id")


def _nominees(
    given: Iterable[Nominee], asides: list[str]
) -> Iterator[NomineeStatement]:
    for number, nominee in enumerate(given, 1):
        if not nominee.name:
            raise UnreadableRowError(f"nominee {number} has no name")
        ids = [each.lower() for each in nominee.imdb_ids if each]
        known = tuple(each for each in ids if _NOMINEE_ID.fullmatch(each))
        asides += [
            _explain_id(each, "nominee", "nm or co")
            for each in ids
            if not _NOMINEE_ID.fullmatch(each)
        ]
        kinds = {_KINDS[each[:2]] for each in known}
        yield NomineeStatement(
            nominee.name,
            kinds.pop() if len(kinds) == 1 else NomineeKind.UNKNOWN,
            known,
            nominee.role or None,
        )


def _explain_id(text: str, what: str, begins: str) -> str:
    guess = " (is it TMDB's? Give IMDb's)" if text.isdecimal() else ""
    return (
        f"{text!r} is no IMDb id of a {what}, {begins} and 7 to 9 digits{guess}: it was left out, the nomination"
        " counts without it"
    )


def _to_winner(text: str, asides: list[str]) -> bool | None:
    if text.casefold() not in _WINNER:
        asides.append(
            f"winner {text!r} is none of true, false, yes, no, 1, 0, x and empty: the nomination counts, whether it won"
            " is not told"
        )
    return _WINNER.get(text.casefold())
