"""One process that asks as fast as it may: prints a line with the monotonic time of each request until killed."""

import asyncio
import sys
import time

from cinegraph.db.pool import open_pool
from cinegraph.limits import Priority, RateLimit, RequestBudget


async def _ask(budget: RequestBudget) -> None:
    while True:
        await budget.acquire(Priority.BACKFILL)
        sys.stdout.write(f"{time.monotonic()}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.2)  # the upstream's latency


async def _main(url: str, rate: float) -> None:
    async with await open_pool(url, size=2, application_name="asking") as pool:
        budget = RequestBudget(pool, "tmdb", RateLimit(rate))
        await asyncio.gather(*(_ask(budget) for _ in range(10)))


asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
