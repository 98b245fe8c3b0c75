"""How scores are distributed: all of them in a small catalogue, a sample in a large one."""

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql

BINS: Final = 20
"""Each five points wide."""
SAMPLE: Final = 50_000
"""Films: a share is then known to half a percent, and reading them takes a moment."""


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """How many films have which score."""

    bins: tuple[int, ...]
    """Films by score, from 0 to 100; the last one takes 100 itself."""
    scored: int
    """Films in all bins."""
    impossible: int
    """Films without a score, among those that were looked at."""
    mean: float | None
    is_sample: bool
    """Whether only some were looked at."""
    films: int
    """That were computed in all; of a sample about so many."""


async def read_distribution(conn: AsyncConnection[Any]) -> Distribution:
    """Return how scores are distributed."""
    cursor = await conn.execute(_load("size_scores.sql"))
    [(about,)] = await cursor.fetchall()
    is_sample = about > 2 * SAMPLE
    percent = 100.0 * SAMPLE / about if is_sample else 100.0
    cursor = await conn.execute(
        _load("sample_scores.sql"), {"percent": percent, "bins": BINS}
    )
    films: dict[int | None, int] = {}
    points = 0.0
    for number, count, total in await cursor.fetchall():
        films[number] = count
        points += total
    bins = tuple(films.get(number, 0) for number in range(1, BINS + 1))
    scored = sum(bins)
    impossible = films.get(None, 0)
    return Distribution(
        bins=bins,
        scored=scored,
        impossible=impossible,
        mean=points / scored if scored else None,
        is_sample=is_sample,
        films=about if is_sample else scored + impossible,
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
