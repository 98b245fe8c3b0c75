"""`/metrics`, and what is made for it: a dashboard and rules that name only metrics there are."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from cinegraph.web.machine.metrics import METRICS

from .conftest import OPERATOR, VIEWER, Dashboard, bearer
from .populating import fill

_DEPLOY = Path(__file__).parents[3] / "deploy"
_NAME = re.compile(r"\bcinegraph_[a-z0-9_]+")
_ALWAYS = {
    "cinegraph_info",
    "cinegraph_films",
    "cinegraph_jobs",
    "cinegraph_queue_wait_seconds",
    "cinegraph_alerts_open",
    "cinegraph_nodes",
    "cinegraph_changes_position",
}


async def test_metrics_say_what_the_status_says(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Each with its help and its labels."""
    await fill(dashboard, tmp_path)
    answer = await dashboard.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found = {each.name: each for each in text_string_to_metric_families(answer.text)}
    known = {metric.name.removesuffix("_total"): metric for metric in METRICS}
    assert found.keys() == known.keys()
    for name, family in found.items():
        assert family.documentation == known[name].help
        assert family.type == known[name].kind
        for sample in family.samples:
            assert set(sample.labels) == set(known[name].labels)
    assert all(found[name].samples for name in _ALWAYS)
    status = json.loads((await dashboard.get("/api/v1/status")).text)
    films = {
        sample.labels["state"]: sample.value
        for sample in found["cinegraph_films"].samples
    }
    assert films["imported"] == status["imported_movies"] == 5
    assert films["known"] == status["total_movies"]
    runs = {
        sample.labels["state"]: sample.value
        for sample in found["cinegraph_active_runs"].samples
    }
    assert runs == {"running": 3, "paused": 1}


async def test_openmetrics_where_it_is_asked_for(dashboard: Dashboard) -> None:
    """As newer scrapers do."""
    answer = await dashboard.get(
        "/metrics", Accept="application/openmetrics-text; version=1.0.0"
    )
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_a_token_is_wanted(closed: Dashboard) -> None:
    """A scraper is a viewer."""
    assert (await closed.get("/metrics")).status == 401
    for token in (VIEWER, OPERATOR):
        assert (await closed.get("/metrics", **bearer(token))).status == 200


def test_names_follow_the_rules() -> None:
    """Of Prometheus: one prefix, units in the name, `_total` for counters alone, and each name once."""
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"cinegraph_[a-z0-9_]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert not metric.help.endswith(".")


@pytest.mark.parametrize("name", ["grafana/cinegraph.json", "prometheus/alerts.yml"])
def test_what_is_shipped_names_what_there_is(name: str) -> None:
    """A panel or rule of a metric that is no more would be silent for ever."""
    text = (_DEPLOY / name).read_text(encoding="utf-8")
    used = set(_NAME.findall(text))
    assert used
    assert used <= {metric.name for metric in METRICS}


def test_the_rules_are_rules() -> None:
    """Each has an expression, a severity and what to do."""
    groups = yaml.safe_load((_DEPLOY / "prometheus" / "alerts.yml").read_text())
    rules = [rule for group in groups["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert _NAME.search(rule["expr"]) or "up{" in rule["expr"], rule
        assert rule["labels"]["severity"] in {"critical", "warning", "notice"}
        assert {"summary", "description"} <= rule["annotations"].keys()


def test_the_dashboard_is_whole() -> None:
    """Panels have queries of the data source that a person chooses, and do not lie over each other."""
    board = json.loads((_DEPLOY / "grafana" / "cinegraph.json").read_text())
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len(panels) >= 12
    taken = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
    for panel in panels:
        assert panel["datasource"]["uid"] == "${source}"
        assert all(target["expr"] for target in panel["targets"])
