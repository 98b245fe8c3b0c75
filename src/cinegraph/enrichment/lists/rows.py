"""Rows of lists out of tables and JSON, each with where it stands; pure. What a row says, `columns` reads."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from cinegraph.enrichment.lists.columns import (
    Entry,
    RowError,
    find_columns,
    find_doubt,
    find_imdb_id,
    is_heading,
    read_row,
)
from cinegraph.enrichment.lists.ids import read_imdb_id, read_tmdb_id

_SEPARATORS: Final = (",", ";", "\t", "|")
_MOST_PREAMBLE: Final = 60
"""Lines before the names of the columns: Letterboxd puts a description there, which may have several."""
_MOST_HEAD: Final = 1024 * 1024
"""Letters in which these lines are looked for: once for each separator, and a body has up to 32 times as many."""
_MOST_TOLD: Final = 200
"""Letters of a line that is no heading."""
_HOLDERS: Final = ("items", "results", "films", "movies", "entries", "list", "data")
"""Where JSON keeps the films, where it is not a list itself."""
_SIGNS_OF_TMDB: Final = frozenset(
    {"media_type", "original_title", "vote_count", "poster_path", "genre_ids"}
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


MOST_ROWS: Final = 50_000
"""Five for each film that a list holds: series, episodes and repeats are among them. A body of the largest size may
have millions, each some 10 µs to read, and is refused after these."""


class NoListError(ValueError):
    """A text that is no list at all; the message says why."""


class Row(msgspec.Struct, frozen=True):
    """A row that is not read yet."""

    where: str
    """For a person, such as `line 3`."""
    cells: Mapping[str, str]
    columns: Mapping[str, str]
    """By name the field, as `find_columns` returns."""
    is_tmdb: bool = False
    """Whether it is TMDB's own, and a number its id."""

    def read(self) -> Entry:
        """Return what it says; see `columns.read_row`."""
        if not self.columns and len(self.cells) == 1:
            return _read_bare(*self.cells.values())
        return read_row(self.cells, self.columns, is_tmdb=self.is_tmdb)

    def find_doubt(self) -> str | None:
        """Return what of it makes no sense though it names a film; see `columns.find_doubt`."""
        return find_doubt(self.cells, self.columns)


def read_table(text: str) -> Iterator[Row]:
    """
    Give the rows of a table, its separator and the line with the names of its columns found.

    A text without such a line has an IMDb id in each.

    Raises:
        NoListError: There is neither.
    """
    separator, heading, first_line = _find_heading(text)
    if heading is None:
        return _read_unnamed(text, separator)
    columns = find_columns(heading)
    return _read_rows(text, separator, heading, columns, first_line)


def read_json(text: str) -> Iterator[Row]:
    """
    Give the rows of a JSON list, of objects or of bare ids.

    Raises:
        NoListError: It is no JSON, cut, or without a list.
    """
    try:
        told = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        told = _read_json_lines(text)
        if told is None:
            where = (
                f" at line {error.lineno:,}, column {error.colno:,}"
                if isinstance(error, json.JSONDecodeError)
                else ""
            )
            raise NoListError(f"it is broken or cut JSON{where}") from error
    items = _find_items(told)
    return (_to_row(number, item) for number, item in enumerate(items, 1))


def _find_heading(text: str) -> tuple[str, Sequence[str] | None, int]:
    """Return separator, names of the columns (None: no line names any), and the number of the line after them."""
    for separator in _SEPARATORS:
        for line, cells in _head(text, separator):
            if is_heading(find_columns(cells)):
                return separator, cells, line
    for separator in _SEPARATORS:
        above: tuple[int, list[str]] = (0, [])
        for line, cells in _head(text, separator):
            if find_imdb_id(cells):
                # What stands above the first id names the columns, whatever it calls them.
                last, names = above
                has_names = len(names) == len(cells)
                return separator, names if has_names else None, last
            above = (line, cells)
    first = text.lstrip()[:_MOST_HEAD].splitlines()[0].strip().strip('"')
    if is_heading(find_columns([first])):
        return _SEPARATORS[0], [first], 1 + text[: text.index(first)].count("\n")
    if first.startswith(("tt", "http")) and read_imdb_id(first):
        return _SEPARATORS[0], None, 0
    raise NoListError(
        f"no line names a column of ids, or title and year; the first one is: {first[:_MOST_TOLD]}"
    )


def _head(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give the first rows of a table, each with the number of its last line."""
    head = io.StringIO(text[:_MOST_HEAD], newline="")
    reader = csv.reader(head, delimiter=separator)
    try:
        for cells in islice(reader, _MOST_PREAMBLE):
            if len(cells) > 1:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        return


def _read_rows(
    text: str,
    separator: str,
    heading: Sequence[str],
    columns: Mapping[str, str],
    first_line: int,
) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise NoListError(f"line {line:,}: {error}") from error
        if line <= first_line or not any(cell.strip() for cell in cells):
            continue
        told = dict(zip(heading, cells, strict=False))
        yield Row(f"line {line:,}", told, columns)


def _read_unnamed(text: str, separator: str) -> Iterator[Row]:
    """Give the rows of a table without names of columns: an id in each, alone or not."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.replace('"', "").split(separator)
        told = {str(n): cell.strip() for n, cell in enumerate(cells) if cell.strip()}
        if told:
            yield Row(f"line {number:,}", told, {})


def _read_bare(text: str) -> Entry:
    """Return the film of an id that stands alone: IMDb's begins with tt, a number is TMDB's."""
    if text.startswith(("tt", "http")):
        imdb_id = read_imdb_id(text)
        if imdb_id is not None:
            return Entry(imdb_id=imdb_id)
    tmdb_id = read_tmdb_id(text)
    if tmdb_id is None:
        raise RowError(f"{text[:40]!r} is no id of a film")
    return Entry(tmdb_id=tmdb_id)


def _read_json_lines(text: str) -> list[Any] | None:
    """Return the objects of a text with one a line; None: it is none."""
    lines = text.strip().splitlines()
    if len(lines) == 1:
        return None
    try:
        # One more than are too many: whoever counts them sees that.
        return [
            json.loads(line, strict=False)
            for line in islice(filter(str.strip, lines), MOST_ROWS + 1)
        ]
    except (ValueError, RecursionError):
        return None


def _find_items(told: object) -> list[Any]:
    if isinstance(told, list):
        return told
    if isinstance(told, dict):
        for name in _HOLDERS:
            if isinstance(held := told.get(name), list):
                return held
        lists = [value for value in told.values() if isinstance(value, list)]
        if len(lists) == 1:
            return list(lists[0])
    raise NoListError(
        f"it is JSON without a list of films; a list is looked for under {', '.join(_HOLDERS)}"
    )


def _to_row(number: int, item: object) -> Row:
    where = f"item {number:,}"
    if not isinstance(item, dict):
        return Row(where, {"": _text(item)}, {})
    cells = {str(name): _text(value) for name, value in item.items()}
    ids = item.get("ids")
    if isinstance(ids, dict):
        # As Trakt nests them: {"ids": {"imdb": …, "tmdb": …}}.
        cells |= {f"{name}_id": _text(value) for name, value in ids.items()}
    is_tmdb = not _SIGNS_OF_TMDB.isdisjoint(cells)
    return Row(where, cells, find_columns(cells), is_tmdb)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", str(value).replace("\0", ""))
