"""Two versions of the formula beside each other: how alike they rank films, and which films they part about."""

from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.cri.facts import Numbers
from cinegraph.enrichment.cri.measures import rank_middle
from cinegraph.errors import UsageError

MOVERS: Final = 10
_FEWEST: Final = 2
"""Films; of fewer there is no correlation."""


class UnknownVersionError(UsageError):
    """No film was ever scored by that version here."""

    code = "cri_version_unknown"

    def __init__(self, version: str, known: list[str]) -> None:
        super().__init__(
            f"no film was scored by version {version!r}",
            hint=f"Known versions: {', '.join(known) or 'none; `cinegraph enrich cri` scores films'}.",
        )


class Version(msgspec.Struct, frozen=True):
    """A version of the formula that scored films here."""

    version: str
    description: str
    made_at: datetime
    films: int
    """That have a score by it now."""


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """A film about which two versions part."""

    movie_id: int
    tmdb_id: int | None
    title: str
    year: int | None
    score_a: float
    score_b: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What two versions have in common."""

    a: str
    b: str
    films: int
    """That both scored."""
    correlation: float | None
    """Spearman's, of their ranks; None: too few films, or all equal."""
    mean_a: float | None
    mean_b: float | None
    moved: float | None
    """Mean of how far scores lie apart."""
    movers: tuple[Mover, ...]
    """Those that lie apart most."""


async def list_versions(conn: AsyncConnection[Any]) -> list[Version]:
    """Return the versions that scored films here, the newest first."""
    cursor = await conn.execute(_load("list_versions.sql"))
    return [Version(*row) for row in await cursor.fetchall()]


async def compare_versions(
    conn: AsyncConnection[Any], a: str, b: str, *, movers: int = MOVERS
) -> Comparison:
    """
    Compare the stored scores of two versions; of an earlier one those it gave last.

    Raises:
        UnknownVersionError: One of them never scored a film here.
    """
    known = [one.version for one in await list_versions(conn)]
    for version in (a, b):
        if version not in known:
            raise UnknownVersionError(version, known)
    cursor = await conn.execute(_load("list_common_scores.sql"), {"a": a, "b": b})
    rows = await cursor.fetchall()
    one = np.array([row[4] for row in rows], dtype=np.float64)
    other = np.array([row[5] for row in rows], dtype=np.float64)
    apart = np.abs(one - other)
    most = np.lexsort((np.arange(apart.size), -apart))[:movers]
    return Comparison(
        a=a,
        b=b,
        films=len(rows),
        correlation=correlate(one, other),
        mean_a=float(one.mean()) if rows else None,
        mean_b=float(other.mean()) if rows else None,
        moved=float(apart.mean()) if rows else None,
        movers=tuple(
            Mover(
                movie_id=rows[at][0],
                tmdb_id=rows[at][1],
                title=rows[at][2],
                year=rows[at][3],
                score_a=rows[at][4],
                score_b=rows[at][5],
            )
            for at in most.tolist()
            if apart[at] > 0
        ),
    )


def correlate(one: Numbers, other: Numbers) -> float | None:
    """Return Spearman's correlation of ranks, equals sharing theirs; None: too few films, or all equal."""
    if one.size < _FEWEST or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(rank_middle(one), rank_middle(other))[0, 1])


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.cri", name)
