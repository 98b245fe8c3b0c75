"""
Facts become evidence: for each term how much speaks for a film, and how much its silence says; pure.

Every number of a term is monotone: more votes, a better place, one more award never speak less for a film.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cinegraph.enrichment.cri.baselines import Baselines, Decade
from cinegraph.enrichment.cri.categories import (
    FESTIVALS,
    NOMINATED,
    RAZZIES,
    weigh_category,
)
from cinegraph.enrichment.cri.facts import (
    Directed,
    Facts,
    Films,
    Flags,
    Honour,
    Listing,
    Numbers,
    Rows,
)
from cinegraph.enrichment.cri.formula import REGISTRY, Term

LASTING_YEARS: Final = 30.0
"""A generation: after so many years 63 % of what lasting can prove is proven, after two 86 %."""
CONSIDERED_YEARS: Final = 10.0
"""Until then canons have hardly looked at a film, and their silence says less."""
KEPT_AFTER_YEARS: Final = 10
"""So many years after its release a place on a list begins to say that a film lasted."""
ONE_LIST: Final = 0.6
"""What one list of full weight says; the second says 0.6 of what is left, and so on."""
RANK_STEP: Final = 0.2
"""What ten times a worse place takes away: place 1 says 1, place 10 0.8, place 1,000 0.4."""
LEAST_RANK: Final = 0.2
MUCH_AWARDED: Final = 1.5
"""Points, of which winning best film at the Academy Awards gives 1: at so many evidence is 63 %."""
MUCH_CHOSEN: Final = 0.7
"""The same for juries of festivals, which give few prizes."""
MUCH_DIRECTED: Final = 1.5
"""Places on lists of a director's other films, each by `listed`: at so many evidence is 63 %."""
TMDB_PRIOR_VOTES: Final = 200
"""A film of as many is half believed; 90 % of TMDB's films have fewer than 50."""
IMDB_PRIOR_VOTES: Final = 5000
"""IMDb's films have some twenty times the votes."""
TMDB_RANGE: Final = (4.5, 8.5)
"""Shrunken user scores of nearly all films lie between."""
IMDB_RANGE: Final = (5.0, 9.0)
METACRITIC_RANGE: Final = (30.0, 95.0)
TOMATOES_RANGE: Final = (30.0, 100.0)

type Points = dict[int, float]
"""By movie_id."""


@dataclass(frozen=True)
class Evidence:
    """What a term says, film by film."""

    values: Numbers
    """0 to 1: how much speaks for the film."""
    absence: Numbers
    """0 to 1: how much of the weight counts where nothing speaks for it; 1: all, 0: the term is left out."""
    certainty: Numbers
    """0 to 1: how far to believe it; counts for the confidence alone."""

    @property
    def shares(self) -> Numbers:
        """How much of the weight counts: all of what speaks for the film, of its silence only a part."""
        shares: Numbers = self.values + self.absence * (1 - self.values)
        return shares


@dataclass(frozen=True)
class Standing:
    """What lists and awards say of the films that they name."""

    listed: Points
    ranked: Points
    awards: Points
    juries: Points
    registry: Points
    directors: Points


def weigh(
    facts: Facts, baselines: Baselines, terms: Iterable[Term]
) -> dict[str, Evidence]:
    """Return the evidence of all terms for all films, by the names of *terms*."""
    absences = {one.name: one.absence for one in terms}
    films, standing = facts.films, stand(facts, baselines)
    ages = np.maximum(0.0, baselines.year - films.years)
    lasting = np.nan_to_num(1 - np.exp(-ages / LASTING_YEARS))
    has_year = ~np.isnan(films.years)
    votes = np.nan_to_num(films.tmdb_votes)
    known = _known(films, votes, baselines)
    found = {
        name: Evidence(
            values * present,
            present.astype(np.float64),
            np.where(present, certainty, 0.0),
        )
        for name, (values, present, certainty) in {
            "endured": (known * lasting, (votes > 0) & has_year, 1.0),
            "voters": (known, votes > 0, 1.0),
            **_measured(films, votes, baselines),
        }.items()
    }
    listed = _spread(films, standing.listed)
    could = _could_list(films, ages, baselines, ranked=False)
    is_old = ages >= KEPT_AFTER_YEARS
    honoured = {
        "listed": (listed, could),
        "kept": (listed * lasting * is_old, could * is_old),
        "ranked": (
            _spread(films, standing.ranked),
            _could_list(films, ages, baselines, ranked=True),
        ),
        "named": _named(films, baselines),
        "juries": (
            1 - np.exp(-_spread(films, standing.juries) / MUCH_CHOSEN),
            _could_award(films, baselines, juries=True),
        ),
        "awards": (
            1 - np.exp(-_spread(films, standing.awards) / MUCH_AWARDED),
            _could_award(films, baselines, juries=False),
        ),
        "registry": (
            _spread(films, standing.registry),
            films.is_domestic * is_old * float(baselines.has_registry),
        ),
        "directors": (
            1 - np.exp(-_spread(films, standing.directors) / MUCH_DIRECTED),
            np.full(films.ids.size, float(bool(baselines.lists))),
        ),
    }
    for name, (values, could) in honoured.items():
        absence = absences[name] * could
        found[name] = Evidence(values, absence, np.where(values > 0, 1.0, absence))
    return {name: found[name] for name in absences}


def _measured(
    films: Films, votes: Numbers, baselines: Baselines
) -> dict[str, tuple[Numbers, Flags, Numbers | float]]:
    """Return of each score its value, whether there is one, and how far to believe it."""
    imdb_votes = np.nan_to_num(films.imdb_votes)
    tmdb = _shrink(films.tmdb_scores, votes, TMDB_PRIOR_VOTES, baselines.tmdb_mean)
    imdb = _shrink(films.imdb_scores, imdb_votes, IMDB_PRIOR_VOTES, baselines.imdb_mean)
    return {
        "metacritic": (
            _between(films.metacritic, METACRITIC_RANGE),
            ~np.isnan(films.metacritic),
            1.0,
        ),
        "tomatoes": (
            _between(films.tomatoes, TOMATOES_RANGE),
            ~np.isnan(films.tomatoes),
            1.0,
        ),
        "tmdb": (
            _between(tmdb, TMDB_RANGE),
            votes > 0,
            votes / (votes + TMDB_PRIOR_VOTES),
        ),
        "imdb": (
            _between(imdb, IMDB_RANGE),
            imdb_votes > 0,
            imdb_votes / (imdb_votes + IMDB_PRIOR_VOTES),
        ),
    }


def stand(facts: Facts, baselines: Baselines) -> Standing:
    """Return what lists and awards say of the films that they name."""
    twins = set(baselines.registry_lists)
    canons = [row for row in facts.rows.listings if row.list_id not in twins]
    honours = [
        row for row in facts.rows.honours if row.festival not in {RAZZIES, REGISTRY}
    ]
    registry = _registry(facts.rows, twins)
    listed = _listed(canons, registry)
    return Standing(
        listed=listed,
        ranked=_ranked(canons),
        awards=_points(honours),
        juries=_points(row for row in honours if row.festival in FESTIVALS),
        registry=dict.fromkeys(registry, 1.0),
        directors=_directed(facts.rows.directed, listed),
    )


def weigh_honour(row: Honour) -> float:
    """Return the points of a nomination: prestige, category, and whether it won."""
    won = 1.0 if row.is_winner else NOMINATED
    return row.prestige * weigh_category(row.category, row.kind) * won


def weigh_place(position: int, weight: float) -> float:
    """Return what a place on a ranked list says."""
    place = max(LEAST_RANK, 1 - RANK_STEP * float(np.log10(max(position, 1))))
    return weight * place


def decade_of(year: float, baselines: Baselines) -> Decade:
    """Return what films of a year are held against."""
    if np.isnan(year):
        return baselines.all_time
    return baselines.decades.get(int(year) // 10 * 10, baselines.all_time)


def _known(films: Films, votes: Numbers, baselines: Baselines) -> Numbers:
    """Return how a film's votes stand beside those of the best known of its decade, on a scale of multiples."""
    years, where = np.unique(films.years, return_inverse=True, equal_nan=True)
    most = np.array([decade_of(year, baselines).voters for year in years] or [1.0])
    scale = np.log(np.maximum(most, 2.0))[where]
    known: Numbers = np.clip(np.log(np.maximum(votes, 1.0)) / scale, 0.0, 1.0)
    return known


def _between(values: Numbers, limits: tuple[float, float]) -> Numbers:
    low, high = limits
    return np.clip((np.nan_to_num(values) - low) / (high - low), 0.0, 1.0)


def _shrink(scores: Numbers, votes: Numbers, prior: float, mean: float) -> Numbers:
    """Return scores as if *prior* more people had given the mean: the Bayesian mean of IMDb's charts."""
    shrunken: Numbers = (np.nan_to_num(scores) * votes + mean * prior) / (votes + prior)
    return shrunken


def _could_list(
    films: Films, ages: Numbers, baselines: Baselines, *, ranked: bool
) -> Numbers:
    """Return how much lists that could name a film would say: by weight, and by how long they could look at it."""
    weights = np.zeros(films.ids.size)
    for one in baselines.lists:
        if one.is_ranked or not ranked:
            # A film of which no year is known may be of any.
            could = ~(films.years > (one.newest or baselines.year))
            weights = np.maximum(weights, one.weight * could)
    considered = np.where(np.isnan(ages), 1.0, np.minimum(1.0, ages / CONSIDERED_YEARS))
    return weights * considered


def _could_award(films: Films, baselines: Baselines, *, juries: bool) -> Numbers:
    """Return how much awards whose editions are stored would say of a film of that year: by prestige."""
    prestige = np.zeros(films.ids.size)
    for one in baselines.festivals:
        if one.key in {RAZZIES, REGISTRY} or (juries and one.key not in FESTIVALS):
            continue
        could = ~((films.years < one.first) | (films.years > one.last))
        prestige = np.maximum(prestige, one.prestige * could)
    return prestige


def _named(films: Films, baselines: Baselines) -> tuple[Numbers, Numbers]:
    if not baselines.named_often:
        return np.zeros(films.ids.size), np.zeros(films.ids.size)
    values = np.log1p(films.named) / np.log1p(max(baselines.named_often, 1.0))
    return np.clip(values, 0.0, 1.0), np.full(films.ids.size, baselines.named_share)


def _registry(rows: Rows, twins: set[int]) -> Points:
    """Return the weight of what the registry keeps: one place, under however many names it is stored."""
    found: Points = {}
    for place in rows.listings:
        if place.list_id in twins:
            found[place.movie_id] = max(found.get(place.movie_id, 0.0), place.weight)
    for kept in rows.kept:
        found[kept.movie_id] = max(found.get(kept.movie_id, 0.0), kept.weight)
    return found


def _listed(rows: Iterable[Listing], registry: Points) -> Points:
    silent: Points = {}
    for row in rows:
        left = silent.get(row.movie_id, 1.0)
        silent[row.movie_id] = left * (1 - ONE_LIST * row.weight)
    for movie_id, weight in registry.items():
        silent[movie_id] = silent.get(movie_id, 1.0) * (1 - ONE_LIST * weight)
    return {movie_id: 1 - left for movie_id, left in silent.items()}


def _ranked(rows: Iterable[Listing]) -> Points:
    found: Points = {}
    for row in rows:
        if row.position is not None:
            place = weigh_place(row.position, row.weight)
            found[row.movie_id] = max(found.get(row.movie_id, 0.0), place)
    return found


def _points(rows: Iterable[Honour]) -> Points:
    found: Points = defaultdict(float)
    for row in rows:
        found[row.movie_id] += weigh_honour(row)
    return dict(found)


def _directed(rows: Iterable[Directed], listed: Points) -> Points:
    """Return the places on lists of the other films of the director who has most."""
    sums: dict[tuple[int, int], float] = defaultdict(float)
    for row in rows:
        if row.other_id in listed:
            sums[row.movie_id, row.person_id] += listed[row.other_id]
    found: Points = {}
    for (movie_id, _), total in sums.items():
        found[movie_id] = max(found.get(movie_id, 0.0), total)
    return found


def _spread(films: Films, points: Points) -> Numbers:
    """Return points in the order of the films."""
    spread = np.zeros(films.ids.size)
    if points:
        named = np.array(sorted(points), dtype=np.int64)
        values = np.array([points[one] for one in named.tolist()])
        places = np.minimum(np.searchsorted(named, films.ids), named.size - 1)
        spread = np.where(named[places] == films.ids, values[places], 0.0)
    return spread
