"""
Bringing cultural lists home: an awards event from our own tables, a file of this machine or elsewhere, TMDB's lists.

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
    read_pages,
)
from cinegraph.enrichment.lists.storing import PrivateListError
from cinegraph.errors import (
    AbsentAtSourceError,
    RequestRefusedError,
    SourceUnavailableError,
)
from cinegraph.jobs.services import Services
from cinegraph.limits import Priority
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.providers.list_files.settings import SOURCE_NAME
from cinegraph.sources.providers.tmdb.client import (
    USER_LIST_KIND,
    TmdbClient,
)
from cinegraph.sources.providers.tmdb.payloads import SOURCE_NAME as TMDB

DOCUMENT_KIND: Final = USER_LIST_KIND
"""Of bodies in `documents`; their external id is the list's key, at TMDB its number and the further page."""
MOST_PAGES: Final = 500
"""Of a list at TMDB: 10,000 films, as many as a list holds."""
_COMPRESSION_LEVEL: Final = 6
_UNAUTHORIZED: Final = 401


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
    if origin.source == "event":
        async with services.pool.connection() as conn:
            return Reading(await read_event(conn, origin.location))
    if origin.source == "tmdb":
        return await _read_tmdb(services.tmdb, origin, priority)
    if not is_address(origin.location):
        return await read_file(origin, Path(origin.location))
    fetched = await services.list_files.fetch(origin.location, priority=priority)
    told = await asyncio.to_thread(read_list, fetched.body, is_ranked=origin.is_ranked)
    return Reading(told, (to_document(origin.key, fetched.body, etag=fetched.etag),))


async def _read_tmdb(tmdb: TmdbClient, origin: Origin, priority: Priority) -> Reading:
    """
    Return all pages of a list that somebody keeps at TMDB.

    Raises:
        PrivateListError: TMDB shows it to nobody, or has it no longer.
    """
    number = int(origin.location)
    try:
        pages = [await tmdb.fetch_user_list(number, 1, priority=priority)]
        last = pages[0].payload.total_pages
        if last > MOST_PAGES:
            raise UnreadableListError(
                f"it has {last:,} pages, and a list holds at most {MOST_PAGES}",
                hint="Give a list, not a catalogue.",
            )
        for page in range(2, last + 1):
            fetched = await tmdb.fetch_user_list(number, page, priority=priority)
            if not fetched.payload.items:
                raise SourceUnavailableError(
                    f"page {page} of {last} is empty: the list is not whole",
                    source=TMDB,
                    endpoint=DOCUMENT_KIND,
                )
            pages.append(fetched)
    except AbsentAtSourceError as error:
        raise PrivateListError(
            f"TMDB has no list {number}, or shows it to nobody",
            hint="Is it deleted, or private? Its owner can make it public.",
        ) from error
    except RequestRefusedError as error:
        if error.status != _UNAUTHORIZED:
            raise
        raise PrivateListError(
            f"TMDB's list {number} is private",
            hint="Its owner can make it public; or export it and give the file: --file FILE.",
        ) from error
    told = read_pages(
        [each.body for each in pages],
        is_ranked=origin.is_ranked,
        claimed=pages[0].payload.claimed,
    )
    return Reading(told, tuple(each.document for each in pages))


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
