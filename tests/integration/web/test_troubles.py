"""What goes wrong within: told in one sentence, logged once, never with a traceback."""

import pytest
from structlog.testing import capture_logs

from cinegraph.web import readings

from .conftest import Dashboard


async def test_a_bug_is_told_and_logged_once(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person gets a page, a program a problem; the log has the story."""

    async def fail(*_: object) -> object:
        raise ZeroDivisionError("of the inner workings")

    monkeypatch.setattr(readings.Readings, "get", fail)
    with capture_logs() as lines:
        page = await dashboard.get("/")
        problem = await dashboard.get("/api/v1/status")
    for answer in (page, problem):
        assert answer.status == 500
        assert "This is a bug of Cinegraph" in answer.text
        assert "inner workings" not in answer.text
        assert "default-src" in answer.headers["Content-Security-Policy"]
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert [line["event"] for line in lines] == ["a request failed"] * 2
