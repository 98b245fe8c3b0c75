"""What each nominee did, by the line in which the Academy names them; pure."""

import re
from collections.abc import Sequence
from typing import Final

_SEGMENT: Final = re.compile(
    r"""\s*
    (?:
        (?P<colon>[A-Z][^:;]{1,60}):\s            # Art Direction: …
      | (?P<by>[A-Z][\w &,'/-]{1,80}?)\s+by\s     # Music and Lyric by …
    )""",
    re.VERBOSE,
)
_AFTER: Final = re.compile(
    r",\s*(?P<after>(?:Executive |Associate )?Producers?|Directors?|Department head\w*)\s*$",
    re.IGNORECASE,
)


def find_roles(credit: str, names: Sequence[str]) -> list[str | None]:
    """
    Return for each of *names* what *credit* says they did; None where it says nothing.

    A part of the line, up to a semicolon, belongs to all whom it names: "Art Direction: A and B; Set Decoration: C". A
    part without words of its own goes on with those of the part before.
    """
    roles: list[str | None] = [None] * len(names)
    role: str | None = None
    for segment in credit.split(";"):
        role = _role(segment) or role
        if role is None:
            continue
        folded = _fold(segment)
        for place, name in enumerate(names):
            if _fold(name) in folded:
                roles[place] = _join(roles[place], role)
    return roles


def _fold(text: str) -> str:
    """Without commas: the line has "Alan Ladd, Jr.", the list of nominees "Alan Ladd Jr."."""
    return text.replace(",", "").casefold()


def _role(segment: str) -> str | None:
    if found := _SEGMENT.match(segment):
        return (found["colon"] or found["by"]).strip()
    if found := _AFTER.search(segment):
        return found["after"].strip()
    return None


def _join(before: str | None, role: str) -> str:
    return role if before is None or before == role else f"{before}, {role}"
