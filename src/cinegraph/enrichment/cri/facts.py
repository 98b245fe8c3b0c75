"""Reading what the catalogue says of films: columns of numbers, and the few rows of those that lists or awards name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.cri.formula import REGISTRY

REGISTRY_COUNTRY: Final = "US"
"""Whose films it keeps: that it does not keep another says nothing."""

type Numbers = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]
type Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """What a backtest does not let count."""

    lists: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    """Of awards."""


NOTHING_HELD: Final = HeldOut()


class Listing(NamedTuple):
    """A place on a list."""

    movie_id: int
    list_id: int
    name: str
    weight: float
    position: int | None


class Honour(NamedTuple):
    """A nomination of a film."""

    movie_id: int
    nomination_id: int
    festival: str
    festival_name: str
    prestige: float
    category: str
    kind: str | None
    is_winner: bool


class Kept(NamedTuple):
    """A film that the registry's awards event names."""

    movie_id: int
    weight: float
    """Of the list that is made of the event, else its prestige."""


class Directed(NamedTuple):
    """Two films of one director."""

    movie_id: int
    person_id: int
    other_id: int


type ByFilm = dict[int, list[Directed]]


@dataclass(frozen=True, kw_only=True)
class Films:
    """Films by column, in the order of their ids; NaN where nothing is known."""

    ids: Ids
    years: Numbers
    is_live: Flags
    is_domestic: Flags
    """Made in the registry's country."""
    tmdb_scores: Numbers
    tmdb_votes: Numbers
    imdb_scores: Numbers
    imdb_votes: Numbers
    tomatoes: Numbers
    metacritic: Numbers
    named: Numbers
    """How many films' recommendations name it."""


class Rows(NamedTuple):
    """What few films have."""

    listings: list[Listing]
    honours: list[Honour]
    kept: list[Kept]
    directed: list[Directed]


@dataclass(frozen=True)
class Facts:
    """Films and their rows; rows may be of other films, too."""

    films: Films
    rows: Rows


async def read_facts(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], held: HeldOut = NOTHING_HELD
) -> Facts:
    """Return what is known of some films."""
    films = await read_films(conn, movie_ids)
    directed = await _fetch(
        conn, Directed, "read_directed.sql", movie_ids=list(movie_ids)
    )
    ids = sorted({*movie_ids, *(row.other_id for row in directed)})
    return Facts(
        films,
        Rows(
            await _listings(conn, ids, held),
            await _honours(conn, movie_ids, held),
            await _kept(conn, ids, held),
            directed,
        ),
    )


async def read_many_facts(
    conn: AsyncConnection[Any],
    movie_ids: Sequence[int],
    directed: ByFilm,
    held: HeldOut = NOTHING_HELD,
) -> Facts:
    """Return what is known of films; cheaper where they are thousands: *directed* was read for all films before."""
    return Facts(
        await read_films(conn, movie_ids),
        Rows(
            await _listings(conn, None, held),
            await _honours(conn, movie_ids, held),
            await _kept(conn, None, held),
            [row for one in movie_ids for row in directed.get(one, ())],
        ),
    )


async def read_all_directed(
    conn: AsyncConnection[Any], held: HeldOut = NOTHING_HELD
) -> ByFilm:
    """Return by film the other films of its directors that lists name."""
    listings, kept = await _listings(conn, None, held), await _kept(conn, None, held)
    listed = {row.movie_id for row in listings}.union(row.movie_id for row in kept)
    found: ByFilm = {}
    for row in await _fetch(
        conn, Directed, "read_all_directed.sql", listed_ids=sorted(listed)
    ):
        found.setdefault(row.movie_id, []).append(row)
    return found


async def read_films(conn: AsyncConnection[Any], movie_ids: Sequence[int]) -> Films:
    """Return the columns of some films; those that are not stored are left out."""
    cursor = await conn.execute(
        _load("read_films.sql"),
        {"movie_ids": list(movie_ids), "country": REGISTRY_COUNTRY},
    )
    return _columns(await cursor.fetchall())


def join_films(parts: Iterable[Films]) -> Films:
    """Return films that were read in parts."""
    listed = list(parts) or [_columns([])]
    return Films(
        **{
            name: np.concatenate([getattr(part, name) for part in listed])
            for name in Films.__dataclass_fields__
        }
    )


async def list_films(conn: AsyncConnection[Any], *, after: int, most: int) -> list[int]:
    """Return the next films by id."""
    cursor = await conn.execute(_load("list_films.sql"), {"after": after, "most": most})
    return [row[0] for row in await cursor.fetchall()]


def _columns(rows: Sequence[Sequence[Any]]) -> Films:
    columns = list(zip(*rows, strict=True)) or [()] * 11

    def numbers(column: int) -> Numbers:
        # None becomes NaN.
        return np.array(columns[column], dtype=np.float64)

    return Films(
        ids=np.array(columns[0], dtype=np.int64),
        years=numbers(1),
        is_live=np.array(columns[2], dtype=np.bool_),
        is_domestic=np.array(columns[3], dtype=np.bool_),
        tmdb_scores=numbers(4),
        tmdb_votes=numbers(5),
        imdb_scores=numbers(6),
        imdb_votes=numbers(7),
        tomatoes=numbers(8),
        metacritic=numbers(9),
        named=numbers(10),
    )


async def _listings(
    conn: AsyncConnection[Any], ids: list[int] | None, held: HeldOut
) -> list[Listing]:
    return await _fetch(
        conn,
        Listing,
        "read_listings.sql",
        movie_ids=ids,
        held_lists=list(held.lists),
    )


async def _honours(
    conn: AsyncConnection[Any], ids: Sequence[int], held: HeldOut
) -> list[Honour]:
    return await _fetch(
        conn,
        Honour,
        "read_honours.sql",
        movie_ids=list(ids),
        held_categories=list(held.categories),
    )


async def _kept(
    conn: AsyncConnection[Any], ids: list[int] | None, held: HeldOut
) -> list[Kept]:
    return await _fetch(
        conn,
        Kept,
        "read_kept.sql",
        movie_ids=ids,
        festival=REGISTRY,
        held_categories=list(held.categories),
    )


async def _fetch[Row: (Listing, Honour, Kept, Directed)](
    conn: AsyncConnection[Any], kind: type[Row], name: str, **given: object
) -> list[Row]:
    cursor = await conn.execute(_load(name), given)
    return [kind(*row) for row in await cursor.fetchall()]


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
