"""Telling a person why a film is recommended; pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from cinegraph.enrichment.recommendations import words
from cinegraph.enrichment.recommendations.kinds import KINDS

LEAST_SHARE: Final = 0.05
"""Of the likeness; what adds less is no reason."""
MOST_REASONS: Final = 4
_MOST_NAMES: Final = 4


class Reason(msgspec.Struct, frozen=True):
    """One thing that two films have in common."""

    kind: str
    """As in `kinds`."""
    share: float
    """Of their likeness, 0 to 1."""
    names: tuple[str, ...]
    """What they share, what tells most first; empty where there is no name for it, or it is no longer so."""


type Shared = Mapping[str, Sequence[str]]
"""By kind, the names of what two films share."""


def find_reasons(parts: bytes, shared: Shared) -> tuple[Reason, ...]:
    """Return why a film is recommended, the weightiest first; *parts* as stored."""
    found = [
        Reason(kind.name, part / 255, tuple(shared.get(kind.name, ())))
        for kind, part in zip(KINDS, parts, strict=True)
        if part / 255 >= LEAST_SHARE
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def tell(reasons: Sequence[Reason]) -> str:
    """Return reasons in words: "same director (…) and 3 actors (…); themes: heist, long take"."""
    told: list[str] = []
    by_kind = {one.kind: one for one in reasons}
    for one in reasons:
        if one.kind == "crew":
            # A director who also writes is told once.
            directing = by_kind["director"].names if "director" in by_kind else ()
            names = tuple(name for name in one.names if name not in directing)
            one = msgspec.structs.replace(one, names=names)  # noqa: PLW2901
        if one.kind == "cast" and _tells(by_kind.get("director")):
            continue
        text = _PHRASES[one.kind](one.names)
        if one.kind == "director" and text and _tells(by_kind.get("cast")):
            text = f"{text} and {_actors(by_kind['cast'].names)}"
        if text:
            told.append(text)
    return "; ".join(told[:MOST_REASONS]) or "alike in many small ways"


def find_shared_words(
    ours: Sequence[str | None], theirs: Sequence[str | None]
) -> list[str]:
    """Return the words that two films' texts share, as the first writes them."""
    keys = set(words.extract(*theirs).tolist())
    found: dict[int, str] = {}
    for text in ours:
        for word, key in words.spell(text):
            if key in keys:
                found.setdefault(key, word)
    return list(found.values())


def _tells(reason: Reason | None) -> bool:
    return reason is not None and bool(reason.names)


def _list(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _actors(names: Sequence[str]) -> str:
    count = f"{len(names)} actors" if len(names) > 1 else "actor"
    return f"{count} ({_list(names)})"


def _with(before: str) -> Callable[[Sequence[str]], str]:
    """Return what tells names behind words, and nothing without names."""
    return lambda names: f"{before}{_list(names)}" if names else ""


def _director(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"same director{'s' if len(names) > 1 else ''} ({_list(names)})"


def _beside(names: Sequence[str]) -> str:
    return (
        "recommended beside each other at TMDB"
        if names
        else "recommended beside the same films at TMDB"
    )


_PHRASES: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "series": lambda names: f"same series ({_list(names)})" if names else "",
    "director": _director,
    "cast": lambda names: f"same {_actors(names)}" if names else "",
    "crew": _with("both made by "),
    "keywords": _with("themes: "),
    "companies": _with("same studio: "),
    "words": _with("words: "),
    "beside": _beside,
    "lists": _with("both on "),
    "awards": _with("both nominated: "),
    "genres": _with("genres: "),
    "language": _with("both in "),
    "era": lambda _: "of the same years",
}
