"""Other spellings of a person's name, such as two sites have. No I/O."""

# ruff: noqa: SIM905 - a table of words

import unicodedata
from collections.abc import Callable

_FAMILIES_FIRST = frozenset(
    (
        "Bong Chan Chen Cheng Chow Fukunaga Hamaguchi Ishioka Kawai Kim Kitano Kobayashi Koreeda Kurosawa Lee Li Lin"
        " Liu Miyazaki Mizoguchi Mori Morita Nakamura Ozu Park Sakamoto Shin Suzuki Takahata Takemitsu Tanaka Wada Wang"
        " Wong Wu Yamada Yamazaki Yang Yeoh Yip Youn Yuen Zhang Zhao"
    ).split()
)
"""Families whose people are named family first at home and family last abroad; sites differ."""
_MIDDLES = "ABCDEFGHJLMRSTW"
_WITH_MIDDLE = 3


def respell(name: str, drawn: float) -> str | None:
    """Give another spelling of *name*, which *drawn*, in [0, 1), chooses; None: it has none."""
    spelt = dict.fromkeys(way(name, drawn) for way in _WAYS)
    ways = [one for one in spelt if one and one != name]
    return ways[int(drawn * len(ways))] if ways else None


def _without_accents(name: str, _drawn: float) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _initials(name: str, _drawn: float) -> str | None:
    first, *rest = name.split()
    return " ".join((f"{first[0]}.", *rest)) if rest else None


def _middle_name(name: str, drawn: float) -> str | None:
    words = name.split()
    if len(words) == _WITH_MIDDLE and not _is_suffix(words[-1]):
        return f"{words[0]} {words[2]}"
    if len(words) != _WITH_MIDDLE - 1:
        return None
    letter = _MIDDLES[int(drawn * 7919) % len(_MIDDLES)]
    return f"{words[0]} {letter}. {words[1]}"


def _junior(name: str, _drawn: float) -> str | None:
    words = name.split()
    if _is_suffix(words[-1]):
        return " ".join(words[:-1]).rstrip(",")
    return f"{name} Jr." if len(words) > 1 else None


def _family_first(name: str, _drawn: float) -> str | None:
    words = name.split()
    if len(words) > 1 and words[-1] in _FAMILIES_FIRST:
        return " ".join((words[-1], *words[:-1]))
    if len(words) > 1 and words[0] in _FAMILIES_FIRST:
        return " ".join((*words[1:], words[0]))
    return None


def _is_suffix(word: str) -> bool:
    return word in {"Jr.", "Jr", "Sr.", "Sr", "II", "III"}


_WAYS: tuple[Callable[[str, float], str | None], ...] = (
    _without_accents,
    _initials,
    _middle_name,
    _junior,
    _family_first,
)
