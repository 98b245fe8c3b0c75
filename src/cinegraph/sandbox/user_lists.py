"""
Lists that users of TMDB keep, of the invented world, as the imitation has them or spoilt.

| Number | What it is |
|---|---|
| 1 | the 60 best rated films, in order, on three pages |
| 2 | 15 popular films and 3 series, mixed |
| 3 | private |
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

import msgspec

from cinegraph.errors import UsageError
from cinegraph.sandbox.content import ROWS_A_PAGE, Body, pack_json
from cinegraph.sources.providers.tmdb import sandbox as vendor

PRIVATE: Final = 3
"""The list that nobody is shown."""
_SERIES: Final = 3


class ListFault(StrEnum):
    """A state of all lists, until it is changed."""

    PRIVATE = "private"
    """401 in TMDB's words."""
    ABSENT = "absent"
    """404 in TMDB's words, as for lists that were deleted."""
    EMPTY = "empty"
    """A list of nothing."""
    SHRUNKEN = "shrunken"
    """Its first half, as if that were all."""
    INCOMPLETE = "incomplete"
    """Every page but the first without films."""


def check_list_fault(name: str | None) -> ListFault | None:
    """Give the fault of that name, or none for none (UsageError: there is no such)."""
    if name is None:
        return None
    try:
        return ListFault(name)
    except ValueError:
        raise UsageError(
            f"there is no fault {name!r} of lists",
            hint=f"They are {', '.join(ListFault)}; one at a time.",
        ) from None


@runtime_checkable
class ListedContent(Protocol):
    """What routes ask of a content that has lists of users."""

    def user_list_rows(self, number: int) -> Sequence[msgspec.Raw] | None:
        """Give all rows of a list; None: there is no such."""


def invent_rows(
    number: int,
    ids_of: Callable[[str, int], Sequence[int]],
    row_of: Callable[[int], msgspec.Raw],
) -> Sequence[msgspec.Raw] | None:
    """
    Give the rows of a list of the invented world.

    Args:
        ids_of: Gives the films of a page of a chart.
        row_of: Gives a film's row in a chart.
    """
    if number == 1:
        pages = range(1, 4)
        ids = [film for page in pages for film in ids_of("top_rated", page)]
        return [_row(row_of(film), "movie") for film in ids]
    if number != 2:  # noqa: PLR2004 - see the table above
        return None
    ids = list(ids_of("popular", 1))[: 15 + _SERIES]
    kinds = ["tv" if place % 6 == 5 else "movie" for place in range(len(ids))]  # noqa: PLR2004 - every sixth
    return [_row(row_of(film), kind) for film, kind in zip(ids, kinds, strict=True)]


def tell_page(
    rows: Sequence[msgspec.Raw], number: int, page: int, fault: ListFault | None
) -> Body:
    """Give a page of a list, spoilt as *fault* says."""
    if fault is ListFault.EMPTY:
        rows = ()
    elif fault is ListFault.SHRUNKEN:
        rows = rows[: len(rows) // 2]
    shown = rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    if fault is ListFault.INCOMPLETE and page > 1:
        shown = ()
    return pack_json(
        vendor.user_list(
            shown,
            number=number,
            page=page,
            total=len(rows),
            total_pages=max(1, -(-len(rows) // ROWS_A_PAGE)),
        )
    )


def _row(row: msgspec.Raw, kind: str) -> msgspec.Raw:
    told = msgspec.json.decode(row)
    return msgspec.Raw(msgspec.json.encode({**told, "media_type": kind}))
