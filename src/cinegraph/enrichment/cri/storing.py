"""
Keeping scores equal to what the catalogue says, for some films or for all.

Both ways read the same statements and reckon by the same functions; a pass measures the baselines first, a single film
reads those of the last pass. Films are locked before their facts are read, so whoever comes later has seen more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.cri import baselines as measuring
from cinegraph.enrichment.cri.facts import (
    Numbers,
    list_films,
    read_all_directed,
    read_facts,
    read_many_facts,
)
from cinegraph.enrichment.cri.formula import CURRENT, Formula
from cinegraph.enrichment.cri.scoring import Scores, score

BATCH: Final = 20_000
"""Films a transaction of a pass: some three seconds, in which nobody else scores a film."""
_AGAIN: Final = 500
"""Films a transaction where a pass scores some again."""
_DIGITS: Final = 4
"""After the point of evidence, as it is stored."""


class Scored(msgspec.Struct, frozen=True):
    """What scoring came to."""

    films: int
    """That are stored, of those given."""
    changed: int
    """Whose row was not yet what it has to be."""
    impossible: int
    """That have no score, for a reason that their row says."""


async def score_films(
    conn: AsyncConnection[Any],
    movie_ids: Sequence[int],
    *,
    now: datetime,
    formula: Formula = CURRENT,
) -> Scored:
    """
    Score some films (our ids) in the transaction that is open on *conn*.

    They are held against what the last pass measured; where there was none, it is measured now. Whatever is equal
    already is not written.

    Locks: no other job scores these films, and no pass any film, until the transaction ends. Several calls in one
    transaction may meet another's in a circle: give all films at once.
    """
    ids = sorted(set(movie_ids))
    await conn.execute(_load("lock_index.sql"))
    await conn.execute(_load("lock_films.sql"), {"movie_ids": ids})
    baselines = await measuring.require(conn, formula, now=now)
    # Only now: facts are read after whoever scored these films before has committed.
    scores = score(await read_facts(conn, ids), baselines, formula)
    return await _write(conn, scores, formula, now=now)


async def score_all(
    pool: Pool,
    *,
    now: datetime,
    formula: Formula = CURRENT,
    batch: int = BATCH,
    progress: Callable[[int], Awaitable[None]] | None = None,
) -> Scored:
    """
    Measure the baselines and score all films, a batch a transaction; single films wait for a batch at most.

    Which films directors made is read once, before: it costs as much for a batch as for all. Films of which it changed
    meanwhile are scored again at the end, or what a job made of the change would be lost.

    Args:
        progress: Told after each batch how many films are done; it may raise to stop.
    """
    async with pool.connection() as conn, conn.transaction():
        baselines = await measuring.measure(conn, now=now)
        await measuring.store(conn, formula, baselines, now=now)
        directed = await read_all_directed(conn)
    films = changed = impossible = after = 0
    while True:
        async with pool.connection() as conn, conn.transaction():
            await conn.execute(_load("lock_all.sql"))
            ids = await list_films(conn, after=after, most=batch)
            if not ids:
                break
            facts = await read_many_facts(conn, ids, directed)
            # Apart: a node stores films meanwhile.
            scores = await asyncio.to_thread(score, facts, baselines, formula)
            done = await _write(conn, scores, formula, now=now)
        after = ids[-1]
        films += done.films
        changed += done.changed
        impossible += done.impossible
        if progress is not None:
            await progress(films)
    async with pool.connection() as conn, conn.transaction():
        newest = await read_all_directed(conn)
    stale = [
        one
        for one in sorted(directed.keys() | newest.keys())
        if directed.get(one) != newest.get(one)
    ]
    for some in batched(stale, _AGAIN):
        async with pool.connection() as conn, conn.transaction():
            await score_films(conn, some, now=now, formula=formula)
    return Scored(films, changed, impossible)


async def _write(
    conn: AsyncConnection[Any], scores: Scores, formula: Formula, *, now: datetime
) -> Scored:
    rows = list(_rows(scores, formula))
    cursor = await conn.execute(
        _load("write_scores.sql"),
        {
            "films": msgspec.json.encode(rows).decode(),
            "version": formula.version,
            "now": now,
        },
    )
    changed = len(await cursor.fetchall())
    impossible = sum(one is not None for one in scores.impossible)
    return Scored(len(rows), changed, impossible)


def _rows(scores: Scores, formula: Formula) -> Iterator[dict[str, Any]]:
    """Return scores by film, under the short names of the statement."""
    names = [one.name for one in formula.terms]
    evidence = np.column_stack([scores.evidence[name].values for name in names])
    shares = np.column_stack([scores.evidence[name].shares for name in names])
    columns = zip(
        scores.films.ids.tolist(),
        _plain(scores.scores),
        scores.confidence.tolist(),
        np.round(evidence, _DIGITS).tolist(),
        np.round(shares, _DIGITS).tolist(),
        scores.impossible,
        *(_plain(scores.dimensions[one.name]) for one in formula.dimensions),
        strict=True,
    )
    for movie_id, value, confidence, values, parts, impossible, *dimensions in columns:
        row = {"m": movie_id, "s": value, "c": confidence, "x": impossible}
        row |= zip("tpair", dimensions, strict=True)
        possible = impossible is None
        row |= {"e": values if possible else [], "h": parts if possible else []}
        yield row


def _plain(numbers: Numbers) -> list[float | None]:
    """Return numbers, None for NaN."""
    return [None if one != one else one for one in numbers.tolist()]  # noqa: PLR0124 - NaN


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
