"""
A notifier that cannot die unseen.

In Oban 0.7.0 one malformed NOTIFY ends the listening task for good and silently. Here a message that cannot be read is
counted and skipped, any other death leads to a new connection, and the node's own echo shows that all of it works.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import structlog
from oban._notifier import PostgresNotifier
from psycopg import AsyncConnection

from cinegraph import telemetry
from cinegraph.jobs.engine.leader import steady_seconds

if TYPE_CHECKING:
    from psycopg import Notify

_RECONNECT_SECONDS = 0.5
_log = structlog.get_logger(__name__)


class Listener(PostgresNotifier):
    """Oban's notifier with a guarded loop and a rebuild."""

    _conn: AsyncConnection | None  # type: ignore[assignment]  # oban's has no annotation

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.malformed = 0
        """Messages skipped because they could not be read."""
        self.rebuilt = 0
        """How often the connection was made anew."""
        self._heard_at: float | None = None
        self._reconnecting: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def silent_seconds(self) -> float:
        """How long ago the own echo was heard; the listener counts as heard when it starts."""
        return 0.0 if self._heard_at is None else steady_seconds() - self._heard_at

    async def start(self) -> None:
        """Connect and listen."""
        self._is_stopping = False
        await super().start()
        self._heard_at = steady_seconds()

    async def stop(self) -> None:
        """Stop listening, whatever state the connection is in."""
        self._is_stopping = True
        await _end(self._reconnecting)
        await _end(self._loop_task)
        await _end(self._beat_task)
        await self._discard()

    def heard(self, _channel: str, _payload: dict[str, Any]) -> None:
        """Note the own echo."""
        self._heard_at = steady_seconds()

    def rebuild(self, reason: str) -> None:
        """Drop the connection and make another; once at a time."""
        if self._is_stopping or (
            self._reconnecting is not None and not self._reconnecting.done()
        ):
            return
        _log.warning("listener is rebuilt", reason=reason)
        self.rebuilt += 1
        telemetry.emit("cinegraph.jobs.listener.rebuilt", reason=reason)
        self._reconnecting = asyncio.create_task(
            self._reconnect(), name="cinegraph-listener-rebuild"
        )

    async def _reconnect(self) -> None:
        await _end(self._loop_task)
        await _end(self._beat_task)
        await self._discard()
        while not self._is_stopping:
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - whatever keeps us from listening is tried again
                _log.warning("listener cannot connect", error=repr(error))
                await asyncio.sleep(_RECONNECT_SECONDS)
            else:
                # Counts as heard: the new connection gets its own grace.
                self._heard_at = steady_seconds()
                return

    async def _loop(self) -> None:
        try:
            while self._conn is not None and not self._conn.closed:
                await self._process_pending()
                await self._process_notifications()
            reason = "the connection is closed"
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - any death must be healed
            reason = repr(error)
        self.rebuild(reason)

    async def _beat(self) -> None:
        """Do nothing: the echo shows more than a statement on the connection can."""

    async def _dispatch(self, notify: "Notify") -> None:
        try:
            await super()._dispatch(notify)
        except Exception as error:  # noqa: BLE001 - anyone may send anything on a channel
            self.malformed += 1
            _log.warning(
                "a notification cannot be read",
                channel=notify.channel,
                error=repr(error),
            )

    async def _discard(self) -> None:
        # Only when no task uses it any more: libpq's memory is freed here, and psycopg does not ask.
        connection, self._conn = self._conn, None
        if connection is not None:
            connection.pgconn.finish()


async def _end(task: "asyncio.Task[Any] | None") -> None:
    if task is None or task is asyncio.current_task():
        return
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
