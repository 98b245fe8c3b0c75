"""
What the HTTP client asks of the request budget and the request meter.

`cinegraph.limits` has the real ones; tests pass their own.
"""

from typing import Protocol

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

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """Note a good answer (2xx) to a request of then: the key and the address are right."""
        ...


class Meter(Protocol):
    """Counts requests by source, endpoint and outcome."""

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Count one request; cheap, never waits."""
        ...
