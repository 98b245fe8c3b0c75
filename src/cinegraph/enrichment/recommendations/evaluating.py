"""
How good recommendations are by what users liked: some of it is held out and looked for again; pure.

Of each user's liked films a fifth is held out. From the rest films are recommended, without those the user rated;
recall is the share of the held-out ones among the first 20 (of 20 at most). Users, held-out films and candidates are
the same for every method; intervals by drawing users anew, and differences in pairs.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from cinegraph.enrichment.recommendations.ratings import LEAST_LIKED, LENGTH
from cinegraph.enrichment.recommendations.taste import Lists, add_up

type Floats = npt.NDArray[np.float64]
type Ranker = Callable[["Case"], list[int]]

HELD_OUT_SHARE: Final = 0.2
_DRAWS: Final = 1_000
_INTERVAL: Final = (2.5, 97.5)
OURS: Final = "recommendations"


class Case(msgspec.Struct, frozen=True):
    """One user."""

    liked: tuple[int, ...]
    """Films from which others are recommended."""
    held_out: frozenset[int]
    """Liked films that are to be found."""
    seen: frozenset[int]
    """Films the user rated, but for those: they are not recommended."""


class Catalogue(msgspec.Struct, frozen=True):
    """The films that may be recommended; one entry a film."""

    ids: npt.NDArray[np.int64]
    """Ascending."""
    popularity: Floats
    votes: Floats
    genres: list[tuple[int, ...]]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one method came to."""

    name: str
    recall: float
    low: float
    high: float
    """Between these the mean lies with 95 % confidence."""
    coverage: float
    """The share of the catalogue that was recommended to anybody."""
    ahead: float | None
    """By how much our recommendations recall more; None: these are they."""
    ahead_low: float | None
    ahead_high: float | None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What all methods came to."""

    users: int
    """That were counted."""
    users_left_out: int
    """Who like fewer than five stored films."""
    ratings: int
    ratings_not_stored: int
    """Of films that the catalogue does not hold, or may not recommend."""
    rows_without_film: int
    liked_from: float
    films: int
    methods: tuple[Measured, ...]


def make_cases(
    rated: Mapping[str, Mapping[int, float]], *, liked_from: float, seed: int = 1
) -> list[Case]:
    """
    Return a case for each user who likes enough.

    Args:
        rated: By user and film, the rating.
        liked_from: From which on a film is liked.
        seed: Of what is held out; each user has dice of their own, so others do not move them.
    """
    cases = []
    for user in sorted(rated):
        liked = sorted(
            film for film, value in rated[user].items() if value >= liked_from
        )
        if len(liked) < LEAST_LIKED:
            continue
        dice = random.Random(f"{seed} {user}")  # noqa: S311 - repeatable
        held_out = frozenset(
            dice.sample(liked, max(1, round(len(liked) * HELD_OUT_SHARE)))
        )
        cases.append(
            Case(
                tuple(film for film in liked if film not in held_out),
                held_out,
                frozenset(rated[user]) - held_out,
            )
        )
    return cases


def make_rankers(
    catalogue: Catalogue, lists: Lists, tmdb_lists: Mapping[int, Sequence[int]]
) -> dict[str, Ranker]:
    """Return what is measured, ours first."""
    tmdb: Lists = {
        film: (others, [1 / (place + 2) for place in range(len(others))])
        for film, others in tmdb_lists.items()
    }
    votes = dict(zip(catalogue.ids.tolist(), catalogue.votes.tolist(), strict=True))
    return {
        OURS: _adding(lists, votes),
        "TMDB's own": _adding(tmdb, votes),
        "same genres": _of_genres(catalogue),
        "most votes": _by(catalogue, catalogue.votes),
        "most popular": _by(catalogue, catalogue.popularity),
    }


def measure(
    cases: Sequence[Case], rankers: Mapping[str, Ranker], *, films: int
) -> tuple[Measured, ...]:
    """Return what each method recalls, and how many of *films* it recommends."""
    covered: dict[str, set[int]] = {name: set() for name in rankers}
    recalls = np.empty((len(rankers), len(cases)))
    for row, (name, ranker) in enumerate(rankers.items()):
        for column, case in enumerate(cases):
            told = ranker(case)
            covered[name].update(told)
            hits = len(case.held_out.intersection(told))
            recalls[row, column] = hits / min(LENGTH, len(case.held_out))
    drawn = _draw(recalls)
    ours = list(rankers).index(OURS)
    return tuple(
        _tell(
            name,
            mean=recalls[[row, ours]].mean(axis=1),
            drawn=drawn[:, [row, ours]],
            coverage=len(covered[name]) / max(films, 1),
        )
        for row, name in enumerate(rankers)
    )


def _draw(recalls: Floats) -> Floats:
    """Return the mean of each method (a column) over users drawn anew, a row a draw; the same users for all."""
    dice = np.random.default_rng(1)
    users = recalls.shape[1]
    return np.array(
        [recalls[:, dice.integers(0, users, users)].mean(axis=1) for _ in range(_DRAWS)]
    )


def _tell(name: str, *, mean: Floats, drawn: Floats, coverage: float) -> Measured:
    """Return what a method came to; *mean* and the columns of *drawn*: its own recall, and that of ours."""
    low, high = np.percentile(drawn[:, 0], _INTERVAL)
    ahead_low, ahead_high = np.percentile(drawn[:, 1] - drawn[:, 0], _INTERVAL)
    is_ours = name == OURS
    return Measured(
        name=name,
        recall=float(mean[0]),
        low=float(low),
        high=float(high),
        coverage=coverage,
        ahead=None if is_ours else float(mean[1] - mean[0]),
        ahead_low=None if is_ours else float(ahead_low),
        ahead_high=None if is_ours else float(ahead_high),
    )


def _adding(lists: Lists, votes: Mapping[int, float]) -> Ranker:
    """Return what recommends from the lists of liked films."""

    def rank(case: Case) -> list[int]:
        fits = add_up(lists, votes, case.liked, seen=case.seen, limit=LENGTH)
        return [one.movie_id for one in fits]

    return rank


def _by(catalogue: Catalogue, worth: Floats) -> Ranker:
    """Return what recommends the same to all: the films of the greatest worth."""
    ordered = catalogue.ids[np.lexsort((catalogue.ids, -worth))].tolist()
    return lambda case: _first(ordered, case)


def _of_genres(catalogue: Catalogue) -> Ranker:
    """Return what recommends well-known films of the genres a user likes, by how often those are liked."""
    names = sorted({genre for genres in catalogue.genres for genre in genres})
    columns = {genre: column for column, genre in enumerate(names)}
    has = np.zeros((len(catalogue.ids), len(names)), np.float32)
    for row, genres in enumerate(catalogue.genres):
        has[row, [columns[genre] for genre in genres]] = 1
    fame = np.log1p(catalogue.votes).astype(np.float32)
    # A film of many genres is not liked more for that.
    has /= np.maximum(np.sqrt(has.sum(axis=1, keepdims=True)), 1)
    rows = {int(film): row for row, film in enumerate(catalogue.ids)}

    def rank(case: Case) -> list[int]:
        liked = [rows[film] for film in case.liked if film in rows]
        worth = (has @ has[liked].sum(axis=0)) * fame
        wanted = min(LENGTH + len(case.seen), len(worth))
        best = np.argpartition(-worth, wanted - 1)[:wanted]
        best = best[np.lexsort((catalogue.ids[best], -worth[best]))]
        return _first(catalogue.ids[best].tolist(), case)

    return rank


def _first(ordered: Sequence[int], case: Case) -> list[int]:
    """Return the first films that a user has not seen."""
    found: list[int] = []
    for film in ordered:
        if film not in case.seen:
            found.append(film)
            if len(found) == LENGTH:
                break
    return found
