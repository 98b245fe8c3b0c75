"""Days that pass in minutes: the doing of `cinegraph sandbox play`."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cinegraph import clock, words
from cinegraph.api import Cinegraph
from cinegraph.cli import console, imports, session
from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError
from cinegraph.sandbox import remote

_DAY = timedelta(days=1)
_LOOK_SECONDS = 0.2


async def play_days(days: int, seconds_a_day: float) -> None:
    """
    Let days pass, then go on at the usual pace; does the work where no worker runs.

    Raises:
        UsageError: An upstream is no sandbox.
    """
    async with session.connect() as c, AsyncExitStack() as stack:
        sandbox = await _sandbox_of(c)
        if not await imports.has_worker(c):
            console.note("no worker is running, so this process does the work")
            await stack.enter_async_context(c.work())
        try:
            await _set(c, sandbox, speed=_DAY.total_seconds() / seconds_a_day)
            await _tell_days(c, days)
        finally:
            # Time goes on from where it is, at its usual pace.
            await _set(c, sandbox, speed=1.0)
    console.note(
        "time goes on at its usual pace; `cinegraph sandbox play --reset` goes back to real time"
    )


async def reset() -> None:
    """Go back to real time (UsageError: an upstream is no sandbox)."""
    async with session.connect() as c:
        sandbox = await _sandbox_of(c)
        await remote.set_clock(sandbox, ClockSetting(epoch=clock.real_now()))
        await c.set_clock(None)
    console.note("real time again")


async def _set(c: Cinegraph, sandbox: str, *, speed: float) -> None:
    now, real = clock.now(), clock.real_now()
    setting = ClockSetting(epoch=real, offset=now - real, speed=speed)
    await remote.set_clock(sandbox, setting)
    await c.set_clock(setting)


async def _tell_days(c: Cinegraph, days: int) -> None:
    began = clock.now()
    for number in range(1, days + 1):
        await _wait_until(began + number * _DAY)
        console.out().print(await _line(c, number), soft_wrap=True)


async def _wait_until(at: datetime) -> None:
    while (left := (at - clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the clock may be set meanwhile
        await asyncio.sleep(min(clock.real_seconds(left), _LOOK_SECONDS))


async def _line(c: Cinegraph, number: int) -> str:
    status = await c.get_sync_status()
    parts = [
        f"day {number}, {clock.now():%Y-%m-%d %H:%M} UTC",
        f"{words.count(status.imported_movies, 'film')} of {status.total_movies:,}",
    ]
    ended = await c.list_quota_days(since=clock.now() - _DAY)
    parts += [
        f"{day.source} {day.used:,} asked ({day.background_used:,} in the background)"
        for day in ended[:1]
    ]
    left = await c.get_omdb_backlog()
    if left is not None:
        parts.append(words.backlog(left))
    return "; ".join(parts)


async def _sandbox_of(c: Cinegraph) -> str:
    """
    Return the control address of the sandbox that is every upstream.

    Raises:
        UsageError: One is none: time of a deployment that asks the real world is not played with.
    """
    loaded = c.settings
    addresses = [loaded.tmdb_base_url, loaded.tmdb_exports_url]
    if loaded.omdb is not None:
        addresses.append(loaded.omdb_base_url)
    if loaded.imdb is not None:
        addresses.append(loaded.imdb_datasets_url)
    roots = {f"{urlsplit(one).scheme}://{urlsplit(one).netloc}" for one in addresses}
    for root in sorted(roots):
        if not await remote.is_sandbox(root):
            raise UsageError(
                f"{root} is no sandbox, and time is only played against one",
                hint="Start `cinegraph sandbox` and set the four addresses that it prints.",
            )
    [root, *others] = sorted(roots)
    if others:
        raise UsageError(
            f"the upstreams are different sandboxes: {', '.join(sorted(roots))}",
            hint="Set the four addresses that one `cinegraph sandbox` prints.",
        )
    return root
