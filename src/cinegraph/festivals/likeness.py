"""How alike two names, and two statements of a nomination, are; pure."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)

SAME_TITLE: Final = 0.85
"""From this likeness on two titles of one category are one film: accents, articles and subtitles differ."""
SAME_NAME: Final = 0.88
"""From this likeness on two names in one nomination are one person: initials and "Jr." differ."""
CONTAINED: Final = 0.95
"""How alike two names are of which one is the other with a middle name: less than the same, more than a misspelling."""
_UNSPACED: Final = 0.97
"""DeVol and De Vol."""
CORRECTED: Final = 0.5
"""What an equal name counts where the ids differ, and one may correct the other: less than any name that is alike."""
SAME_SONG: Final = 0.8
SAME_TEXT: Final = 0.8
"""Citations of technical awards are retold, not repeated."""

type Alike[T] = Callable[[T, T], float]
"""How alike two are, 0 to 1; 0: they are not the same."""

_NOT_WORDS: Final = re.compile(r"[^\w]+")


@lru_cache(50_000)
def fold(text: str) -> str:
    """Return *text* without accents, case and punctuation, words apart by one space."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORDS.sub(" ", bare.casefold()).strip()


def likeness(one: str, other: str) -> float:
    """Return how alike two names are, 0 to 1: words in any order."""
    first, second = fold(one), fold(other)
    if first == second:
        return 1.0
    if first.replace(" ", "") == second.replace(" ", ""):
        return _UNSPACED
    return float(fuzz.token_sort_ratio(first, second)) / 100


def name_likeness(one: str, other: str) -> float:
    """Return how alike two names of people are, 0 to 1; a middle name left out, or written as an initial, is little."""
    return max(likeness(one, other), CONTAINED if _contains(one, other) else 0.0)


def _contains(one: str, other: str) -> bool:
    """Whether the shorter name is in the longer one: two words at least, the others left out or initials."""
    shorter, longer = sorted((fold(one).split(), fold(other).split()), key=len)
    if len(shorter) < 2:  # noqa: PLR2004 - a first name alone is nobody's
        return False
    left = list(longer)
    whole = 0
    for word in shorter:
        place = next(
            (
                n
                for n, each in enumerate(left)
                if each == word or _is_initial(word, each)
            ),
            None,
        )
        if place is None:
            return False
        whole += left[place] == word
        del left[: place + 1]
    return whole >= 2  # noqa: PLR2004 - two words, or it is a name of initials


def _is_initial(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) == 1 and longer.startswith(shorter)


def agreement(one: NominationStatement, *said: NominationStatement) -> float | None:
    """
    Return how well a statement goes with all that is said of a nomination of its category, 0 to 1; None: it is another.

    What both tell has to agree, at least one thing does. What only one tells counts neither way: a list of titles alone
    may stand for a nomination of two people.
    """
    return _agreement(one, said, film_likeness, nominee_likeness)


def corrected_agreement(
    one: NominationStatement, *said: NominationStatement
) -> float | None:
    """Return the same where one of both may be a correction of the other: equal names count though ids differ."""
    return _agreement(one, said, corrected_film_likeness, corrected_nominee_likeness)


def _agreement(
    one: NominationStatement,
    said: Collection[NominationStatement],
    film_alike: Alike[FilmStatement],
    nominee_alike: Alike[NomineeStatement],
) -> float | None:
    found = [
        _best(_films(one.films, each.films, film_alike) for each in said),
        _best(_nominees(one.nominees, each.nominees, nominee_alike) for each in said),
        _best(_texts(one.songs, each.songs, SAME_SONG) for each in said),
    ]
    if found[:2] == [None, None]:
        # Citations are retold in other words: they decide only where nobody is named.
        about = _about(one)
        found.append(_best(_texts(about, _about(each), SAME_TEXT) for each in said))
    told = [each for each in found if each is not None]
    if not told or min(told) <= 0:
        return None
    return sum(told) / len(told)


def _best(scores: Iterable[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)


def _about(statement: NominationStatement) -> Collection[str]:
    """What a nomination without a film is for."""
    text = statement.citation or (None if statement.films else statement.note)
    return (text,) if text else ()


def _films(
    ours: Collection[FilmStatement],
    theirs: Collection[FilmStatement],
    alike: Alike[FilmStatement],
) -> float | None:
    if not ours or not theirs:
        return None
    matched = sum(max(map(alike, ours, [each] * len(ours))) for each in theirs)
    backward = sum(max(map(alike, theirs, [each] * len(theirs))) for each in ours)
    return min(matched / len(theirs), backward / len(ours)) or _partly(
        matched, backward
    )


def _partly(matched: float, backward: float) -> float:
    # One of two films in common, where a source names only the first.
    return 0.5 if matched and backward else 0.0


def film_likeness(one: FilmStatement, other: FilmStatement) -> float:
    """Return how alike two films of one nomination are, 0 to 1; 0: they are two."""
    if one.imdb_id and other.imdb_id:
        return float(one.imdb_id == other.imdb_id)
    if not one.title or not other.title:
        return 0.0
    alike = likeness(one.title, other.title)
    return alike if alike >= SAME_TITLE else 0.0


def corrected_film_likeness(one: FilmStatement, other: FilmStatement) -> float:
    """Return the same where the id of one may be a correction of the other's: an equal title is little."""
    is_called_the_same = bool(one.title) and fold(one.title) == fold(other.title)
    return film_likeness(one, other) or CORRECTED * is_called_the_same


def _nominees(
    ours: Collection[NomineeStatement],
    theirs: Collection[NomineeStatement],
    alike: Alike[NomineeStatement],
) -> float | None:
    if not ours or not theirs:
        return None
    fewer, more = sorted((ours, theirs), key=len)
    found = sum(any(alike(one, other) > 0 for other in more) for one in fewer)
    return found / len(fewer)


def is_same_film(one: FilmStatement, other: FilmStatement) -> bool:
    """Whether two statements of one nomination name one film."""
    return film_likeness(one, other) > 0


def nominee_likeness(one: NomineeStatement, other: NomineeStatement) -> float:
    """Return how alike two nominees of one nomination are, 0 to 1; 0: they are two."""
    if one.imdb_ids and other.imdb_ids:
        return float(not set(one.imdb_ids).isdisjoint(other.imdb_ids))
    alike = name_likeness(one.name, other.name)
    return alike if alike >= SAME_NAME else 0.0


def corrected_nominee_likeness(one: NomineeStatement, other: NomineeStatement) -> float:
    """Return the same where the ids of one may be a correction of the other's: an equal name is little."""
    is_called_the_same = bool(one.name) and fold(one.name) == fold(other.name)
    return nominee_likeness(one, other) or CORRECTED * is_called_the_same


def is_same_nominee(one: NomineeStatement, other: NomineeStatement) -> bool:
    """Whether two statements of one nomination name one person or company."""
    return nominee_likeness(one, other) > 0


def _texts(ours: Iterable[str], theirs: Iterable[str], least: float) -> float | None:
    pairs = [(one, other) for one in ours for other in theirs]
    if not pairs:
        return None
    best = max(likeness(one, other) for one, other in pairs)
    return best if best >= least else 0.0
