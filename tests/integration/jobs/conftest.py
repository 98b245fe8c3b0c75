"""The deployment that the tests of imports work with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cinegraph.sandbox import SandboxSettings, World
from deployments import Deployment, Script, deploy
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
    async with deploy(
        world,
        Script(world),
        sandbox_settings,
        database_url=database_url,
        home=tmp_path,
    ) as opened:
        yield opened
