"""How long minutes of usage are kept."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from cinegraph.db.sql import load

KEEP_USAGE = timedelta(days=90)
"""A quarter to compare with, at some ten rows a minute of real work."""


async def prune_usage(
    connection: psycopg.AsyncConnection[Any], *, before: datetime
) -> int:
    """Delete the minutes before *before* (real time) and return how many rows went. Idempotent."""
    cursor = await connection.execute(
        load("cinegraph.limits", "prune_usage.sql"), {"before": before}
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
