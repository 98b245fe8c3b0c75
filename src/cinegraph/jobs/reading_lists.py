"""
Bringing cultural lists home: an awards event from our own tables, a file of this machine.

What is read says nothing of the catalogue yet; bodies are kept by who stores them.
"""

import asyncio
import gzip
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from cinegraph import clock
from cinegraph.enrichment.lists.definitions import Source
from cinegraph.enrichment.lists.events import read_event
from cinegraph.enrichment.lists.reading import (
    LARGEST_BYTES,
    ListFile,
    UnreadableListError,
    read_list,
)
from cinegraph.errors import SourceUnavailableError
from cinegraph.jobs.services import Services
from cinegraph.limits import Priority
from cinegraph.records.document import DocumentRecord

SOURCE_NAME: Final = "list_files"
"""Of bodies of files and addresses."""
DOCUMENT_KIND: Final = "list"
"""Of bodies in `documents`; their external id is the key of the list."""
_COMPRESSION_LEVEL: Final = 6


class Reading(msgspec.Struct, frozen=True):
    """What was read of a list."""

    told: ListFile
    documents: tuple[DocumentRecord, ...] = ()
    """The bodies that say so; none of an event: it is in our own tables."""


class Origin(msgspec.Struct, frozen=True):
    """Where a list comes from, also before it is stored."""

    key: str
    source: Source
    location: str
    is_ranked: bool


def is_address(location: str) -> bool:
    """Whether a location is to be asked for, not a file of this machine."""
    return location.strip().lower().startswith(("https://", "http://"))


async def read_source(
    services: Services, origin: Origin, *, priority: Priority
) -> Reading:
    """
    Return what the source of a list says now.

    Raises:
        CinegraphError: It could not be asked, or what came is no list; `storing.state_of` says what that means.
    """
    del priority
    if origin.source == "event":
        async with services.pool.connection() as conn:
            return Reading(await read_event(conn, origin.location))
    return await read_file(origin, Path(origin.location))


async def read_file(origin: Origin, file: Path) -> Reading:
    """
    Return what a file of this machine says.

    Raises:
        SourceUnavailableError: It cannot be read here.
        UnreadableListError: It is no list.
        EmptyListError: It is a list of nothing.
    """
    body = await asyncio.to_thread(_load, file)
    told = await asyncio.to_thread(read_list, body, is_ranked=origin.is_ranked)
    return Reading(told, (to_document(origin.key, body),))


def to_document(
    key: str, body: bytes, *, body_gzip: bytes | None = None, etag: str | None = None
) -> DocumentRecord:
    """Return the body of a list to keep."""
    packed = body_gzip or gzip.compress(body, _COMPRESSION_LEVEL, mtime=0)
    return DocumentRecord(
        source=SOURCE_NAME,
        kind=DOCUMENT_KIND,
        external_id=key,
        body_gzip=packed,
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=clock.now(),
        etag=etag,
    )


def _load(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceUnavailableError(
            f"{file} cannot be read here ({error.strerror})",
            source=SOURCE_NAME,
            endpoint=DOCUMENT_KIND,
            hint="Give a file of this machine: --file FILE, or an address: --url URL.",
        ) from error
    if len(body) > LARGEST_BYTES:
        raise UnreadableListError(
            f"it is larger than {LARGEST_BYTES // 1024 // 1024} MiB",
            hint="Give the list alone.",
        )
    return body
