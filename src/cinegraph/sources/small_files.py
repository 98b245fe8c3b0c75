"""Files small enough for memory: received whole, and refused where they grow too large."""

from collections.abc import Mapping
from http import HTTPStatus

from cinegraph.errors import UndecodableError


class SmallFile:
    """
    Takes a small file whole; a `Sink`.

    Args:
        largest_bytes: As received; what is larger is no such file.
        source: Named in the error.
        endpoint: Named in the error.

    Raises:
        UndecodableError: It is larger.
    """

    def __init__(self, largest_bytes: int, *, source: str, endpoint: str) -> None:
        self._largest_bytes = largest_bytes
        self._source, self._endpoint = source, endpoint
        self.received = bytearray()
        self.headers_received: Mapping[str, str] = {}

    def headers(self) -> Mapping[str, str]:
        """Ask for anything."""
        return {"Accept": "*/*"}

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Take the body of an answer that is one; a further try begins anew."""
        self.received.clear()
        self.headers_received = headers
        return status == HTTPStatus.OK

    def write(self, chunk: bytes) -> None:
        """Take what came."""
        self.received += chunk
        if len(self.received) > self._largest_bytes:
            raise UndecodableError(
                f"more than {self._largest_bytes:,} bytes",
                source=self._source,
                endpoint=self._endpoint,
            )
