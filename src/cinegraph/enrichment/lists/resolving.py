"""
Which of our films the entries of lists are: by IMDb's id, by TMDB's, by what TMDB answered for them, at last by title.

The same entries and the same catalogue give the same films, whichever came first.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.membership import Placed
from cinegraph.festivals.likeness import fold
from cinegraph.festivals.titles import TitledFilm, match_title

YEARS_BEFORE: Final = 2
YEARS_AFTER: Final = 1
"""A film may have come out so much before or after the year that a list tells; see `festivals.titles`."""
_WINDOW: Final = 5
"""Years whose films are in memory at once: some 150,000 of the whole catalogue."""


async def resolve(
    conn: AsyncConnection[Any],
    entries: Sequence[Entry],
    *,
    kept: Mapping[int, int | None] = MappingProxyType({}),
) -> list[Placed]:
    """
    Return which film each entry is, None where it is not stored or not sure; two may be the same film.

    Args:
        kept: By place in *entries*, the film (None: none) that its title was found to be before: then the films of its
            year are not read again. Who stores a film of that title looks at it by itself (`linking.link_films`).
    """
    if not entries:
        return []
    given = [
        {
            "n": number,
            "imdb_id": entry.imdb_id,
            "tmdb_id": entry.tmdb_id,
            "folded": _searched(entry),
            "year": entry.year,
        }
        for number, entry in enumerate(entries)
    ]
    cursor = await conn.execute(_load("resolve.sql"), {"entries": Jsonb(given)})
    found: dict[int, int] = dict(await cursor.fetchall())
    titled = {
        number: entry
        for number, entry in enumerate(entries)
        if is_titled(entry)
        and entry.year is not None
        and number not in found
        and number not in kept
    }
    found |= {
        number: movie_id
        for number, movie_id in kept.items()
        if movie_id is not None and number not in found
    }
    found |= await _match_titles(conn, titled)
    return [Placed(entry, found.get(number)) for number, entry in enumerate(entries)]


def is_titled(entry: Entry) -> bool:
    """Whether an entry has nothing but title and year to be found by."""
    return _searched(entry) is not None


def _searched(entry: Entry) -> str | None:
    has_id = entry.imdb_id is not None or entry.tmdb_id is not None
    return None if has_id else entry.folded


async def _match_titles(
    conn: AsyncConnection[Any], titled: dict[int, Entry]
) -> dict[int, int]:
    """Return the stored film that each title surely means, by place."""
    found: dict[int, int] = {}
    by_window: dict[int, list[int]] = defaultdict(list)
    for number, entry in titled.items():
        by_window[(entry.year or 0) // _WINDOW].append(number)
    for _, numbers in sorted(by_window.items()):
        years = [titled[number].year or 0 for number in numbers]
        cursor = await conn.execute(
            _load("list_titled.sql"),
            {
                "first": date(min(years) - YEARS_BEFORE, 1, 1),
                "last": date(max(years) + YEARS_AFTER, 12, 31),
            },
        )
        rows = await cursor.fetchall()
        entries = {number: titled[number] for number in numbers}
        # Seconds of the whole catalogue, which others must not wait for.
        found |= await asyncio.to_thread(_choose, rows, entries)
    return found


def _choose(
    rows: Iterable[tuple[Any, ...]], entries: dict[int, Entry]
) -> dict[int, int]:
    wanted = {entry.folded for entry in entries.values()}
    called: dict[str | None, list[TitledFilm]] = defaultdict(list)
    for row in rows:
        film = msgspec.convert(row, _Titled).film
        for folded in wanted.intersection(folded_titles(film)):
            called[folded].append(film)
    found: dict[int, int] = {}
    for number, entry in entries.items():
        match = match_title(
            entry.folded or "",
            called.get(entry.folded, ()),
            eligibility="same_year",
            ceremony_year=entry.year or 0,
        )
        if match.found is not None:
            found[number] = match.found.film.tmdb_id
    return found


class _Titled(msgspec.Struct, array_like=True):
    """A row of `list_titled.sql`."""

    id: int
    title: str
    original_title: str | None
    released_on: date | None
    popularity: float
    others: list[str]

    @property
    def film(self) -> TitledFilm:
        # Which of ours it is: the rule of titles only hands the number back.
        return TitledFilm(
            self.id,
            self.title,
            self.original_title,
            self.released_on,
            self.popularity,
            tuple(self.others),
        )


def folded_titles(film: TitledFilm) -> set[str]:
    """Return what a film is called, folded."""
    names = (film.title, film.original_title or "", *film.alternative_titles)
    return {folded for name in names if (folded := fold(name))}


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.lists", name)
