"""The sequencer of the change log: a loop of the leading node."""

from cinegraph import clock
from cinegraph.catalog import change_log
from cinegraph.db.pool import Pool

SEQUENCE_SECONDS = 0.5
"""How late a committed change may be seen; a turn without changes costs two short statements."""


async def sequence(pool: Pool) -> int:
    """Give positions to all changes that are committed, one transaction a batch; return how many."""
    total = 0
    while True:
        async with pool.connection() as conn, conn.transaction():
            taken = await change_log.sequence(conn, now=clock.now())
        total += taken
        if taken < change_log.BATCH:
            return total
