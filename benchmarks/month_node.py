"""
A worker node for `month.py`: the product's own, but for what waits by real time and would last imitated hours.

Those are retries, pauses after a 429, and how long a killed node's jobs wait for another: a second of `Retry-After` is
twelve minutes where days are played 720 times as fast. It ends when its standard input does, so it never outlives the
benchmark.
"""

import asyncio
import sys
from pathlib import Path

import cinegraph
from cinegraph import bootstrap
from cinegraph.jobs.engine import node
from cinegraph.limits import budget, rates

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from hurry import ENGINE, shorten_delays

_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.1


async def main() -> None:
    """Work until the standard input closes."""
    shorten_delays(setattr)
    setattr(node, "EngineSettings", lambda: ENGINE)  # noqa: B010 - the product's default
    for module in (rates, budget):
        setattr(module, "SHORTEST_PAUSE_SECONDS", _SHORTEST_PAUSE_SECONDS)  # noqa: B010 - constants of the product
        setattr(module, "LONGEST_PAUSE_SECONDS", _LONGEST_PAUSE_SECONDS)  # noqa: B010
    async with (
        cinegraph.open(role="worker") as c,
        c.work(),
    ):
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    bootstrap.run_node(main())
