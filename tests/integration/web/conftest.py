"""The dashboard as browsers and programs reach it: a real server on a real socket, a database of its own."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.web.serving import serve

VIEWER, OPERATOR = "viewer-token-0123456789", "operator-token-0123456789"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    text: str


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard and a client of it."""

    c: Cinegraph
    address: str
    session: aiohttp.ClientSession
    stop: asyncio.Event

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for something."""
        return await self.send("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        data: Mapping[str, str] | None = None,
        json: object = None,
        **headers: str,
    ) -> Answer:
        """Send a form, or JSON."""
        return await self.send("POST", path, headers=headers, data=data, json=json)

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        """Send anything; follow no redirect."""
        headers = {
            name.replace("_", "-"): value
            for name, value in more.pop("headers", {}).items()
        }
        async with self.session.request(
            method,
            self.address + path,
            headers=headers,
            allow_redirects=False,
            **more,
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.text())


type OpenDashboard = Callable[..., AbstractAsyncContextManager[Dashboard]]


@pytest.fixture
def open_dashboard(database_url: str, tmp_path: Path) -> OpenDashboard:
    """Return what serves a dashboard with the settings given."""

    @asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[Dashboard]:
        told = {
            "database_url": database_url,
            "home": tmp_path,
            "web_port": 0,
            "tmdb_api_key": "0" * 32,
            **settings,
        }
        listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        async with (
            cinegraph.open(role="web", **told) as c,
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
        ):
            serving = asyncio.create_task(
                serve(c, stop, on_listening=listening.set_result)
            )
            await asyncio.wait(
                {serving, listening}, return_when=asyncio.FIRST_COMPLETED
            )
            if serving.done():
                await serving
            try:
                yield Dashboard(c, listening.result(), session, stop)
            finally:
                stop.set()
                await serving

    return run


@pytest.fixture
async def dashboard(open_dashboard: OpenDashboard) -> AsyncIterator[Dashboard]:
    """Return a dashboard that is open to whoever is at this machine."""
    async with open_dashboard() as running:
        yield running


@pytest.fixture
async def closed(open_dashboard: OpenDashboard) -> AsyncIterator[Dashboard]:
    """Return a dashboard with a viewer's and an operator's token."""
    async with open_dashboard(viewer_token=VIEWER, operator_token=OPERATOR) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows *token*."""
    return {"Authorization": f"Bearer {token}"}


def size_of(text: str) -> int:
    """Return how many bytes a page is when it travels."""
    return len(gzip.compress(text.encode(), 6))
