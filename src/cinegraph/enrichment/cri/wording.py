"""The facts behind a term, in words, for one film; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from cinegraph.enrichment.cri.baselines import QUANTILES, Baselines
from cinegraph.enrichment.cri.categories import FESTIVALS, RAZZIES
from cinegraph.enrichment.cri.facts import Facts, Honour, Listing
from cinegraph.enrichment.cri.formula import REGISTRY
from cinegraph.enrichment.cri.terms import (
    CONSIDERED_YEARS,
    KEPT_AFTER_YEARS,
    decade_of,
    weigh_honour,
    weigh_place,
)

_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Case:
    """One film: facts of it first among those read."""

    facts: Facts
    baselines: Baselines

    @property
    def movie_id(self) -> int:
        """Ours."""
        return int(self.facts.films.ids[0])

    @property
    def age(self) -> int | None:
        """In years."""
        year = self.number("years")
        return None if year is None else max(0, self.baselines.year - int(year))

    @property
    def listings(self) -> list[Listing]:
        """Its places on lists, without the registry."""
        twins = self.baselines.registry_lists
        return [
            row
            for row in self.facts.rows.listings
            if row.movie_id == self.movie_id and row.list_id not in twins
        ]

    @property
    def is_kept(self) -> bool:
        """Whether the registry keeps it."""
        return self._is_kept(self.movie_id)

    def number(self, column: str) -> float | None:
        """Return a number of it; None: it is not known."""
        value = float(getattr(self.facts.films, column)[0])
        return None if isnan(value) else value

    def count_listed_others(self) -> int:
        """Return how many other films of a director of it stand on lists, at most."""
        named = {row.movie_id for row in self.facts.rows.listings}
        named |= {row.movie_id for row in self.facts.rows.kept}
        found: dict[int, int] = {}
        for row in self.facts.rows.directed:
            if row.movie_id == self.movie_id and row.other_id in named:
                found[row.person_id] = found.get(row.person_id, 0) + 1
        return max(found.values(), default=0)

    def _is_kept(self, movie_id: int) -> bool:
        twins = self.baselines.registry_lists
        return any(row.movie_id == movie_id for row in self.facts.rows.kept) or any(
            row.movie_id == movie_id and row.list_id in twins
            for row in self.facts.rows.listings
        )


def tell(term: str, case: Case) -> str:
    """Return the facts behind a term."""
    return _TELLERS[term](case)


def _endured(case: Case) -> str:
    votes, age = case.number("tmdb_votes"), case.age
    if age is None:
        return "no release date is known"
    if not votes:
        return f"{_years(age)} after its release nobody has voted for it"
    most = decade_of(case.number("years") or 0, case.baselines).voters
    return (
        f"{_years(age)} after its release {_plural(votes, 'vote')}; with {most:,.0f} a film of its decade is known"
        " to all"
    )


def _kept(case: Case) -> str:
    age, places = case.age, _count_places(case)
    if age is None:
        return "no release date is known"
    if age < KEPT_AFTER_YEARS:
        return f"{_years(age)} after its release it is too early to tell"
    if not places:
        return f"no list names it {_years(age)} after its release"
    return f"{_lists(places)} {_verb(places)} it {_years(age)} after its release"


def _voters(case: Case) -> str:
    votes, year = case.number("tmdb_votes"), case.number("years")
    if not votes:
        return "nobody has voted for it at TMDB"
    decade = decade_of(float("nan") if year is None else year, case.baselines)
    others = "films" if year is None else f"films of the {int(year) // 10 * 10}s"
    passed = [
        quantile
        for quantile, least in zip(QUANTILES, decade.quantiles, strict=False)
        if votes > least
    ]
    than = (
        f"more than {passed[-1]} % of {others}"
        if passed
        else f"fewer than half of the {others}"
    )
    return f"{_plural(votes, 'vote')} at TMDB, {than}"


def _listed(case: Case) -> str:
    names = [row.name for row in case.listings]
    names += ["the registry"] if case.is_kept else []
    if names:
        return f"on {_lists(len(names))}: {_some(names)}"
    year = case.number("years")
    could = [
        one
        for one in case.baselines.lists
        if year is None or one.newest is None or year <= one.newest
    ]
    if not could:
        return "no list that could name it is stored"
    age = case.age
    early = (
        f"; lists have hardly looked at it after {_years(age)}"
        if age is not None and age < CONSIDERED_YEARS
        else ""
    )
    return f"on none of {_lists(len(could))} that could name it{early}"


def _named(case: Case) -> str:
    if not case.baselines.named_often:
        return "no film's recommendations are stored"
    named = case.number("named") or 0
    return f"the recommendations of {_plural(named, 'film')} name it"


def _metacritic(case: Case) -> str:
    value = case.number("metacritic")
    return "no Metascore is stored" if value is None else f"Metascore {value:.0f}"


def _tomatoes(case: Case) -> str:
    value = case.number("tomatoes")
    if value is None:
        return "no share of good reviews is stored"
    return f"{value:.0f} % good reviews at Rotten Tomatoes"


def _ranked(case: Case) -> str:
    places = [
        (weigh_place(row.position, row.weight), row)
        for row in case.listings
        if row.position is not None
    ]
    if places:
        _, best = max(places, key=lambda place: place[0])
        return f"place {best.position:,} of {best.name}"
    if any(one.is_ranked for one in case.baselines.lists):
        return "on no ranked list"
    return "no ranked list is stored"


def _juries(case: Case) -> str:
    return _honours(
        [row for row in _own_honours(case) if row.festival in FESTIVALS],
        "no festival's jury named it, of those that are stored",
    )


def _directors(case: Case) -> str:
    count = case.count_listed_others()
    if count:
        return f"{_plural(count, 'other film')} of its director {'stand' if count > 1 else 'stands'} on lists"
    if case.baselines.lists:
        return "no other film of its directors stands on a list"
    return "no list is stored"


def _awards(case: Case) -> str:
    return _honours(_own_honours(case), "not nominated, as far as awards are stored")


def _registry(case: Case) -> str:
    if case.is_kept:
        return "the National Film Registry keeps it"
    if not case.baselines.has_registry:
        return "no registry is stored"
    if not bool(case.facts.films.is_domestic[0]):
        return "a film of another country: the registry says nothing of it"
    return "the National Film Registry does not keep it"


def _tmdb(case: Case) -> str:
    return _score(case, "tmdb", "TMDB")


def _imdb(case: Case) -> str:
    return _score(case, "imdb", "IMDb")


def _score(case: Case, source: str, name: str) -> str:
    score, votes = case.number(f"{source}_scores"), case.number(f"{source}_votes")
    if score is None or not votes:
        return f"no score of {name} is stored"
    return f"{score:.1f} of 10 at {name}, {_plural(votes, 'vote')}"


def _own_honours(case: Case) -> list[Honour]:
    return [
        row
        for row in case.facts.rows.honours
        if row.movie_id == case.movie_id and row.festival not in {REGISTRY, RAZZIES}
    ]


def _honours(rows: Sequence[Honour], silent: str) -> str:
    if not rows:
        return silent
    wins = sum(row.is_winner for row in rows)
    best = max(rows, key=lambda row: (weigh_honour(row), -row.nomination_id))
    won = ", won" if best.is_winner else ""
    return (
        f"{_plural(len(rows), 'nomination')}, {_plural(wins, 'win')}; above all"
        f" {best.category} ({best.festival_name}{won})"
    )


def _count_places(case: Case) -> int:
    return len(case.listings) + case.is_kept


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    rest = f", and {more} more" if more > 0 else ""
    return ", ".join(names[:_MOST_NAMED]) + rest


def _plural(number: float, word: str) -> str:
    return f"{number:,.0f} {word}{'' if number == 1 else 's'}"


def _years(age: int) -> str:
    return _plural(age, "year")


def _lists(count: int) -> str:
    return _plural(count, "list")


def _verb(count: int) -> str:
    return "names" if count == 1 else "name"


_TELLERS: Final[dict[str, Callable[[Case], str]]] = {
    "endured": _endured,
    "kept": _kept,
    "voters": _voters,
    "listed": _listed,
    "named": _named,
    "metacritic": _metacritic,
    "tomatoes": _tomatoes,
    "ranked": _ranked,
    "juries": _juries,
    "directors": _directors,
    "awards": _awards,
    "registry": _registry,
    "tmdb": _tmdb,
    "imdb": _imdb,
}
