"""What pages read, each kept for a moment, so that a hundred viewers cost the database as much as one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, cast

from cinegraph.api import Cinegraph

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

    @property
    def key(self) -> Hashable:
        """What makes it the same."""
        return self.name, self.arguments


@dataclass(slots=True)
class _Kept:
    task: asyncio.Task[Any]
    begun: float


class Readings:
    """The readings of one process; each is made once however many wait for it."""

    def __init__(self, c: Cinegraph) -> None:
        self._c = c
        self._kept: dict[Hashable, _Kept] = {}

    async def get[T](self, reading: Reading[T]) -> T:
        """Return a reading, at most `seconds` old; an error is not kept."""
        now = time.monotonic()
        kept = self._kept.get(reading.key)
        if kept is None or now - kept.begun > reading.seconds or _has_failed(kept):
            self._kept.pop(reading.key, None)
            kept = _Kept(asyncio.create_task(self._make(reading)), now)
            self._kept[reading.key] = kept
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        # Shielded: who leaves must not end it for the others.
        return cast("T", await asyncio.shield(kept.task))

    async def _make[T](self, reading: Reading[T]) -> T:
        return await reading.read(self._c)


def _has_failed(kept: _Kept) -> bool:
    task = kept.task
    return task.done() and (task.cancelled() or task.exception() is not None)
