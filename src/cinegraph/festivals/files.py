"""
Files of awards, whatever they are: what they hold is told by their beginning, not by their name; pure.

To add a kind: a reader in its provider's folder, and its sign here.
"""

import codecs
import re
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from cinegraph.festivals.guarding import find_objection
from cinegraph.records.awards import EditionStatement, NominationStatement
from cinegraph.sources.providers.award_events import settings as award_events
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.imdb import settings as imdb
from cinegraph.sources.providers.imdb.event_pages import read_event_page
from cinegraph.sources.providers.oscars_org import settings as oscars_org
from cinegraph.sources.providers.oscars_org.page import read_page
from cinegraph.sources.providers.oscars_table import settings as oscars_table
from cinegraph.sources.providers.oscars_table.table import COLUMNS, read_table
from cinegraph.sources.providers.own import written as own
from cinegraph.sources.providers.own.document import read_document
from cinegraph.sources.providers.own.statements import OwnFile
from cinegraph.sources.providers.own.table import read_table as read_own_table

_ACADEMY_EVENT = "ev0000003"
_BEGINNING: Final = 4096
_PAGE_OF_IMDB: Final = re.compile(rb'__NEXT_DATA__|"pageProps"\s*:')
_YAML: Final = re.compile(rb"""#|%|---|['"]?\d{4}(-\d{1,2})?['"]?\s*:""")
"""How an event's file begins: a comment, or its latest edition."""
_FIELDS: Final = re.compile(rb"[^\r\n]*[,;\t]")
"""A first line of several fields: what a table of one's own begins with, also where its columns are misspelt."""


class _Told(Protocol):
    """What a reader could not read, and where."""

    @property
    def line(self) -> int: ...
    @property
    def reason(self) -> str: ...


class AwardsFile(msgspec.Struct, frozen=True):
    """What a file says."""

    source: str
    event_id: str | None
    """IMDb's id of the festival that it is of; None: it does not say."""
    editions: tuple[EditionStatement, ...]
    unreadable: tuple[str, ...] = ()
    """What could not be read, for a person."""


def read_awards(body: bytes) -> AwardsFile:
    """
    Return what a file of awards says.

    It is a nominations table, an event's file, a saved page of oscars.org or of IMDb, or a person's own CSV or JSON.

    What of it cannot be read or kept is told and left out; then no edition of it is whole, and nothing counts as taken
    back.

    Raises:
        SourceError: It is none of them, or broken; the message says what it was taken for.
    """
    told = _reader_of(body)(body)
    kept = [_keep(edition) for edition in told.editions]
    unreadable = (*told.unreadable, *(one for _, bad in kept for one in bad))
    editions = (edition for edition, _ in kept)
    if unreadable:
        editions = (replace(edition, is_partial=True) for edition in editions)
    return replace(told, editions=tuple(editions), unreadable=unreadable)


def _keep(edition: EditionStatement) -> tuple[EditionStatement, list[str]]:
    """Return what of an edition can be kept, and why the rest cannot."""
    objections = [
        find_objection(edition, number) for number in range(len(edition.nominations))
    ]
    bad = [one for one in objections if one]
    good: list[NominationStatement] = []
    seen: set[bytes] = set()
    for nomination, objection in zip(edition.nominations, objections, strict=True):
        mark = msgspec.json.encode(nomination)
        # Word for word the same is one; a title alone may stand twice for two people.
        is_twice = bool(nomination.nominees) and mark in seen
        seen.add(mark)
        if not objection and not is_twice:
            good.append(nomination)
    return replace(edition, nominations=tuple(good)), bad


def _reader_of(body: bytes) -> Callable[[bytes], AwardsFile]:
    begins = _beginning(body)
    if _PAGE_OF_IMDB.search(body):
        return _saved_page
    if begins[:1] == b"<":
        return _page
    if begins[:1] in (b"{", b"["):
        return _own_document
    if b"\t".join(name.encode() for name in COLUMNS[:2]) in begins:
        return _table
    if _FIELDS.match(begins) and not _YAML.match(begins):
        return _own_table
    return _event


def _beginning(body: bytes) -> bytes:
    """Return how the file begins, without byte order marks, also where it is written in UTF-16."""
    begins = body[:_BEGINNING].replace(b"\0", b"")
    return begins.removeprefix(codecs.BOM_UTF8).lstrip(b"\xff\xfe \t\r\n")


def _saved_page(body: bytes) -> AwardsFile:
    told = read_event_page(body)
    return AwardsFile(imdb.SOURCE_NAME, told.event_id, (told.edition,))


def _page(body: bytes) -> AwardsFile:
    return AwardsFile(oscars_org.SOURCE_NAME, _ACADEMY_EVENT, (read_page(body),))


def _table(body: bytes) -> AwardsFile:
    told = read_table(body)
    return AwardsFile(
        oscars_table.SOURCE_NAME,
        _ACADEMY_EVENT,
        told.editions,
        _tell(told.unreadable),
    )


def _event(body: bytes) -> AwardsFile:
    told = read_event(body)
    return AwardsFile(
        award_events.SOURCE_NAME,
        None,
        tuple(edition for edition in told.editions if edition.nominations),
        _tell(told.unreadable),
    )


def _own_table(body: bytes) -> AwardsFile:
    return _own(read_own_table(body))


def _own_document(body: bytes) -> AwardsFile:
    return _own(read_document(body))


def _own(told: OwnFile) -> AwardsFile:
    return AwardsFile(own.SOURCE_NAME, None, told.editions, _tell(told.remarks))


def _tell(unreadable: Iterable[_Told]) -> tuple[str, ...]:
    return tuple(f"line {each.line:,}: {each.reason}" for each in unreadable)
