"""
Bodies in files: one JSON object a file, one a line, or an array of them; each also gzipped.

A body keeps the bytes it has in its file. A file that is broken somewhere gives what stands before and after.
"""

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from cinegraph.errors import UsageError

SUFFIXES = (".json", ".jsonl", ".ndjson")
"""Of files in a folder, also with `.gz` behind; a file that is named by itself may be called anything."""
_MAGIC = b"\x1f\x8b"


class FoundBody(msgspec.Struct, frozen=True):
    """A body and where it stands."""

    path: Path
    line: int | None
    """Counted from 1; None where the file is one body, or an array."""
    item: int | None
    """Of an array, counted from 1."""
    body: bytes
    modified_at: datetime
    """Of its file."""


class _Piece(NamedTuple):
    """A body within a file."""

    body: bytes
    line: int | None = None
    item: int | None = None


class BadInput(msgspec.Struct, frozen=True):
    """Something that could not be loaded."""

    path: str
    line: int | None
    reason: str


def find_files(place: Path) -> tuple[list[Path], int]:
    """
    Return the files to read below *place*, by name, and how many others there are that look like none.

    Raises:
        UsageError: There is no such place, or nothing to read in it.
    """
    if place.is_file():
        return [place], 0
    if not place.is_dir():
        raise UsageError(
            f"there is no file or folder {place}",
            hint="Give a folder with JSON files, or one file.",
        )
    found = sorted(path for path in place.rglob("*") if path.is_file())
    visible = [
        path
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(place).parts)
    ]
    wanted = [
        path
        for path in visible
        if path.name.lower().removesuffix(".gz").endswith(SUFFIXES)
    ]
    if not wanted:
        raise UsageError(
            f"{place} holds no JSON",
            hint=f"Files are read whose names end in {', '.join(SUFFIXES)}, also with .gz.",
        )
    return wanted, len(visible) - len(wanted)


def read_bodies(path: Path) -> Iterator[FoundBody | BadInput]:
    """Give the bodies of a file in its order; where it cannot be read, say so and go on as far as possible."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(len(_MAGIC)) == _MAGIC
            raw.seek(0)
            modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_packed else raw  # type: ignore[assignment]
            for found in _bodies(stream):
                if isinstance(found, str):
                    yield BadInput(str(path), None, found)
                else:
                    yield FoundBody(
                        path, found.line, found.item, found.body, modified_at
                    )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield BadInput(str(path), None, f"cut or damaged gzip ({error})")
    except OSError as error:
        yield BadInput(str(path), None, f"cannot be read ({error.strerror or error})")


def _bodies(stream: IO[bytes]) -> Iterator[_Piece | str]:
    """Give each body with its line, or a reason why there is none."""
    number, first = 0, b""
    for raw in stream:
        number += 1
        if first := raw.strip():
            break
    if not first:
        yield "the file is empty"
    elif _is_object(first):
        yield from _lines(stream, number, first)
    else:
        yield from _whole(first + b"\n" + stream.read(), number)


def _lines(stream: IO[bytes], number: int, first: bytes) -> Iterator[_Piece]:
    """Give a body a line; a file of one line is one body."""
    held, is_alone = _Piece(first, number), True
    for raw in stream:
        number += 1
        if line := raw.strip():
            yield held
            held, is_alone = _Piece(line, number), False
    yield _Piece(first) if is_alone else held


def _whole(content: bytes, number: int) -> Iterator[_Piece | str]:
    """Give what a file holds that does not begin with a line of its own."""
    content = content.strip()
    try:
        msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield from _broken(content, number, str(error))
        return
    if not content.startswith(b"["):
        yield _Piece(content)
        return
    elements = msgspec.json.decode(content, type=list[msgspec.Raw])
    for item, element in enumerate(elements, start=1):
        yield _Piece(bytes(element), item=item)


def _broken(content: bytes, number: int, reason: str) -> Iterator[_Piece | str]:
    """Give the lines of what is no JSON as a whole, where some line is."""
    lines = [line.strip() for line in content.splitlines()]
    if any(map(_is_object, lines)):
        for place, line in enumerate(lines, start=number):
            if line:
                yield _Piece(line, place)
    elif b'"imdbID"' in content:
        # Some of OMDb's plots break JSON; its own decoder mends what can be mended.
        yield _Piece(content)
    else:
        is_markup = content.startswith(b"<")
        yield "HTML, not JSON" if is_markup else f"not JSON ({reason})"


def _is_object(line: bytes) -> bool:
    """Whether a line is one body; also one that OMDb has broken."""
    if not (line.startswith(b"{") and line.endswith(b"}")):
        return False
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b'"imdbID"' in line
    return True
