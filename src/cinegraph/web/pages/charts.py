"""Charts of how things were: what they show, also to whom scripts are switched off."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from cinegraph.monitoring.samples import Point
from cinegraph.web.kept import WindowName

WINDOWS: Mapping[WindowName, str] = MappingProxyType(
    {"1h": "hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days"}
)
"""As in `monitoring.samples`, for people."""


class Line(msgspec.Struct, frozen=True):
    """One line of a chart."""

    name: str
    unit: str
    value: Callable[[Point], float | None]

    def values(self, points: list[Point]) -> list[float | None]:
        """Return its values, None where nobody sampled."""
        return [self.value(point) if point.minutes else None for point in points]

    def last(self, points: list[Point]) -> float | None:
        """Return its latest value."""
        known = [value for value in self.values(points) if value is not None]
        return known[-1] if known else None


class Chart(msgspec.Struct, frozen=True):
    """One chart; `static/charts.js` draws those of the same keys."""

    key: str
    title: str
    lines: tuple[Line, ...]


def _slowest(point: Point) -> float | None:
    known = [
        source.p95_seconds
        for source in point.sources.values()
        if source.p95_seconds is not None
    ]
    return max(known, default=None)


def _a_minute(point: Point, count: int | None) -> float | None:
    return None if count is None else count / point.minutes


CHARTS = (
    Chart(
        "rate",
        "Rate",
        (
            Line("requests", "/s", lambda point: point.requests_per_second),
            Line("jobs done", "/s", lambda point: point.jobs_per_second),
        ),
    ),
    Chart(
        "latency",
        "Latency of requests, p95",
        (Line("slowest source", " s", _slowest),),
    ),
    Chart(
        "errors",
        "Errors",
        (
            Line("failed requests", "/min", lambda p: _a_minute(p, p.errors)),
            Line("too many requests", "/min", lambda p: _a_minute(p, p.throttled)),
            Line("failed jobs", "/min", lambda p: _a_minute(p, p.failed_jobs)),
        ),
    ),
    Chart(
        "freshness",
        "Freshness",
        (
            Line(
                "films fetched or proven unchanged within 7 days",
                " %",
                lambda p: None if p.freshness is None else 100 * p.freshness,
            ),
        ),
    ),
)
