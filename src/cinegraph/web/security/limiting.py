"""How often one address may try: a bucket of tries that fills again."""

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_ADDRESSES = 10_000
"""Buckets kept; the address that was silent longest is forgotten first."""


class RateLimit:
    """
    Tries by address.

    Args:
        per_second: How fast a bucket fills.
        burst: How many tries fit into it.
        now: Seconds of any steady clock.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """Take one try of *address*; return after how many seconds it may try again, 0 if it may now."""
        now = self._now()
        left, at = self._buckets.pop(address, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._buckets[address] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return wait
