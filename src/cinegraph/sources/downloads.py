"""
Files too large for memory: found by their head, received into a part that survives a crash, moved when they are whole.

A part lies beside its future place as `<name>.part`, with what the upstream called this version in `<name>.version`.
The next attempt asks for the rest of exactly that version; of another version, or where the upstream names none, it
asks for the whole. One process at a time: the part is locked while it grows.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from cinegraph.errors import (
    CinegraphError,
    Disposition,
    SourceError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority
from cinegraph.sources.http import HttpClient
from cinegraph.telemetry import emit

ADVANCED: Final = "cinegraph.sources.download.advanced"
"""Emitted while a file grows and once it is whole: source, name, received_bytes, size_bytes (None: not known)."""

_WHOLE, _PART, _NO_SUCH_PART = 200, 206, 416
_EMIT_SECONDS = 1.0
_CONTINUATIONS = 3
"""A connection that brought something before it was cut is taken up at once this often; then it is the job's turn."""
_PART_SUFFIX, _VERSION_SUFFIX = ".part", ".version"
_LEFT_AFTER_SECONDS = 2 * 24 * 3600.0
"""A part that has not grown for two days is of a day that nobody asks for any more."""
_DIGITS = re.compile(r"\d")
_PART_RANGE = re.compile(r"bytes (\d+)-\d*/(\d+|\*)")
_EMPTY_RANGE = re.compile(r"bytes \*/0")


class DownloadFolderError(CinegraphError):
    """A downloaded file cannot be written here: the disk is full, or the folder is not ours."""

    code = "download_folder"
    disposition = Disposition.RETRY


class ExportFile(msgspec.Struct, frozen=True, kw_only=True):
    """A daily file as the upstream offers it."""

    day: date
    """The day it is of."""
    url: str
    size_bytes: int | None
    """As sent; None: the upstream does not say."""
    etag: str | None
    last_modified: str | None = None
    """As the upstream wrote it."""

    @property
    def name(self) -> str:
        """How it is called here too."""
        return self.url.rpartition("/")[2]

    @property
    def version(self) -> str | None:
        """What tells this version of the file from others byte by byte; None: nothing does."""
        return _strong(self.etag) or self.last_modified


class Head:
    """Learns what a file is from the head of an answer, and reads no more: a sink of `HttpClient.download`."""

    def __init__(self) -> None:
        self.size_bytes: int | None = None
        self.etag: str | None = None
        self.last_modified: str | None = None

    def headers(self) -> Mapping[str, str]:
        """Ask for one byte: a HEAD request is refused by some servers, a range is at worst ignored."""
        return {"Accept-Encoding": "identity", "Range": "bytes=0-0"}

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Take size and version."""
        if status == _WHOLE:
            self.size_bytes = _number(headers.get("Content-Length"))
        elif status == _PART:
            found = _PART_RANGE.fullmatch(headers.get("Content-Range", ""))
            self.size_bytes = _number(found[2]) if found else None
        elif _EMPTY_RANGE.fullmatch(headers.get("Content-Range", "")):
            self.size_bytes = 0
        self.etag = headers.get("ETag")
        self.last_modified = headers.get("Last-Modified")
        return False

    def write(self, chunk: bytes) -> None:
        """Never called: `begin` wants nothing."""


async def find_head(
    http: HttpClient, path: str, *, endpoint: str, priority: Priority
) -> Head:
    """
    What the file at *path* is, without its content.

    Raises:
        AbsentAtSourceError: The upstream says that there is none.
        SourceError: It cannot be known.
    """
    head = Head()
    await http.download(path, head, endpoint=endpoint, priority=priority)
    return head


async def receive(
    http: HttpClient,
    file: ExportFile,
    folder: Path,
    *,
    source: str,
    endpoint: str,
    priority: Priority,
    largest_bytes: int,
) -> Path:
    """
    Bring *file* into *folder*, going on where an earlier attempt ended.

    A file that is there already, whole and of the same version, is not asked for again.

    Returns:
        Where it is, whole: as many bytes as the upstream announced.

    Raises:
        SourceError: It did not arrive; what did stays for the next attempt.
        DownloadFolderError: It cannot be written.
    """
    place = folder / file.name
    if _is_here(place, file):
        return place
    part = Part(
        place,
        file,
        source=source,
        endpoint=endpoint,
        largest_bytes=largest_bytes,
    )
    with part:
        _sweep(place)
        path = file.url.removeprefix(http.base_url)
        patience = _CONTINUATIONS
        while not part.is_whole:
            before = part.received_bytes
            try:
                await http.download(path, part, endpoint=endpoint, priority=priority)
                part.end()
            except (SourceUnavailableError, UndecodableError) as error:
                patience -= 1
                if patience < 0 or part.received_bytes <= before:
                    raise part.interrupted(error) from None
        part.finish()
    return place


def discard(place: Path) -> None:
    """Remove a downloaded file with all that belongs to it, so that the next attempt asks for it anew."""
    for path in (place, _beside(place, _PART_SUFFIX), _beside(place, _VERSION_SUFFIX)):
        path.unlink(missing_ok=True)


class Part:
    """The part of a file that has arrived: a sink of `HttpClient.download`, open and locked within `with`."""

    def __init__(
        self,
        place: Path,
        file: ExportFile,
        *,
        source: str,
        endpoint: str,
        largest_bytes: int,
    ) -> None:
        self._place = place
        self._path = _beside(place, _PART_SUFFIX)
        self._version_path = _beside(place, _VERSION_SUFFIX)
        self._file = file
        self._source = source
        self._endpoint = endpoint
        self._largest_bytes = largest_bytes
        self._size_bytes = file.size_bytes
        self._stream: BinaryIO | None = None
        self._emitted_at = float("-inf")
        self._has_ended = False
        self.received_bytes = 0

    @property
    def is_whole(self) -> bool:
        """Whether as many bytes are here as the upstream announced."""
        size = self._size_bytes
        return self._has_ended or (size is not None and 0 < size == self.received_bytes)

    def __enter__(self) -> Self:
        with _writing(self._path):
            # Appending: what was received before a crash is there, and locking changes nothing yet.
            self._place.parent.mkdir(parents=True, exist_ok=True)
            stream = self._path.open("ab")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.close()
            raise self._unavailable(
                "another process of this machine is receiving it"
            ) from None
        self._stream = stream
        self._take_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            with _writing(self._path):
                self._stream.close()

    def headers(self) -> Mapping[str, str]:
        """Ask for what is missing, if it is still of the same version."""
        wanted = {"Accept-Encoding": "identity"}
        version = _read_text(self._version_path)
        if self.received_bytes and version:
            wanted |= {"Range": f"bytes={self.received_bytes}-", "If-Range": version}
        return wanted

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Start anew when the whole comes; go on when exactly the missing part comes."""
        version = _strong(headers.get("ETag")) or headers.get("Last-Modified")
        if status == _WHOLE:
            self._start_anew(version)
            self._size_bytes = _number(headers.get("Content-Length"))
            return True
        found = _PART_RANGE.fullmatch(headers.get("Content-Range", ""))
        is_ours = found is not None and int(found[1]) == self.received_bytes
        if not is_ours or version != _read_text(self._version_path):
            self._start_anew(None)
            raise self._unavailable("it sent another part than was asked for")
        self._size_bytes = _number(found[2]) if found else None
        return True

    def write(self, chunk: bytes) -> None:
        """Append."""
        if self.received_bytes + len(chunk) > self._largest_bytes:
            self._start_anew(None)
            raise UndecodableError(
                f"more than {self._largest_bytes:,} bytes",
                source=self._source,
                endpoint=self._endpoint,
            )
        with _writing(self._path):
            self._opened.write(chunk)
        self.received_bytes += len(chunk)
        if time.monotonic() - self._emitted_at >= _EMIT_SECONDS:
            self._tell()

    def end(self) -> None:
        """Note that an answer came to its end: the HTTP client vouches that nothing of it is missing."""
        self._has_ended = True

    def finish(self) -> None:
        """Move the whole file to its place."""
        with _writing(self._place):
            self._opened.flush()
            self._path.replace(self._place)
        self._tell()

    def interrupted(self, error: SourceError) -> SourceError:
        """*error*, with how far the file is."""
        if isinstance(error, SourceUnavailableError) and not self.received_bytes:
            return error
        size = "" if self._size_bytes is None else f" of {self._size_bytes:,}"
        return self._unavailable(
            f"{self._file.name} is not whole: {self.received_bytes:,}{size} bytes have arrived ({error.message});"
            " the next attempt goes on there"
        )

    @property
    def _opened(self) -> BinaryIO:
        if self._stream is None:
            raise RuntimeError("a part is written within its block")
        return self._stream

    def _take_up(self) -> None:
        """Keep what is here if it is of this file's version."""
        self.received_bytes = os.fstat(self._opened.fileno()).st_size
        version = self._file.version
        is_same = version is not None and version == _read_text(self._version_path)
        size = self._size_bytes
        if not is_same or (size is not None and self.received_bytes > size):
            self._start_anew(None)

    def _start_anew(self, version: str | None) -> None:
        with _writing(self._path):
            # Before the bytes: whatever is in the part is of the version that is written beside it.
            self._opened.truncate(0)
            self._version_path.write_text(version or "", encoding="utf-8")
        self.received_bytes = 0

    def _tell(self) -> None:
        self._emitted_at = time.monotonic()
        emit(
            ADVANCED,
            source=self._source,
            name=self._file.name,
            received_bytes=self.received_bytes,
            size_bytes=self._size_bytes,
        )

    def _unavailable(self, reason: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            reason, source=self._source, endpoint=self._endpoint
        )


def _sweep(place: Path) -> None:
    """Remove what downloads of other days left behind: names that differ in digits alone."""
    pattern = _DIGITS.sub("0", place.name)
    newest = place.parent.stat().st_mtime - _LEFT_AFTER_SECONDS
    for path in place.parent.glob("*.gz*"):
        name = path.name.removesuffix(_PART_SUFFIX).removesuffix(_VERSION_SUFFIX)
        is_other = name != place.name and _DIGITS.sub("0", name) == pattern
        if is_other and path.stat().st_mtime < newest:
            path.unlink(missing_ok=True)


def _is_here(place: Path, file: ExportFile) -> bool:
    if file.version is None or not place.is_file():
        return False
    is_same = _read_text(_beside(place, _VERSION_SUFFIX)) == file.version
    return is_same and place.stat().st_size == file.size_bytes


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Tell trouble with the disk from trouble with the connection, which also is an OSError."""
    try:
        yield
    except OSError as error:
        raise DownloadFolderError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Free space there, or let this user write there.",
        ) from error


def _beside(place: Path, suffix: str) -> Path:
    return place.with_name(place.name + suffix)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _strong(etag: str | None) -> str | None:
    """An ETag that promises equal bytes; a weak one promises equal meaning only."""
    return etag if etag and not etag.startswith("W/") else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
