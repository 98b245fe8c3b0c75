"""A connection of the engine's own: not borrowed from the pool, so that busy jobs cannot keep a heartbeat waiting."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg.types.json import set_json_loads

type Conninfo = str | Callable[[], str | Awaitable[str]]
type Rows = list[tuple[Any, ...]]
type Statement = tuple[LiteralString, Mapping[str, Any]]

_BROKEN = (psycopg.OperationalError, psycopg.InterfaceError, OSError)


class Line:
    """
    One autocommit connection, opened when first needed and again after it broke; statements wait for each other.

    Autocommit, because a process frozen between two round trips would keep its locks.
    """

    def __init__(self, conninfo: str, *, timeout_seconds: float) -> None:
        if timeout_seconds <= 0:
            raise ValueError("timeout_seconds must be positive")
        self._conninfo = conninfo
        self._timeout_seconds = timeout_seconds
        self._connection: psycopg.AsyncConnection | None = None
        self._lock = asyncio.Lock()

    async def run(self, statement: LiteralString, values: Mapping[str, Any]) -> Rows:
        """Run one statement that may be repeated, on a new connection when the old one broke meanwhile."""
        try:
            return await self._guarded(self._run(statement, values))
        except _BROKEN:
            return await self._guarded(self._run(statement, values))

    async def run_all(self, statements: Sequence[Statement]) -> list[Rows]:
        """Run the statements in one round trip and one transaction; nothing is repeated."""
        return await self._guarded(self._run_all(statements))

    async def close(self) -> None:
        """Close the connection; the next statement would open another."""
        async with self._lock:
            self._drop()

    async def _guarded[T](self, work: Awaitable[T]) -> T:
        async with self._lock:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await work
            except (*_BROKEN, TimeoutError, asyncio.CancelledError):
                # Whatever is still under way on it, nobody waits for it any more.
                self._drop()
                raise

    async def _run(self, statement: LiteralString, values: Mapping[str, Any]) -> Rows:
        connection = await self._open()
        cursor = await connection.execute(statement, values)
        return await cursor.fetchall() if cursor.description else []

    async def _run_all(self, statements: Sequence[Statement]) -> list[Rows]:
        connection = await self._open()
        async with connection.pipeline():
            cursors = [await connection.execute(*one) for one in statements]
        return [
            await cursor.fetchall() if cursor.description else [] for cursor in cursors
        ]

    async def _open(self) -> psycopg.AsyncConnection:
        connection = self._connection
        if connection is None or connection.closed:
            connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True
            )
            set_json_loads(msgspec.json.decode, connection)
            self._connection = connection
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.pgconn.finish()
            self._connection = None


async def resolve(conninfo: Conninfo) -> str:
    """Return the pool's connection string, which may be made by a function."""
    if isinstance(conninfo, str):
        return conninfo
    made = conninfo()
    return made if isinstance(made, str) else await made
