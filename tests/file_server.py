"""A file store on a real socket, as TMDB's and IMDb's: ranges, versions, and everything that goes wrong with them."""

import gzip
import hashlib
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>'
)


@dataclass
class FileServer:
    """Serves `files` by path."""

    files: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    """Answers with this status instead."""
    missing_status: int = 403
    cut_after: list[int] = field(default_factory=list)
    """The next answers end so many bytes after they began; then they are whole again."""
    takes_ranges: bool = True
    heeds_if_range: bool = True
    has_versions: bool = True
    last_modified: str | None = None
    requests: list[web.Request] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where the files lie."""
        return f"http://127.0.0.1:{self.port}/p/exports"

    def downloads(self) -> list[str | None]:
        """Return the range of every request that wanted more than the first byte."""
        ranges = [request.headers.get("Range") for request in self.requests]
        return [wanted for wanted in ranges if wanted != "bytes=0-0"]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        self.requests.append(request)
        name = request.path.removeprefix("/p/exports")
        if name in self.statuses:
            return web.Response(status=self.statuses[name], text="out of order")
        if name not in self.files:
            return web.Response(status=self.missing_status, body=DENIED)
        body = self.files[name]
        headers = {"ETag": etag_of(body)} if self.has_versions else {}
        if self.last_modified:
            headers["Last-Modified"] = self.last_modified
        first = self._first_byte(request, body)
        if first is None:
            return await self._send(request, web.StreamResponse(headers=headers), body)
        end = len(body) if request.headers["Range"].endswith("-") else first + 1
        if first >= len(body):
            headers["Content-Range"] = f"bytes */{len(body)}"
            return web.Response(status=416, headers=headers)
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(body)}"
        reply = web.StreamResponse(status=206, headers=headers)
        return await self._send(request, reply, body[first:end])

    def _first_byte(self, request: web.Request, body: bytes) -> int | None:
        wanted = request.headers.get("Range")
        if wanted is None or not self.takes_ranges:
            return None
        version = request.headers.get("If-Range")
        if self.heeds_if_range and version not in (None, etag_of(body)):
            return None
        return int(wanted.removeprefix("bytes=").partition("-")[0])

    async def _send(
        self, request: web.Request, reply: web.StreamResponse, body: bytes
    ) -> web.StreamResponse:
        reply.content_length = len(body)
        await reply.prepare(request)
        is_probe = request.headers.get("Range") == "bytes=0-0"
        cut = None if is_probe or not self.cut_after else self.cut_after.pop(0)
        try:
            await reply.write(body[:cut])
        except ConnectionError:
            return reply
        if cut is not None and request.transport is not None:
            request.transport.close()
        return reply


def etag_of(body: bytes) -> str:
    """Return a strong ETag."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


@asynccontextmanager
async def serving(server: FileServer) -> AsyncIterator[FileServer]:
    """Serve within the block."""
    runner = web.ServerRunner(web.Server(server.answer), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


def movie_line(
    tmdb_id: int, *, popularity: float = 1.5, title: str = "Film", adult: bool = False
) -> bytes:
    """Return a line of TMDB's export."""
    return (
        f'{{"adult":{str(adult).lower()},"id":{tmdb_id},"original_title":"{title}",'
        f'"popularity":{popularity},"video":false}}\n'
    ).encode()


def zipped(lines: Iterable[bytes]) -> bytes:
    """Return *lines* as a file."""
    return gzip.compress(b"".join(lines), mtime=0)


def noise(size: int) -> bytes:
    """Return bytes that are no file of anything and cannot be compressed."""
    return random.Random(3).randbytes(size)  # noqa: S311 - invented
