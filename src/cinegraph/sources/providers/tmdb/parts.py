"""Which part of `append_to_response` each appended field of a film comes in."""

from collections.abc import Collection
from typing import Final

from cinegraph.records.fields import APPENDED
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS

_PART_OF: Final = {"providers": "watch/providers"}
"""The others are called alike."""


def parts_of(appended: Collection[str]) -> tuple[str, ...]:
    """Return the parts to ask for, for *appended* fields; all of them for every field."""
    wanted = {_PART_OF.get(name, name) for name in APPENDED if name in appended}
    return tuple(part for part in MOVIE_PARTS if part in wanted)
