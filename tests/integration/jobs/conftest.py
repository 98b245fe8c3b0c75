"""The deployment that the tests of imports work with."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from cinegraph.sandbox import SandboxSettings, World
from deployments import Deploy, Deployment, Script, deploy
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
def deploy_here(
    database_url: str,
    world: World,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Deploy:
    """Return what opens a deployment of the world in the test's database; its delays are short."""
    shorten_delays(monkeypatch.setattr)
    return partial(
        deploy,
        world,
        Script(world),
        sandbox_settings,
        database_url=database_url,
        home=tmp_path,
    )


@pytest.fixture
async def deployment(deploy_here: Deploy) -> AsyncIterator[Deployment]:
    """Return an open deployment against the imitation."""
    async with deploy_here() as opened:
        yield opened
