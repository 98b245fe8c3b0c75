"""One process that takes places in flight as fast as it may: prints when it had each (monotonic), until killed."""

import asyncio
import sys
import time

from cinegraph.db.pool import open_pool
from cinegraph.limits import RequestSlots


async def _fly(slots: RequestSlots) -> None:
    while True:
        async with slots.hold():
            began = time.monotonic()
            await asyncio.sleep(0.02)  # the upstream's latency
            ended = time.monotonic()
        sys.stdout.write(f"{began} {ended}\n")
        sys.stdout.flush()


async def _main(url: str, places: int) -> None:
    async with await open_pool(url, size=4, application_name="holding") as pool:
        slots = RequestSlots(pool, "omdb", places, lease_seconds=1.0)
        await asyncio.gather(*(_fly(slots) for _ in range(4)))


asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
