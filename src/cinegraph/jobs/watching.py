"""Looking for trouble that nobody has reported: a loop of the leading node."""

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.monitoring import alerts

WATCH_SECONDS = 15.0
"""Between two looks; each costs a few short queries."""


async def watch(pool: Pool) -> alerts.Changes:
    """Hold every rule against the tables; open and close alerts."""
    async with pool.connection() as conn:
        return await alerts.evaluate(conn, now=clock.now())
