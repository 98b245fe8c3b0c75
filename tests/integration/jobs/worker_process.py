"""
A worker node in a process of its own, with short delays: what a test kills.

Its environment says where database and upstream are, as for `cinegraph work`; it tells
its readiness in one line, and ends when its standard input does, so it never outlives
the test.
"""

import asyncio
import os
import sys

import structlog

import cinegraph
from cinegraph import bootstrap
from hurry import open_quick_node, shorten_delays


async def main() -> None:
    """Work until the standard input closes."""
    shorten_delays(setattr)
    bootstrap.configure_logging("debug")
    # A calm worker says nothing: this shows that its log is kept at all.
    structlog.get_logger(__name__).info("worker starts")
    async with (
        cinegraph.open(role="worker") as c,
        open_quick_node(c._app, name=os.environ.get("TEST_NODE")),
    ):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
