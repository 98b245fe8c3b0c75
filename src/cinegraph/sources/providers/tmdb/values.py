"""
Single values of TMDB as Python has them; what cannot be read is unknown.

The document keeps the text as it came, so a value that a later version can read is not
lost.
"""

from datetime import UTC, date, datetime
from typing import Final

from cinegraph.sources.providers.tmdb.payloads import Number, Text

LARGEST_SMALLINT: Final = 2**15 - 1
LARGEST_INTEGER: Final = 2**31 - 1
LARGEST_BIGINT: Final = 2**63 - 1


def to_date(text: Text) -> date | None:
    """A date from "2004-11-18" or a longer ISO form; anything else is unknown."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def to_datetime(text: Text) -> datetime | None:
    """
    An aware time from any ISO form, or "2004-11-19 00:00:00 UTC"; else unknown.

    The format changed in December 2024 and clients crashed (Kometa-Team/TMDbAPIs#199).
    """
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text.removesuffix(" UTC"))
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def to_whole(value: Number, smallest: int, largest: int) -> int | None:
    """*value* as an integer within the range; anything else is unknown."""
    if value is None:
        return None
    if type(value) is float:
        if not value.is_integer():
            return None
        value = int(value)
    return int(value) if smallest <= value <= largest else None
