"""Every page: served, escaped, with its policy; alone when an open page asks again."""

import pytest

from cinegraph.web.pages import PAGES, Page

from .conftest import Dashboard

_PLAIN = [page for page in PAGES if "{" not in page.path]


@pytest.mark.parametrize("page", _PLAIN, ids=lambda page: page.name)
async def test_a_page_is_there_before_the_first_film(
    dashboard: Dashboard, page: Page
) -> None:
    """Nothing stored yet is a state, not an error."""
    answer = await dashboard.get(page.path)
    assert answer.status == 200, answer.text
    assert "<h1>" in answer.text
    assert "<!doctype html>" in answer.text
    part = await dashboard.get(page.path, HX_Request="true")
    assert part.status == 200
    assert "<h1>" in part.text
    assert "<html" not in part.text


async def test_no_page_has_inline_script_or_style(dashboard: Dashboard) -> None:
    """The policy forbids both, so a page that needs them is broken."""
    for page in _PLAIN:
        answer = await dashboard.get(page.path)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert " onclick=" not in answer.text
        assert "<script>" not in answer.text


async def test_an_address_of_nothing(dashboard: Dashboard) -> None:
    """A person is told in a page, a program by a problem."""
    page = await dashboard.get("/nothing/here")
    assert page.status == 404
    assert "There is nothing at /nothing/here." in page.text
    problem = await dashboard.get("/api/v1/nothing")
    assert problem.status == 404
    assert problem.headers["Content-Type"] == "application/problem+json"
