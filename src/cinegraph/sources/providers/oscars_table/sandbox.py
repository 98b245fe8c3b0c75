"""The inverse of `table`: editions as the nominations table tells them; pure."""

from collections.abc import Iterable, Iterator

from cinegraph.records.awards import (
    EditionStatement,
    NominationStatement,
    NomineeStatement,
)
from cinegraph.sources.providers.oscars_table.table import COLUMNS

_LIST, _IDS, _UNKNOWN_ID = "|", ",", "?"


def table_body(editions: Iterable[EditionStatement]) -> bytes:
    """Write the table of *editions*, each of which has a number; rows lack the empty cells at their end."""
    lines = ["\t".join(COLUMNS)]
    for edition in editions:
        lines.extend(_line(edition, nomination) for nomination in edition.nominations)
    return "\n".join((*lines, "")).encode()


def _line(edition: EditionStatement, nomination: NominationStatement) -> str:
    cells = {
        "Ceremony": str(edition.number),
        "Year": edition.eligibility or str(edition.year - 1),
        "Class": nomination.category_class or "",
        "CanonicalCategory": nomination.canonical_category,
        "Category": nomination.category,
        "Film": _join(film.title for film in nomination.films),
        "FilmId": _join(film.imdb_id or _UNKNOWN_ID for film in nomination.films),
        "Name": nomination.credit or nomination.country or "",
        "Nominees": _join(nominee.name for nominee in nomination.nominees),
        "NomineeIds": _join(map(_ids, nomination.nominees)),
        "Winner": "True" if nomination.is_winner else "",
        "Detail": nomination.subject or _join(_details(nomination)),
        "Note": nomination.note or "",
        "Citation": nomination.citation or "",
    }
    told = "\t".join(cells[name].replace('"', '\\"') for name in COLUMNS)
    return told.rstrip("\t")


def _details(nomination: NominationStatement) -> Iterator[str]:
    for film in nomination.films:
        yield from film.characters
    yield from nomination.songs


def _ids(nominee: NomineeStatement) -> str:
    return _IDS.join(nominee.imdb_ids) or _UNKNOWN_ID


def _join(values: Iterable[str]) -> str:
    return _LIST.join(values)
