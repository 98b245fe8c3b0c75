"""
How old an answer was when it came, and until when a cache gives it: what HTTP's headers say; pure.

Between a source and us stand caches, and an answer may be as old as they keep it. `Age` tells how long the last of them
has had it (RFC 9111, section 5.1), counted from when it came there; a source's own cache may tell more in a header of
its own. `max-age` tells for how long from then on it may be given.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

LONGEST: Final = timedelta(days=1)
"""No header makes us believe in a longer time: a wrong one must not keep a film from being asked for."""

_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})\b", re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,10}", re.ASCII)
_NONE: Final = timedelta(0)


class Cached(msgspec.Struct, frozen=True):
    """What caches did to an answer."""

    age: timedelta
    """Since the source made it; none: it came fresh, or nobody says."""
    left: timedelta
    """For how long the same answer is given to whoever asks."""


def read_cached(headers: Mapping[str, str], beside: Sequence[str] = ()) -> Cached:
    """
    Return what *headers* say; a header that is no number says nothing.

    Args:
        beside: Names of headers with seconds that an answer spent in other caches, before `Age` was counted.
    """
    here = _seconds(headers.get("Age", ""))
    before = sum((_seconds(headers.get(name, "")) for name in beside), _NONE)
    found = _MAX_AGE.search(headers.get("Cache-Control", "").lower())
    most = _seconds(found[1]) if found else _NONE
    return Cached(age=min(here + before, LONGEST), left=max(most - here, _NONE))


def _seconds(text: str) -> timedelta:
    found = _SECONDS.fullmatch(text.strip())
    return _NONE if found is None else min(timedelta(seconds=int(found[0])), LONGEST)
