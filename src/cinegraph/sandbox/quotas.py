"""How much a key may ask in a day of the sandbox's clock, and what was asked. No I/O."""

import hashlib
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

_NO_KEY = "none"


class _Day(msgspec.Struct):
    """What one key asked in one day."""

    answered: int = 0
    refused: int = 0


class DailyQuota:
    """
    Counts requests by key and day.

    Args:
        limit: Requests answered for one key in a day; 0 is no limit.
        reset_seconds: Second of the UTC day at which a new day begins.
    """

    def __init__(self, limit: int, reset_seconds: int) -> None:
        self.limit = limit
        self._reset = timedelta(seconds=reset_seconds)
        self._days: dict[tuple[date, str], _Day] = {}

    def take(self, key: str, now: datetime) -> bool:
        """Count a request; say whether the day still has room for it."""
        day = self._days.setdefault(((now - self._reset).date(), key), _Day())
        if self.limit and day.answered >= self.limit:
            day.refused += 1
            return False
        day.answered += 1
        return True

    def forget(self) -> None:
        """Begin again as if no request had come."""
        self._days.clear()

    def told(self) -> list[dict[str, Any]]:
        """Give every day of every key as JSON's types, in order; never a key itself."""
        return [
            {
                "day": day.isoformat(),
                "key": fingerprint(key),
                "requests": counts.answered + counts.refused,
                "answered": counts.answered,
                "refused": counts.refused,
            }
            for (day, key), counts in sorted(self._days.items())
        ]


def fingerprint(key: str) -> str:
    """Tell keys apart without telling them."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else _NO_KEY


class Tally:
    """Counts answers by status and fault."""

    def __init__(self) -> None:
        self.requests = 0
        self.body_bytes = 0
        self._by_status: Counter[int] = Counter()
        self._by_fault: Counter[str] = Counter()

    def note(self, status: int, fault: str | None, size: int = 0) -> None:
        """Count one answer."""
        self.requests += 1
        self.body_bytes += size
        self._by_status[status] += 1
        if fault is not None:
            self._by_fault[fault] += 1

    def told(self) -> dict[str, Any]:
        """Give the counts as JSON's types."""
        return {
            "requests": self.requests,
            "body_bytes": self.body_bytes,
            "by_status": {str(s): n for s, n in sorted(self._by_status.items())},
            "by_fault": dict(self._by_fault.most_common()),
        }
