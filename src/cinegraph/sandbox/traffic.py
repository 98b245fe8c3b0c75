"""How much came and how fast: limit, latency and the report."""

import math
from collections import Counter, deque
from random import Random

from cinegraph import clock
from cinegraph.errors import UsageError

_WINDOW_SECONDS = 1.0
_LATENCY_MEDIAN_SECONDS = 0.2
_LATENCY_SPREAD = 0.35
"""
Half of TMDB's answers came within 0.2 s; with this spread 95 of 100 within 0.36 s.
"""
_SERIES_SECONDS = 7_200
"""How much of the series a report keeps: two hours."""


class Window:
    """What happened within the last second, sliding; knows its worst."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.worst = 0

    def count(self, now: float) -> int:
        """Count what happened in the second that ends at *now*."""
        times = self._times
        while times and times[0] <= now - _WINDOW_SECONDS:
            times.popleft()
        return len(times)

    def add(self, now: float) -> None:
        """Note that something happened at *now*."""
        self._times.append(now)
        self.worst = max(self.worst, self.count(now))


class Latency:
    """How long answers take."""

    def __init__(self, text: str, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 - an imitation, nothing secret
        self._is_real = text == "real"
        self._fixed = 0.0 if text in {"real", "none"} else self._parse(text)

    @staticmethod
    def _parse(text: str) -> float:
        """Read a fixed number of seconds."""
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            raise UsageError(
                f"latency {text!r} is none",
                hint="Latency is real, none, or a number of seconds such as 0.2.",
            )
        return seconds

    def draw(self) -> float:
        """Give the seconds the next answer takes."""
        if not self._is_real:
            return self._fixed
        drawn = self._chance.gauss(0.0, _LATENCY_SPREAD)
        return _LATENCY_MEDIAN_SECONDS * math.exp(drawn)


class Report:
    """What was served since the start or the last reset."""

    def __init__(self, now: float) -> None:
        self.reset(now)

    def reset(self, now: float) -> None:
        """Begin again."""
        self._began = now
        self._started_at = clock.real_now()
        self.requests = 0
        self.received = Window()
        self.answered = Window()
        self.refused_by_limit = 0
        self._by_endpoint: Counter[str] = Counter()
        self._by_status: Counter[int] = Counter()
        self._by_fault: Counter[str] = Counter()
        self._series: deque[list[int]] = deque(maxlen=_SERIES_SECONDS)
        self._bytes = 0

    def note_arrival(self, now: float) -> None:
        """Count a request when it arrives."""
        self.requests += 1
        self.received.add(now)
        second = int(now - self._began)
        if self._series and self._series[-1][0] == second:
            self._series[-1][1] += 1
        else:
            self._series.append([second, 1])

    def note_answer(
        self, endpoint: str, status: int, fault: str | None, size: int
    ) -> None:
        """Count how a request was answered."""
        self._by_endpoint[endpoint] += 1
        self._by_status[status] += 1
        self._bytes += size
        if fault is not None:
            self._by_fault[fault] += 1

    def told(self, now: float) -> dict[str, object]:
        """Give the report as JSON's types; both worst seconds slide."""
        return {
            "started_at": self._started_at.isoformat(),
            "elapsed_seconds": round(now - self._began, 3),
            "requests": self.requests,
            "refused_by_limit": self.refused_by_limit,
            "worst_second": self.received.worst,
            "worst_second_answered": self.answered.worst,
            "body_bytes": self._bytes,
            "by_endpoint": dict(self._by_endpoint.most_common()),
            "by_status": {str(s): n for s, n in sorted(self._by_status.items())},
            "by_fault": dict(self._by_fault.most_common()),
            "per_second": [tuple(entry) for entry in self._series],
        }

    def summary(self, now: float) -> str:
        """Tell the report in a few lines."""
        told = self.told(now)
        served = f"served {told['requests']} requests in {told['elapsed_seconds']} s"
        limit = f"refused by the limit {told['refused_by_limit']}"
        lines = [f"{served}, worst second {told['worst_second']}, {limit}"]
        for name in ("by_endpoint", "by_status", "by_fault"):
            counts = told[name]
            if isinstance(counts, dict) and counts:
                listed = ", ".join(f"{key} {count}" for key, count in counts.items())
                lines.append(f"  {name.replace('_', ' ')}: {listed}")
        return "\n".join(lines)
