"""What stored bodies say: the one place that knows which source's bodies are read how."""

from collections.abc import Callable, Sequence

import msgspec

from cinegraph.catalog import people, titles
from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.people import Person
from cinegraph.catalog.storing import Film
from cinegraph.catalog.titles import Title
from cinegraph.enrichment.lists.reading import (
    EmptyListError,
    UnreadableListError,
    read_list,
)
from cinegraph.errors import PayloadError, SourceError
from cinegraph.festivals import reading
from cinegraph.festivals.files import AwardsFile
from cinegraph.festivals.storing import BELIEVED
from cinegraph.sources.awards import DOCUMENT_KIND as AWARDS_KIND
from cinegraph.sources.providers.list_files.settings import SOURCE_NAME as LIST_FILES
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title
from cinegraph.sources.providers.tmdb.client import USER_LIST_KIND as LIST_KIND
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.people import decode_person
from cinegraph.sources.providers.tmdb.transform import to_record

FILM_KIND = "movie"
SOURCES: dict[str, str] = {"tmdb": FILM_KIND, titles.SOURCE: titles.KIND}
"""The kind of document each source's bodies of films are kept as; films first, because titles hang on them."""
REBUILT: tuple[tuple[str, str], ...] = (
    *SOURCES.items(),
    ("tmdb", people.KIND),
    *((source, AWARDS_KIND) for source in BELIEVED),
    (LIST_FILES, LIST_KIND),
    ("tmdb", LIST_KIND),
)
"""Source and kind of all bodies that rows are made of: people after films, which name them; awards and lists last."""


class StatedAwards(msgspec.Struct, frozen=True):
    """A body on awards, and what it says."""

    document: StoredDocument
    awards: AwardsFile


class StatedList(msgspec.Struct, frozen=True):
    """A body of a cultural list, or a page of one."""

    document: StoredDocument
    body: bytes


class Unreadable(msgspec.Struct, frozen=True):
    """A stored body that cannot become rows."""

    document: StoredDocument
    body: bytes
    error: SourceError


def read_film(document: StoredDocument) -> Film:
    """
    Return the film in a stored body.

    Parts may be missing: such bodies come from files (`documents load`), and what they lack is empty.

    Raises:
        SourceError: It cannot be read.
    """
    body = document.unpack()
    tmdb_id = document.external_id
    expected_id = int(tmdb_id) if tmdb_id.isdecimal() else 0
    payload = decode_movie(body, expected_id=expected_id, parts=())
    return Film(document=document.as_received(body), record=to_record(payload))


def read_title(document: StoredDocument) -> Title:
    """
    Return the title in a stored body.

    Raises:
        SourceError: It cannot be read.
    """
    body = document.unpack()
    payload = decode_title(body, expected_id=document.external_id)
    return Title(document=document.as_received(body), record=to_title(payload))


def read_person(document: StoredDocument) -> Person:
    """
    Return the person in a stored body.

    Raises:
        SourceError: It cannot be read.
    """
    body = document.unpack()
    tmdb_id = document.external_id
    expected_id = int(tmdb_id) if tmdb_id.isdecimal() else 0
    record = decode_person(body, expected_id=expected_id)
    return Person(document=document.as_received(body), record=record)


def read_awards(document: StoredDocument) -> StatedAwards:
    """
    Return what a stored body says of awards.

    Raises:
        SourceError: It cannot be read.
    """
    return StatedAwards(document, reading.read_stored(document))


def read_listed(document: StoredDocument) -> StatedList:
    """
    Return a stored body of a list, once it is sure that it is one.

    Raises:
        SourceError: It cannot be read.
    """
    body = document.unpack()
    try:
        read_list(body, is_ranked=False)
    except (UnreadableListError, EmptyListError) as error:
        raise PayloadError(
            error.message, source=document.source, endpoint=LIST_KIND, body=body
        ) from error
    return StatedList(document, body)


def read_all[T](
    documents: Sequence[StoredDocument], read: Callable[[StoredDocument], T]
) -> tuple[list[T], list[Unreadable]]:
    """Return what *documents* say, in order, and those that say nothing readable."""
    told: list[T] = []
    unreadable = []
    for document in documents:
        try:
            told.append(read(document))
        except SourceError as error:
            body = getattr(error, "body", b"") or document.body_gzip
            unreadable.append(Unreadable(document, body, error))
    return told, unreadable
