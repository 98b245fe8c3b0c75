"""No secret is read anywhere: not in a page, an answer, a header or a log line."""

import logging
from pathlib import Path

import pytest

from cinegraph import bootstrap, scrubbing
from cinegraph.web.machine.endpoint import PREFIX
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.news import sign
from cinegraph.web.pages import PAGES

from .conftest import Dashboard, OpenDashboard, bearer
from .populating import fill

CANARIES = {
    "tmdb_api_key": "canary-tmdb-7f3a91c2d4",
    "omdb_api_key": "canary-omdb-5e8b",
    "viewer_token": "canary-viewer-token-91",
    "operator_token": "canary-operator-token-92",
    "hook_secret": "canary-hook-secret-93",
}


async def _plant(dashboard: Dashboard, folder: Path) -> None:
    """Write every secret where texts come from: titles, errors, notes, arguments."""
    await fill(dashboard, folder)
    spoken = " ".join(CANARIES.values())
    async with dashboard.c._app.pool.connection() as conn:
        await conn.execute("UPDATE movies SET overview = %s", (spoken,))
        await conn.execute("UPDATE sync_runs SET note = %s", (spoken,))
        await conn.execute(
            "UPDATE oban_jobs SET errors = jsonb_build_array(jsonb_build_object('attempt', 1, 'error', %s::text))",
            (spoken,),
        )


async def test_no_answer_holds_a_secret(
    open_dashboard: OpenDashboard, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks, in whatever way, also where upstreams or people wrote one down."""
    caplog.set_level(logging.DEBUG)
    async with open_dashboard(**CANARIES) as dashboard:
        bootstrap.register_secrets(dashboard.c.settings)
        viewer = bearer(CANARIES["viewer_token"])
        operator = bearer(CANARIES["operator_token"])
        await dashboard.send("POST", f"{PREFIX}/runs/1/pause", headers=operator)
        await _plant(dashboard, tmp_path)
        addresses = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/login",
            f"{PREFIX}/openapi.json",
            f"{PREFIX}/movies/603",
            f"{PREFIX}/movies/603/trace",
            f"{PREFIX}/runs/1",
            f"{PREFIX}/jobs?limit=500",
            f"{PREFIX}/nothing?token={CANARIES['operator_token']}",
            f"{PREFIX}/runs?token={CANARIES['operator_token']}",
            f"/nothing/{CANARIES['hook_secret']}",
            *(page.path for page in PAGES if "{" not in page.path),
            *(PREFIX + endpoint.example for endpoint in ENDPOINTS),
        ]
        for address in addresses:
            for headers in (viewer, operator, {}, {"Authorization": "Bearer wrong"}):
                answer = await dashboard.send("GET", address, headers=headers)
                _require_clean(f"{answer.headers}{answer.text}", address)
        body = b'{"tmdb_ids": [1]}'
        answer = await dashboard.send(
            "POST",
            "/hooks/movies",
            data=body,
            headers={"Cinegraph-Signature": sign("x" * 20, body, 1)},
        )
        _require_clean(answer.text, "/hooks/movies")
    _require_clean(caplog.text, "the log")


def _require_clean(text: str, where: str) -> None:
    for name, canary in CANARIES.items():
        assert canary not in text, f"{name} in {where}"


async def test_other_hosts_and_methods(closed: Dashboard) -> None:
    """Every address for machines answers to its own names alone, and to the methods it has."""
    addresses = ["/metrics", "/api", f"{PREFIX}/status", f"{PREFIX}/openapi.json"]
    for address in addresses:
        answer = await closed.get(address, Host="rebound.example")
        assert answer.status == 421, address
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
            headers = {"Authorization": "Bearer operator-token-0123456789"}
            answer = await closed.send(method, address, headers=headers)
            assert answer.status == 405, (method, address)


def test_what_is_known_is_hidden_in_json() -> None:
    """Only values that are known: what merely looks like a secret may be a number, and JSON has to stay JSON."""
    scrubbing.register("canary-of-json-94")
    text = '{"a":"x canary-of-json-94 y","session_id":123,"password":null}'
    assert scrubbing.hide_known(text) == text.replace("canary-of-json-94", "***")
