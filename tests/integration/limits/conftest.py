"""What the tests of limits share: budgets that are closed, and the row read and written by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, LiteralString

import pytest
from psycopg.rows import dict_row

from cinegraph.db.pool import Pool
from cinegraph.limits import RateLimit, RequestBudget


@pytest.fixture
def read_row(pool: Pool) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Return a reader of the budget row."""

    async def read() -> dict[str, Any]:
        """Return the row as it is now."""
        async with (
            pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute("SELECT * FROM request_budgets")
            row = await cursor.fetchone()
        assert row is not None
        return row

    return read


@pytest.fixture
def execute(pool: Pool) -> Callable[[LiteralString], Awaitable[None]]:
    """Return a function that runs one statement."""

    async def run(statement: LiteralString) -> None:
        """Run *statement* in a transaction of its own."""
        async with pool.connection() as connection:
            await connection.execute(statement)

    return run


@pytest.fixture
async def make_budget(pool: Pool) -> AsyncIterator[Callable[..., RequestBudget]]:
    """Return a maker of budgets of one source; each stands for a process of its own."""
    made: list[RequestBudget] = []

    def make(rate: float = 39.0, burst: int = 4, **options: Any) -> RequestBudget:
        """Return a budget that is closed afterwards."""
        budget = RequestBudget(pool, "tmdb", RateLimit(rate, burst), **options)
        made.append(budget)
        return budget

    yield make
    for budget in made:
        await budget.close()
