"""What can be wrong with the daily exports, one thing at a time. No I/O."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice

from cinegraph.errors import UsageError
from cinegraph.sandbox.drift import ExportRow

_REPEATED_EVERY = 100
_STRANGE_EVERY = 10_000


class ExportFault(StrEnum):
    """A state of the exports, until it is changed; equal to the names of `--fault`."""

    MISSING = "export-missing"
    """404, as before it is written."""
    FORBIDDEN = "export-forbidden"
    """403, as a file store answers for what is not there."""
    TRUNCATED = "export-truncated"
    """The first half of the gzip file, as if it were the whole."""
    TINY = "export-tiny"
    """A gzip file of nothing: 20 bytes."""
    HTML = "export-html"
    """A web page with status 200."""
    DUPLICATES = "export-duplicates"
    """Every hundredth line twice."""
    FOREIGN = "export-foreign"
    """Lines that are no films: of people, and of no JSON."""
    HUGE_IDS = "export-huge-ids"
    """Ids of 2³¹ and more, and of 2⁶³ and more."""
    HALF = "export-half"
    """A whole gzip file with every second film only."""
    CUT = "export-cut"
    """The connection dies on the way; asked for the rest by Range, it is sent."""


def check_export_fault(name: str | None) -> ExportFault | None:
    """Give the fault of that name, or none for none (UsageError: there is no such)."""
    if name is None:
        return None
    try:
        return ExportFault(name)
    except ValueError:
        raise UsageError(
            f"there is no export fault {name!r}",
            hint=f"They are {', '.join(ExportFault)}; one at a time.",
        ) from None


def spoil_rows(
    fault: ExportFault | None, rows: Iterable[ExportRow]
) -> Iterator[ExportRow]:
    """Leave out, repeat or add rows as *fault* does."""
    if fault is ExportFault.HALF:
        yield from islice(rows, 0, None, 2)
        return
    for number, row in enumerate(rows):
        yield row
        if fault is ExportFault.DUPLICATES and number % _REPEATED_EVERY == 0:
            yield row
        if fault is ExportFault.HUGE_IDS and number % _STRANGE_EVERY == 0:
            yield row._replace(tmdb_id=2**31 + number)
            yield row._replace(tmdb_id=2**63 + number)


def spoil_lines(fault: ExportFault | None, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Add lines that are no films, if *fault* does."""
    for number, piece in enumerate(pieces):
        yield piece
        if fault is ExportFault.FOREIGN and number % (_STRANGE_EVERY // 100) == 0:
            yield (
                f'{{"adult":false,"id":{287 + number},"name":"Ada Żeromski","popularity":12.5}}\n'
                '<html><body>503 Backend fetch failed</body></html>\n["id",1]\n'
            ).encode()
