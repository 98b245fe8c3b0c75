"""
Files of awards, whatever they are: what they hold is told by their beginning, not by their name; pure.

To add a kind: a reader in its provider's folder, and its sign here.
"""

from collections.abc import Callable

import msgspec

from cinegraph.records.awards import EditionStatement
from cinegraph.sources.providers.award_events import settings as award_events
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.imdb import settings as imdb
from cinegraph.sources.providers.imdb.event_pages import read_event_page
from cinegraph.sources.providers.oscars_org import settings as oscars_org
from cinegraph.sources.providers.oscars_org.page import read_page
from cinegraph.sources.providers.oscars_table import settings as oscars_table
from cinegraph.sources.providers.oscars_table.table import COLUMNS, read_table

_ACADEMY_EVENT = "ev0000003"


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
    Return what a file of awards says: a nominations table, an event's file, a saved page of oscars.org or of IMDb.

    Raises:
        SourceError: It is none of them, or broken; the message says what it was taken for.
    """
    return _reader_of(body)(body)


def _reader_of(body: bytes) -> Callable[[bytes], AwardsFile]:
    begins = body.lstrip()[:1]
    if begins == b"{" or b"__NEXT_DATA__" in body:
        return _saved_page
    if begins == b"<":
        return _page
    if b"\t".join(name.encode() for name in COLUMNS[:2]) in body[:4096]:
        return _table
    return _event


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
        tuple(f"line {row.line:,}: {row.reason}" for row in told.unreadable),
    )


def _event(body: bytes) -> AwardsFile:
    told = read_event(body)
    return AwardsFile(
        award_events.SOURCE_NAME,
        None,
        tuple(edition for edition in told.editions if edition.nominations),
        tuple(f"line {part.line:,}: {part.reason}" for part in told.unreadable),
    )
