"""The deployment that the tests of imports work with."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from deployments import Deployment, Script
from hurry import shorten_delays


@pytest.fixture
def world() -> World:
    """Return a small invented world."""
    return World(films=90, seed=3)


@pytest.fixture
def sandbox_settings() -> SandboxSettings:
    """Return how the imitation behaves: no limit, no latency, no faults."""
    return SandboxSettings(port=0, rate=0, latency="none")


@pytest.fixture
async def deployment(
    database_url: str,
    world: World,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    """Return an open deployment against the imitation; its delays are short."""
    shorten_delays(monkeypatch.setattr)
    script = Script(world)
    async with SandboxServer(script, sandbox_settings) as sandbox:

        def open_deployment(**changes: Any) -> AbstractAsyncContextManager[Cinegraph]:
            given = {
                "database_url": database_url,
                "home": tmp_path,
                "tmdb_base_url": sandbox.base_url,
                "tmdb_exports_url": sandbox.exports_url,
                "tmdb_requests_per_second": 0,
                "profile": "prod",
            }
            return cinegraph.open(**(given | changes))

        async with open_deployment() as c:
            yield Deployment(c, world, script, sandbox, database_url, open_deployment)
