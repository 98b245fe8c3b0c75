"""A connection for tests of what the ledger and the runs hold."""

from collections.abc import AsyncIterator

import pytest

from cinegraph.db.pool import Pool
from ledger_rows import Conn


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)
