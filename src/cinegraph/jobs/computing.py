"""
How each kind of enrichment is computed: for some films in a transaction, and for all of them.

The only place that knows all kinds. To add one: its value in `enrichment.due.kinds`, and a line in `COMPUTED`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from psycopg import AsyncConnection

from cinegraph.db.pool import Pool
from cinegraph.enrichment.collaborations import storing as collaborations
from cinegraph.enrichment.due.kinds import Enrichment

type Progress = Callable[[int], Awaitable[None]]
"""Told how many films are done; it may raise to stop the pass."""
type ComputeFilms = Callable[
    [AsyncConnection[Any], Sequence[int], datetime], Awaitable[list[int]]
]
"""Makes what is stored of films (our ids) equal to what it follows from; returns what is concerned beside them."""
type ComputeAll = Callable[[Pool, datetime, Progress], Awaitable[int]]
"""Does so for all films, in transactions of its own; returns how many."""


@dataclass(frozen=True, slots=True)
class Computing:
    """How one kind is computed."""

    films: ComputeFilms
    all: ComputeAll
    batch: int
    """Films a transaction, where many are due."""


async def _collaborations_of(
    conn: AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
) -> list[int]:
    await collaborations.rebuild(conn, movie_ids, now=now)
    return []


async def _all_collaborations(pool: Pool, now: datetime, progress: Progress) -> int:
    done = await collaborations.rebuild_all(pool, now=now, progress=progress)
    return done.films


COMPUTED: Mapping[Enrichment, Computing] = MappingProxyType(
    {
        Enrichment.COLLABORATIONS: Computing(
            _collaborations_of, _all_collaborations, batch=collaborations.BATCH
        ),
    }
)
"""By kind."""
