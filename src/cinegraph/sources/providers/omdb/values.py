"""
Single values of OMDb as Python has them; what cannot be read is unknown.

The document keeps the text as it came, so a value that a later version can read is not lost.
"""

import re
from datetime import date
from typing import Final

from cinegraph.sources.providers.omdb.payloads import Scalar

LARGEST_INTEGER: Final = 2**31 - 1
LARGEST_BIGINT: Final = 2**63 - 1

_UNKNOWN: Final = frozenset({"", "n/a"})
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_WHOLE: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d+", re.ASCII)
_DATE: Final = re.compile(r"(\d{1,2}) ([a-z]{3}) (\d{4})", re.ASCII | re.IGNORECASE)
_RUNTIME: Final = re.compile(
    r"(?:(?P<hours>\d{1,5}) h)? ?(?:(?P<minutes>[\d,]{1,9}) min)?", re.ASCII
)
_SCORE: Final = re.compile(r"(\d+(?:\.\d+)?)(?:%|/(\d+))?", re.ASCII)


def to_text(value: Scalar) -> str | None:
    """The text without white space around it; "N/A" and nothing are unknown."""
    if value is None:
        return None
    text = str(value).strip()
    return None if text.lower() in _UNKNOWN else text


def to_whole(value: Scalar, *, smallest: int = 0, largest: int) -> int | None:
    """A whole number such as "100,446" within the range."""
    text = to_text(value)
    if text is None or not _WHOLE.fullmatch(text):
        return None
    number = int(text.replace(",", ""))
    return number if smallest <= number <= largest else None


def to_dollars(value: Scalar) -> int | None:
    """US dollars from "$1,234,567"; 0 and other currencies are unknown."""
    text = to_text(value)
    if text is None or not text.startswith("$"):
        return None
    return to_whole(text[1:], smallest=1, largest=LARGEST_BIGINT)


def to_minutes(value: Scalar) -> int | None:
    """Minutes from "142 min", "1 h 30 min" or "2 h"."""
    text = to_text(value)
    found = _RUNTIME.fullmatch(text) if text else None
    if found is None:
        return None
    minutes = to_whole(found["minutes"], largest=LARGEST_INTEGER) or 0
    total = int(found["hours"] or 0) * 60 + minutes
    return total if 1 <= total <= LARGEST_INTEGER else None


def to_date(value: Scalar) -> date | None:
    """A date from "06 Feb 1921"; months are English whatever the locale."""
    text = to_text(value)
    found = _DATE.fullmatch(text) if text else None
    if found is None or found[2].lower() not in _MONTHS:
        return None
    try:
        return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        return None


def to_score(value: Scalar, *, best: int, smallest: float = 0.0) -> float | None:
    """A score on *smallest* to *best* from "8.3", "8.3/10", "91%" or "74/100"; another scale is unknown."""
    text = to_text(value)
    found = _SCORE.fullmatch(text) if text else None
    if found is None or (found[2] is not None and int(found[2]) != best):
        return None
    score = float(found[1])
    return score if smallest <= score <= best else None
