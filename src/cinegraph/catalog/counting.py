"""How many rows the large tables have, without counting them: kept by triggers, summed up by the leading node."""

from typing import Any

from psycopg import AsyncConnection

from cinegraph.db import sql


async def sum_up(conn: AsyncConnection[Any]) -> None:
    """Add up what transactions have appended to the counts; the leader's business."""
    await conn.execute(sql.load("cinegraph.catalog", "sum_catalog_deltas.sql"))


async def count_movies(conn: AsyncConnection[Any]) -> int:
    """Return how many films are stored, those that are gone among them; cheap at any size."""
    cursor = await conn.execute(sql.load("cinegraph.catalog", "count_movies.sql"))
    [(films,)] = await cursor.fetchall()
    return int(films)
