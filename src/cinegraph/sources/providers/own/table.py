"""
A CSV of nominations into statements; pure.

The first row names the columns, in any order and case; comma, semicolon or tab part them, whichever makes the names
known ones. Fields that hold the separator, a quote or a line break are quoted (RFC 4180). Rows may be short: what they
lack is empty.
"""

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from cinegraph.sources.providers.own.statements import Collector, OwnFile
from cinegraph.sources.providers.own.written import (
    EDITION_NAMES,
    FLAT_NAMES,
    Held,
    Nomination,
    UnreadableRowError,
    clean,
    decode,
    explain_unknown,
    pair_films,
    pair_nominees,
    refusal,
    split,
)

COLUMNS: Final = EDITION_NAMES + FLAT_NAMES
REQUIRED: Final = ("year", "category")

_DELIMITERS: Final = ",;\t"
_EXAMPLE: Final = "year,category,film,imdb_id,nominees,nominee_ids,winner"


def read_table(body: bytes) -> OwnFile:
    """
    Return what the CSV in *body* says.

    Raises:
        UndecodableError: It is no such table at all: empty, HTML, another encoding, unknown columns, no row.
    """
    text = decode(body)
    delimiter = max(_DELIMITERS, key=lambda each: _fitness(text, each))
    rows = _rows(text, delimiter)
    _, first = next(rows, (0, []))
    if isinstance(first, str):
        raise refusal(f"the names of its columns cannot be read: {first}", body)
    names = _names(first)
    if objection := _objection(names):
        raise refusal(objection, body)
    collector = Collector()
    row_count = 0
    for line, cells in rows:
        row_count += 1
        try:
            collector.add(line, *_to_given(names, cells))
        except UnreadableRowError as error:
            collector.lose(line, str(error))
    if not row_count:
        raise refusal(
            "it names columns, but has no row: write a nomination in each line below",
            body,
        )
    return collector.finish(body)


def _fitness(text: str, delimiter: str) -> tuple[int, int]:
    """Return how well a delimiter goes with the first line: known names, then names at all."""
    # Split by hand: a quote that is never closed must not hide what the line is.
    lines = (line for line in text.splitlines() if any(map(str.isalnum, line)))
    names = _names(next(lines, "").replace('"', "").split(delimiter))
    return len(set(COLUMNS).intersection(names)), len(names)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Give each row that is not blank with its first line; of one that is no CSV why."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                line,
                f"it is no CSV ({error}): close every quote, and write one within quotes twice",
            )
            continue
        if any(map(str.strip, cells)):
            yield line, cells


def _names(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns; empty ones at the end are left behind by spreadsheets."""
    names = [cell.strip().casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _objection(names: Sequence[str]) -> str:
    unknown = [name for name in names if name not in COLUMNS]
    if len(unknown) == len(names) and not any(map(_has_near, names)):
        return f"its first line does not name the columns: put a line such as {_EXAMPLE} above"
    if "" in names:
        return f"column {names.index('') + 1} has no name: give it one, or remove it"
    if unknown:
        told = ", ".join(explain_unknown(name, COLUMNS) for name in unknown)
        return f"it has unknown columns: {told}; columns are {', '.join(COLUMNS)}"
    twice = [name for name, count in Counter(names).items() if count > 1]
    if "role" in names and "roles" in names:
        twice.append("role and roles")
    if twice:
        return f"columns stand there twice: {', '.join(twice)}; remove one of them"
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        return f"it lacks the columns {', '.join(missing)}: add them"
    return ""


def _has_near(name: str) -> bool:
    return "tmdb" in name or bool(difflib.get_close_matches(name, COLUMNS, n=1))


def _to_given(
    names: Sequence[str], cells: Sequence[str] | str
) -> tuple[Held, Nomination]:
    if isinstance(cells, str):
        raise UnreadableRowError(cells)
    if any(map(str.strip, cells[len(names) :])):
        raise UnreadableRowError(
            f"{len(cells)} fields, there are {len(names)} columns: quote fields that hold the separator"
        )
    row = dict.fromkeys(COLUMNS, "") | dict(zip(names, map(clean, cells), strict=False))
    return (
        Held(row["year"], row["edition"], row["part"]),
        Nomination(
            category=row["category"],
            canonical_category=row["canonical_category"],
            films=pair_films(
                split(row["film"]), split(row["imdb_id"]), split(row["characters"])
            ),
            nominees=pair_nominees(
                split(row["nominees"]),
                split(row["nominee_ids"]),
                split(row["role"] or row["roles"]),
            ),
            winner=row["winner"],
            songs=split(row["songs"]),
            country=row["country"],
            note=row["note"],
        ),
    )
