"""
What concerns what: data with reasons, and the pure step from changes to films that are due.

A change of a film concerns the film itself. Some also concern films beside it (`Kind.spreads`); there they end: who is
due because of a neighbour makes nobody due. So one change makes at most `MOST_SPREAD` others due, however many films
its people made, and the next pass over all films computes the rest. Films that were beside it until the change count
as well (`Former`): what they counted of it is no longer so.

To compute anything otherwise from the same facts is to raise the kind's `version`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.enrichment.cri.formula import CURRENT

MOST_SPREAD: Final = 50
"""Films that one change makes due beside its own: four in five directors of the recorded films made fewer."""


class Enrichment(StrEnum):
    """What is computed of films; equal to the stored text and to the argument of `EnrichMovie`."""

    COLLABORATIONS = "collaborations"
    CULTURAL_LISTS = "cultural_lists"
    CRI_SCORE = "cri_score"
    RECOMMENDATIONS = "recommendations"


class Beside(StrEnum):
    """Which films beside a changed one are concerned: those that are beside it now, and those that were until then."""

    SAME_DIRECTOR = "same_director"
    """Films of its directors: that a list names one is evidence for the others."""
    CANON_DIRECTOR = "canon_director"
    """The same, where a list or a registry names the film, or did."""
    NAMED = "named"
    """Films that TMDB recommends beside it: being named is evidence."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind follows changes."""

    fields: Mapping[str, str]
    """Which fields of the change log concern it, with the reason."""
    version: str
    """Of how it is computed: where it is another one than that of the last pass, all films are computed anew."""
    settle_seconds: float
    """How long a film that changed is left, as more of it may change at once."""
    most_alone: int
    """So many due films are computed by jobs of their own; more in one pass over those that are due."""
    waits_for_quiet: bool = False
    """Whether many due films are left until no more become due: an import of many is then one pass at its end."""
    all_share: float | None = None
    """Above this share of all films that are due all are computed: that is cheaper; None: never."""
    all_days: int | None = None
    """After so many days all films are computed anew, as each is held against all; None: never."""
    spreads: Mapping[str, Beside] = MappingProxyType({})
    """Which fields concern films beside the changed one; some of them these alone."""


FOLLOWED: Mapping[Enrichment, Kind] = MappingProxyType(
    {
        Enrichment.COLLABORATIONS: Kind(
            fields={
                "credits": "who counts as having worked together",
                "ratings": "the mean rating of pairs",
                "release_date": "first and latest year of pairs",
                "revenue_usd": "the revenue of pairs",
            },
            version="1",
            settle_seconds=0.0,
            # Milliseconds each: a pass saves little, and jobs can be seen and retried alone.
            most_alone=200,
            # An import of many has the database to itself: pairs are a tenth of what storing costs.
            waits_for_quiet=True,
        ),
        Enrichment.CULTURAL_LISTS: Kind(
            fields={
                "imdb_id": "lists name films by it",
                "tmdb_id": "lists name films by it",
                "title": "some lists name films by title and year",
                "original_title": "some lists name films by title and year",
                "alternative_titles": "some lists name films by title and year",
                "release_date": "some lists name films by title and year",
            },
            version="1",
            settle_seconds=0.0,
            most_alone=200,
            waits_for_quiet=True,
        ),
        Enrichment.CRI_SCORE: Kind(
            fields={
                "ratings": "public reception, and how many voted",
                "nominations": "awards, juries, registries",
                "lists": "on which it stands, and where",
                "credits": "what lists say of other films of its directors",
                "release_date": "a film is held against those of its time",
                "countries": "a registry is silent of films of other countries",
            },
            version=CURRENT.version,
            # Votes, nominations and lists of one film come in transactions of their own.
            settle_seconds=10.0,
            most_alone=200,
            waits_for_quiet=True,
            # All at once cost about a twentieth of one by one.
            all_share=0.05,
            # The votes of a decade, which a film's are held against, grow slowly.
            all_days=1,
            spreads={
                "lists": Beside.SAME_DIRECTOR,
                "nominations": Beside.CANON_DIRECTOR,
                "credits": Beside.CANON_DIRECTOR,
                "recommendations": Beside.NAMED,
            },
        ),
        Enrichment.RECOMMENDATIONS: Kind(
            fields={
                "credits": "same people",
                "genres": "same genres",
                "keywords": "same themes",
                "overview": "words of the overview",
                "companies": "same companies",
                "collection_id": "same series",
                "recommendations": "named beside the same films",
                "lists": "on the same lists",
                "nominations": "nominated beside each other",
                "release_date": "taste goes by generation",
                "original_language": "same language",
                "title": "words of the title",
                "tagline": "words of the tagline",
                "is_adult": "not shown unless asked for",
                "status": "what is not out yet is not recommended",
            },
            version="1",
            settle_seconds=10.0,
            # Up to a second each, and ten at once on a node.
            most_alone=200,
            spreads={"recommendations": Beside.NAMED},
            waits_for_quiet=True,
            # All at once do a hundred films a second and more, one by one a few.
            all_share=0.02,
            # New films come into the lists of those they resemble least, and how rare a word is moves slowly.
            all_days=7,
        ),
    }
)
"""What each kind follows."""

_WHOLE: Final = frozenset({"added", "gone", "revived", "merged", "unmerged"})
"""Actions that concern every kind."""


class Happened(msgspec.Struct, frozen=True):
    """A row of the change log, as far as it matters here."""

    movie_id: int
    action: str
    fields: tuple[str, ...]
    other_id: int | None


class Former(msgspec.Struct, frozen=True, order=True):
    """What tied a film to others and was taken away; the change log does not say it."""

    movie_id: int
    field: str
    """As in the change log."""
    key: int
    """Of the person, film or category, by field: see `enrichment_former`."""


class Mark(msgspec.Struct, frozen=True, order=True):
    """A film that is due."""

    enrichment: Enrichment
    movie_id: int
    reason: str


class Spread(msgspec.Struct, frozen=True, order=True):
    """A film whose neighbours are due."""

    enrichment: Enrichment
    movie_id: int
    beside: Beside
    reason: str


class Due(msgspec.Struct, frozen=True):
    """What changes come to: each film once a kind."""

    marks: list[Mark]
    spreads: list[Spread]


def plan_due(changes: Iterable[Happened], former: Iterable[Former] = ()) -> Due:
    """
    Return what changes make due, in the order in which rows are locked; of several reasons for a film the last.

    Args:
        former: What is no longer beside these films: it spreads by itself, for its change may be among the next ones.
    """
    marks: dict[tuple[Enrichment, int], Mark] = {}
    spreads: set[Spread] = set()
    for change in changes:
        ids = [change.movie_id, *([change.other_id] if change.other_id else [])]
        for enrichment, kind in FOLLOWED.items():
            for reason in _reasons(kind, change):
                for movie_id in ids:
                    marks[enrichment, movie_id] = Mark(enrichment, movie_id, reason)
            spreads.update(_spread(enrichment, kind, change))
    for one in former:
        for enrichment, kind in FOLLOWED.items():
            if one.field in kind.spreads:
                beside = kind.spreads[one.field]
                spreads.add(Spread(enrichment, one.movie_id, beside, one.field))
    return Due(sorted(marks.values()), sorted(spreads))


def _reasons(kind: Kind, change: Happened) -> Iterable[str]:
    """Return why a change concerns a kind; none: it does not."""
    if change.action in _WHOLE:
        return (change.action,)
    return (name for name in change.fields if name in kind.fields)


def _spread(enrichment: Enrichment, kind: Kind, change: Happened) -> Iterable[Spread]:
    whole = change.action in _WHOLE
    for field, beside in kind.spreads.items():
        # A film that came or went matters to films of its directors where it is in a canon.
        if field in change.fields or (whole and beside is not Beside.SAME_DIRECTOR):
            yield Spread(enrichment, change.movie_id, beside, field)
