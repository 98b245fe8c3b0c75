"""The audit log on its page."""

import re

from cinegraph.monitoring.operator_actions import OperatorAction

from .conftest import VIEWER, Dashboard, bearer


async def _note(dashboard: Dashboard, number: int, who: str = "ann") -> None:
    await dashboard.c.note_action(
        "run.pause" if number % 2 else "queue.pause",
        who=who,
        role="operator",
        arguments={"run_id": number, "text": "<script>x</script>"},
        outcome=f"outcome {number} <img src=x>",
    )


async def test_who_did_what_by_pages_and_filters(dashboard: Dashboard) -> None:
    """Latest first, each once, all of them; the filters stand in the address."""
    for number in range(103):
        await _note(dashboard, number, who="bob & <co>" if number % 10 == 0 else "ann")
    path, seen = "/audit", []
    while path:
        page = (await dashboard.get(path)).text
        seen += [int(found) for found in re.findall(r"outcome (\d+) ", page)]
        older = re.search(r'href="(/audit\?before=[^"]+)">Older', page)
        path = older[1].replace("&amp;", "&") if older else ""
        assert "<script>x" not in page
        assert "<img src=x" not in page
    assert seen == list(range(102, -1, -1))

    page = (await dashboard.get("/audit?who=bob+%26+%3Cco%3E&action=run.pause")).text
    assert re.findall(r"outcome (\d+) ", page) == []
    page = (await dashboard.get("/audit?who=bob+%26+%3Cco%3E")).text
    assert [int(found) for found in re.findall(r"outcome (\d+) ", page)] == list(
        range(100, -1, -10)
    )
    assert 'value="bob &amp; &lt;co&gt;"' in page
    page = (await dashboard.get("/audit?action=run.pause")).text
    assert page.count("outcome ") == 50
    assert re.search(r"/audit\?before=\d+&amp;action=run\.pause", page)


async def test_nothing_yet_and_nothing_that_fits(dashboard: Dashboard) -> None:
    """Two different things."""
    assert (
        "Nothing was done through the dashboard" in (await dashboard.get("/audit")).text
    )
    await _note(dashboard, 1)
    assert "fits these filters" in (await dashboard.get("/audit?who=nobody")).text
    assert (await dashboard.get("/audit?before=x")).status == 400


async def test_what_was_refused_is_there(closed: Dashboard) -> None:
    """With who tried."""
    await closed.post("/queues/imports/pause", **bearer(VIEWER))
    page = (await closed.get("/audit", **bearer(VIEWER))).text
    assert ">refused<" in page
    assert "queue.pause" in page
    [line] = await closed.c.list_actions()
    assert isinstance(line, OperatorAction)
    assert line.arguments == {"queue": "imports"}
