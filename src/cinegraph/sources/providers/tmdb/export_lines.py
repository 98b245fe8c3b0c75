"""The lines of an export: all of them films, each once, or the refusal of the whole."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.records.export import ListedMovieRecord, PlausibleLines
from cinegraph.sources.decoding import BodyDecoder
from cinegraph.sources.export_files import Refuse, read_blocks, refusing
from cinegraph.sources.providers.tmdb.exports import ENDPOINT, TmdbExportsSettings
from cinegraph.sources.providers.tmdb.payloads import LARGEST_ID
from cinegraph.sources.seen_numbers import SeenNumbers

_DEFAULTS: Final = TmdbExportsSettings()
_PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")
_ESCAPED_NUL = b"\\u0000"
_LONGEST_QUOTE = 60


class _Line(
    ListedMovieRecord,
    gc=False,
    rename={"tmdb_id": "id", "is_adult": "adult", "is_video": "video"},
):
    """
    A line as it is written, which is the record itself: nothing is built twice for 1.24 million of them.

    A field that TMDB adds one day is passed over; a line of people, series or collections lacks some of these.
    """

    tmdb_id: Annotated[int, Meta(ge=1, le=LARGEST_ID)]
    popularity: Annotated[float, Meta(ge=0, le=sys.float_info.max)]
    is_adult: bool
    is_video: bool
    original_title: str


_decode_lines = msgspec.json.Decoder(_Line).decode_lines
_carefully = BodyDecoder(_Line, source=_DEFAULTS.source, endpoint=ENDPOINT)


def read_movies(
    path: Path,
    plausible: PlausibleLines,
    *,
    settings: TmdbExportsSettings = _DEFAULTS,
) -> Iterator[list[ListedMovieRecord]]:
    """
    Give the films of the export at *path* in batches of some 10,000.

    Blocks while it works: take its batches in a thread. What it gave counts only when it ends without an error.

    Args:
        path: A downloaded file.
        plausible: How many lines there may be.
        settings: How large it may be.

    Raises:
        ExportRefusedError: With a reason for a person: the gzip is cut or damaged, a line is not a film, a film
            stands in it twice, or the number of lines is implausible.
    """
    refuse = refusing(settings.source, ENDPOINT)
    seen, lines = SeenNumbers(), 0
    for block in read_blocks(path, refuse, largest_bytes=settings.max_body_bytes):
        films = _decode(block, lines + 1, refuse)
        _check_new(films, seen, lines + 1, refuse)
        lines += len(films)
        yield films
    if reason := plausible.objection(lines):
        raise refuse(reason)


def _decode(block: bytes, first_line: int, refuse: Refuse) -> list[ListedMovieRecord]:
    if _ESCAPED_NUL not in block:
        try:
            films: list[ListedMovieRecord] = list(_decode_lines(block))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        else:
            # Two films on one line, or none, are no lines of films.
            if len(films) == block.count(b"\n") + (not block.endswith(b"\n")):
                return films
    return [
        _decode_line(line, number, refuse)
        for number, line in enumerate(block.splitlines(), first_line)
    ]


def _decode_line(line: bytes, number: int, refuse: Refuse) -> ListedMovieRecord:
    """One film, its title storable, or why the line is none."""
    try:
        return _carefully.decode(line)
    except UndecodableError:
        reason = "not JSON" if line.strip() else "it is empty"
    except PayloadError as error:
        reason = f"{_PLACE.sub('', error.message.partition(': ')[2])}"
    quoted = line[:_LONGEST_QUOTE].decode("utf-8", "backslashreplace")
    raise refuse(f"line {number:,} is not a film: {reason} ({quoted!r})")


def _check_new(
    films: list[ListedMovieRecord], seen: SeenNumbers, first_line: int, refuse: Refuse
) -> None:
    try:
        place = seen.find_repeated(film.tmdb_id for film in films)
    except OverflowError:
        raise refuse("its ids are spread out as those of no list of films") from None
    if place is not None:
        raise refuse(
            f"line {first_line + place:,} names film {films[place].tmdb_id} again"
        )
