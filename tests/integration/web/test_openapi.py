"""The description of the API: true, whole, and held against the running server."""

import asyncio
import json
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from msgspec import convert
from schemathesis.checks import CHECKS, load_all_checks

from cinegraph.web.actions import ACTIONS
from cinegraph.web.machine.endpoint import PREFIX, Endpoint, plain_path
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.examples import example_of
from cinegraph.web.machine.openapi import describe

from .conftest import Dashboard
from .populating import fill

_EXAMPLES = 4
"""Requests an operation: with 40 of them half a minute on a busy machine."""


def test_it_names_every_endpoint_and_action() -> None:
    """Each has an operation with an example or a body, and its problems."""
    paths = describe()["paths"]
    for endpoint in ENDPOINTS:
        operation = paths[PREFIX + plain_path(endpoint.path)]["get"]
        assert operation["responses"]["200"]["content"]["application/json"]["example"]
    for action in ACTIONS:
        assert "post" in paths[PREFIX + plain_path(action.path)]
    names = [one["operationId"] for path in paths.values() for one in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.path)
def test_examples_are_of_their_type(endpoint: Endpoint) -> None:
    """An example that is no answer would teach something wrong."""
    convert(example_of(endpoint.returns), endpoint.returns)


async def test_it_is_served(dashboard: Dashboard) -> None:
    """As JSON, the same as is made."""
    answer = await dashboard.get(f"{PREFIX}/openapi.json")
    assert json.loads(answer.text)["openapi"] == "3.1.0"
    page = await dashboard.get("/api")
    assert page.status == 200
    for endpoint in ENDPOINTS:
        assert f"GET {PREFIX}{plain_path(endpoint.path)}" in page.text


async def test_the_server_keeps_to_it(dashboard: Dashboard, tmp_path: Path) -> None:
    """Whatever is asked, no request fails inside, and every answer is as described."""
    await fill(dashboard, tmp_path)
    load_all_checks()
    checks = CHECKS.get_by_names(
        [
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        ]
    )
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(describe())))
    asked = await asyncio.to_thread(_ask, schema, dashboard.address, checks)
    assert asked >= len(ENDPOINTS)


def _ask(schema: object, address: str, checks: object) -> int:
    asked = 0
    for found in schema.get_all_operations():  # type: ignore[attr-defined]
        operation = found.ok()

        @hypothesis.settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(base_url=address, checks=checks)

        ask()
    return asked
