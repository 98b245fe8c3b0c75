"""What is true of an awarded world, for tests and benchmarks to compare a database with. No I/O."""

from collections import Counter

import msgspec


class Link(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A nominee in a film of theirs."""

    person_tmdb_id: int
    name: str
    """As the table spells it for this film."""
    is_findable: bool
    """Whether `/find` knows the person's IMDb id."""
    is_credited: bool
    """Whether TMDB has the film, and its credits name the person."""
    is_alias: bool
    """Whether TMDB spells the name in another way; `also_known_as` has the table's."""
    has_namesake: bool
    """
    Whether somebody else of the film's credits has the name too; of people whom `/find` knows, as far as that is an
    imperfection and not chance.
    """

    @property
    def is_linkable(self) -> bool:
        """Whether a client can find out who is meant: by the IMDb id, or by a name that nobody else of the film has."""
        return self.is_findable or (self.is_credited and not self.has_namesake)


class AwardedTruth(msgspec.Struct, frozen=True, kw_only=True):
    """Where the films and people of a table are at the imitation TMDB."""

    films: dict[str, int]
    """TMDB's ids of the films that it has as films, by IMDb's."""
    shows: dict[str, int]
    """Of those it keeps as TV shows."""
    missing: frozenset[str]
    """IMDb's ids of those it does not have."""
    people: dict[str, int]
    """TMDB's ids of all people whose IMDb id the table knows, by that."""
    findable: frozenset[str]
    """IMDb's ids of the people `/find` knows."""
    links: dict[tuple[str, str], Link]
    """By IMDb's ids of film and person."""

    def counts(self) -> dict[str, int]:
        """Count everything, for a benchmark to print."""
        links = self.links.values()
        told: Counter[str] = Counter(
            films=len(self.films),
            shows=len(self.shows),
            missing=len(self.missing),
            people=len(self.people),
            findable=len(self.findable),
            links=len(self.links),
        )
        for name in ("is_linkable", "is_credited", "is_alias", "has_namesake"):
            told[name] = sum(getattr(link, name) for link in links)
        return dict(told)
