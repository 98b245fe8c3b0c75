"""
What the HTTP client asks of the request budget, the quota of the day, the request meter, and of who takes a download.

`cinegraph.limits` has the real ones, `sources.downloads` those that take a download; tests pass their own.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from cinegraph.errors import SourceError
from cinegraph.limits import Priority


class Budget(Protocol):
    """Permission to send requests, shared by every process of the deployment."""

    async def acquire(self, priority: Priority) -> None:
        """Return when one request may be sent, or raise a `SourceError`."""
        ...

    async def throttled(
        self, *, retry_after_seconds: float | None, sent_at: float
    ) -> float:
        """
        Slow everyone down after a 429.

        Args:
            retry_after_seconds: What the upstream asked for, if it did.
            sent_at: `time.monotonic()` when the refused request was sent.

        Returns:
            The pause in seconds.
        """
        ...

    async def rejected(self, *, reason: str, key_fingerprint: str) -> None:
        """Halt the source: its key was refused."""
        ...

    async def failed(self, *, error: SourceError, sent_at: float) -> float:
        """
        Note a request that ended in an error other than a 429 or a refused key.

        Args:
            error: What it will be told as.
            sent_at: `time.monotonic()` when it was sent.

        Returns:
            For how many seconds nobody should ask, because it belongs to an outage; 0: it stands for itself.
        """
        ...

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """Note a good answer (2xx) to a request of then: the key and the address are right."""
        ...


class Quota(Protocol):
    """What a source's key may ask in a day, and at once, in the whole deployment."""

    def request(self, priority: Priority) -> AbstractAsyncContextManager[None]:
        """
        Leave to send one request, in the block: counted before it goes, in flight until it ends.

        How the block ends is taken in: an answer, "used up" (`SourceExhaustedError`) or a refused key.

        Raises:
            SourceExhaustedError: Nothing is left of the day for *priority*; or the source said so in the block.
        """
        ...


class Meter(Protocol):
    """Counts requests by source, endpoint and outcome."""

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Count one request; cheap, never waits."""
        ...


class Sink(Protocol):
    """Takes a download as it comes. What it raises goes to the caller, unless it is an OSError."""

    def headers(self) -> Mapping[str, str]:
        """What to send along: which part is wanted, of which version."""
        ...

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """
        Take note of an answer's head: 200 the whole, 206 a part, 416 no such part.

        Returns:
            Whether the bytes that follow are wanted.
        """
        ...

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; small, so that it may block."""
        ...
