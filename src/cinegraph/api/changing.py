"""What changed: for those who keep a copy of the films."""

from collections.abc import AsyncIterator
from datetime import timedelta

from cinegraph.api.connection import Connection
from cinegraph.catalog import change_log
from cinegraph.catalog.change_waiting import ChangeWaiting
from cinegraph.errors import UsageError

POLL = timedelta(seconds=5)
"""How late a change is seen whose message was lost, as behind a pooler that pools transactions."""


class Changing(Connection):
    """Following the change log; changes nothing."""

    async def get_change_log(self) -> change_log.LogState:
        """
        Return the newest position and the oldest to go on from.

        A snapshot reads its position in its own transaction: docs/guides/follow-what-changes.md.
        """
        async with self._app.pool.connection() as conn:
            return await change_log.read_state(conn)

    async def list_changes(
        self, since: int, *, kind: str | None = None, limit: int = 1000
    ) -> change_log.ChangePage:
        """
        Return what changed after position *since*, in order, and the position to go on from.

        Args:
            since: 0, that of a snapshot, or of what was read last.
            kind: `movie` or `person`; None: both.
            limit: At most so many changes.

        Raises:
            ChangesForgottenError: They are not kept any more; take a new snapshot.
            UsageError: There is no such position, or no such kind.
        """
        if kind not in {None, *change_log.KINDS}:
            raise UsageError(
                f"there are no changes of a {kind}",
                hint=f"Known are: {', '.join(change_log.KINDS)}.",
            )
        async with self._app.pool.connection() as conn:
            return await change_log.list_changes(conn, since, kind=kind, limit=limit)

    async def follow_changes(
        self, since: int, *, kind: str | None = None, poll: timedelta = POLL
    ) -> AsyncIterator[change_log.Change]:
        """
        Give every change after position *since*, and for ever those to come, half a second after their commit.

        Whoever stops goes on from the position of the last change that was dealt with.

        Args:
            since: As of `list_changes`.
            kind: `movie` or `person`; None: both.
            poll: Look after such a time, also without a message.

        Raises:
            ChangesForgottenError: As of `list_changes`.
        """
        async with ChangeWaiting(self.database_url) as waiting:
            while True:
                page = await self.list_changes(since, kind=kind)
                for change in page.changes:
                    yield change
                since = page.position
                if not page.changes:
                    await waiting.wait(poll.total_seconds())
