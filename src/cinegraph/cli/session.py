"""How a command reaches the deployment, and how it is interrupted."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from cinegraph import api, bootstrap, settings

STOPPED_BY_TERM = 128 + signal.SIGTERM


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """
    Run *work* to its end; SIGTERM ends it as cleanly as Ctrl-C does.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        SystemExit: SIGTERM.
    """
    return asyncio.run(_interruptible(work))


async def _interruptible[T](work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    is_told = False

    def stop() -> None:
        nonlocal is_told
        is_told = True
        task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not task.done():
            # Ctrl-C cancelled this coroutine; the work still has to be waited for.
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if is_told:
            raise SystemExit(STOPPED_BY_TERM) from None
        raise


@asynccontextmanager
async def connect(
    *, reads: bool = False, role: str = "command", **flags: Any
) -> AsyncIterator[api.Cinegraph]:
    """
    Open the deployment of the settings.

    Args:
        reads: Nothing is set up or upgraded for a command that only looks.
        role: For `pg_stat_activity`.
        flags: Settings by field name.
    """
    loaded, _ = settings.load(flags)
    # A command answers the person; only what needs attention is logged beside it.
    level = loaded.log_level
    bootstrap.configure_logging("warning" if level == "info" else level)
    async with api.open(role=role, reads=reads, **flags) as opened:
        yield opened
