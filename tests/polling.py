"""Waiting for what another task or process does, with a deadline instead of luck."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_EVERY_SECONDS = 0.02
PATIENCE_SECONDS = 90.0
"""Several times what the slowest thing takes on two busy cores: it ends a test that hangs."""


async def until(
    is_reached: Callable[[], Awaitable[object]],
    *,
    within_seconds: float = PATIENCE_SECONDS,
) -> None:
    """
    Look until *is_reached* answers with something true.

    Raises:
        TimeoutError: It never did.
    """
    async with asyncio.timeout(within_seconds):
        while not await is_reached():  # noqa: ASYNC110 - what is waited for may be another process's doing
            await asyncio.sleep(_EVERY_SECONDS)


def eventually(
    is_reached: Callable[[], object],
    what: str = "what was waited for",
    *,
    within_seconds: float = PATIENCE_SECONDS,
) -> None:
    """
    Look until *is_reached* answers with something true; `until` for tests without an event loop.

    Raises:
        TimeoutError: It never did; *what* says what that was.
    """
    deadline = time.monotonic() + within_seconds
    while not is_reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"did not happen within {within_seconds:.0f} s: {what}")
        time.sleep(_EVERY_SECONDS)
