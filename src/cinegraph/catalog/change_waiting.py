"""Waiting until there are new positions in the change log."""

import asyncio
from typing import Any, Self

import psycopg

from cinegraph.db import sql


class ChangeWaiting:
    """
    Waits on a connection of its own; a message that is lost with it costs the time of one wait, not a change.

    Args:
        conninfo: Of the database.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._conn: psycopg.AsyncConnection[Any] | None = None

    async def __aenter__(self) -> Self:
        """Connect at the first wait."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Hang up."""
        await self._hang_up()

    async def wait(self, seconds: float) -> None:
        """Return when there may be something new, after *seconds* at the latest."""
        try:
            if self._conn is None:
                # What was said until now was heard by nobody: the caller looks again at once.
                await self._listen()
                return
            async for _ in self._conn.notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.OperationalError:
            await self._hang_up()
            await asyncio.sleep(seconds)

    async def _listen(self) -> None:
        self._conn = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True
        )
        await self._conn.execute(
            sql.load("cinegraph.catalog", "listen_for_changes.sql")
        )

    async def _hang_up(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            await conn.close()
