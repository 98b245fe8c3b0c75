"""The row that says which time a deployment lives in, and the task that follows it."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.db.pool import Pool
from cinegraph.db.sql import load

FOLLOW_SECONDS = 1.0
"""How soon every process lives in a new time."""

_log = structlog.get_logger(__name__)


async def read(conn: AsyncConnection[Any]) -> ClockSetting | None:
    """Return the imitated time of the deployment; None: it lives in real time."""
    cursor = await conn.execute(load("cinegraph.db", "read_imitated_clock.sql"))
    row = await cursor.fetchone()
    if row is None:
        return None
    epoch, offset_seconds, speed = row
    return ClockSetting(epoch, timedelta(seconds=offset_seconds), speed)


async def write(conn: AsyncConnection[Any], setting: ClockSetting | None) -> None:
    """Let the whole deployment live in *setting*, or in real time again."""
    if setting is None:
        await conn.execute(load("cinegraph.db", "delete_imitated_clock.sql"))
        return
    await conn.execute(
        load("cinegraph.db", "write_imitated_clock.sql"),
        {
            "epoch": setting.epoch,
            "offset_seconds": setting.offset.total_seconds(),
            "speed": setting.speed,
            "real_now": clock.real_now(),
        },
    )


async def follow(conn: AsyncConnection[Any]) -> None:
    """Live in the time of the deployment from now on, in this process."""
    setting = await read(conn)
    if setting == clock.setting():
        return
    if setting is None:
        clock.reset()
    else:
        clock.set_clock(setting)


class ClockFollower:
    """Follows the row while the process lives; the process that never reads a row stays in the time it is in."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the row, and go on reading it."""
        async with self._pool.connection() as conn:
            self._has_row = await read(conn) is not None
            if self._has_row:
                await follow(conn)
        self._task = asyncio.create_task(self._loop(), name="follow the clock")

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                async with self._pool.connection() as conn:
                    await self._look(conn)
            except (psycopg.Error, OSError) as error:
                # Without the database the time goes on as it did.
                _log.debug("clock is not read", error=type(error).__name__)

    async def _look(self, conn: AsyncConnection[Any]) -> None:
        setting = await read(conn)
        # Only a row that was there and went brings real time back: a test may have set another by hand.
        if setting is not None or self._has_row:
            self._has_row = setting is not None
            await follow(conn)
