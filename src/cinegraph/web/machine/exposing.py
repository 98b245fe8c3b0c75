"""`/metrics`: what `metrics` lists, in Prometheus' words."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from cinegraph import clock
from cinegraph.api import Cinegraph
from cinegraph.api.telling import tell_schedules
from cinegraph.catalog.change_log import LogState
from cinegraph.limits.browse import Period, Usage
from cinegraph.scrubbing import hide_known
from cinegraph.sync.schedule import ScheduleState
from cinegraph.web.machine.endpoint import EndpointRequest, Nothing
from cinegraph.web.machine.health import UNACKNOWLEDGED
from cinegraph.web.machine.metrics import METRICS, Facts, Metric
from cinegraph.web.machine.status import NODES, read_status
from cinegraph.web.readings import Reading, Readings

_HOUR = timedelta(hours=1)
USAGE: Reading[list[Usage]] = Reading(
    "usage_of_an_hour",
    10.0,
    lambda c: c.list_usage(clock.real_now() - _HOUR, period=Period.MINUTE),
)
_SCHEDULES: Reading[list[ScheduleState]] = Reading(
    "schedules", 5.0, lambda c: c.list_schedules()
)
_ZOMBIES: Reading[tuple[int, float | None]] = Reading(
    "zombies", 5.0, lambda c: c.count_zombies()
)
_LOG: Reading[LogState] = Reading("change_log", 2.0, lambda c: c.get_change_log())


def expose(
    c: Cinegraph, readings: Readings
) -> Callable[[Request], Awaitable[Response]]:
    """Return who answers scrapes; all of them share the readings of the pages."""

    async def serve(request: Request) -> Response:
        facts = await read_facts(c, readings)
        registry = CollectorRegistry()
        registry.register(_Collector(facts))
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        text = hide_known(encode(registry).decode())
        return Response(text, headers={"Content-Type": content_type})

    return serve


async def read_facts(c: Cinegraph, readings: Readings) -> Facts:
    """Return what one scrape is made of."""
    zombies, _ = await readings.get(_ZOMBIES)
    unacknowledged, _ = await readings.get(UNACKNOWLEDGED)
    log = await readings.get(_LOG)
    return Facts(
        status=await read_status(EndpointRequest(c, readings), Nothing()),
        nodes=await readings.get(NODES),
        usage=await readings.get(USAGE),
        schedules=tell_schedules(await readings.get(_SCHEDULES)),
        zombies=zombies,
        unacknowledged=unacknowledged,
        last_position=log.last_position,
    )


class _Collector(Collector):
    """Gives one scrape its metrics."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def describe(self) -> Iterator[Family]:
        """Say nothing: the registry would collect to find out names that it needs for nothing."""
        return iter(())

    def collect(self) -> Iterator[Family]:
        """Give every metric."""
        for metric in METRICS:
            family = _family(metric)
            for labels, value in metric.read(self._facts):
                family.add_metric(labels, value)
            yield family


def _family(metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    family = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    return family(metric.name, metric.help, labels=metric.labels)
