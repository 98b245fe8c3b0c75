"""
What columns of lists are called, and what a row of them says; pure.

Names are compared without case, spaces and punctuation: "IMDb ID", imdb_id and imdbId are one.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.enrichment.lists.ids import is_imdb_id, read_imdb_id, read_tmdb_id
from cinegraph.festivals.likeness import fold

MOST_LETTERS: Final = 500
"""Of a title: more is a file that lost its separators."""
_FIRST_YEAR: Final = 1870
_LAST_YEAR: Final = 2200
_POSITION_DIGITS: Final = 6
_NOTHING: Final = frozenset({"-", "–", "?", "n/a", "none", "null", "nan"})
"""How files write that there is no id."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "position": (
            "position",
            "rank",
            "pos",
            "ranking",
            "criticrank",
            "criticsrank",
            "place",
            "number",
            "no",
            "nr",
            "#",
        ),
        "imdb": (
            "imdbid",
            "imdb",
            "const",
            "tconst",
            "imdbconst",
            "imdbtitleid",
            "imdburl",
            "imdblink",
        ),
        "tmdb": (
            "tmdbid",
            "tmdb",
            "tmdbmovieid",
            "themoviedbid",
            "moviedbid",
            "tmdburl",
            "tmdblink",
        ),
        "id": ("id", "ids", "externalid", "movieid", "filmid", "titleid", "ttid"),
        "address": ("url", "link", "uri", "href"),
        "title": (
            "title",
            "name",
            "film",
            "movie",
            "filmtitle",
            "movietitle",
            "filmname",
            "primarytitle",
            "seriestitle",
            "originaltitle",
        ),
        "year": (
            "year",
            "releaseyear",
            "filmyear",
            "yearofrelease",
            "releasedyear",
            "releasedate",
        ),
        "type": ("mediatype",),
    }
)
"""By field, what its column may be called; of several columns of one field the one that is named first here counts."""
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names}
IDS: Final = frozenset({"imdb", "tmdb", "id"})
_NOT_FILMS: Final = frozenset({"tv", "person"})
"""TMDB's numbers of series are films of other names."""
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_ARTICLE: Final = re.compile(
    r"^(.+), (the|an?|der|die|das|les?|la|l'|los|las|el|il|lo|gli|i|une?)$",
    re.IGNORECASE,
)
"""As catalogues sort titles: "Godfather, The"."""
_DIGITS: Final = re.compile(r"\d+", re.ASCII)
_NEGATIVE: Final = re.compile(r"\W*?[-\N{MINUS SIGN}\N{EN DASH}]\s*\d")
"""Such as -5 or #-5; what merely holds a dash, such as 5-10, is read as its first number."""
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A film as a list names it; an id, or else a title."""

    position: int | None = None
    imdb_id: str | None = None
    tmdb_id: int | None = None
    title: str | None = None
    year: int | None = None

    @property
    def folded(self) -> str | None:
        """By what it is found where it has no id; None: there is no title, or nothing but signs."""
        if not self.title:
            return None
        return fold(_ARTICLE.sub(r"\2 \1", self.title)) or None

    @property
    def key(self) -> str:
        """What tells it from the others of its list."""
        if self.imdb_id or self.tmdb_id:
            return self.imdb_id or str(self.tmdb_id)
        return f"{self.folded} ({self.year or '?'})"


class RowError(ValueError):
    """A row that names no film; the message says which column and what stands there."""


class OtherKindError(ValueError):
    """A row that names a series or a person."""


def find_columns(names: Iterable[str]) -> dict[str, str]:
    """Return by the name of a column the field that it holds, of those that are known."""
    found: dict[str, tuple[int, str]] = {}
    for name in names:
        plain = _plain(name)
        field = _FIELD_OF.get(plain)
        if field is None:
            continue
        rank = _NAMES[field].index(plain)
        if field not in found or rank < found[field][0]:
            found[field] = (rank, name)
    return {name: field for field, (_, name) in found.items()}


def is_heading(columns: Mapping[str, str]) -> bool:
    """Whether columns are those of a list: an id, or a title with a year or position."""
    fields = set(columns.values())
    return bool(fields & IDS) or (
        "title" in fields and bool(fields & {"year", "position"})
    )


def read_row(
    cells: Mapping[str, str], columns: Mapping[str, str], *, is_tmdb: bool = False
) -> Entry:
    """
    Return what a row says.

    Args:
        cells: By name of the column; empty where nothing stands.
        columns: As `find_columns` returns.
        is_tmdb: Whether numbers in a column "id" are TMDB's, as in its own answers.

    Raises:
        RowError: It names no film.
        OtherKindError: It names something else, by TMDB's word.
    """
    named = {field: name for name, field in columns.items()}
    told = {field: cells.get(name, "").strip() for field, name in named.items()}
    if told.get("type", "").casefold() in _NOT_FILMS:
        raise OtherKindError(told["type"])
    imdb_id, tmdb_id = _read_ids(told, is_tmdb=is_tmdb)
    if imdb_id is None and tmdb_id is None:
        # Whatever its column is called: nothing else looks like IMDb's ids.
        imdb_id = find_imdb_id(cells.values())
    entry = Entry(
        position=_read_position(told.get("position", "")),
        imdb_id=imdb_id,
        tmdb_id=tmdb_id,
        title=told.get("title") or None,
        year=_read_year(told.get("year", "")),
    )
    if len(entry.title or "") > MOST_LETTERS:
        raise RowError(
            f"column {named['title']}: a title of {len(entry.title or ''):,} letters: is a separator missing?"
        )
    if imdb_id is None and tmdb_id is None:
        _require_title(entry, told, named)
    return entry


def find_doubt(cells: Mapping[str, str], columns: Mapping[str, str]) -> str | None:
    """Return what of a row that names a film makes no sense, and is left out: a place below zero; None: nothing."""
    for name, field in columns.items():
        text = cells.get(name, "").strip()
        if field == "position" and _NEGATIVE.match(text):
            return f"column {name}: {text[:40]!r} is no place, the film is taken without one"
    return None


def find_imdb_id(cells: Iterable[str]) -> str | None:
    """Return the first cell that is an IMDb id and nothing else; None: none is."""
    return next((cell.strip() for cell in cells if is_imdb_id(cell.strip())), None)


def _read_ids(
    told: Mapping[str, str], *, is_tmdb: bool
) -> tuple[str | None, int | None]:
    imdb_id = read_imdb_id(told.get("imdb", ""))
    tmdb_id = read_tmdb_id(told.get("tmdb", ""))
    for text in (told.get("id", ""), told.get("address", "")):
        if "tt" in text and imdb_id is None:
            imdb_id = read_imdb_id(text)
        elif tmdb_id is None and (is_tmdb or "themoviedb.org" in text):
            tmdb_id = read_tmdb_id(text)
    return imdb_id, tmdb_id


def _require_title(
    entry: Entry, told: Mapping[str, str], named: Mapping[str, str]
) -> None:
    """Refuse a row whose id is none, and one that has neither id nor title."""
    for field, what in (("imdb", "IMDb id"), ("tmdb", "id of a film at TMDB")):
        text = told.get(field, "")
        if text and text.casefold() not in _NOTHING:
            raise RowError(f"column {named[field]}: {text[:40]!r} is no {what}")
    if entry.folded is not None:
        return
    if text := told.get("id", ""):
        raise RowError(
            f"column {named['id']}: {text[:40]!r} is no IMDb id; a column of TMDB's ids is to be called tmdb_id"
        )
    raise RowError("it has neither an id nor a title")


def _read_position(text: str) -> int | None:
    """Return a place such as 1, #1, 1. or =5; none for one below 1, see `find_doubt`."""
    found = _DIGITS.search(text.replace(",", ""))
    if found is None or _NEGATIVE.match(text) or len(found[0]) > _POSITION_DIGITS:
        return None
    return int(found[0]) or None


def _read_year(text: str) -> int | None:
    """Return a year, also out of a date."""
    found = _YEAR.search(text)
    year = int(found[0]) if found else 0
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _plain(name: str) -> str:
    return _NOT_WORDS.sub("", name.casefold()) or name.strip()
