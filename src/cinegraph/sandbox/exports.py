"""
The daily files: TMDB's exports and IMDb's ratings, written when they are first asked for.

A file is written by a thread, in small pieces between which the event loop runs on, and
kept compressed on disk, unlinked from the start: however the process ends, nothing stays.
"""

import asyncio
import os
import tempfile
import time
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import batched
from pathlib import Path

import msgspec

from cinegraph.sandbox.drift import ExportRow

_LEVEL = 1
"""A third larger than gzip's usual level, in a third of its time."""
_ROWS_A_PIECE = 100
"""A millisecond of work: so long a request waits at most for the thread that writes."""
_KEPT_FILES = 6
"""Some 40 MB each, for all of TMDB: this week's."""
_encode = msgspec.json.Encoder().encode_lines


class _Line(msgspec.Struct, frozen=True, gc=False):
    """A line of an export, in TMDB's order of fields."""

    adult: bool
    id: int
    original_title: str
    popularity: float
    video: bool


class StoppedError(Exception):
    """The sandbox ends while a file is being written."""


class StoredFile:
    """A file without a name, gone with the last who holds it."""

    def __init__(self, folder: str | None = None) -> None:
        self._fd, name = tempfile.mkstemp(prefix="cinegraph-sandbox-", dir=folder)
        Path(name).unlink()
        weakref.finalize(self, os.close, self._fd)
        self.size = 0
        self._crc = 0
        self.seconds = 0.0
        """How long it took to write."""

    @property
    def etag(self) -> str:
        """Tell contents apart."""
        return f'"{self._crc:08x}{self.size:08x}"'

    def append(self, piece: bytes) -> None:
        """Write *piece* behind what is there."""
        os.write(self._fd, piece)
        self.size += len(piece)
        self._crc = zlib.crc32(piece, self._crc)

    def read(self, offset: int, size: int) -> bytes:
        """Give at most *size* bytes from *offset* on."""
        return os.pread(self._fd, size, offset)


class Shelf:
    """Keeps the last few files; one is written at a time, and only once."""

    def __init__(self) -> None:
        self._files: OrderedDict[Hashable, asyncio.Task[StoredFile]] = OrderedDict()
        self._writing = asyncio.Lock()
        self._is_closed = False

    async def get(
        self, key: Hashable, pieces: Callable[[], Iterable[bytes]]
    ) -> StoredFile:
        """Give the file of *key*, whose content, before gzip, is *pieces*."""
        task = self._files.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._write(pieces), name=f"write {key}")
            self._files[key] = task
        self._files.move_to_end(key)
        if len(self._files) > _KEPT_FILES:
            self._files.popitem(last=False)
        # A client that hangs up stops waiting, not the writing that others wait for.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop writing and forget the files."""
        self._is_closed = True
        await asyncio.gather(*self._files.values(), return_exceptions=True)
        self._files.clear()

    async def _write(self, pieces: Callable[[], Iterable[bytes]]) -> StoredFile:
        async with self._writing:
            return await asyncio.to_thread(self._write_now, pieces())

    def _write_now(self, pieces: Iterable[bytes]) -> StoredFile:
        """Compress *pieces* into a file; runs in a thread."""
        began = time.monotonic()
        file = StoredFile()
        squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        for piece in pieces:
            if self._is_closed:
                raise StoppedError
            # Other threads run while this one compresses.
            file.append(squeeze.compress(piece))
        file.append(squeeze.flush())
        file.seconds = time.monotonic() - began
        return file


def export_lines(rows: Iterable[ExportRow], *, is_adult: bool) -> Iterator[bytes]:
    """Write rows as TMDB's lines, some at a time."""
    for piece in batched(rows, _ROWS_A_PIECE):
        yield _encode(
            [
                _Line(
                    is_adult,
                    row.tmdb_id,
                    row.original_title,
                    row.popularity,
                    row.is_video,
                )
                for row in piece
            ]
        )


def rating_lines(ratings: Iterable[tuple[str, float, int]]) -> Iterator[bytes]:
    """Write ratings as IMDb's tab-separated lines below their header."""
    yield b"tconst\taverageRating\tnumVotes\n"
    for piece in batched(ratings, _ROWS_A_PIECE):
        yield "".join(
            f"{imdb_id}\t{value:.1f}\t{votes}\n" for imdb_id, value, votes in piece
        ).encode()
