"""
What films can have in common, and what it is worth: weights that are reasoned, not trained (ADR 0038).

Each kind of evidence makes a vector of a film: one entry a feature, its value times its inverse document frequency
log((films + 1) / films that have it), so that what few films share tells most. The likeness of two films is the
weighted sum over kinds of the cosine of their vectors.

Each vector also has an entry of its own that no other film has, `damping` times that of the rarest feature. So a kind
of which little is known, such as one keyword, or which nearly everybody shares, such as English, cannot come to 1.
"""

from typing import Final

import msgspec

from cinegraph.enrichment.collaborations.counting import DIRECTOR


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of evidence."""

    id: int
    """As stored: recommendation_kinds.id, and its place in recommendation_movies.parts."""
    name: str
    weight: float
    """What a likeness of 1 in it is worth."""
    damping: float
    """See above."""
    most_films: int
    """A feature of more films makes no candidates, it only adds to their likeness; 0: the kind makes none."""
    typical: float
    """The length of a usual vector, in rarest features: by it candidates are weighed before theirs is known."""
    reason: str


KINDS: Final = (
    Kind(id=1, name="series", weight=0.30, damping=0.0, most_films=500, typical=1.0,
         reason="Who liked one part wants the others first; there are few, so they leave room."),
    Kind(id=2, name="director", weight=0.28, damping=0.2, most_films=500, typical=1.0,
         reason="The person whose films are most alike."),
    Kind(id=3, name="cast", weight=0.30, damping=0.7, most_films=500, typical=1.7,
         reason="By billing: leads draw people to films, the tenth name hardly does."),
    Kind(id=4, name="crew", weight=0.12, damping=0.8, most_films=500, typical=1.5,
         reason="Writers shape stories; the others shape less that people notice."),
    Kind(id=5, name="keywords", weight=0.50, damping=1.0, most_films=2000, typical=2.2,
         reason="Themes, chosen by people: what a film is about. Cosines are small, two in ten shared is much."),
    Kind(id=6, name="companies", weight=0.10, damping=0.7, most_films=300, typical=1.2,
         reason="A small studio is a style; a large one made everything, and its frequency says so."),
    Kind(id=7, name="words", weight=0.40, damping=1.5, most_films=600, typical=4.0,
         reason="Of title, tagline and overview: themes where keywords are missing, but noisy. Cosines are small."),
    Kind(id=8, name="beside", weight=0.90, damping=1.0, most_films=1000, typical=5.0,
         reason="Recommended beside each other at TMDB, or both by a third film: what users do. Cosines are small."),
    Kind(id=9, name="lists", weight=0.10, damping=0.7, most_films=1500, typical=1.0,
         reason="The shorter a list, the more it says; a canon of 1,000 says they are good, not alike."),
    Kind(id=10, name="awards", weight=0.08, damping=1.0, most_films=200, typical=1.2,
         reason="Nominated in the same category of the same edition: same year, same standing."),
    Kind(id=11, name="genres", weight=0.22, damping=0.15, most_films=0, typical=1.0,
         reason="Mood comes before theme; too many films share one to make candidates."),
    Kind(id=12, name="language", weight=0.10, damping=0.2, most_films=0, typical=1.0,
         reason="Who watches films in Hindi looks for more; English tells nearly nothing, by its frequency."),
    Kind(id=13, name="era", weight=0.14, damping=0.0, most_films=0, typical=1.0,
         reason="Of two films ten years apart a third is left; taste and memory go by generation."),
)  # fmt: skip
"""In the order in which a film's features lie."""

COUNT: Final = len(KINDS)
BY_NAME: Final = {kind.name: kind for kind in KINDS}

LARGEST_SHARE: Final = 0.05
"""A feature of more of all films makes no candidates either: in a small catalogue it tells as little."""
LEAST_FILMS: Final = 50
"""That share is never fewer films, so that a handful of films can be recommended beside each other."""

MOST_CAST: Final = 15
"""By TMDB's order, from 0; those behind it are rarely why anybody watches a film."""
CREW_VALUES: Final = {
    "Writer": 1.0,
    "Screenplay": 1.0,
    "Original Music Composer": 0.6,
    "Director of Photography": 0.6,
    "Producer": 0.3,
    "Editor": 0.3,
}
"""Of the jobs of `collaborations.counting`, but the director's, which is a kind of its own."""
DIRECTORS: Final = DIRECTOR
MOST_BESIDE: Final = 60
"""Films that recommend a film, at most; those that name it first are taken first."""
BESIDE_ITSELF: Final = 3.0
"""
The value of a film among its own neighbours, which have 1 each: what TMDB recommends for a film counts like
several films that it recommends for both.
"""

DIVERSITY: Final = 0.2
"""When reading: enough that a series of ten films leaves room for others, too little to move what is clearly best."""
