"""A node as a process of its own, for tests that kill or freeze it: `node_process.py URL NODE LIMIT`."""

import asyncio
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engine_workers import Recorder

from cinegraph.db.pool import open_pool
from cinegraph.jobs.engine.node import JobEngine


async def main(url: str, node: str, limit: int) -> None:
    """Run the queue `imports` until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with await open_pool(url, size=5, application_name=node) as pool:
        recorder = Recorder(node=node, pool=pool)
        async with JobEngine(pool, recorder, queues={"imports": limit}, node=node):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
