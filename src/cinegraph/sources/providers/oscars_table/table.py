"""
The rows of the nominations table into statements: every row that can be read, and why the others cannot; pure.

Tab-separated, with names of its columns in the first line. Rows may be short: what they lack is empty. `Film`,
`FilmId`, `Nominees`, `NomineeIds` and `Detail` hold several values, apart by `|`, and ids within one nominee by `,`.
`?` is an id that nobody found yet.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.credit_lines import find_roles
from cinegraph.sources.providers.oscars_table.settings import SOURCE_NAME

COLUMNS: Final = (
    "Ceremony",
    "Year",
    "Class",
    "CanonicalCategory",
    "Category",
    "Film",
    "FilmId",
    "Name",
    "Nominees",
    "NomineeIds",
    "Winner",
    "Detail",
    "Note",
    "Citation",
)
NEEDED: Final = 5
"""Columns without which a row names no nomination: up to its category."""
ENDPOINT: Final = "nominations"

_NUMBER: Final = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_YEARS: Final = re.compile(r"(\d{4})(?:/(\d{2}))?", re.ASCII)
_FILM_ID: Final = re.compile(r"tt\d{7,9}", re.ASCII)
_NOMINEE_ID: Final = re.compile(r"(nm|co)\d{7,9}", re.ASCII)
_KINDS: Final = {"nm": NomineeKind.PERSON, "co": NomineeKind.COMPANY}
_UNKNOWN_ID: Final = "?"
_LIST, _IDS = "|", ","
_FIRST_YEARS: Final = {1: 1929, 2: 1930, 3: 1930, 4: 1931, 5: 1932}
"""Two ceremonies in 1930 and none in 1933, https://awardsdatabase.oscars.org; from the sixth on, one a year."""
_SECOND_OF_1930: Final = 3
_YEAR_ZERO: Final = 1928
_SONGS: Final = ("MUSIC (Original Song)", "DANCE DIRECTION")
_ACTING, _TECHNICAL = "Acting", "SciTech"
_COUNTRIES: Final = (
    "INTERNATIONAL FEATURE FILM",
    "SPECIAL FOREIGN LANGUAGE FILM AWARD",
)


_NO_END: Final = "the last line has no end: is the file cut?"


class UnreadableRow(msgspec.Struct, frozen=True):
    """A line that names no nomination."""

    line: int
    """Counted from 1, the names of the columns first."""
    reason: str


class Table(msgspec.Struct, frozen=True):
    """What the table says."""

    editions: tuple[EditionStatement, ...]
    """By number."""
    unreadable: tuple[UnreadableRow, ...]


def read_table(body: bytes) -> Table:
    """
    Return what the table in *body* says.

    Raises:
        UndecodableError: It is not this table at all: empty, HTML, another encoding, or without its columns.
    """
    lines = _lines(body)
    names = lines[0].split("\t")
    places = _places(names, body)
    rows: list[tuple[int, NominationStatement, str]] = []
    unreadable = []
    last = len(lines)
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        if number == last:
            # Half an id is another film's.
            unreadable.append(UnreadableRow(number, _NO_END))
            continue
        cells = line.split("\t")
        reason = _objection(cells, places, len(names))
        if reason:
            unreadable.append(UnreadableRow(number, reason))
            continue
        row = {name: _cell(cells, place) for name, place in places.items()}
        rows.append((int(row["Ceremony"]), _to_nomination(row), row["Year"]))
    rows.sort(key=lambda row: row[0])
    editions = tuple(
        _to_edition(number, list(group))
        for number, group in groupby(rows, key=lambda row: row[0])
    )
    return Table(editions, tuple(unreadable))


def year_held(edition: int) -> int:
    """Return the year in which an edition of the Academy Awards was held; the films are mostly of the year before."""
    return _FIRST_YEARS.get(edition, _YEAR_ZERO + edition)


def _lines(body: bytes) -> list[str]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_the_table(f"byte {error.start:,} is no UTF-8", body) from None
    if not text.strip():
        raise _not_the_table("it is empty", body)
    if text.lstrip()[:1] == "<":
        raise _not_the_table("it is a web page, not the table", body)
    return text.replace("\r\n", "\n").split("\n")


def _places(names: Sequence[str], body: bytes) -> dict[str, int]:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise _not_the_table(
            f"its first line lacks the columns {', '.join(missing)}", body
        )
    return {name: names.index(name) for name in COLUMNS}


def _not_the_table(reason: str, body: bytes) -> UndecodableError:
    return UndecodableError(reason, source=SOURCE_NAME, endpoint=ENDPOINT, body=body)


def _objection(cells: Sequence[str], places: dict[str, int], columns: int) -> str:
    if len(cells) > columns:
        return f"{len(cells)} columns, there are {columns}"
    for name in COLUMNS[:NEEDED]:
        if not _cell(cells, places[name]):
            return f"it has no {name}: is the file cut?"
    ceremony = _cell(cells, places["Ceremony"])
    if not _NUMBER.fullmatch(ceremony):
        return f"{ceremony!r} is no number of a ceremony"
    if not _YEARS.fullmatch(_cell(cells, places["Year"])):
        return f"{_cell(cells, places['Year'])!r} is no year"
    return ""


def _cell(cells: Sequence[str], place: int) -> str:
    # Quotes are written as \" in it.
    return cells[place].replace('\\"', '"').strip() if place < len(cells) else ""


def _to_edition(
    number: int, rows: Sequence[tuple[int, NominationStatement, str]]
) -> EditionStatement:
    nominations = tuple(nomination for _, nomination, _ in rows)
    if not any(nomination.is_winner for nomination in nominations):
        # The night has not come: nobody has lost.
        nominations = tuple(
            msgspec.structs.replace(each, is_winner=None) for each in nominations
        )
    return EditionStatement(
        number=number,
        year=year_held(number),
        part=2 if number == _SECOND_OF_1930 else 1,
        eligibility=rows[0][2],
        nominations=nominations,
    )


def _to_nomination(row: dict[str, str]) -> NominationStatement:
    kind, category = row["Class"], row["CanonicalCategory"]
    details = tuple(_split(row["Detail"]))
    is_foreign = category in _COUNTRIES
    return NominationStatement(
        category=row["Category"],
        canonical_category=category,
        category_class=kind,
        films=tuple(_films(row, details if kind == _ACTING else ())),
        nominees=tuple(_nominees(row)),
        is_winner=row["Winner"].casefold() == "true",
        credit=row["Name"] or None,
        songs=details if category in _SONGS else (),
        country=row["Name"] or None if is_foreign else None,
        subject=row["Detail"] or None if kind == _TECHNICAL else None,
        note=row["Note"] or None,
        citation=row["Citation"] or None,
    )


def _films(row: dict[str, str], characters: Sequence[str]) -> Iterator[FilmStatement]:
    titles, ids = _split(row["Film"]), _split(row["FilmId"])
    for place in range(max(len(titles), len(ids))):
        title = titles[place] if place < len(titles) else ""
        imdb_id = ids[place] if place < len(ids) else ""
        if not title and not _FILM_ID.fullmatch(imdb_id):
            continue
        played = characters if len(titles) == 1 else characters[place : place + 1]
        yield FilmStatement(
            title=title,
            imdb_id=imdb_id if _FILM_ID.fullmatch(imdb_id) else None,
            characters=tuple(played),
        )


def _nominees(row: dict[str, str]) -> Iterator[NomineeStatement]:
    names, ids = _split(row["Nominees"]), _split(row["NomineeIds"])
    roles = find_roles(row["Name"], names)
    for place, (name, role) in enumerate(zip(names, roles, strict=True)):
        given = ids[place].split(_IDS) if place < len(ids) else []
        known = tuple(
            each for each in map(str.strip, given) if _NOMINEE_ID.fullmatch(each)
        )
        if not name and not known:
            continue
        kinds = {_KINDS[each[:2]] for each in known}
        yield NomineeStatement(
            name=name,
            kind=kinds.pop() if len(kinds) == 1 else NomineeKind.UNKNOWN,
            imdb_ids=known,
            role=role,
        )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(_LIST)] if text else []
