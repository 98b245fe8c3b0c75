"""What a category of awards counts beside others, told by its name; pure."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

NOMINATED: Final = 0.4
"""What a nomination counts beside winning: of five nominees one wins, which of them is often a matter of the year."""
RAZZIES: Final = "razzies"
"""An award for the worst: to be named is no honour, and no proof of the contrary either."""
FESTIVALS: Final = frozenset({"cannes", "venice", "berlinale", "sundance", "toronto"})
"""Who has juries that choose among films of a programme; the others are academies and guilds, whose members vote."""


OTHER: Final = 0.35
"""Crafts, such as sound or costumes, and prizes beside the main ones."""


class Rule(NamedTuple):
    """Of the rules that fit a category the first counts."""

    pattern: str
    standing: float
    """0 to 1."""
    reason: str


RULES: Final = (
    Rule(
        r"\btv\b|television|game|interactive|kids|children|esports|memorable moment|fan favorite|cheer moment"
        r"|immersive",
        0.0,
        "not for films, or a vote of the day",
    ),
    Rule(
        r"scientific|technical achievement|commendation|scitech|sawyer|bonner",
        0.05,
        "for a device, not for the film",
    ),
    Rule(
        r"short|cinefondation|student|palm dog|junior|youth",
        0.25,
        "a contest of another kind of film",
    ),
    Rule(r"mention|distinction|recognition", 0.3, "less than the prize beside it"),
    Rule(
        r"^palme d.or$|golden lion|golden bear|^best (motion )?picture|^best film$|best film from any source"
        r"|unique and artistic|outstanding picture|outstanding production",
        1.0,
        "the best film: what a festival or academy is known for",
    ),
    Rule(
        r"(art|dance|music|casting) direct|assistant direct",
        OTHER,
        "a craft, whatever it is called",
    ),
    Rule(
        r"^direct(ing|or|ion)|best direct|\bdirect(ing|ion)\b", 0.85, "whose film it is"
    ),
    Rule(
        r"grand (jury )?prize|grand prix|jury prize|jury special prize|silver bear|silver lion"
        r"|(^|- )(dramatic|documentary)$",
        0.8,
        "a jury's second prize, or the best film of a section",
    ),
    Rule(
        r"foreign|international feature|not in the english|animated|documentary|british film|certain regard",
        0.65,
        "the best film among some",
    ),
    Rule(
        r"screenplay|writing|acto?r|actress|performance",
        0.6,
        "a part that carries a film",
    ),
    Rule(r"honorary|special award|special achievement", 0.5, "given, not contested"),
)


@lru_cache(maxsize=10_000)
def weigh_category(name: str, kind: str | None) -> float:
    """
    Return what a category counts, 0 to 1.

    Args:
        name: As it is called over all years.
        kind: Its class as the source has it; only what is no award for films is told by it.
    """
    if kind and re.search(RULES[0].pattern, kind, re.IGNORECASE):
        return 0.0
    # A category over all years may bear the name that it has for television.
    is_for_films = kind is not None and "film" in kind.lower()
    for rule in RULES[1:] if is_for_films else RULES:
        if re.search(rule.pattern, name, re.IGNORECASE):
            return rule.standing
    return OTHER
