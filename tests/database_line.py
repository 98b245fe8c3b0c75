"""The wire to the database, which a test can cut: what the network, a restart or a full disk does to every client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from cinegraph.db.address import parse

_CHUNK = 1 << 16


class DatabaseLine:
    """Passes everything on to the database, until it is cut."""

    def __init__(self, url: str) -> None:
        self._parts = parse(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._wires: set[asyncio.Task[None]] = set()
        self.is_cut = False

    @property
    def url(self) -> str:
        """The database's address by way of this line."""
        parts = {**self._parts, "host": "127.0.0.1", "port": str(self._port)}
        return make_conninfo("", **{**parts, "sslmode": "disable"})

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut, for good."""
        self.cut()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._wires, return_exceptions=True)

    def cut(self) -> None:
        """Drop every connection and refuse new ones, until `mend`."""
        self.is_cut = True
        for wire in self._wires:
            wire.cancel()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut = False

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._wires.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._pass_on(reader, writer)
        finally:
            self._wires.discard(task)
            writer.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, back = await self._connect()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, back))
                both.create_task(_copy(there, writer))
        finally:
            back.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._parts["host"], self._parts.get("port", "5432")
        if host.startswith("/"):
            return await asyncio.open_unix_connection(Path(host) / f".s.PGSQL.{port}")
        return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def open_line(url: str) -> AsyncIterator[DatabaseLine]:
    """Give a line to the database at *url* that ends with the block."""
    line = DatabaseLine(url)
    await line.start()
    try:
        yield line
    finally:
        await line.stop()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    # Whoever hung up, the other side hears of it.
    raise ConnectionResetError
