"""What the tests of the catalogue share: storing, and reading back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import pytest

from cinegraph.catalog.storing import Film, StoredFilm, store_films
from cinegraph.db.pool import Pool
from factories import NOON

type Store = Callable[..., Awaitable[list[StoredFilm]]]
type Fetch = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
def store(pool: Pool) -> Store:
    """Return a function that stores films in one transaction."""

    async def run(*films: Film, now: datetime = NOON) -> list[StoredFilm]:
        async with pool.connection() as conn, conn.transaction():
            return await store_films(conn, films, now=now)

    return run


@pytest.fixture
def fetch(pool: Pool) -> Fetch:
    """Return a function that runs a query; rows of one column come as values."""

    async def run(query: Any, parameters: Sequence[object] = ()) -> list[Any]:  # noqa: ANN401 - SQL
        async with pool.connection() as conn:
            rows = await (await conn.execute(query, parameters)).fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    return run
