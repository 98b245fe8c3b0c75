"""
Lines in which an academy names nominees and what they did: "Art Direction: A and B; Set Decoration: C, Jr."; pure.

A part of the line, up to a semicolon, belongs to all whom it names; a part without words of its own goes on with those
of the part before.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

_BEFORE: Final = re.compile(
    r"""\s*
    (?:
        (?P<colon>[A-Z][^:;]{1,60}):\s            # Art Direction: …
      | (?P<dash>[A-Z][^:;-]{1,60}?)\s+[-\u2013]\s   # Screenplay - …
      | (?P<by>[A-Z][\w &,'/-]{1,80}?)\s+by\s     # Music and Lyric by …
    )""",
    re.VERBOSE,
)
_AFTER: Final = re.compile(
    r",\s*(?P<after>(?:Executive |Associate )?Producers?|Directors?|Department head\w*)\s*$",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"\s*,(?!\s*(?:Jr|Sr|I{2,3})\b)\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*"
)
"""What parts two names, and not a name from its "Jr."."""


def find_roles(credit: str, names: Sequence[str]) -> list[str | None]:
    """Return for each of *names* what *credit* says they did; None where it says nothing."""
    roles: list[str | None] = [None] * len(names)
    for role, told in _parts(credit):
        if role is None:
            continue
        folded = _fold(told)
        for place, name in enumerate(names):
            if _fold(name) in folded:
                roles[place] = _join(roles[place], role)
    return roles


def split_credit(credit: str) -> list[tuple[str, str | None]]:
    """Return whom *credit* names, each once, and what they did; None where it says nothing."""
    found: dict[str, str | None] = {}
    for role, told in _parts(credit):
        for name in filter(None, map(str.strip, _BETWEEN.split(told))):
            before = found.get(name)
            found[name] = before if role is None else _join(before, role)
    return list(found.items())


def _parts(credit: str) -> Iterator[tuple[str | None, str]]:
    """Give the parts of the line: what was done, and the rest that names who did."""
    role: str | None = None
    for part in credit.split(";"):
        told = part
        if found := _BEFORE.match(part):
            role, told = found[found.lastgroup or 0].strip(), part[found.end() :]
        elif found := _AFTER.search(part):
            role, told = found["after"].strip(), part[: found.start()]
        yield role, told.strip()


def _fold(text: str) -> str:
    """Without commas: the line has "Alan Ladd, Jr.", a list of nominees "Alan Ladd Jr."."""
    return text.replace(",", "").casefold()


def _join(before: str | None, role: str) -> str:
    return role if before is None or before == role else f"{before}, {role}"
