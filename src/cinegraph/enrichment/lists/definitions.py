"""
The cultural lists we know by name, as data: who chose, what a place is worth and why, where it comes from.

A list of the user's own needs no row here. A location is given only where it is sure; for the others the user names the
file or address, for most canons are published as a page or a book, and no page is read by us.
"""

from types import MappingProxyType
from typing import Final, Literal

import msgspec

type Source = Literal["tmdb", "file", "event"]
"""As stored."""

OWN_WEIGHT: Final = 0.5
"""Of a list of one's own, where nobody says otherwise: half of the most thorough poll there is."""
WEEKLY: Final = 7
"""Days: lists at an address change a few times a year, and a look costs a request."""
DAILY: Final = 1
"""Days: an event's films are in our own tables, a look costs no request."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A list, as far as it is known before it is imported."""

    key: str
    name: str
    authority: str
    """Who chose its films."""
    weight: float
    """What a place on it is worth beside others, 0 to 1."""
    weight_reason: str
    source: Source = "file"
    location: str | None = None
    """Of its source; None: the user names a file or an address."""
    refresh_days: int | None = None
    """None: of a file on somebody's disk, nobody looks again by themselves."""
    is_ranked: bool = False
    """Whether a lower position is a greater honour, not only a place in a book or a year."""


KNOWN: Final = (
    Definition(
        key="sight_and_sound",
        name="Sight and Sound: The Greatest Films of All Time",
        authority="British Film Institute, a poll of critics",
        weight=1.0,
        weight_reason="over a thousand critics of all countries, once in ten years, every ballot published",
        is_ranked=True,
    ),
    Definition(
        key="tspdt",
        name="They Shoot Pictures, Don't They? The 1,000 Greatest Films",
        authority="They Shoot Pictures, Don't They?",
        weight=0.95,
        weight_reason="counts thousands of critics' and directors' lists, the poll above among them",
        is_ranked=True,
    ),
    Definition(
        key="registry",
        name="National Film Registry",
        authority="National Film Preservation Board",
        weight=0.85,
        weight_reason="named by law for cultural, historical or aesthetic significance; of one country alone",
        source="event",
        location="registry",
        refresh_days=DAILY,
    ),
    Definition(
        key="1001_movies",
        name="1001 Movies You Must See Before You Die",
        authority="Steven Jay Schneider and contributors",
        weight=0.8,
        weight_reason="chosen by some seventy critics, all countries and decades; wide, and without ranks",
    ),
    Definition(
        key="afi_100",
        name="AFI's 100 Years...100 Movies",
        authority="American Film Institute",
        weight=0.75,
        weight_reason="1,500 people of the trade; American films alone, last chosen in 2007",
        is_ranked=True,
    ),
    Definition(
        key="criterion",
        name="The Criterion Collection",
        authority="The Criterion Collection",
        weight=0.7,
        weight_reason="curators with a name to lose, but rights decide with them what can be published",
    ),
    Definition(
        key="letterboxd_top250",
        name="Letterboxd's Top 250",
        authority="users of Letterboxd",
        weight=0.55,
        weight_reason="votes of people who love films; new ones rise fast and fall again",
        is_ranked=True,
    ),
    Definition(
        key="imdb_top250",
        name="IMDb's Top 250",
        authority="users of IMDb",
        weight=0.5,
        weight_reason="votes of the public, which ratings tell already",
        is_ranked=True,
    ),
)
BY_KEY: Final = MappingProxyType({each.key: each for each in KNOWN})
