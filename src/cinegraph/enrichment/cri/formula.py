"""
The formula as data: five dimensions, their terms, and why each counts what it counts; pure.

The weights are reasoned, not trained: no list was used to choose them. To change anything that moves a score is to give
`CURRENT` another version, or scores made before and after could not be told apart (README).
"""

from typing import Final

import msgspec

REGISTRY: Final = "registry"
"""The festival that is a national archive's list of films to keep."""


class Dimension(msgspec.Struct, frozen=True):
    """A way in which a film can matter."""

    name: str
    weight: float
    """Of all five, 1 in all."""
    reason: str


class Term(msgspec.Struct, frozen=True):
    """One thing that is known of a film, within a dimension."""

    name: str
    dimension: str
    weight: float
    """Within the dimension, 1 in all."""
    absence: float
    """
    How much of the weight counts against a film that could have it and has it not, 0 to 1.

    1: a measure, such as a score, which counts in full whatever it is, or not at all where it is not known.
    Less: an honour. That it was not given is weak evidence, that it was given is strong evidence.
    """
    reason: str


class Formula(msgspec.Struct, frozen=True):
    """A version of the index."""

    version: str
    description: str
    dimensions: tuple[Dimension, ...]
    terms: tuple[Term, ...]

    def weights(self) -> tuple[float, ...]:
        """Return the weight of each term in the whole, 1 in all."""
        by_name = {one.name: one.weight for one in self.dimensions}
        return tuple(one.weight * by_name[one.dimension] for one in self.terms)


DIMENSIONS: Final = (
    Dimension(
        "timelessness",
        0.30,
        "to outlast its time is what sets a film that matters apart from one that sold: it counts most",
    ),
    Dimension(
        "penetration",
        0.15,
        "what nobody knows cannot matter to a culture; but to be known alone is popularity, so it counts little",
    ),
    Dimension(
        "artistry",
        0.20,
        "what critics, juries and polls hold of it: those who compare films by trade",
    ),
    Dimension(
        "institutions",
        0.15,
        "academies and archives decide with care but for a country and an industry, so it counts little, too",
    ),
    Dimension("reception", 0.20, "what those who saw it give it"),
)

TERMS: Final = (
    Term(
        "endured",
        "timelessness",
        0.65,
        1.0,
        "known today, after so many years, beside what is known best of its own decade",
    ),
    Term(
        "kept",
        "timelessness",
        0.35,
        0.5,
        "lists still name it after decades; most films that lists could name are named by none",
    ),
    Term(
        "voters",
        "penetration",
        0.35,
        1.0,
        "how many voted, beside the best known of its decade, or no old film were known; `endured` counts it, too",
    ),
    Term(
        "listed",
        "penetration",
        0.50,
        0.5,
        "on how many lists it stands, each by its weight; the second says less than the first",
    ),
    Term(
        "named",
        "penetration",
        0.15,
        0.3,
        "how many other films' recommendations name it; few films were asked, so silence says little",
    ),
    Term("metacritic", "artistry", 0.25, 1.0, "the mean of graded reviews"),
    Term(
        "tomatoes",
        "artistry",
        0.15,
        1.0,
        "the share of good reviews: it says less than their mean, and is near 100 for many",
    ),
    Term(
        "ranked",
        "artistry",
        0.20,
        0.2,
        "its best place on a ranked list; most canons are not ranked, so silence says little",
    ),
    Term(
        "juries",
        "artistry",
        0.15,
        0.15,
        "prizes and competitions of festivals, where peers choose few films of a year",
    ),
    Term(
        "directors",
        "artistry",
        0.25,
        0.25,
        "other films of its directors that lists name: canons are made of oeuvres; a single great film is possible",
    ),
    Term(
        "awards",
        "institutions",
        0.70,
        0.4,
        "nominations and wins, by the prestige of who gives them and by category",
    ),
    Term(
        "registry",
        "institutions",
        0.30,
        0.15,
        "a national archive keeps it; few films a year and one country, so silence says little",
    ),
    Term(
        "tmdb",
        "reception",
        0.60,
        1.0,
        "the user score, shrunken to the mean; stored for nearly every film that has voters",
    ),
    Term(
        "imdb",
        "reception",
        0.40,
        1.0,
        "the same of more voters, but stored for fewer films",
    ),
)

CURRENT: Final = Formula(
    "1",
    "100 · sum(weight · evidence) / sum(weight · share), of 14 terms in five dimensions; what is unknown is left out",
    DIMENSIONS,
    TERMS,
)
"""By which films are scored."""
