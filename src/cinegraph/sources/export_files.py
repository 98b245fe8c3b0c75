"""
A daily list as a file: whole lines out of gzip, block by block, or the refusal of all of it.

Nothing of a list may count before its last byte is seen, because a list that was cut is valid up to the cut. Whoever
reads one writes what it says in a transaction that a refusal rolls back.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from cinegraph.errors import Disposition, SourceError
from cinegraph.records.export import ExportRecord
from cinegraph.sources.downloads import ExportFile

LONGEST_LINE_BYTES: Final = 64 * 1024
"""The longest title of TMDB has some hundred characters; a line beyond this is none, and would grow without bound."""

_MIB = 1024 * 1024
_READ_BYTES = 256 * 1024
_BLOCK_BYTES = _MIB
"""Of text at once: some 10,000 lines, which make one batch."""
_GZIP = 31
"""zlib's `wbits` for gzip with its header and checksum."""
_MAGIC = b"\x1f\x8b"
_QUOTED_BYTES = 40


class ExportRefusedError(SourceError):
    """A daily list is not what it should be: cut, damaged, foreign or implausible. None of it counts."""

    code = "export_refused"
    disposition = Disposition.RETRY

    def __init__(self, reason: str, *, source: str, endpoint: str) -> None:
        super().__init__(
            f"the list is refused: {reason}",
            source=source,
            endpoint=endpoint,
            hint="Yesterday's list stays; the next attempt downloads this one anew.",
        )
        self.reason = reason


type Refuse = Callable[[str], ExportRefusedError]


def refusing(source: str, endpoint: str) -> Refuse:
    """Return what makes a reason the refusal of a list of *source*."""
    return partial(ExportRefusedError, source=source, endpoint=endpoint)


def describe(path: Path, file: ExportFile, *, fetched_at: datetime) -> ExportRecord:
    """Return what is kept of the downloaded *file* at *path*."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    return ExportRecord(
        listed_on=file.day,
        size_bytes=path.stat().st_size,
        sha256=digest,
        fetched_at=fetched_at,
    )


def read_blocks(path: Path, refuse: Refuse, *, largest_bytes: int) -> Iterator[bytes]:
    """
    Give the text of the gzip file at *path* in blocks of whole lines, about a MiB each; memory stays bounded.

    Args:
        path: The whole file.
        refuse: Makes the error.
        largest_bytes: What it may decompress to.

    Raises:
        ExportRefusedError: It is no gzip, damaged, cut or too large; also after blocks were given.
    """
    rest, total = b"", 0
    for text in _inflate(path, refuse):
        total += len(text)
        if total > largest_bytes:
            raise refuse(f"it decompresses to more than {largest_bytes:,} bytes")
        end = text.rfind(b"\n") + 1
        if end:
            yield rest + text[:end]
            rest = text[end:]
        else:
            rest += text
        if len(rest) > LONGEST_LINE_BYTES:
            raise refuse(f"it has a line of more than {LONGEST_LINE_BYTES:,} bytes")
    if rest:
        yield rest


def _inflate(path: Path, refuse: Refuse) -> Iterator[bytes]:
    """Decompress; several gzip members in one file are one text, as gzip defines it."""
    inflater = zlib.decompressobj(_GZIP)
    with path.open("rb") as stream:
        head = stream.read(_READ_BYTES)
        if not head.startswith(_MAGIC):
            raise refuse(_describe_no_gzip(head, path.stat().st_size))
        pending = head
        while True:
            if inflater.eof and pending:
                if not pending.startswith(_MAGIC):
                    raise refuse("something follows after the end of the gzip")
                inflater = zlib.decompressobj(_GZIP)
            text, pending = _inflate_some(inflater, pending, refuse)
            if text:
                yield text
            pending = pending or stream.read(_READ_BYTES)
            if not pending and (inflater.eof or not text):
                break
        if not inflater.eof:
            raise refuse(f"the gzip ends in the middle, at byte {stream.tell():,}")


def _inflate_some(
    inflater: "zlib._Decompress", pending: bytes, refuse: Refuse
) -> tuple[bytes, bytes]:
    """At most a block of text, and the input that is not used yet."""
    try:
        text = inflater.decompress(pending, _BLOCK_BYTES)
    except zlib.error as error:
        raise refuse(f"the gzip is damaged ({_tail(str(error))})") from None
    return text, inflater.unconsumed_tail or inflater.unused_data


def _tail(text: str) -> str:
    """The words of "Error -3 while decompressing data: incorrect data check" that mean something."""
    return text.rpartition(": ")[2]


def _describe_no_gzip(head: bytes, size_bytes: int) -> str:
    if not size_bytes:
        return "it is empty"
    start = head.lstrip()[:_QUOTED_BYTES]
    if start.startswith(b"<"):
        what = "HTML or XML"
    else:
        quoted = start.decode("ascii", "backslashreplace")
        what = f"something that begins with {quoted!r}"
    return f"it is no gzip file but {what} ({size_bytes:,} bytes)"
