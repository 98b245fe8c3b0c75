"""
Many callers, one transaction: what several tasks want to write at the same moment is committed together.

A caller hands in one item and waits until the transaction that holds it is committed. While one group is being
written the next one gathers, so a lone item never waits for company and a busy process writes large groups without
any timer. A group that fails is split until the culprit is alone, so one bad item never takes its neighbours down.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cinegraph.db.pool import Pool
from cinegraph.db.retrying import MOST_TRIES, TRANSIENT

_OUTAGES = ("08", "53", "57P", "58")
"""SQLSTATEs of connections, resources, shutdown and system errors."""


class GroupWriter[ItemT, ResultT]:
    """
    Write items in groups, each group in one transaction.

    Args:
        pool: Where to take a connection for each group.
        write: Writes a group within the open transaction and returns one result an item, in order.
        key: What must not occur twice in one group.
        max_items: Of one group; bounds the length of a transaction.
        committed: Called after each commit.
        failed: Called after each rollback.
    """

    def __init__(
        self,
        pool: Pool,
        write: Callable[
            [AsyncConnection[Any], Sequence[ItemT]], Awaitable[Sequence[ResultT]]
        ],
        *,
        key: Callable[[ItemT], Hashable],
        max_items: int = 50,
        committed: Callable[[], None] = lambda: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool = pool
        self._write = write
        self._key = key
        self._max_items = max_items
        self._committed = committed
        self._failed = failed
        self._waiting: deque[tuple[ItemT, asyncio.Future[ResultT]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, item: ItemT) -> ResultT:
        """
        Write *item* and return its result once it is committed.

        Raises:
            Exception: Whatever writing this item alone raises; a lost connection fails the whole group.
        """
        future: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writing is None or self._writing.done():
            # Of nobody's context: what is written is not only for who happens to come first.
            self._writing = asyncio.create_task(
                self._drain(), name="group-writer", context=Context()
            )
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            if group := self._next_group():
                await self._write_group(group)

    def _next_group(self) -> list[tuple[ItemT, asyncio.Future[ResultT]]]:
        group: list[tuple[ItemT, asyncio.Future[ResultT]]] = []
        postponed: list[tuple[ItemT, asyncio.Future[ResultT]]] = []
        keys: set[Hashable] = set()
        while self._waiting and len(group) < self._max_items:
            item, future = self._waiting.popleft()
            if future.done():  # its caller was cancelled
                continue
            if (key := self._key(item)) in keys:
                postponed.append((item, future))
                continue
            keys.add(key)
            group.append((item, future))
        self._waiting.extendleft(reversed(postponed))
        return group

    async def _write_group(
        self, group: list[tuple[ItemT, asyncio.Future[ResultT]]]
    ) -> None:
        try:
            results = await self._commit([item for item, _ in group])
        except Exception as error:  # noqa: BLE001 - every error goes to the caller who is waiting for it
            if len(group) == 1 or _is_outage(error):
                _settle(group, error)
                return
            middle = len(group) // 2
            await self._write_group(group[:middle])
            await self._write_group(group[middle:])
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)

    async def _commit(self, items: Sequence[ItemT]) -> Sequence[ResultT]:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                async with self._pool.connection() as conn, conn.transaction():
                    results = await self._write(conn, items)
            except BaseException as error:
                self._failed()
                if not isinstance(error, TRANSIENT) or attempt == MOST_TRIES:
                    raise
            else:
                self._committed()
                return results
        raise AssertionError  # pragma: no cover - the loop returns or raises


def _is_outage(error: Exception) -> bool:
    """The server is gone or full, which no splitting helps; psycopg calls more than that operational."""
    if isinstance(error, psycopg.OperationalError):
        # Without a state the connection broke; a statement that took too long, or a row that is too large for an
        # index, is a matter of its items.
        return error.sqlstate is None or error.sqlstate.startswith(_OUTAGES)
    return isinstance(error, psycopg.InterfaceError)


def _settle(group: Sequence[tuple[Any, asyncio.Future[Any]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
