"""The cache in front of an imitation: who asks again gets the same answer, until its time is over. No I/O."""

import zlib
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

import msgspec

from cinegraph.sandbox.dice import unit
from cinegraph.sandbox.routes import Reply

_SHORTEST_SHARE: Final = 0.75
"""Of the longest time: TMDB's answers were recorded to live between 6.2 and 7.9 hours."""
_MOST: Final = 100_000
_NEVER_CACHED: Final = frozenset({"changes", "movie_changes"})
"""Whether TMDB caches its feed is not known; a day of it that falls silent is doubted in any case."""


class Kept(msgspec.Struct, frozen=True):
    """A reply, how long it has been kept, and how long it will be."""

    reply: Reply
    age_seconds: int
    left_seconds: int


class _Entry(msgspec.Struct, frozen=True):
    reply: Reply
    made_at: datetime
    ends_at: datetime


class Cache:
    """
    Keeps good replies by what was asked.

    Args:
        seconds: How long at most; 0: nothing is kept.
    """

    def __init__(self, seconds: int, seed: int) -> None:
        self._seconds = seconds
        self._seed = seed
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def find(self, asked: str, now: datetime) -> Kept | None:
        """Give what was answered to the same question, while its time lasts."""
        entry = self._entries.get(asked)
        if entry is None or not entry.made_at <= now < entry.ends_at:
            return None
        age, left = now - entry.made_at, entry.ends_at - now
        return Kept(entry.reply, int(age.total_seconds()), int(left.total_seconds()))

    def keep(self, asked: str, reply: Reply, now: datetime) -> None:
        """Keep a good reply about films."""
        if not self._seconds or reply.endpoint in _NEVER_CACHED or reply.status != 200:  # noqa: PLR2004 - OK
            return
        drawn = unit(self._seed, 90, zlib.crc32(asked.encode()))
        share = _SHORTEST_SHARE + (1 - _SHORTEST_SHARE) * drawn
        ends_at = now + timedelta(seconds=self._seconds * share)
        self._entries[asked] = _Entry(reply, now, ends_at)
        self._entries.move_to_end(asked)
        if len(self._entries) > _MOST:
            self._entries.popitem(last=False)
