"""Who may do what, from where: every action, by every role, method and origin."""

import itertools

import pytest

from cinegraph.web.actions import ACTIONS, Action
from cinegraph.web.rendering import fill_path

from .conftest import OPERATOR, VIEWER, Dashboard, bearer

_ROLES = {"nobody": {}, "viewer": bearer(VIEWER), "operator": bearer(OPERATOR)}


def _path(action: Action) -> str:
    numbers = dict.fromkeys(("run_id", "job_id", "movie_id", "id"), 999_999_999)
    names = dict.fromkeys(("queue", "name", "key"), "nothing")
    return fill_path(action.path, numbers | names)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
async def test_who_may(closed: Dashboard, action: Action) -> None:
    """Nobody and viewers may do nothing, also by the API; operators reach the deed."""
    for prefix, (role, headers) in itertools.product(("", "/api/v1"), _ROLES.items()):
        answer = await closed.post(prefix + _path(action), json={}, **headers)
        allowed = {
            "nobody": {401} if prefix else {303},
            "viewer": {403},
            "operator": {200, 303, 400, 404, 409},
        }[role]
        assert answer.status in allowed, (prefix, role, answer.text)
        if role == "nobody" and not prefix:
            assert answer.headers["Location"] == "/login"
    refused = [
        line for line in await closed.c.list_actions() if line.error_code == "refused"
    ]
    assert {line.role for line in refused} == {"viewer"}
    assert {line.action for line in refused} == {action.key}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
async def test_from_where(dashboard: Dashboard, action: Action) -> None:
    """Another site does nothing in a person's name, and no other method does anything."""
    path = _path(action)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
    ):
        answer = await dashboard.post(path, **headers)
        assert answer.status == 403, headers
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = await dashboard.send(method, path)
        assert answer.status in {404, 405}, method
    for headers in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": dashboard.address},
        {},
    ):
        answer = await dashboard.post(path, data={"_confirmed": "1"}, **headers)
        assert answer.status in {303, 400, 404, 409}, answer.text


async def test_an_action_from_a_form_leads_back_and_is_told_once(
    dashboard: Dashboard,
) -> None:
    """Pressed, done, back on the page, with one sentence; and it stands in the log."""
    run = await dashboard.c.import_popular_movies(pages=1)
    answer = await dashboard.post(f"/runs/{run}/pause", data={"_from": "/?a=b"})
    assert answer.status == 303
    assert answer.headers["Location"] == "/?a=b"
    assert (await dashboard.c.get_run(run)).state == "paused"
    first, second = await dashboard.get("/"), await dashboard.get("/")
    assert f"Run {run} is paused" in first.text
    assert f"Run {run} is paused;" not in second.text
    [line] = await dashboard.c.list_actions()
    assert (line.action, line.who, line.arguments) == (
        "run.pause",
        "local",
        {"run_id": run},
    )


async def test_what_cannot_be_undone_is_asked_first(dashboard: Dashboard) -> None:
    """Also without scripts: the question is a page."""
    run = await dashboard.c.import_popular_movies(pages=1)
    asked = await dashboard.post(f"/runs/{run}/cancel", data={"_from": "/runs"})
    assert asked.status == 200
    assert "Cancel this run?" in asked.text
    assert (await dashboard.c.get_run(run)).state == "running"
    done = await dashboard.post(f"/runs/{run}/cancel", data={"_confirmed": "1"})
    assert done.status == 303
    assert (await dashboard.c.get_run(run)).state == "cancelled"


@pytest.mark.parametrize(
    "to", ["https://example.org", "//example.org", "/\\example.org"]
)
async def test_nobody_is_led_to_another_site(dashboard: Dashboard, to: str) -> None:
    """Where to go back to comes from the form, so it is looked at."""
    run = await dashboard.c.import_popular_movies(pages=1)
    answer = await dashboard.post(f"/runs/{run}/pause", data={"_from": to})
    assert answer.headers["Location"] == "/"
