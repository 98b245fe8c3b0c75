"""
Making the recommendations of films equal to what is known: of some films in the caller's transaction, or of all.

Both ways read the same rows, build the same vectors and rank by the same function. They differ in one thing: the pass
over all films counts how often each feature is, and stores that; what is computed film by film reads the last count. So
they agree to the last digit for as long as nothing changed since the pass.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection
from scipy import sparse

from cinegraph import clock
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.recommendations.evidence import Evidence, Ints, Longs
from cinegraph.enrichment.recommendations.kinds import KINDS
from cinegraph.enrichment.recommendations.matrix import Builder, Matrix
from cinegraph.enrichment.recommendations.reading import (
    find_sharers,
    read_evidence,
    read_frequencies,
)
from cinegraph.enrichment.recommendations.scoring import (
    Likeness,
    Ranked,
    choose_candidates,
)

READ_BATCH: Final = 5_000
"""Films read at once in the pass over all: some 300,000 features, two seconds."""
WRITE_BATCH: Final = 250
"""Films computed and written in a transaction: half a second, and some 20 MB while candidates are chosen."""
_FREQUENCIES_BATCH: Final = 100_000
_LARGEST_KEY: Final = 2**31 - 1

GONE: Final = "the film is gone: its source has it no longer"
NOTHING_SHARED: Final = "no other film is known to share people, themes, words, companies, lists or neighbours with it"

type Progress = Callable[[str, int, int], None]
"""Told what is done: the stage, how much of it, of how much."""


class Recommended(msgspec.Struct, frozen=True):
    """What computing came to."""

    films: int
    """That are stored, of those given."""
    changed: int
    """Whose recommendations were not yet what they are now."""
    impossible: int
    """For which nothing can be recommended."""


class _Result(msgspec.Struct, frozen=True):
    """What is stored of a film."""

    movie_id: int
    movie_ids: list[int]
    scores: list[float]
    parts: bytes
    words: list[int]
    impossible: str | None


async def list_shown(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], *, most: int
) -> list[int]:
    """Return our ids of the films that are recommended for any of some films, the best *most* of each."""
    cursor = await conn.execute(
        _load("list_shown.sql"), {"movie_ids": list(movie_ids), "most": most}
    )
    return [row[0] for row in await cursor.fetchall()]


async def recommend_films(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], *, now: datetime
) -> Recommended:
    """
    Make what is recommended for films equal to what is known; what is equal already is not written.

    Call it in a transaction. Locks: the films' rows in `recommendation_movies`, by id.
    """
    ids = sorted(set(movie_ids))
    await conn.execute(_load("ensure_films.sql"), {"movie_ids": ids, "now": now})
    cursor = await conn.execute(_load("lock_films.sql"), {"movie_ids": ids})
    # Only now: what is known is read after whoever computed it before has committed.
    results = [
        await _recommend_one(conn, movie_id) for (movie_id,) in await cursor.fetchall()
    ]
    return await _write(conn, results, now=now)


async def _recommend_one(conn: AsyncConnection[Any], movie_id: int) -> _Result:
    alone = await read_evidence(conn, [movie_id])
    if not alone.is_live[0]:
        return _nothing(movie_id, [], GONE)
    words: list[int] = alone.words[0].tolist()
    candidates = await _find_candidates(conn, await _build(conn, alone))
    if not candidates:
        return _nothing(movie_id, words, NOTHING_SHARED)
    together = await read_evidence(conn, [movie_id, *candidates])
    matrix = await _build(conn, together)
    row = int(np.searchsorted(matrix.ids, movie_id))
    rows = np.searchsorted(matrix.ids, candidates).astype(np.int32)
    # Apart: a node stores films meanwhile.
    ranked = await asyncio.to_thread(Likeness(matrix).rank, row, rows)
    return _tell(matrix, row, ranked, words)


async def _build(conn: AsyncConnection[Any], evidence: Evidence) -> Matrix:
    """Return the matrix of some films, with what the last pass counted."""
    builder = Builder()
    builder.add(evidence)
    known = await read_frequencies(conn, evidence.features)
    return await asyncio.to_thread(builder.build, known)


async def _find_candidates(conn: AsyncConnection[Any], matrix: Matrix) -> list[int]:
    """Return our ids of the candidates of a matrix's only film."""
    own = matrix.pick_rows(0, 1)
    pulling = np.flatnonzero(matrix.pull > 0).astype(np.int32)
    if not len(pulling):
        return []
    most = np.array([kind.most_films for kind in KINDS], np.int32)
    places = matrix.kind_of[pulling]
    columns, movie_ids = await find_sharers(
        conn,
        int(matrix.ids[0]),
        np.array([kind.id for kind in KINDS], np.int32)[places],
        matrix.keys[pulling],
        np.minimum(most[places], matrix.largest),
    )
    ids, films = np.unique(movie_ids, return_inverse=True)
    sharers = sparse.csr_array(
        (np.ones(len(films), np.float32), (pulling[columns], films)),
        shape=(matrix.columns_count, len(ids)),
    )
    chosen = choose_candidates(sparse.csr_array(own @ sharers), 0, None)
    found: list[int] = ids[chosen].tolist()
    return found


async def recommend_all(
    pool: Pool,
    *,
    now: datetime,
    on_progress: Progress | None = None,
    progress: Callable[[int], Awaitable[None]] | None = None,
) -> Recommended:
    """
    Compute every film: after a bulk import, or now and then, so that what was counted is true again.

    Others may go on meanwhile: films are read in batches of a moment each, and written in short transactions; what
    somebody computed for a film meanwhile stays.

    Args:
        pool: Of the database.
        now: When it begins; for changed_at.
        on_progress: Told after every batch; stages are reading, counting and comparing.
        progress: Told after each batch how many films are done; it may raise to stop.
    """
    tell = on_progress or (lambda _stage, _done, _total: None)
    matrix, texts = await _read_all(pool, tell)
    await _write_frequencies(pool, matrix, tell)
    sharers = await asyncio.to_thread(matrix.sharers)
    likeness = Likeness(matrix)
    ends = [*range(WRITE_BATCH, len(matrix.ids), WRITE_BATCH), len(matrix.ids)]

    def rank(end: int) -> list[_Result]:
        first = (end - 1) // WRITE_BATCH * WRITE_BATCH
        return _rank_block(matrix, likeness, sharers, texts, (max(first, 0), end))

    done = Recommended(0, 0, 0)
    async for end, results in _ahead(rank, ends):
        async with pool.connection() as conn, conn.transaction():
            wrote = await _write(conn, results, now=now, read_at=now)
        done = Recommended(
            done.films + wrote.films,
            done.changed + wrote.changed,
            done.impossible + wrote.impossible,
        )
        tell("comparing", end, len(matrix.ids))
        if progress is not None:
            await progress(end)
    return done


async def _ahead[A, R](
    work: Callable[[A], R], given: Sequence[A]
) -> AsyncIterator[tuple[A, R]]:
    """Yield what *work* makes of each; the next is worked on, in a thread, while the caller is busy with one."""
    coming: asyncio.Task[R] | None = None
    try:
        for place, one in enumerate(given):
            task = coming or asyncio.create_task(asyncio.to_thread(work, one))
            done = await task
            after = given[place + 1 : place + 2]
            coming = (
                asyncio.create_task(asyncio.to_thread(work, after[0]))
                if after
                else None
            )
            yield one, done
    finally:
        if coming is not None:
            # A thread cannot be stopped: what it works on must not be taken away.
            await asyncio.wait([coming])


class _Texts(msgspec.Struct, frozen=True):
    """The words of all films in one array: as arrays of their own they would take three times the room."""

    words: Ints
    starts: Longs

    def of(self, row: int) -> list[int]:
        """Return the words of a film."""
        found: list[int] = self.words[self.starts[row] : self.starts[row + 1]].tolist()
        return found


async def _read_all(pool: Pool, tell: Progress) -> tuple[Matrix, _Texts]:
    builder = Builder()
    words: list[Ints] = []
    counts: list[int] = []
    after = 0
    while True:
        async with pool.connection() as conn:
            cursor = await conn.execute(
                _load("list_films.sql"), {"after": after, "limit": READ_BATCH}
            )
            ids = [row[0] for row in await cursor.fetchall()]
            evidence = await read_evidence(conn, ids)
        await asyncio.to_thread(builder.add, evidence)
        words.append(np.concatenate([np.empty(0, np.int32), *evidence.words]))
        counts += [len(text) for text in evidence.words]
        tell("reading", len(counts), len(counts))
        if not ids:
            break
        after = ids[-1]
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    texts = _Texts(np.concatenate(words), starts)
    return await asyncio.to_thread(builder.build), texts


async def _write_frequencies(pool: Pool, matrix: Matrix, tell: Progress) -> None:
    """Make what is stored of how often features are equal to what was counted; by spans of keys, which leave no gap."""
    everything = np.array([matrix.counted], np.int32)
    if everything[0]:
        await _write_span(
            pool,
            0,
            (-_LARGEST_KEY - 1, _LARGEST_KEY),
            (np.zeros(1, np.int32), everything),
        )
    for place, kind in enumerate(KINDS):
        mine = matrix.kind_of == place
        keys, films = matrix.keys[mine], matrix.films[mine]
        first = -_LARGEST_KEY - 1
        for begin in range(0, max(len(keys), 1), _FREQUENCIES_BATCH):
            batch = slice(begin, begin + _FREQUENCIES_BATCH)
            is_last = begin + _FREQUENCIES_BATCH >= len(keys)
            last = _LARGEST_KEY if is_last else int(keys[batch][-1])
            await _write_span(pool, kind.id, (first, last), (keys[batch], films[batch]))
            first = last + 1
        tell("counting", place + 1, len(KINDS))


async def _write_span(
    pool: Pool, kind: int, span: tuple[int, int], counted: tuple[Ints, Ints]
) -> None:
    keys, films = counted
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(
            _load("write_frequencies.sql"),
            {
                "kind": kind,
                "first": span[0],
                "last": span[1],
                "keys": keys.tolist(),
                "films": films.tolist(),
            },
        )


def _rank_block(
    matrix: Matrix,
    likeness: Likeness,
    sharers: Any,  # noqa: ANN401 - scipy has no types
    texts: _Texts,
    span: tuple[int, int],
) -> list[_Result]:
    """Return what is recommended for the films of a span of rows."""
    first, end = span
    pulls = sparse.csr_array(matrix.pick_rows(first, end) @ sharers)
    results = []
    for row in range(first, end):
        if not matrix.is_live[row]:
            results.append(_nothing(int(matrix.ids[row]), [], GONE))
            continue
        candidates = choose_candidates(pulls, row - first, row)
        ranked = likeness.rank(row, candidates)
        results.append(_tell(matrix, row, ranked, texts.of(row)))
    return results


def _tell(matrix: Matrix, row: int, ranked: Ranked, words: list[int]) -> _Result:
    """Return what is stored of a film."""
    movie_id = int(matrix.ids[row])
    if not len(ranked.rows):
        return _nothing(movie_id, words, NOTHING_SHARED)
    return _Result(
        movie_id,
        matrix.ids[ranked.rows].tolist(),
        ranked.scores.tolist(),
        ranked.parts,
        words,
        None,
    )


def _nothing(movie_id: int, words: list[int], why: str) -> _Result:
    """Return what is stored of a film for which nothing can be recommended."""
    return _Result(movie_id, [], [], b"", words, why)


async def _write(
    conn: AsyncConnection[Any],
    results: Sequence[_Result],
    *,
    now: datetime,
    read_at: datetime | None = None,
) -> Recommended:
    """Store results; of films that somebody computed after *read_at* nothing is written."""
    async with conn.cursor() as cursor:
        await cursor.executemany(
            _load("write_film.sql"),
            [
                {
                    **msgspec.structs.asdict(one),
                    "now": now,
                    "read_at": read_at,
                    "written_at": clock.now(),
                }
                for one in results
            ],
        )
        changed = max(cursor.rowcount, 0)
    return Recommended(
        len(results), changed, sum(one.impossible is not None for one in results)
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.recommendations", name)
