"""
The inverse of `transform`: a record as OMDb's JSON would tell it.

Every value is a text, and a value that is not known is the text `N/A`. Nothing here draws
lots or does I/O.
"""

from collections.abc import Mapping
from typing import Any

from cinegraph.records.movie import RatingRecord
from cinegraph.records.title import RatedTitleRecord

type Json = dict[str, Any]

UNKNOWN = "N/A"
_FIELDS = (
    "Title", "Year", "Rated", "Released", "Runtime", "Genre", "Director", "Writer", "Actors", "Plot", "Language",
    "Country", "Awards", "Poster", "Ratings", "Metascore", "imdbRating", "imdbVotes", "imdbID", "Type",
)  # fmt: skip
_LAST_FIELDS = {"series": ("totalSeasons",)}
_MOVIE_FIELDS = ("DVD", "BoxOffice", "Production", "Website")
_KEPT = frozenset({"Title", "Year", "imdbID", "Type", "Ratings", "Response"})
"""Fields that are there, whatever else OMDb does not know."""
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_HOURS_EVERY = 40
"""So rarely a running time is told in hours: `1 h 30 min`."""


def title_body(title: RatedTitleRecord, texts: Mapping[str, str]) -> Json:
    """Write a title; *texts* are fields that a record does not have, such as `Plot`."""
    facts = {fact.kind: fact for fact in title.facts}
    ratings = {rating.kind: rating for rating in title.ratings}
    votes = ratings["imdb"].votes if "imdb" in ratings else None
    dollars = facts["box_office_usd"].number if "box_office_usd" in facts else None
    told: Json = {
        **texts,
        "Title": title.title,
        "Year": title.year,
        "Rated": facts["rated"].text if "rated" in facts else None,
        "Released": _released(title),
        "Runtime": _runtime(title),
        "Awards": facts["awards"].text if "awards" in facts else None,
        "Ratings": [_house(rating) for rating in title.ratings],
        "Metascore": _number(ratings.get("metacritic"), 0),
        "imdbRating": _number(ratings.get("imdb"), 1),
        "imdbVotes": None if votes is None else f"{votes:,}",
        "imdbID": title.imdb_id,
        "Type": title.type,
        "BoxOffice": None if dollars is None else f"${dollars:,}",
    }
    fields = (*_FIELDS, *_LAST_FIELDS.get(title.type, _MOVIE_FIELDS))
    body = {field: told.get(field) or UNKNOWN for field in fields}
    return {**body, "Ratings": told["Ratings"], "Response": "True"}


def without_values(body: Mapping[str, Any]) -> Json:
    """Write the same title as OMDb does when it knows nothing of it: all `N/A`."""
    told = {name: value if name in _KEPT else UNKNOWN for name, value in body.items()}
    return {**told, "Ratings": []}


def refusal(error: str) -> Json:
    """Write one of OMDb's errors."""
    return {"Response": "False", "Error": error}


def _released(title: RatedTitleRecord) -> str | None:
    """Write a date as in `06 Feb 1921`."""
    on = title.released_on
    if on is None:
        return None
    month = _MONTHS[3 * on.month - 3 : 3 * on.month]
    return f"{on.day:02d} {month} {on.year:04d}"


def _runtime(title: RatedTitleRecord) -> str | None:
    """Write a length in minutes; rarely in hours."""
    minutes = title.runtime_minutes
    if minutes is None:
        return None
    hours, rest = divmod(minutes, 60)
    if not hours or int(title.imdb_id.removeprefix("tt")) % _HOURS_EVERY:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _house(rating: RatingRecord) -> Json:
    """Write a row of `Ratings`."""
    match rating.kind:
        case "imdb":
            return {
                "Source": "Internet Movie Database",
                "Value": f"{rating.value:.1f}/10",
            }
        case "rotten_tomatoes":
            return {"Source": "Rotten Tomatoes", "Value": f"{rating.value:.0f}%"}
        case _:
            return {"Source": "Metacritic", "Value": f"{rating.value:.0f}/100"}


def _number(rating: RatingRecord | None, places: int) -> str | None:
    """Write a rating's value alone."""
    return None if rating is None else f"{rating.value:.{places}f}"
