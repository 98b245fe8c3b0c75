"""Open pages: told once that something changed, never in the way of the end, never more than there is room for."""

import asyncio
import time

import aiohttp
import pytest

from cinegraph.web.live import broadcasting

from .conftest import Dashboard, OpenDashboard


async def _read_event(stream: aiohttp.ClientResponse) -> str:
    """Return the name of the next event; silence is none."""
    while line := (await stream.content.readline()).decode():
        if line.startswith("event: "):
            return line.removeprefix("event: ").strip()
    return ""


async def test_a_change_is_told_to_every_page(dashboard: Dashboard) -> None:
    """Two pages are open; something is begun elsewhere; both hear of it, without any data."""
    async with (
        asyncio.timeout(60),
        dashboard.session.get(f"{dashboard.address}/live") as one,
        dashboard.session.get(f"{dashboard.address}/live") as two,
    ):
        assert one.headers["Content-Type"].startswith("text/event-stream")
        assert [await _read_event(each) for each in (one, two)] == ["hello", "hello"]
        # The first look has nothing to compare with.
        assert await _read_event(one) == "changed"
        assert await _read_event(two) == "changed"
        await dashboard.c.import_popular_movies(pages=1)
        assert await _read_event(one) == "changed"
        assert await _read_event(two) == "changed"


async def test_the_end_does_not_wait_for_pages(open_dashboard: OpenDashboard) -> None:
    """With a stream open the server is over long before its grace for answers is."""
    async with (
        open_dashboard() as running,
        running.session.get(f"{running.address}/live") as stream,
    ):
        assert await _read_event(stream) == "hello"
        began = time.monotonic()
        running.stop.set()
        while (event := await _read_event(stream)) == "changed":
            pass
        assert event == "bye"
        assert await stream.content.read() in {b"", b"data: \n\n", b"\n"}
        seconds = time.monotonic() - began
    # The grace is three.
    assert seconds < 2, seconds


async def test_one_page_too_many_is_refused(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It polls instead; when another page leaves there is room again."""
    monkeypatch.setattr(broadcasting, "MOST_STREAMS", 1)
    async with dashboard.session.get(f"{dashboard.address}/live") as stream:
        assert stream.status == 200
        refused = await dashboard.get("/live")
        assert refused.status == 503
    async with asyncio.timeout(60):
        while True:
            async with dashboard.session.get(f"{dashboard.address}/live") as again:
                if again.status == 200:
                    break
            await asyncio.sleep(0.05)
