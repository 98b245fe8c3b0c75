"""What who steers a deployment looks at: queues, nodes, schedules, and how things were."""

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.jobs import browse, queue_lines, schedule_lines
from cinegraph.monitoring import samples


class Steering(Connection):
    """Seeing what to steer; cheap at any number of jobs."""

    async def list_queue_lines(self) -> list[queue_lines.QueueLine]:
        """Return every queue: what waits and runs, where, and how much it gets done; counted up to 10,000 jobs."""
        async with self._app.pool.connection() as conn:
            return await queue_lines.list_lines(conn)

    async def list_zombies(self) -> list[browse.ZombieRow]:
        """Return the jobs that are said to run on nodes that are silent, by queue and node."""
        async with self._app.pool.connection() as conn:
            return await browse.list_zombies(conn)

    async def list_schedule_lines(self) -> list[schedule_lines.ScheduleLine]:
        """Return every schedule, the most frequent first: when, last, next, and what became of its last slots."""
        async with self._app.pool.connection() as conn:
            return await schedule_lines.list_lines(conn)

    async def list_samples(self, window: str = "1h") -> samples.Samples:
        """
        Return how things were in the last `1h`, `6h`, `24h` or `7d`, some eighty points each.

        Raises:
            UsageError: There is no such window.
        """
        async with self._app.pool.connection() as conn:
            return await samples.list_samples(conn, window, real_now=clock.real_now())
