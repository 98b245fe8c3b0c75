"""
How well the score finds the films of a list that it has not seen, beside simpler rankings; writes nothing.

The list is held out with all that is derived from it (`sameness`), the baselines are measured without it, and all films
are scored in memory. Then each ranking is asked for the list's films.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.cri import baselines as measuring
from cinegraph.enrichment.cri import measures, sameness
from cinegraph.enrichment.cri.facts import (
    Flags,
    HeldOut,
    Numbers,
    list_films,
    read_all_directed,
    read_many_facts,
)
from cinegraph.enrichment.cri.formula import CURRENT, Formula
from cinegraph.enrichment.cri.scoring import Scores, score
from cinegraph.enrichment.cri.verdict import FEW, judge
from cinegraph.errors import UsageError

SEED: Final = 20815
_BATCH: Final = 20_000
_DEPTHS: Final = (1, 2, 5)
"""Of recall, in lengths of the list as far as it is stored."""
SCORE: Final = "score"
FEATURE: Final = "feature"
BASELINE: Final = "baseline"


class UnknownListError(UsageError):
    """No list has that key."""

    code = "list_unknown"

    def __init__(self, key: str, known: Sequence[str]) -> None:
        self.known = known
        super().__init__(
            f"no list is called {key!r}",
            hint=f"Imported are: {', '.join(known) or 'none'}. `cinegraph lists list` says how to import one.",
        )


class EmptyListError(UsageError):
    """None of its films is stored, or all films are on it: there is nothing to find."""

    code = "list_empty"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"no film of {key!r} is stored and not gone",
            hint="Import its films first: `cinegraph lists missing` names them.",
        )


class Gain(msgspec.Struct, frozen=True):
    """By how much the score is better than a ranking, and between what in 95 of 100 resamples."""

    value: float
    low: float
    high: float


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """How well one ranking finds the list's films."""

    name: str
    kind: str
    """`score`, `baseline`, or `feature`: one term of the score alone."""
    precision: float
    """Of as many first films as members are stored, those that are members."""
    recall: tuple[float, ...]
    """At the depths of the backtest."""
    auc: float
    average_precision: float
    gains: dict[str, Gain] = {}
    """Of the score against it: `auc`, `precision`, `average_precision`; none: it is the score, or chance."""


class DecadeResult(msgspec.Struct, frozen=True, kw_only=True):
    """The score among films of one decade."""

    decade: int | None
    members: int
    films: int
    auc: float | None
    precision: float | None


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backtest found."""

    list_key: str
    list_name: str
    version: str
    members: int
    """Of the list."""
    stored: int
    """Of these, in the catalogue and not gone."""
    films: int
    """In the catalogue and not gone."""
    is_thin: bool = False
    """Whether so few members are stored that nothing follows from the numbers; then their intervals say nothing."""
    held_out: tuple[sameness.Derived, ...]
    """What was held out with it."""
    depths: tuple[int, ...]
    """Films, at which recall is told; the last one is the list's full length."""
    auc: Gain
    """Of the score itself."""
    rankings: tuple[Ranking, ...]
    """The score, the baselines, each feature that says something."""
    decades: tuple[DecadeResult, ...]
    resamples: int
    seed: int
    verdict: tuple[str, ...]


class _Read(NamedTuple):
    """What a backtest takes from the database."""

    target: sameness.List
    derived: list[sameness.Derived]
    entries: list[int | None]
    columns: dict[str, Numbers]


async def run_backtest(
    pool: Pool,
    list_key: str,
    *,
    now: datetime,
    formula: Formula = CURRENT,
    resamples: int = measures.RESAMPLES,
    seed: int = SEED,
) -> Backtest:
    """
    Hold out a list and look for its films.

    Raises:
        UnknownListError: There is no such list.
        EmptyListError: None of its films is stored.
    """
    async with pool.connection() as conn:
        read = await _read(conn, list_key, formula, now=now)
    # With no transaction open, and beside the event loop: it takes seconds to minutes.
    return await asyncio.to_thread(
        _find, read, formula.version, resamples=resamples, seed=seed
    )


async def _read(
    conn: AsyncConnection[Any], list_key: str, formula: Formula, *, now: datetime
) -> _Read:
    lists = await sameness.read_lists(conn)
    target = next((one for one in lists if one.key == list_key), None)
    if target is None:
        raise UnknownListError(list_key, [one.key for one in lists])
    members = await sameness.read_members(conn)
    held, derived = sameness.find_derived(target, lists, members)
    cursor = await conn.execute(
        _load("read_stored_members.sql"), {"list_id": target.id}
    )
    entries = [row[0] for row in await cursor.fetchall()]
    columns = await _read_columns(conn, held, formula, now=now)
    return _Read(target, derived, entries, columns)


def _find(read: _Read, version: str, *, resamples: int, seed: int) -> Backtest:
    target, entries, columns = read.target, read.entries, read.columns
    members = np.isin(columns["id"], [one for one in entries if one is not None])
    if not members.any() or members.all():
        raise EmptyListError(target.key)
    stored = int(members.sum())
    depths = tuple(sorted({*(stored * times for times in _DEPTHS), len(entries)}))
    rankings, auc = _rank(columns, members, depths, resamples=resamples, seed=seed)
    found = Backtest(
        list_key=target.key,
        list_name=target.name,
        version=version,
        members=len(entries),
        stored=stored,
        films=members.size,
        is_thin=stored < FEW,
        held_out=tuple(read.derived),
        depths=depths,
        auc=auc,
        rankings=tuple(rankings),
        decades=tuple(_by_decade(columns, members, seed)),
        resamples=resamples,
        seed=seed,
        verdict=(),
    )
    return msgspec.structs.replace(found, verdict=tuple(judge(found)))


async def _read_columns(
    conn: AsyncConnection[Any], held: HeldOut, formula: Formula, *, now: datetime
) -> dict[str, Numbers]:
    """Return of all live films their ids, years and, under `kind:name`, what ranks them; the score first."""
    baselines = await measuring.measure(conn, now=now, held=held)
    directed = await read_all_directed(conn, held)
    parts: list[dict[str, Numbers]] = []
    after = 0
    while ids := await list_films(conn, after=after, most=_BATCH):
        after = ids[-1]
        facts = await read_many_facts(conn, ids, directed, held)
        scores = score(facts, baselines, formula)
        cursor = await conn.execute(_load("read_popularity.sql"), {"movie_ids": ids})
        popularity = np.array([row[0] for row in await cursor.fetchall()], np.float64)
        parts.append(_columns(scores, popularity))
    if not parts:
        return {"id": np.zeros(0)}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _columns(scores: Scores, popularity: Numbers) -> dict[str, Numbers]:
    films = scores.films
    columns = {
        "id": films.ids.astype(np.float64),
        "year": films.years,
        f"{SCORE}:score": np.nan_to_num(scores.scores, nan=-1.0),
        f"{BASELINE}:popularity": popularity,
        f"{BASELINE}:votes": np.nan_to_num(films.tmdb_votes),
        f"{BASELINE}:rating": np.nan_to_num(films.tmdb_scores),
        f"{BASELINE}:rating, shrunken": scores.evidence["tmdb"].values,
        **{f"{FEATURE}:{name}": one.values for name, one in scores.evidence.items()},
    }
    return {name: column[films.is_live] for name, column in columns.items()}


def _rank(
    columns: dict[str, Numbers],
    members: Flags,
    depths: tuple[int, ...],
    *,
    resamples: int,
    seed: int,
) -> tuple[list[Ranking], Gain]:
    """Return all rankings, that of the score first, and the AUC of the score with its interval."""
    named = {
        name: values
        for name, values in columns.items()
        # One that holds all films equal says nothing.
        if ":" in name and (name.startswith(SCORE) or np.ptp(values) > 0)
    }
    lots = measures.shuffle(members.size, seed)
    drawn = measures.resample(
        list(named.values()), members, lots, seed=seed, resamples=resamples
    )
    rankings = [
        _measure(name, values, members, lots, depths) for name, values in named.items()
    ]
    ours = rankings[0]
    told = [ours, _chance(members, depths)]
    for index, ranking in enumerate(rankings[1:], start=1):
        gains = {
            measure: _gain(
                getattr(ours, measure) - getattr(ranking, measure),
                getattr(drawn, measure)[0] - getattr(drawn, measure)[index],
            )
            for measure in ("auc", "precision", "average_precision")
        }
        told.append(msgspec.structs.replace(ranking, gains=gains))
    # The linear expansion of a resample may go beyond what an AUC can be.
    return told, _gain(ours.auc, np.clip(drawn.auc[0], 0.0, 1.0))


def _measure(
    name: str, values: Numbers, members: Flags, lots: Numbers, depths: tuple[int, ...]
) -> Ranking:
    kind, _, plain = name.partition(":")
    hits = members[measures.put_in_order(values, lots)]
    return Ranking(
        name=plain,
        kind=kind,
        precision=measures.measure_precision(hits, int(members.sum())),
        recall=tuple(measures.measure_recall(hits, depth) for depth in depths),
        auc=measures.measure_auc(values, members),
        average_precision=measures.measure_average_precision(hits),
    )


def _chance(members: Flags, depths: tuple[int, ...]) -> Ranking:
    share = float(members.mean())
    return Ranking(
        name="random",
        kind=BASELINE,
        precision=share,
        recall=tuple(min(1.0, depth / members.size) for depth in depths),
        auc=0.5,
        average_precision=share,
    )


def _gain(value: float, drawn: Numbers) -> Gain:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Gain(value, float(low), float(high))


def _by_decade(
    columns: dict[str, Numbers], members: Flags, seed: int
) -> list[DecadeResult]:
    decades = columns["year"] // 10 * 10
    results = []
    for decade in np.unique(decades[members]):
        here = np.isnan(decades) if np.isnan(decade) else decades == decade
        mine, values = members[here], columns[f"{SCORE}:score"][here]
        order = measures.put_in_order(values, measures.shuffle(values.size, seed))
        count = int(mine.sum())
        is_alone = count == mine.size
        results.append(
            DecadeResult(
                decade=None if np.isnan(decade) else int(decade),
                members=count,
                films=mine.size,
                auc=None if is_alone else measures.measure_auc(values, mine),
                precision=measures.measure_precision(mine[order], count),
            )
        )
    return results


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
