"""
What films are held against: how many votes the best known of a decade have, the mean scores, what lists could name.

A pass over all films measures them and stores them with the version; every film that is scored until the next pass
reads the same ones, so that a film gets the same score alone as among all. They are rounded, so that they rarely move.
"""

from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.enrichment.cri import sameness
from cinegraph.enrichment.cri.facts import (
    NOTHING_HELD,
    HeldOut,
    Numbers,
)
from cinegraph.enrichment.cri.formula import REGISTRY, Formula

BEST_KNOWN: Final = 25
"""The place in its decade from which a film is known to all: a rank, which does not move with the long tail."""
FEWEST_FILMS: Final = 100
"""With voters; a decade of fewer is held against its neighbours, too."""
_ENOUGH_VOTES: Final = 50
"""For a film's score to count towards the mean: of fewer it is noise."""
_DEFAULT_MEAN: Final = 6.3
"""Of user scores at TMDB and IMDb over the years; where too few are stored to measure it."""
QUANTILES: Final = (50, 75, 90, 95, 99)
"""Told in explanations."""


class Decade(msgspec.Struct, frozen=True):
    """The films of a decade, and of its neighbours where it has few."""

    voters: float
    """Of its best known films."""
    quantiles: tuple[float, ...]
    """Of votes, at `QUANTILES`."""


class ListSeen(msgspec.Struct, frozen=True):
    """A list that counts."""

    id: int
    weight: float
    is_ranked: bool
    newest: int | None
    """Year of its newest film: what came later it could not name."""


class FestivalSeen(msgspec.Struct, frozen=True):
    """A festival whose editions are stored."""

    key: str
    prestige: float
    first: int
    """Year of the films of its first edition that is stored."""
    last: int


class Baselines(msgspec.Struct, frozen=True):
    """What films are held against."""

    year: int
    """From which age is counted."""
    decades: dict[int, Decade] = {}
    all_time: Decade = Decade(1000.0, ())
    tmdb_mean: float = _DEFAULT_MEAN
    imdb_mean: float = _DEFAULT_MEAN
    named_often: float = 0.0
    """By how many films those that are named most are named; 0: nothing is known of recommendations."""
    named_share: float = 0.0
    """Of films, those that tell what they recommend."""
    lists: tuple[ListSeen, ...] = ()
    """Without those that are the registry again."""
    registry_lists: tuple[int, ...] = ()
    festivals: tuple[FestivalSeen, ...] = ()

    @property
    def has_registry(self) -> bool:
        """Whether what the registry keeps is stored."""
        return bool(self.registry_lists) or any(
            one.key == REGISTRY for one in self.festivals
        )


async def measure(
    conn: AsyncConnection[Any], *, now: datetime, held: HeldOut = NOTHING_HELD
) -> Baselines:
    """Return what all stored films come to; reads the votes of all, some seconds for a million films."""
    await conn.execute(_load("allow_long_measuring.sql"))
    cursor = await conn.execute(_load("measure_voters.sql"))
    table = np.array(await cursor.fetchall(), dtype=np.float64).reshape(-1, 3)
    decades, votes, scores = table[:, 0], table[:, 1], table[:, 2]
    cursor = await conn.execute(_load("measure_imdb.sql"), {"fewest": _ENOUGH_VOTES})
    [(imdb_mean,)] = await cursor.fetchall()
    cursor = await conn.execute(_load("measure_named.sql"))
    [(often, share)] = await cursor.fetchall()
    cursor = await conn.execute(
        _load("measure_lists.sql"), {"held_lists": list(held.lists)}
    )
    lists = [ListSeen(*row) for row in await cursor.fetchall()]
    cursor = await conn.execute(
        _load("measure_festivals.sql"), {"held_categories": list(held.categories)}
    )
    festivals = tuple(FestivalSeen(*row) for row in await cursor.fetchall())
    twins = await _registry_lists(conn, held)
    enough = scores[votes >= _ENOUGH_VOTES]
    return Baselines(
        year=now.year,
        decades=measure_decades(decades, votes),
        all_time=_decade(votes),
        tmdb_mean=round(float(enough.mean()), 1) if enough.size else _DEFAULT_MEAN,
        imdb_mean=_DEFAULT_MEAN if imdb_mean is None else round(imdb_mean, 1),
        named_often=float(often or 0),
        named_share=round(share, 2),
        lists=tuple(one for one in lists if one.id not in twins),
        registry_lists=twins,
        festivals=festivals,
    )


def measure_decades(decades: Numbers, votes: Numbers) -> dict[int, Decade]:
    """
    Return by decade how films are known.

    Args:
        decades: Of films that have voters; NaN: no date.
        votes: The same films'.
    """
    found = {}
    for decade in np.unique(decades[~np.isnan(decades)]):
        apart = np.abs(decades - decade)
        reach = 0
        while np.count_nonzero(apart <= reach) < min(FEWEST_FILMS, votes.size):
            reach += 10
            if reach > 200:  # noqa: PLR2004 - longer than films are made
                break
        found[int(decade)] = _decade(votes[apart <= reach])
    return found


async def store(
    conn: AsyncConnection[Any], formula: Formula, baselines: Baselines, *, now: datetime
) -> None:
    """Keep a version and what films are held against by it."""
    weights = {one.name: one.weight for one in formula.dimensions} | {
        f"{one.dimension}.{one.name}": one.weight for one in formula.terms
    }
    await conn.execute(
        _load("add_version.sql"),
        {
            "version": formula.version,
            "description": formula.description,
            "terms": [one.name for one in formula.terms],
            "weights": Jsonb(weights),
            "now": now,
        },
    )
    await conn.execute(
        _load("replace_baselines.sql"),
        {
            "version": formula.version,
            "baselines": Jsonb(msgspec.to_builtins(baselines, str_keys=True)),
            "now": now,
        },
    )


async def find(conn: AsyncConnection[Any], version: str) -> Baselines | None:
    """Return what films are held against by a version; None: no pass has measured it."""
    cursor = await conn.execute(_load("find_baselines.sql"), {"version": version})
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Baselines, strict=False)


async def require(
    conn: AsyncConnection[Any], formula: Formula, *, now: datetime
) -> Baselines:
    """Return what films are held against; measured now where no pass has done it yet."""
    found = await find(conn, formula.version)
    if found is None:
        found = await measure(conn, now=now)
        await store(conn, formula, found, now=now)
    return found


async def _registry_lists(conn: AsyncConnection[Any], held: HeldOut) -> tuple[int, ...]:
    lists = [one for one in await sameness.read_lists(conn) if one.id not in held.lists]
    members = await sameness.read_members(conn, festival=REGISTRY)
    return sameness.find_registry_lists(lists, members)


def _decade(votes: Numbers) -> Decade:
    if not votes.size:
        return Decade(1000.0, ())
    ordered = np.sort(votes)[::-1]
    place = max(1, min(BEST_KNOWN, votes.size // 20))
    quantiles = np.quantile(votes, [one / 100 for one in QUANTILES])
    return Decade(
        _rough(float(ordered[place - 1])),
        tuple(_rough(float(one)) for one in quantiles),
    )


def _rough(number: float) -> float:
    """Return a number to two digits."""
    return float(f"{number:.1e}")


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
