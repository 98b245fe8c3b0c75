"""
Reading ratings that users gave: a CSV of user, film and rating, whatever its columns are called; pure.

Films go by IMDb's or TMDB's id. A cell that cannot be read is an error that names line and column: a file that is read
half gives figures that look right.
"""

import csv
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, NoReturn

import msgspec

from cinegraph.errors import UsageError

LENGTH: Final = 20
"""So many recommendations are looked at."""
LEAST_LIKED: Final = 5
"""Of a user who likes fewer, one film held out would decide everything."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("user", "userid", "username", "member", "memberid", "reviewer", "rater"),
    "imdb": ("imdb", "imdbid", "const", "tconst", "imdbtitleid", "imdburi", "imdburl"),
    "tmdb": ("tmdb", "tmdbid", "themoviedbid", "tmdbmovieid"),
    "rating": ("rating", "yourrating", "userrating", "score", "stars", "value"),
}
"""What columns may be called, without case, spaces and signs."""
_TELLS_NOTHING: Final = ("movieid", "movie", "itemid", "filmid", "film", "id")
"""Ids of somebody's own: they are read only where they are written as IMDb's (tt…)."""
_DELIMITERS: Final = ",;\t|"
_ONE_USER: Final = "you"
_IMDB_ID = re.compile(r"(?:.*\b)?(tt\d{5,12})\b.*", re.ASCII)
_IMDB_NUMBER = re.compile(r"\d{1,12}", re.ASCII)
_TMDB_ID = re.compile(r"\d{1,10}", re.ASCII)
"""Python refuses to read numbers of thousands of digits."""
_MOST_TOLD: Final = 40
"""Letters of a cell that is complained of."""
_SCALES: Final = (1.0, 5.0, 10.0, 100.0)
_HEADER_HINT: Final = (
    "The first line names the columns: user, imdb_id or tmdb_id, rating."
)
_LIKED_SHARE: Final = 0.8
_IMDB_DIGITS: Final = 7


class RatingsError(UsageError):
    """A file of ratings cannot be read; the message names line and column."""

    code = "ratings"


class Rating(msgspec.Struct, frozen=True, gc=False):
    """What a user gave a film, which has one id at least."""

    user: str
    imdb_id: str | None
    tmdb_id: int | None
    value: float


class Ratings(msgspec.Struct, frozen=True):
    """What a file of ratings says."""

    ratings: list[Rating]
    """In the order of the file; of a user and film the last one counts."""
    without_film: int
    """Rows whose cell for the film's id is empty."""
    top: float
    """Of the scale: 1, 5, 10 or 100, the first that no rating exceeds."""

    @property
    def liked_from(self) -> float:
        """From which rating on a film counts as liked: 4 of 5 stars, 8 of 10."""
        return _LIKED_SHARE * self.top


def read(lines: Iterable[str], *, name: str) -> Ratings:
    """
    Return the ratings of a CSV file.

    Args:
        lines: Of the file, a header first; the first line may begin with a byte order mark.
        name: Of the file, for complaints.

    Raises:
        RatingsError: There is no header, a column is missing, or a cell is not what it should be.
    """
    rows = _rows(lines, name)
    _, header = next(rows, (1, []))
    if not header:
        raise RatingsError(f"{name} is empty", hint=_HEADER_HINT)
    columns = _find_columns(header, name)
    ratings: list[Rating] = []
    without_film = 0
    for line, row in rows:
        cells = _Cells(row, columns, header, f"{name}, line {line}")
        if (rating := cells.rating()) is None:
            without_film += 1
        else:
            ratings.append(rating)
    if not ratings:
        raise RatingsError(
            f"{name} holds no rating of a film", hint="It needs rows below its header."
        )
    return Ratings(ratings, without_film, _find_top(ratings, name))


def _rows(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank, each with the line on which it ends."""
    given = iter(lines)
    line = 0
    try:
        first = next(given, "").removeprefix("\ufeff")
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(chain([first], given), delimiter=delimiter, strict=True)
        for row in reader:
            line = reader.line_num
            if any(cell.strip() for cell in row):
                yield line, row
    except csv.Error as error:
        raise RatingsError(
            f"{name}, after line {line}: {error}",
            hint="A quotation mark that is opened must be closed.",
        ) from error
    except UnicodeDecodeError as error:
        raise RatingsError(
            f"{name}, after line {line}: not UTF-8", hint="Save it as UTF-8."
        ) from error


def _find_columns(header: list[str], name: str) -> dict[str, int]:
    """Return by meaning which column it is."""
    plain = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in header]
    found = {
        meaning: plain.index(one)
        for meaning, names in _NAMES.items()
        for one in reversed(names)
        if one in plain
    }
    own = [plain.index(one) for one in _TELLS_NOTHING if one in plain]
    if own and not {"imdb", "tmdb"} & found.keys():
        found["own"] = own[0]
    if not {"imdb", "tmdb", "own"} & found.keys() or "rating" not in found:
        missing = "rating" if "rating" not in found else "imdb_id or tmdb_id"
        raise RatingsError(
            f"{name}, line 1: no column {missing} among {', '.join(header)}",
            hint=_HEADER_HINT,
        )
    return found


class _Cells:
    """One row of the file."""

    def __init__(
        self, row: list[str], columns: Mapping[str, int], header: list[str], place: str
    ) -> None:
        self._row, self._columns = row, columns
        self._header, self._place = header, place

    def rating(self) -> Rating | None:
        """Return what it says; None: it names no film."""
        imdb_id, tmdb_id = self._imdb_id(), self._tmdb_id()
        if imdb_id is None and tmdb_id is None:
            return None
        user = self._cell("user") if "user" in self._columns else _ONE_USER
        if not user:
            self._complain("user", "is empty")
        # Of millions of rows a user's and a film's share one text.
        shared = None if imdb_id is None else sys.intern(imdb_id)
        return Rating(sys.intern(user), shared, tmdb_id, self._value())

    def _value(self) -> float:
        text = self._cell("rating")
        try:
            value = float(text.replace(",", ".").replace("½", ".5"))
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0:
            self._complain("rating", f"{text[:_MOST_TOLD]!r} is no rating")
        return value

    def _imdb_id(self) -> str | None:
        """Return the id in the usual form: MovieLens writes it as a bare number."""
        if "own" in self._columns:
            return self._own()
        text = self._cell("imdb")
        if not text:
            return None
        if _IMDB_NUMBER.fullmatch(text) is not None:
            return f"tt{text.zfill(_IMDB_DIGITS)}"
        if (found := _IMDB_ID.fullmatch(text)) is None:
            self._complain("imdb", f"{text[:_MOST_TOLD]!r} is no IMDb id")
        return found[1]

    def _own(self) -> str | None:
        text = self._cell("own")
        if text and (found := _IMDB_ID.fullmatch(text)) is not None:
            return found[1]
        if text:
            self._complain(
                "own",
                f"{text[:_MOST_TOLD]!r} is an id of the file's own",
                hint="Give imdb_id or tmdb_id; MovieLens has both in links.csv, by movieId.",
            )
        return None

    def _tmdb_id(self) -> int | None:
        text = self._cell("tmdb").removesuffix(".0")
        if not text:
            return None
        if _TMDB_ID.fullmatch(text) is None or not 0 < int(text) < 2**31:
            self._complain("tmdb", f"{text[:_MOST_TOLD]!r} is no TMDb id")
        return int(text)

    def _cell(self, meaning: str) -> str:
        place = self._columns.get(meaning)
        if place is None:
            return ""
        if place >= len(self._row):
            self._complain(meaning, "is missing")
        return self._row[place].strip()

    def _complain(self, meaning: str, what: str, hint: str | None = None) -> NoReturn:
        column = self._header[self._columns[meaning]].strip()
        raise RatingsError(f"{self._place}, column {column}: {what}", hint=hint)


def _find_top(ratings: list[Rating], name: str) -> float:
    highest = max(one.value for one in ratings)
    if highest > _SCALES[-1] or highest == 0:
        raise RatingsError(
            f"{name}: ratings go up to {highest:g}",
            hint="A scale ends with 1, 5, 10 or 100.",
        )
    return next(top for top in _SCALES if highest <= top)
