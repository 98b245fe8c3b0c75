"""Signed news of films, each taken once: the rows of `hook_deliveries`."""

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import AsyncConnection

from cinegraph.db import sql

KEEP: Final = timedelta(hours=1)
"""Far longer than a signature is good for, on clocks that are minutes apart."""


async def note(
    conn: AsyncConnection[Any],
    signature: bytes,
    *,
    run_id: int | None,
    at: datetime,
) -> bool:
    """
    Write down that news were taken, in the transaction of what they start; return whether they are new.

    Args:
        conn: In a transaction.
        signature: What makes them the same.
        run_id: What they start.
        at: Real time.

    Locks: the same news wait until the transaction ends.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "forget_deliveries.sql"), {"before": at - KEEP}
    )
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "note_delivery.sql"),
        {"signature": signature, "run_id": run_id, "at": at},
    )
    return bool(cursor.rowcount)
