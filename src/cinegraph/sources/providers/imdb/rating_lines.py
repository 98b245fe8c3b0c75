"""The lines of IMDb's ratings file: all of them ratings, each title once, or the refusal of the whole."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cinegraph.records.export import ListedRatingRecord, PlausibleLines
from cinegraph.sources.export_files import Refuse, read_blocks, refusing
from cinegraph.sources.providers.imdb.client import ENDPOINT
from cinegraph.sources.providers.imdb.settings import ImdbSettings
from cinegraph.sources.seen_numbers import SeenNumbers

HEADER: Final = b"tconst\taverageRating\tnumVotes"

_DEFAULTS: Final = ImdbSettings()
_LINE = re.compile(rb"tt(\d{7,9})\t(10(?:\.0+)?|\d(?:\.\d+)?)\t(\d{1,9})", re.ASCII)
_LONGEST_QUOTE = 60


def read_ratings(
    path: Path,
    plausible: PlausibleLines,
    *,
    settings: ImdbSettings = _DEFAULTS,
) -> Iterator[list[ListedRatingRecord]]:
    """
    Give the ratings of the file at *path*, of films, series, episodes and all, in batches of some 50,000.

    Blocks while it works: take its batches in a thread. What it gave counts only when it ends without an error.

    Args:
        path: A downloaded file.
        plausible: How many lines there may be, without the header.
        settings: How large it may be.

    Raises:
        ExportRefusedError: With a reason for a person: the gzip is cut or damaged, the header or a line is another
            one, a title stands in it twice, or the number of lines is implausible.
    """
    refuse = refusing(settings.source, ENDPOINT)
    seen, lines = SeenNumbers(), 0
    for block in read_blocks(path, refuse, largest_bytes=settings.max_body_bytes):
        rows = block.splitlines()
        first_number = lines + 2
        if not lines:
            if rows.pop(0) != HEADER:
                raise refuse(f"it does not begin with the columns {HEADER.decode()!r}")
            if not rows:
                continue
        yield _decode(rows, first_number, seen, refuse)
        lines += len(rows)
    if reason := plausible.objection(lines):
        raise refuse(reason)


def _decode(
    rows: list[bytes], first_number: int, seen: SeenNumbers, refuse: Refuse
) -> list[ListedRatingRecord]:
    ratings, numbers = [], []
    for place, row in enumerate(rows):
        found = _LINE.fullmatch(row)
        if found is None:
            quoted = row[:_LONGEST_QUOTE].decode("utf-8", "backslashreplace")
            raise refuse(f"line {first_number + place:,} is not a rating ({quoted!r})")
        digits, value, votes = found.groups()
        ratings.append(
            ListedRatingRecord(f"tt{digits.decode()}", float(value), int(votes))
        )
        numbers.append(int(digits))
    try:
        place_again = seen.find_repeated(numbers)
    except OverflowError:
        raise refuse("its ids are spread out as those of no list of titles") from None
    if place_again is not None:
        number = first_number + place_again
        raise refuse(f"line {number:,} names {ratings[place_again].imdb_id} again")
    return ratings
