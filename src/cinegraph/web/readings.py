"""What pages read, each kept for a moment, so that a hundred viewers cost the database as much as one."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from cinegraph import clock
from cinegraph.api import Cinegraph

_PATIENCE_SECONDS = 0.25
"""For what was never read: a page that can show it at once needs no second look."""
_KEPT_FOR = 50
"""Times as long as it took."""
_MOST_KEPT = 1000
"""Readings with arguments, such as one run's; the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Reading[T]:
    """
    Something that is read and kept.

    Two of the same name and arguments are the same reading.
    """

    name: str
    seconds: float
    """For how long it is good: as long as nobody would notice, and as short as the cost allows."""
    read: Callable[[Cinegraph], Awaitable[T]]
    arguments: Hashable = ()
    turn: str | None = None
    """Those of one turn are made one after another, because each takes much; None: whenever somebody asks."""

    @property
    def key(self) -> Hashable:
        """What makes it the same."""
        return self.name, self.arguments


class Glance[T](NamedTuple):
    """What was read last, however long ago."""

    value: T | None
    """None: it is being read for the first time."""
    at: datetime | None


_NOTHING: Glance[Any] = Glance(None, None)


@dataclass(slots=True)
class _Kept:
    task: asyncio.Task[Any]
    begun: float
    last: Glance[Any] = _NOTHING
    """What the reading before it came to, until this one is made."""
    took: float = 0.0
    """Seconds."""


class Readings:
    """The readings of one process; each is made once however many wait for it."""

    def __init__(self, c: Cinegraph) -> None:
        self._c = c
        self._kept: dict[Hashable, _Kept] = {}
        self._changed_at = -math.inf
        self._turns: dict[str, asyncio.Lock] = {}

    async def get[T](self, reading: Reading[T]) -> T:
        """Return a reading, at most `seconds` old; an error is not kept."""
        kept = self._kept.get(reading.key)
        if (
            kept is None
            or kept.begun <= self._changed_at
            or _is_old(kept, reading)
            or _has_failed(kept)
        ):
            kept = self._begin(reading, _NOTHING)
        # Shielded: who leaves must not end it for the others.
        return cast("T", await asyncio.shield(kept.task))

    async def glance[T](self, reading: Reading[T]) -> Glance[T]:
        """
        Return what was read last, and read it anew beside where that is older than `seconds`: for what takes long.

        What took long is kept longer, so that however many look it costs a fiftieth of one connection at most.
        Only where nothing was ever read it is waited for, and not for long. An error is told once, and not kept.
        """
        kept = self._kept.get(reading.key)
        if kept is None:
            kept = self._begin(reading, _NOTHING)
        elif kept.task.done() and not _has_failed(kept) and _is_worth(kept, reading):
            kept = self._begin(reading, Glance(kept.task.result(), _made_at(kept)))
        if not kept.task.done() and kept.last.at is None:
            await asyncio.wait({kept.task}, timeout=_PATIENCE_SECONDS)
        if not kept.task.done():
            return kept.last
        if _has_failed(kept):
            self._kept.pop(reading.key, None)
        return Glance(await kept.task, _made_at(kept))

    def note_change(self) -> None:
        """Somebody did something: what `get` returns was read after this, so that nobody sees the state before."""
        self._changed_at = time.monotonic()

    async def stop(self) -> None:
        """End what is being read."""
        tasks = [kept.task for kept in self._kept.values() if not kept.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin[T](self, reading: Reading[T], last: Glance[T]) -> _Kept:
        self._kept.pop(reading.key, None)
        kept = _Kept(
            asyncio.create_task(self._make(reading)), time.monotonic(), last=last
        )
        kept.task.add_done_callback(lambda _: _note_end(kept))
        self._kept[reading.key] = kept
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept

    async def _make[T](self, reading: Reading[T]) -> T:
        if reading.turn is None:
            return await reading.read(self._c)
        async with self._turns.setdefault(reading.turn, asyncio.Lock()):
            return await reading.read(self._c)


def _is_old(kept: _Kept, reading: Reading[Any]) -> bool:
    return time.monotonic() - kept.begun > reading.seconds


def _made_at(kept: _Kept) -> datetime:
    """Return when it was begun: what it says may be as old as that."""
    return clock.now() - timedelta(seconds=time.monotonic() - kept.begun)


def _is_worth(kept: _Kept, reading: Reading[Any]) -> bool:
    age = time.monotonic() - kept.begun
    return age > max(reading.seconds, kept.took * _KEPT_FOR)


def _note_end(kept: _Kept) -> None:
    kept.took = time.monotonic() - kept.begun
    if not kept.task.cancelled():
        # Taken, or asyncio complains of an error for which nobody waits any longer.
        kept.task.exception()


def _has_failed(kept: _Kept) -> bool:
    task = kept.task
    return task.done() and (task.cancelled() or task.exception() is not None)
