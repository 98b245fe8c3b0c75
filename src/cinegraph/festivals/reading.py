"""
Stored bodies of awards, read again: what each of them says of an edition.

An import of a hundred editions reads the same body a hundred times: what it says is kept, of the newest body alone, so
that memory stays flat.
"""

from typing import Final

from cinegraph.catalog.documents import StoredDocument
from cinegraph.errors import UndecodableError
from cinegraph.festivals.files import AwardsFile, read_awards
from cinegraph.records.awards import EditionStatement
from cinegraph.sources.awards import ENDPOINT

BY_YEAR: Final = frozenset({"oscars_org", "imdb", "own"})
"""Sources with a body an edition; the others have one for all editions of a festival."""
_kept: dict[tuple[str, bytes], AwardsFile] = {}
"""What the newest body says."""


def external_id(festival: str, source: str, year: int, part: int = 1) -> str:
    """Return the id under which a source's body on an edition is kept."""
    if source not in BY_YEAR:
        return festival
    return f"{festival}/{year}" if part == 1 else f"{festival}/{year}/{part}"


def read_source(source: str, body: bytes) -> AwardsFile:
    """
    Return what a body of *source* says.

    Raises:
        UndecodableError: It says nothing, or it is a file of another source: its layout has changed, or something else
            answered.
    """
    told = read_awards(body)
    if told.source != source:
        raise UndecodableError(
            f"the answer is no file of {source}, it looks like one of {told.source}",
            source=source,
            endpoint=ENDPOINT,
            body=body,
        )
    return told


def read_stored(document: StoredDocument) -> AwardsFile:
    """Return what a stored body says; raises as `read_source`."""
    key = (document.source, document.sha256)
    told = _kept.get(key)
    if told is None:
        told = read_source(document.source, document.unpack())
        _kept.clear()
        _kept[key] = told
    return told


def find_edition(told: AwardsFile, year: int, part: int) -> EditionStatement | None:
    """Return what is said of one edition; None: nothing."""
    return next(
        (each for each in told.editions if (each.year, each.part) == (year, part)), None
    )
