"""`metrics.md`: every metric, from `METRICS`."""

from cinegraph.web.machine.metrics import METRICS
from reference.writing import document, table

_HOW = """\
`GET /metrics` of `cinegraph web`, in Prometheus' text format or as OpenMetrics; a viewer's token is wanted where tokens
are set. A scrape costs what one look at the overview costs, and shares its readings: no number is older than ten
seconds. `deploy/grafana/cinegraph.json` is a dashboard, and `deploy/prometheus/alerts.yml` are alert rules, made of
them.
"""


def page() -> str:
    """Return the page."""
    groups = dict.fromkeys(metric.group for metric in METRICS)
    return document(
        "Metrics",
        _HOW,
        *(part for group in groups for part in _section(group)),
    )


def _section(group: str) -> list[str]:
    rows = [
        [
            f"`{metric.name}`",
            metric.kind,
            ", ".join(f"`{label}`" for label in metric.labels),
            metric.help,
        ]
        for metric in METRICS
        if metric.group == group
    ]
    return [f"## {group}", table(["Metric", "Kind", "Labels", "Says"], rows)]
