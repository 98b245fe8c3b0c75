"""Scores as they are stored; what explains them is in `explaining`."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql


class StoredScore(msgspec.Struct, frozen=True, kw_only=True):
    """A film's score."""

    score: float | None
    """0 to 100; None: impossible."""
    confidence: float
    """0 to 1."""
    version: str
    timelessness: float | None
    penetration: float | None
    artistry: float | None
    institutions: float | None
    reception: float | None
    impossible: str | None
    """Why there is none."""
    computed_at: datetime

    @property
    def dimensions(self) -> dict[str, float | None]:
        """Each 0 to 100; None: nothing is known of it."""
        return {
            "timelessness": self.timelessness,
            "penetration": self.penetration,
            "artistry": self.artistry,
            "institutions": self.institutions,
            "reception": self.reception,
        }


async def find_stored(conn: AsyncConnection[Any], movie_id: int) -> StoredScore | None:
    """Return the score of a film (our id); None: it was never scored."""
    async with conn.cursor(row_factory=class_row(StoredScore)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.enrichment.cri", "find_stored_score.sql"),
            {"movie_id": movie_id},
        )
        return await cursor.fetchone()
