"""
Where sources of awards keep what they say: one interface for all of them, at an address or in a folder.

What is brought home is a body as it came; what it says, the source's own reader finds out. A body that is no file of
awards at all (empty, a web page) is told apart here only where the server itself says so: a firewall answers 202 with
nothing in it.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec

from cinegraph import clock
from cinegraph.errors import (
    AbsentAtSourceError,
    SourceBlockedError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.answers import AnswerRule, rule
from cinegraph.sources.bodies import BodyError, decode_body
from cinegraph.sources.file_servers import FileServerSettings
from cinegraph.sources.http import HttpClient
from cinegraph.sources.small_files import SmallFile

DOCUMENT_KIND: Final = "awards"
"""Of the bodies in `documents`."""
ENDPOINT: Final = "awards"
_OK: Final = 200
_COMPRESSION_LEVEL: Final = 6


class AskedAwards(msgspec.Struct, frozen=True):
    """Whose awards are asked for."""

    festival: str
    """Its key, such as `oscars`."""
    event_id: str | None
    """IMDb's id of it."""
    year: int | None = None
    """Of the edition, for sources that have a page an edition; None: all there is."""


class AwardsSource(Protocol):
    """A place that says who was nominated."""

    name: str
    """As in `nomination_statements.source`."""
    is_by_year: bool
    """Whether it has a page an edition, not one file for all."""

    def serves(self, asked: AskedAwards) -> bool:
        """Return whether it has anything of that festival, asked so, as far as can be told without asking it."""
        ...

    async def fetch(self, asked: AskedAwards, *, priority: Priority) -> DocumentRecord:
        """
        Bring home what it has; nothing of it is read yet.

        Raises:
            SourceBlockedError: A firewall answers in its place.
            AbsentAtSourceError: It has no such file.
            SourceError: It could not be asked.
        """
        ...


class AwardsSettings(FileServerSettings):
    """What servers with files of awards have in common."""

    @property
    def answers(self) -> tuple[AnswerRule, ...]:
        """A firewall says 202 with an empty body (Kometa-Team/Kometa#3162); else as file stores do."""
        blocked = rule(202, SourceBlockedError, "a firewall answers instead of it")
        return (blocked, *super().answers)


type PathOf = Callable[[AskedAwards], str | None]
"""Below the address: empty for the address itself; None: the source knows no such festival."""


class AwardsSite:
    """Asks a server."""

    def __init__(
        self,
        http: HttpClient,
        settings: AwardsSettings,
        path_of: PathOf,
        *,
        is_by_year: bool = False,
    ) -> None:
        self.name = settings.source
        self.is_by_year = is_by_year
        self._http = http
        self._settings = settings
        self._path_of = path_of

    def serves(self, asked: AskedAwards) -> bool:
        """Return whether it could have that; see `AwardsSource.serves`."""
        return self._path_of(asked) is not None

    async def fetch(self, asked: AskedAwards, *, priority: Priority) -> DocumentRecord:
        """Bring the file home; see `AwardsSource.fetch`."""
        path = _require_path(self._path_of, self.name, asked)
        sink = SmallFile(
            self._settings.max_received_bytes, source="awards", endpoint=ENDPOINT
        )
        await self._http.download(
            path,
            sink,
            endpoint=ENDPOINT,
            priority=priority,
            external_id=f"awards of {asked.festival} at {self._http.base_url}{path}",
        )
        try:
            body, body_gzip = decode_body(
                bytes(sink.received),
                sink.headers_received.get("Content-Encoding", ""),
                largest_bytes=self._settings.max_body_bytes,
            )
        except BodyError as error:
            raise UndecodableError(
                str(error), source=self.name, endpoint=ENDPOINT, body=b""
            ) from error
        return to_document(
            self.name,
            document_id(asked, is_by_year=self.is_by_year),
            body,
            body_gzip=body_gzip,
            etag=sink.headers_received.get("ETag"),
            fetched_at=clock.now(),
        )


class AwardsFolder:
    """
    Reads files on this machine: a folder, or one file where the source has but one.

    Args:
        name: Of the source.
        place: The folder or file.
        path_of: As for a server.
    """

    def __init__(
        self, name: str, place: Path, path_of: PathOf, *, is_by_year: bool = False
    ) -> None:
        self.name = name
        self.is_by_year = is_by_year
        self._place = place
        self._path_of = path_of

    def serves(self, asked: AskedAwards) -> bool:
        """Return whether it could have that; see `AwardsSource.serves`."""
        return self._path_of(asked) is not None

    async def fetch(self, asked: AskedAwards, *, priority: Priority) -> DocumentRecord:
        """Read the file; see `AwardsSource.fetch`."""
        del priority
        path = _require_path(self._path_of, self.name, asked)
        file = self._place / path.lstrip("/") if path else self._place
        try:
            body = await asyncio.to_thread(file.read_bytes)
        except FileNotFoundError:
            raise AbsentAtSourceError(
                source=self.name, endpoint=ENDPOINT, external_id=f"file {file}"
            ) from None
        except OSError as error:
            raise SourceUnavailableError(
                f"{file} cannot be read ({error.strerror})",
                source=self.name,
                endpoint=ENDPOINT,
                hint="Check the address of the awards (`cinegraph config show`).",
            ) from None
        external_id = document_id(asked, is_by_year=self.is_by_year)
        return to_document(self.name, external_id, body, fetched_at=clock.now())


def document_id(asked: AskedAwards, *, is_by_year: bool) -> str:
    """Return the external id of the body in `documents`: the festival, and the year where there is a page each."""
    return f"{asked.festival}/{asked.year}" if is_by_year else asked.festival


def to_document(
    source: str,
    external_id: str,
    body: bytes,
    *,
    fetched_at: datetime,
    body_gzip: bytes | None = None,
    etag: str | None = None,
) -> DocumentRecord:
    """Return a body to keep."""
    packed = (
        gzip.compress(body, _COMPRESSION_LEVEL, mtime=0)
        if body_gzip is None
        else body_gzip
    )
    return DocumentRecord(
        source=source,
        kind=DOCUMENT_KIND,
        external_id=external_id,
        body_gzip=packed,
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=fetched_at,
        etag=etag,
    )


def _require_path(path_of: PathOf, source: str, asked: AskedAwards) -> str:
    path = path_of(asked)
    if path is None:
        raise AbsentAtSourceError(
            source=source, endpoint=ENDPOINT, external_id=f"awards of {asked.festival}"
        )
    return path
