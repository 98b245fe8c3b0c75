"""Brings files of lists home from the addresses that users named."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cinegraph.errors import UndecodableError
from cinegraph.limits import Priority
from cinegraph.scrubbing import show_address
from cinegraph.sources.bodies import BodyError, decode_body
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.list_files.settings import (
    SOURCE_NAME,
    ListFilesSettings,
)
from cinegraph.sources.small_files import SmallFile

ENDPOINT: Final = "list"
_OK: Final = 200
_GZIP: Final = b"\x1f\x8b"

type Connect = Callable[[ListFilesSettings], AbstractAsyncContextManager[HttpClient]]
"""Opens a client for one server; all of them share the budget of the source."""


class FetchedFile(msgspec.Struct, frozen=True):
    """A file as it came."""

    body: bytes
    """Decoded from its transfer; it may be gzip by itself."""
    etag: str | None


class ListFilesClient:
    """
    Asks servers for files.

    Args:
        connect: See `Connect`.
        settings: Of all of them.
    """

    def __init__(
        self, connect: Connect, settings: ListFilesSettings | None = None
    ) -> None:
        self._connect = connect
        self._settings = settings or ListFilesSettings()

    async def fetch(self, url: str, *, priority: Priority) -> FetchedFile:
        """
        Bring the file at *url* home; nothing of it is read yet.

        Raises:
            SourceBlockedError: A firewall answers in its place (202).
            AbsentAtSourceError: The server has no such file.
            UndecodableError: It is cut, or larger than a list.
            SourceError: The server could not be asked.
        """
        parts = urlsplit(url)
        server = f"{parts.scheme}://{parts.netloc}"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sink = SmallFile(
            self._settings.max_received_bytes, source=SOURCE_NAME, endpoint=ENDPOINT
        )
        settings = self._settings.model_copy(update={"base_url": server})
        async with self._connect(settings) as http:
            await http.download(
                path,
                sink,
                endpoint=ENDPOINT,
                priority=priority,
                external_id=show_address(url),
            )
        return FetchedFile(self._decode(sink), sink.headers_received.get("ETag"))

    def _decode(self, sink: SmallFile) -> bytes:
        received = bytes(sink.received)
        encoding = sink.headers_received.get("Content-Encoding", "")
        if not encoding and received.startswith(_GZIP):
            # The file itself is gzip: whoever reads it unpacks it.
            return received
        try:
            body, _ = decode_body(
                received, encoding, largest_bytes=self._settings.max_body_bytes
            )
        except BodyError as error:
            raise UndecodableError(
                str(error), source=SOURCE_NAME, endpoint=ENDPOINT
            ) from error
        return body
