"""The world of films that the tests of enrichment work with."""

import pytest

from cinegraph.db.pool import Pool
from collaborating import World


@pytest.fixture
def world(pool: Pool) -> World:
    """Return what changes films."""
    return World(pool)
