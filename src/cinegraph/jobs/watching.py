"""Looking for trouble that nobody has reported, and noting how things are: loops of the leading node."""

import shutil
from contextlib import suppress
from pathlib import Path

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs.queues import QUEUES
from cinegraph.monitoring import alerts, samples

WATCH_SECONDS = 15.0
"""Between two looks; each costs a few short queries."""
SAMPLE_SECONDS = 15.0
"""Between two looks whether a minute is over, of real time: four tries for each minute."""


async def watch(pool: Pool, data_folder: Path | None = None) -> alerts.Changes:
    """
    Hold every rule against the tables; open and close alerts.

    Args:
        data_folder: Of the database, where it is on this machine.
    """
    disk_free = None
    if data_folder is not None:
        with suppress(OSError):
            disk_free = shutil.disk_usage(data_folder).free
    async with pool.connection() as conn:
        return await alerts.evaluate(conn, now=clock.now(), disk_free=disk_free)


async def sample(pool: Pool) -> bool:
    """Note how the last whole minute was, once; return whether it was now."""
    async with pool.connection() as conn, conn.transaction():
        return await samples.take(
            conn,
            queues=[queue.name for queue in QUEUES],
            now=clock.now(),
            real_now=clock.real_now(),
        )
