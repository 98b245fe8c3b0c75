"""Waiting for what another task or process does, with a deadline instead of luck."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(
    is_reached: Callable[[], Awaitable[object]], *, within_seconds: float = 30.0
) -> None:
    """
    Look until *is_reached* answers with something true.

    Raises:
        TimeoutError: It never did.
    """
    async with asyncio.timeout(within_seconds):
        while not await is_reached():  # noqa: ASYNC110 - what is waited for may be another process's doing
            await asyncio.sleep(0.02)
