"""What differs between two tellings of one film, in words; pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from cinegraph.records.fields import FIELDS
from cinegraph.records.movie import MovieRecord, RatingRecord

_LONGEST = 40
"""Letters of a text that are told."""
_WORDS = {
    "revenue_usd": "revenue",
    "budget_usd": "budget",
    "runtime_minutes": "runtime",
    "released_on": "release date",
    "recommended_tmdb_ids": "recommendations",
    "releases": "release dates",
}
_UNTOLD = ("people", "watch_providers")
"""Told by what names them: credits and offers."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that changed."""

    field: str
    """A name of `FIELDS`."""
    text: str
    """For people: `revenue 1 → 2`, `videos +1 -2`."""


def list_differences(before: MovieRecord, after: MovieRecord) -> tuple[Difference, ...]:
    """Return what changed from *before* to *after*, field by field."""
    return tuple(
        Difference(field.name, text)
        for field in FIELDS
        for attribute in field.attributes
        if attribute not in _UNTOLD
        for text in _tell(
            attribute, getattr(before, attribute), getattr(after, attribute)
        )
    )


def describe(differences: Iterable[Difference]) -> str:
    """Return *differences* in one line; empty where there is none."""
    return "; ".join(difference.text for difference in differences)


def _tell(attribute: str, before: Any, after: Any) -> Iterable[str]:  # noqa: ANN401 - whatever a record holds
    if before == after:
        return
    word = _WORDS.get(attribute, attribute.removesuffix("_path").replace("_", " "))
    if attribute == "rating":
        yield from _tell_rating(before, after)
    elif isinstance(after, tuple):
        yield _tell_set(word, before, after)
    else:
        yield f"{word} {_short(before)} → {_short(after)}"


def _tell_rating(
    before: RatingRecord | None, after: RatingRecord | None
) -> Iterable[str]:
    for word, name in (("rating", "value"), ("votes", "votes")):
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old != new:
            yield f"{word} {_short(old)} → {_short(new)}"


def _tell_set(word: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    old, new = Counter(before), Counter(after)
    added, removed = (new - old).total(), (old - new).total()
    if not added and not removed:
        return f"{word} in another order"
    counts = [f"+{added}"] * bool(added) + [f"-{removed}"] * bool(removed)
    return " ".join((word, *counts))


def _short(value: Any) -> str:  # noqa: ANN401 - whatever a record holds
    if value is None:
        return "none"
    text = str(getattr(value, "name", value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
