"""Ids of films as files write them: bare, as a number, or within an address; pure."""

import re
from typing import Final

_IMDB: Final = re.compile(r"(?:^|[/\s])(tt\d{1,10})(?:[/?#\s]|$)", re.ASCII)
_WHOLE: Final = re.compile(r"tt\d{7,10}", re.ASCII)
_TMDB_ADDRESS: Final = re.compile(r"themoviedb\.org/movie/(\d{1,10})(?!\d)", re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,10})(?:\.0)?", re.ASCII)
"""Spreadsheets write 62 as 62.0."""
LEAST_DIGITS: Final = 7
"""IMDb pads its ids to so many."""
LARGEST_TMDB_ID: Final = 2**31 - 1


def is_imdb_id(text: str) -> bool:
    """Whether a text is an IMDb id of a title as IMDb writes it."""
    return bool(_WHOLE.fullmatch(text))


def read_imdb_id(text: str) -> str | None:
    """Return an IMDb id of a title as IMDb writes it; None: it is none. Digits alone are one, as in MovieLens."""
    found = _IMDB.search(text.strip())
    digits = found[1][2:] if found else _bare_digits(text)
    if digits is None or not int(digits):
        return None
    return f"tt{digits.lstrip('0').zfill(LEAST_DIGITS)}"


def read_tmdb_id(text: str) -> int | None:
    """Return TMDB's id of a film, also out of its address; None: it is none."""
    found = _TMDB_ADDRESS.search(text)
    digits = found[1] if found else _bare_digits(text)
    if digits is None or not 1 <= int(digits) <= LARGEST_TMDB_ID:
        return None
    return int(digits)


def _bare_digits(text: str) -> str | None:
    found = _NUMBER.fullmatch(text.strip())
    return found[1] if found else None
