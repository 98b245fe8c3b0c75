"""The words of a film's texts that may tell what it is about; pure."""

# ruff: noqa: SIM905 - a table of words

import re
import unicodedata
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

MOST_WORDS: Final = 60
"""A film, the first: an overview has some 25 that tell anything."""
_SHORTEST = 3
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_TITLE_NUMBERS = frozenset({"ii", "iii", "iv", "part", "chapter", "episode", "vol"})
_STOP_WORDS: Final = frozenset(
    "get about above across after again against all along already also although always among and another any anyone"
    " anything are around away back based because become becomes been before begin begins behind being between"
    " both but can cannot come comes could day days decide decides despite did different discover discovers"
    " does doing down during each eventually ever every everyone everything face faced few film films find"
    " finds first follow following follows for from gets give given gives goes going gone good great group had"
    " has have having her here hers herself him himself his how however into its itself just keep know known"
    " last later latest lead leads leave left let life like little live lives living long look looking made"
    " make makes making man many may meet meets men mind mine more most movie must near need never new next not"
    " nothing now off old once one only other others our out over own people place put realize same second see"
    " seem seems sees set seven several she should since small some someone something soon start starts still"
    " story such take taken takes tell tells than that the their them themselves then there these they thing"
    " things think this those though three through time together told too toward towards trying turn turned"
    " turns two under until unless upon use very want wants was way ways well were what when where whether"
    " which while who whole whom whose why will with within without woman women work working world would year"
    " years yet you young your der die das und ein eine einer einem einen ist von mit den dem des auf für sich"
    " als auch les des une est dans qui que pour par sur avec son ses los las una del por con para sus como más"
    " che con per una nel della gli".split()
)
"""What overviews say of any film; English first, for that is the language of most. Frequency does the rest."""


def extract(*texts: str | None) -> npt.NDArray[np.int32]:
    """
    Return the keys of the words of *texts*, ascending, each once.

    A key is the CRC-32 of the word without accents, case and plural: of a million words some hundred share one, which
    is harmless.
    """
    found: dict[int, None] = {}
    for text in texts:
        for _, key in spell(text):
            found[key] = None
        if len(found) >= MOST_WORDS:
            break
    return np.sort(np.fromiter(list(found)[:MOST_WORDS], np.int32))


def spell(text: str | None) -> Iterator[tuple[str, int]]:
    """Yield the words of a text that may tell something, each with its key."""
    for word in _WORD.findall(text or ""):
        if (key := _key(word)) is not None:
            yield word, key


def key_of(word: str) -> int:
    """Return the key of a text that is one feature as it is, such as the code of a language."""
    return _signed(zlib.crc32(word.encode()))


def stem(word: str) -> str:
    """Return a word without accents, case, possessive and plural."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("\u2019", "'"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    plain = plain.split("'")[0] if len(plain.split("'")[0]) >= _SHORTEST else plain
    if len(plain) > 4 and plain.endswith("ies"):  # noqa: PLR2004 - ties, lies
        return plain[:-3] + "y"
    if len(plain) > _SHORTEST and plain.endswith("s") and plain[-2] not in "sui":
        return plain[:-1]
    return plain


@lru_cache(200_000)
def _key(word: str) -> int | None:
    """Return the key of a word; None: it tells nothing."""
    folded = word.casefold()
    # Scripts without spaces give whole clauses, which no other film has: they do no harm.
    if len(folded) < _SHORTEST or folded in _STOP_WORDS or folded in _TITLE_NUMBERS:
        return None
    stemmed = stem(word)
    return None if stemmed in _STOP_WORDS else key_of(stemmed)


def _signed(value: int) -> int:
    """Return 32 bits as PostgreSQL's integer holds them."""
    return value - (1 << 32) if value >= 1 << 31 else value
