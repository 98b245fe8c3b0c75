"""Looking for trouble that nobody has reported, and noting how things are: loops of the leading node."""

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs.queues import QUEUES
from cinegraph.monitoring import alerts, samples

WATCH_SECONDS = 15.0
"""Between two looks; each costs a few short queries."""
SAMPLE_SECONDS = 15.0
"""Between two looks whether a minute is over, of real time: four tries for each minute."""


async def watch(pool: Pool) -> alerts.Changes:
    """Hold every rule against the tables; open and close alerts."""
    async with pool.connection() as conn:
        return await alerts.evaluate(conn, now=clock.now())


async def sample(pool: Pool) -> bool:
    """Note how the last whole minute was, once; return whether it was now."""
    async with pool.connection() as conn, conn.transaction():
        return await samples.take(
            conn,
            queues=[queue.name for queue in QUEUES],
            now=clock.now(),
            real_now=clock.real_now(),
        )
