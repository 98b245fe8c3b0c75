"""Reading what is known of films, for both ways of computing."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.recommendations.evidence import (
    Evidence,
    Features,
    Film,
    Frequencies,
    Ints,
    Longs,
    make_evidence,
)
from cinegraph.enrichment.recommendations.kinds import (
    BESIDE_ITSELF,
    CREW_VALUES,
    DIRECTORS,
    MOST_BESIDE,
    MOST_CAST,
)

# PostgreSQL's binary COPY: a header, rows of counted fields, each with its length before it, and a trailer.
_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2
_FEATURE_ROW: Final = np.dtype(
    [("fields", ">i2"), ("a", ">i4"), ("movie_id", ">i8"), ("b", ">i4"), ("kind", ">i2"),
     ("c", ">i4"), ("key", ">i8"), ("d", ">i4"), ("value", ">f4")]
)  # fmt: skip
_SHARER_ROW: Final = np.dtype(
    [("fields", ">i2"), ("a", ">i4"), ("place", ">i2"), ("b", ">i4"), ("movie_id", ">i8")]
)  # fmt: skip
_COMMON: Final = {
    "most_cast": MOST_CAST,
    "most_beside": MOST_BESIDE,
    "jobs": list(CREW_VALUES),
    "director": DIRECTORS,
}


async def read_evidence(
    conn: AsyncConnection[Any], movie_ids: Sequence[int]
) -> Evidence:
    """Return what is known of films, by id; those that are not stored are left out."""
    cursor = await conn.execute(_load("read_films.sql"), {"movie_ids": list(movie_ids)})
    films = [Film(*row) for row in await cursor.fetchall()]
    rows = await _copy(
        conn,
        _load("read_features.sql"),
        {
            **_COMMON,
            "movie_ids": list(movie_ids),
            "job_values": list(CREW_VALUES.values()),
            "own_value": BESIDE_ITSELF,
        },
        _FEATURE_ROW,
    )
    ids = np.array([film.id for film in films], np.int64)
    features = Features(
        np.searchsorted(ids, rows["movie_id"].astype(np.int64)).astype(np.int32),
        rows["kind"].astype(np.int8),
        rows["key"].astype(np.int32),
        rows["value"].astype(np.float32),
    )
    # Apart: of a batch of the pass over all it takes a second, in which a node stores films.
    return await asyncio.to_thread(make_evidence, films, features)


async def read_frequencies(
    conn: AsyncConnection[Any], features: Features
) -> Frequencies:
    """Return how many films have each of some features."""
    pairs = np.unique(
        np.stack([features.kinds.astype(np.int64), features.keys.astype(np.int64)]),
        axis=1,
    )
    cursor = await conn.execute(
        _load("read_frequencies.sql"),
        {"kinds": pairs[0].tolist(), "keys": pairs[1].tolist()},
    )
    return Frequencies.read(await cursor.fetchall())


async def find_sharers(
    conn: AsyncConnection[Any], movie_id: int, kinds: Ints, keys: Ints, most: Ints
) -> tuple[Ints, Longs]:
    """
    Return which films that may be recommended have which of some features.

    Returns:
        Of each pair the place of the feature and our id of the film, by both.
    """
    rows = await _copy(
        conn,
        _load("find_sharers.sql"),
        {
            **_COMMON,
            "movie_id": movie_id,
            "kinds": kinds.tolist(),
            "keys": keys.tolist(),
            "most": most.tolist(),
        },
        _SHARER_ROW,
    )
    return rows["place"].astype(np.int32), rows["movie_id"].astype(np.int64)


async def _copy(
    conn: AsyncConnection[Any],
    statement: Any,  # noqa: ANN401 - psycopg's Query
    parameters: dict[str, Any],
    row: np.dtype[Any],
) -> npt.NDArray[Any]:
    """Return the rows of a binary COPY: a hundred times quicker than as Python's objects."""
    async with (
        conn.cursor() as cursor,
        cursor.copy(statement, parameters) as copied,
    ):
        body = b"".join([bytes(chunk) async for chunk in copied])
    return np.frombuffer(body[_HEADER_BYTES:-_TRAILER_BYTES], row)


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.recommendations", name)
