"""What is known of some films, as arrays; and how often features are, as the last pass over all films counted."""

import math
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from cinegraph.enrichment.recommendations import words
from cinegraph.enrichment.recommendations.kinds import BY_NAME

type Ints = npt.NDArray[np.int32]
type Longs = npt.NDArray[np.int64]
type Floats = npt.NDArray[np.float32]
type Doubles = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]

_SPAN_YEARS: Final = 5
_REACH_YEARS: Final = 10.0
"""How far from the middle of a span of years a film still counts for it: spans overlap."""
_FIRST_YEAR, _LAST_YEAR = 1800, 2200


class Film(msgspec.Struct, frozen=True, array_like=True):
    """A row of read_films.sql."""

    id: int
    is_live: bool
    is_adult: bool
    is_shown: bool
    year: int | None
    language: str | None
    rating: float | None
    votes: int
    is_video: bool
    title: str
    tagline: str | None
    overview: str | None


class Features(msgspec.Struct, frozen=True):
    """Features of films, one entry each, by film, kind and key."""

    rows: Ints
    """Which film, by its place."""
    kinds: npt.NDArray[np.int8]
    keys: Ints
    values: Floats

    @classmethod
    def join(cls, parts: Iterable["Features"]) -> "Features":
        """Return features of all *parts* in order."""
        every = list(parts)
        rows, kinds, keys, values = (
            np.concatenate([getattr(part, name) for part in every])
            for name in ("rows", "kinds", "keys", "values")
        )
        order = np.lexsort((keys, kinds, rows))
        return cls(rows[order], kinds[order], keys[order], values[order])


class Evidence(msgspec.Struct, frozen=True):
    """What is known of films; the arrays have one entry a film, by id."""

    ids: Longs
    is_live: Flags
    is_adult: Flags
    is_shown: Flags
    """May be recommended: released, and not gone."""
    merit: Floats
    """How well known and well received a film is, 0 to 1."""
    words: list[Ints]
    features: Features


def told_by(films: list[Film]) -> tuple[list[Ints], Features]:
    """Return the words of films, and the features that follow from their rows: words, language, era."""
    texts = [
        words.extract(film.title, film.tagline, film.overview)
        if film.is_live
        else np.empty(0, np.int32)
        for film in films
    ]
    told: list[tuple[int, int, int, float]] = []
    for row, film in enumerate(films):
        if film.is_live:
            told += [(row, *rest) for rest in _facts(film)]
    of_rows = np.array(told, dtype=np.float64).reshape(-1, 4)
    counts = [len(text) for text in texts]
    total = sum(counts)
    texts_ = Features(
        np.repeat(np.arange(len(films), dtype=np.int32), counts),
        np.full(total, BY_NAME["words"].id, np.int8),
        np.concatenate(texts) if texts else np.empty(0, np.int32),
        np.ones(total, np.float32),
    )
    facts = Features(
        of_rows[:, 0].astype(np.int32),
        of_rows[:, 1].astype(np.int8),
        of_rows[:, 2].astype(np.int32),
        of_rows[:, 3].astype(np.float32),
    )
    return texts, Features.join([texts_, facts])


def _facts(film: Film) -> list[tuple[int, int, float]]:
    told: list[tuple[int, int, float]] = []
    if film.language:
        told.append((BY_NAME["language"].id, words.key_of(film.language), 1.0))
    if film.year is not None and _FIRST_YEAR < film.year < _LAST_YEAR:
        span = film.year // _SPAN_YEARS
        told += [
            (BY_NAME["era"].id, one, value)
            for one in range(span - 2, span + 3)
            if (value := _nearness(film.year, one)) > 0
        ]
    return told


def _nearness(year: int, span: int) -> float:
    middle = (span + 0.5) * _SPAN_YEARS
    return 1 - abs(year + 0.5 - middle) / _REACH_YEARS


def make_evidence(films: list[Film], others: Features) -> Evidence:
    """Return what is known of *films*, the features *others* from elsewhere."""
    texts, told = told_by(films)
    return Evidence(
        ids=np.array([film.id for film in films], np.int64),
        is_live=np.array([film.is_live for film in films], bool),
        is_adult=np.array([film.is_adult for film in films], bool),
        is_shown=np.array([film.is_shown for film in films], bool),
        merit=np.array([score_merit(film) for film in films], np.float32),
        words=texts,
        features=Features.join([others, told]),
    )


_MANY_VOTES: Final = 20_000
"""With so many a film is as well known as can be; some 300 films of TMDB have more."""
_SHRINK_VOTES: Final = 50
_USUAL_RATING: Final = 6.2
"""The mean over TMDB: towards it ratings of few votes are drawn, as if so many votes more had given it."""
_WORST_RATING, _BEST_RATING = 4.5, 8.3
_FAME_SHARE: Final = 0.65


def score_fame(votes: float) -> float:
    """Return how well known a film of so many votes is, 0 to 1."""
    return min(math.log1p(votes) / math.log1p(_MANY_VOTES), 1.0)


def score_merit(film: Film) -> float:
    """
    Return how well known and well received a film is, 0 to 1.

    Fame goes by the logarithm of votes: between 10 and 100 lies as much as between 1,000 and 10,000.
    """
    fame = score_fame(film.votes)
    rated = (film.rating or 0.0) * film.votes
    rating = (rated + _USUAL_RATING * _SHRINK_VOTES) / (film.votes + _SHRINK_VOTES)
    liked = (rating - _WORST_RATING) / (_BEST_RATING - _WORST_RATING)
    merit = _FAME_SHARE * fame + (1 - _FAME_SHARE) * min(max(liked, 0.0), 1.0)
    # TMDB's mark for recordings, extras and the like.
    return float(merit * (0.5 if film.is_video else 1.0))


class Frequencies(msgspec.Struct, frozen=True):
    """How many films have which feature."""

    films: int
    """That were counted; 0: no pass over all films has counted yet."""
    codes: Longs
    """Of features that several films have, ascending."""
    counts: Ints

    @classmethod
    def read(cls, rows: list[Any]) -> "Frequencies":
        """Return what rows of kind, key and films say; kind 0 tells the number of films."""
        table = np.array(sorted(rows), np.int64).reshape(-1, 3)
        codes = code(table[:, 0], table[:, 1])
        order = np.argsort(codes)
        whole = table[table[:, 0] == 0]
        return cls(
            films=int(whole[0, 2]) if len(whole) else 0,
            codes=codes[order],
            counts=table[order, 2].astype(np.int32),
        )

    def look_up(self, kind: int, keys: Ints) -> Ints:
        """Return how many films have features of one kind: 1 where nobody counted several."""
        wanted = code(np.full(len(keys), kind), keys)
        if not len(self.codes):
            return np.ones(len(keys), np.int32)
        places = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        found = self.codes[places] == wanted
        return np.where(found, self.counts[places], 1).astype(np.int32)


def code(kinds: npt.NDArray[Any], keys: npt.NDArray[Any]) -> Longs:
    """Return one number for kind and key, in the order of both."""
    return (kinds.astype(np.int64) << 33) + keys.astype(np.int64)
