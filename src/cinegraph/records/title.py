"""
A film as a second source tells it: ratings of several houses and a few facts, no people and no sets.

Ids are the source's: an IMDb id. Nothing is invented: what the source does not know ("N/A") is missing.
"""

from datetime import date

import msgspec

from cinegraph.records.movie import RatingRecord


class FactRecord(msgspec.Struct, frozen=True, gc=False):
    """One fact beside the ratings."""

    kind: str
    """`box_office_usd`, `awards`, `award_wins`, `award_nominations`, `oscar_wins`, `oscar_nominations`, `rated`, …"""
    text: str | None = None
    """In the source's own words."""
    number: int | None = None
    """What the words say, where it is a number: US dollars, or how many."""


class RatedTitleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of the film with this IMDb id; no kind of rating or fact occurs twice."""

    imdb_id: str
    title: str
    type: str
    """`movie`, `series`, `episode`, `game`, as the source says."""
    year: str | None = None
    """As the source says, such as `2010–2015`."""
    released_on: date | None = None
    runtime_minutes: int | None = None
    ratings: tuple[RatingRecord, ...] = ()
    """Kinds `imdb` (0–10, with votes), `rotten_tomatoes` (0–100), `metacritic` (0–100)."""
    facts: tuple[FactRecord, ...] = ()
