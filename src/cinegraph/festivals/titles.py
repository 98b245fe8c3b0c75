"""
Which film a title means that a source gives without an id; pure.

Lesson of others: the first hit of a search, taken unchecked, and the year of the ceremony taken for that of the film. A
title has to be the same, the year has to be one that the festival honours, and no other film may be as good.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.festivals.likeness import SAME_TITLE, fold, likeness

LEAST_SCORE: Final = 0.85
"""From this on a film is found: the same title in a year that is one off, or one letter off in the right year."""
LEAST_AHEAD: Final = 0.05
"""By so much the best film has to be better than the next, or a person decides."""
MUCH_BETTER_KNOWN: Final = 10.0
"""
So many times as popular as another film of the same title and years: it is the nominated one. Shorts and student films
share the titles of films that festivals honour, never the other way round.
"""
WORTH_SHOWING: Final = 0.6
_ALTERNATIVE: Final = 0.98
"""An alternative title is as good as the title, where no other film has it as its own."""
_MISSPELT: Final = 0.95
_UNDATED: Final = 0.15
_OTHER_YEAR: Final = 0.4
_OFF_BY: Final[Mapping[str, Mapping[int, float]]] = MappingProxyType(
    {
        # Years between the ceremony and the film's first release. Films from abroad, documentaries and shorts come a
        # year later to where they are honoured, or were shown at a festival before.
        "year_before": {1: 0.0, 0: 0.05, 2: 0.05, 3: 0.15},
        "same_year": {0: 0.0, 1: 0.05, -1: 0.05, 2: 0.15},
    }
)
"""By rule of eligibility, what a film's year costs."""


class TitledFilm(msgspec.Struct, frozen=True):
    """A film that a title may mean."""

    tmdb_id: int
    title: str
    original_title: str | None
    released_on: date | None
    popularity: float
    alternative_titles: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        """Of its first release."""
        return None if self.released_on is None else self.released_on.year


class ScoredFilm(msgspec.Struct, frozen=True):
    """How good a film goes with a title, 0 to 1."""

    film: TitledFilm
    score: float


class TitleMatch(msgspec.Struct, frozen=True):
    """Which film is meant, if that is sure, and which may be."""

    found: ScoredFilm | None
    candidates: tuple[ScoredFilm, ...]
    """The best first, those worth showing."""
    reason: str = ""
    """Why none is found, for a person."""


def eligible_year(eligibility: str, ceremony_year: int) -> int | None:
    """Return the year of most films that an edition honours; None: any."""
    if eligibility == "any":
        return None
    return ceremony_year - 1 if eligibility == "year_before" else ceremony_year


def match_title(
    title: str,
    films: Iterable[TitledFilm],
    *,
    eligibility: str,
    ceremony_year: int,
) -> TitleMatch:
    """
    Return which of *films* a title means.

    Args:
        eligibility: The festival's: `year_before`, `same_year` or `any`.
    """
    scored = (
        ScoredFilm(film, _score(title, film, eligibility, ceremony_year))
        for film in films
    )
    ranked = tuple(
        sorted(
            (each for each in scored if each.score >= WORTH_SHOWING),
            key=lambda each: (-each.score, -each.film.popularity, each.film.tmdb_id),
        )
    )
    if not ranked:
        return TitleMatch(None, (), "no film of that title and time is known")
    best = ranked[0]
    if best.score < LEAST_SCORE:
        return TitleMatch(None, ranked, "the nearest film is of another year or title")
    for other in ranked[1:]:
        if best.score - other.score < LEAST_AHEAD and not _is_better_known(
            best.film, other.film
        ):
            return TitleMatch(None, ranked, "several films have that title and time")
    return TitleMatch(best, ranked)


def _is_better_known(film: TitledFilm, other: TitledFilm) -> bool:
    return film.popularity >= MUCH_BETTER_KNOWN * max(other.popularity, 0.1)


def _score(title: str, film: TitledFilm, eligibility: str, ceremony_year: int) -> float:
    named = _named(title, film)
    if named == 0:
        return 0.0
    return max(named - _off(film, eligibility, ceremony_year), 0.0)


def _named(title: str, film: TitledFilm) -> float:
    """Return how well a film's titles go with *title*, 0 to 1."""
    own = [text for text in (film.title, film.original_title) if text]
    wanted = fold(title)
    if any(fold(text) == wanted for text in own):
        return 1.0
    if any(fold(text) == wanted for text in film.alternative_titles):
        return _ALTERNATIVE
    alike = max(likeness(title, text) for text in (*own, *film.alternative_titles))
    return alike * _MISSPELT if alike >= SAME_TITLE else 0.0


def _off(film: TitledFilm, eligibility: str, ceremony_year: int) -> float:
    """Return what a film's year costs."""
    costs = _OFF_BY.get(eligibility)
    if costs is None:
        return 0.0
    if film.year is None:
        return _UNDATED
    return costs.get(ceremony_year - film.year, _OTHER_YEAR)
