"""
A worker node for `month.py`: the product's own, but for retries, which wait by real time and would last imitated days.

It ends when its standard input does, so it never outlives the benchmark.
"""

import asyncio
import sys
from pathlib import Path

import cinegraph
from cinegraph import bootstrap

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from hurry import shorten_delays


async def main() -> None:
    """Work until the standard input closes."""
    shorten_delays(setattr)
    async with (
        cinegraph.open(role="worker") as c,
        bootstrap.open_node(c._app),
    ):
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    bootstrap.run_node(main())
