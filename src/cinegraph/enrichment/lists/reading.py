"""
Bodies of lists, whatever they are: a table, JSON, an export of IMDb or Letterboxd, an answer of TMDB; pure.

What a body is, is told by its content, not by its name. A row that names no film is told with its line and left out;
then nobody counts as having left, for the row may be theirs.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cinegraph.enrichment.lists.columns import Entry, OtherKindError, RowError
from cinegraph.enrichment.lists.rows import (
    MOST_ROWS,
    NoListError,
    Row,
    read_json,
    read_table,
)
from cinegraph.errors import CinegraphError, Disposition

LARGEST_BYTES: Final = 32 * 1024 * 1024
"""Decompressed: 10,000 films with all that IMDb exports take a tenth of it."""
MOST_FILMS: Final = 10_000
"""More is a catalogue, not a list: a place among so many is no honour, and a job a film would fill the queues."""
MOST_BAD_SHARE: Final = 0.5
"""Of the rows: where more name no film, it is another kind of file."""
MOST_TOLD: Final = 20
"""Rows that could not be read, of which the line is kept."""
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class UnreadableListError(CinegraphError):
    """What came is no list: a web page, cut, empty of ids, broken; nothing of it is taken."""

    code = "unreadable_list"
    disposition = Disposition.FAIL


class EmptyListError(CinegraphError):
    """A list without a film: most are private then, so it takes nobody away."""

    code = "empty_list"
    disposition = Disposition.FAIL


class ListFile(msgspec.Struct, frozen=True):
    """What a body says."""

    entries: tuple[Entry, ...]
    """Each film once, in the order of the source."""
    remarks: tuple[str, ...] = ()
    """What could not be read, for a person: line, column, reason."""
    bad: int = 0
    """Rows that name no film; of more than `MOST_TOLD` only the number is told."""
    twice: int = 0
    """Rows that name a film again."""
    others: int = 0
    """Rows that name a series or a person."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it could be read: only then may somebody be missing in it."""
        return not self.bad


def read_list(body: bytes, *, is_ranked: bool) -> ListFile:
    """
    Return what a body says.

    Args:
        is_ranked: Whether the order of the rows is their rank, where they have no column for it.

    Raises:
        UnreadableListError: It is no list; the message says what it was taken for.
        EmptyListError: It is a list of nothing.
    """
    text, guessed = _decode(_unpack(body))
    begins = text.lstrip()[:1]
    if not begins:
        raise _nothing("it is empty")
    if begins == "<":
        raise UnreadableListError(
            "what came is a web page, not a list",
            hint="Export the list as CSV, and give the file: --file FILE. A private list shows a page too.",
        )
    try:
        rows = read_json(text) if begins in {"[", "{"} else read_table(text)
        told = collect(rows, is_ranked=is_ranked)
    except NoListError as error:
        raise UnreadableListError(str(error), hint=_HINT) from error
    return msgspec.structs.replace(told, remarks=(*guessed, *told.remarks))


def read_pages(
    bodies: Sequence[bytes], *, is_ranked: bool, claimed: int | None = None
) -> ListFile:
    """
    Return what the pages of a list say, in their order.

    Args:
        claimed: How many rows there are, as the source says: where there are fewer, nobody counts as having left.

    Raises:
        UnreadableListError: They are no list.
        EmptyListError: They are a list of nothing.
    """
    try:
        rows = [row for body in bodies for row in read_json(_decode(body)[0])]
    except NoListError as error:
        raise UnreadableListError(str(error), hint=_HINT) from error
    told = collect(rows, is_ranked=is_ranked)
    lacking = (claimed or 0) - len(rows)
    if lacking <= 0:
        return told
    remark = f"the source says that there are {claimed:,}, and shows {len(rows):,}"
    return msgspec.structs.replace(
        told, bad=told.bad + lacking, remarks=(*told.remarks, remark)
    )


_HINT: Final = (
    "Give CSV or JSON with a column imdb_id or tmdb_id, or title and year, or an export of IMDb or Letterboxd"
    " (docs/guides/lists-of-your-own.md)."
)


def collect(rows: Iterable[Row], *, is_ranked: bool) -> ListFile:
    """
    Return the films of rows, each once, at its first place.

    Raises:
        UnreadableListError: Most rows name no film, or there are too many: then no further one is read.
        EmptyListError: No row names anything.
    """
    entries: dict[str, Entry] = {}
    bad: list[str] = []
    doubts: list[str] = []
    twice = others = 0
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise _catalogue(f"more than {MOST_ROWS:,} rows")
        try:
            entry = row.read()
        except RowError as error:
            bad.append(f"{row.where}: {error}")
            continue
        except OtherKindError:
            others += 1
            continue
        if entry.key in entries:
            twice += 1
        else:
            entries[entry.key] = entry
        if doubt := row.find_doubt():
            doubts.append(f"{row.where}: {doubt}")
    _check(entries, bad)
    found = tuple(entries.values())
    if is_ranked and all(entry.position is None for entry in found):
        found = tuple(
            msgspec.structs.replace(entry, position=place)
            for place, entry in enumerate(found, 1)
        )
    remarks = (*_tell(bad), *_tell(doubts))
    return ListFile(found, remarks, len(bad), twice, others)


def _check(entries: dict[str, Entry], bad: list[str]) -> None:
    if not entries and not bad:
        raise _nothing("it names no film")
    if len(bad) > MOST_BAD_SHARE * (len(bad) + len(entries)):
        raise UnreadableListError(
            f"{len(bad):,} of {len(bad) + len(entries):,} rows name no film: {'; '.join(bad[:3])}",
            hint=_HINT,
        )
    if len(entries) > MOST_FILMS:
        raise _catalogue(f"{len(entries):,} films")


def _catalogue(what: str) -> UnreadableListError:
    return UnreadableListError(
        f"it names {what}, and a list holds at most {MOST_FILMS:,} films",
        hint="Give the list alone, not a catalogue.",
    )


def _nothing(reason: str) -> EmptyListError:
    hint = "Is it private, or was it not saved whole? Its members stay as they were."
    return EmptyListError(reason, hint=hint)


def _tell(bad: list[str]) -> Iterable[str]:
    yield from bad[:MOST_TOLD]
    if len(bad) > MOST_TOLD:
        yield f"{len(bad) - MOST_TOLD:,} more rows"


def _unpack(body: bytes) -> bytes:
    if body.startswith(_ZIP):
        raise UnreadableListError(
            "it is a zip archive or a spreadsheet",
            hint="Save the spreadsheet as CSV UTF-8; of an archive give the file of the list in it.",
        )
    if body.startswith(_GZIP):
        body = _inflate(body)
    if len(body) > LARGEST_BYTES:
        raise UnreadableListError(
            f"it is larger than {LARGEST_BYTES // 1024 // 1024} MiB",
            hint="Give the list alone.",
        )
    if not body.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise _nothing("it is empty")
    return body


def _inflate(body: bytes) -> bytes:
    """Return what gzip holds, of several members one after the other; no more than is too much."""
    text, rest = b"", body
    while rest.startswith(_GZIP) and len(text) <= LARGEST_BYTES:
        inflater = zlib.decompressobj(31)
        try:
            text += inflater.decompress(rest, LARGEST_BYTES + 1 - len(text))
        except zlib.error as error:
            raise UnreadableListError(
                f"broken gzip ({error})", hint="Fetch or save it again."
            ) from error
        if len(text) <= LARGEST_BYTES and not inflater.eof:
            raise UnreadableListError("the gzip is cut", hint="Fetch or save it again.")
        rest = inflater.unused_data
    return text


def _decode(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a body, and a remark where its encoding is guessed."""
    if body.startswith(_UTF16):
        return body.decode("utf-16", "replace").replace("\0", ""), ()
    # NUL is nobody's letter, and PostgreSQL's text cannot hold it.
    body = body.replace(b"\0", b"")
    try:
        return body.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        told = f"line {line:,} is not UTF-8: the file is read as Windows-1252"
        return body.decode("cp1252", "replace"), (told,)
