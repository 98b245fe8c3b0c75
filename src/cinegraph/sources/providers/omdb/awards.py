"""OMDb's sentence about awards into numbers: pure, and nothing that the sentence does not say."""

import re
from typing import Final

import msgspec

_LARGEST: Final = 100_000
"""Nothing won as many awards; larger numbers are nonsense."""

_LEAD: Final = re.compile(
    r"\s*(?P<verb>Won|Nominated for) (?P<count>\d+) (?P<award>[a-z][a-z ]*[a-z])"
    r"\s*\.?\s*(?=Another\b|\d|$)",
    re.ASCII | re.IGNORECASE,
)
_WINS: Final = re.compile(r"(\d+) wins?\b", re.ASCII | re.IGNORECASE)
_NOMINATIONS: Final = re.compile(r"(\d+) nominations?\b", re.ASCII | re.IGNORECASE)
_KINDS: Final = {
    "oscar": "oscar",
    "bafta": "bafta",
    "golden globe": "golden_globe",
    "primetime emmy": "emmy",
}
"""How the award of the first sentence begins, and our name of it."""


class Awards(msgspec.Struct, frozen=True):
    """What the sentence says in numbers; None where it says nothing."""

    wins: int | None = None
    """Of all awards together."""
    nominations: int | None = None
    """Of all awards together."""
    kind: str | None = None
    """The great award that is named by itself: `oscar`, `bafta`, `golden_globe`, `emmy`."""
    kind_wins: int | None = None
    kind_nominations: int | None = None


def parse_awards(text: str) -> Awards:
    """
    The numbers in a sentence such as "Won 7 Oscars. 18 wins & 12 nominations total".

    What follows the named award is the sum ("… total", as OMDb writes since about 2021) or comes on top of it
    ("Another …", before). We give the sum for both, so that a change of wording is no change of numbers.
    """
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    wins, nominations = _count(_WINS, rest), _count(_NOMINATIONS, rest)
    if lead is None:
        return Awards(wins, nominations)
    named = _within(int(lead["count"]))
    is_won = lead["verb"].lower() == "won"
    is_total = rest.lower().rstrip(". ").endswith("total")
    if is_won and not (is_total and wins is not None):
        wins = _add(wins, named)
    if not is_won and not (is_total and nominations is not None):
        nominations = _add(nominations, named)
    kind = _kind(lead["award"])
    if kind is None:
        return Awards(wins, nominations)
    return Awards(
        wins,
        nominations,
        kind,
        named if is_won else None,
        None if is_won else named,
    )


def _count(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return _within(int(found[1])) if found else None


def _within(number: int) -> int | None:
    return number if number <= _LARGEST else None


def _add(counted: int | None, named: int | None) -> int | None:
    """The sum of what is known."""
    return (counted or 0) + named if named is not None else counted


def _kind(award: str) -> str | None:
    return next(
        (kind for name, kind in _KINDS.items() if award.lower().startswith(name)), None
    )
