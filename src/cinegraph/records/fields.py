"""
The fields of a film that can be asked for and updated by name; pure.

Every attribute of `MovieRecord` belongs to one field. Most come with any answer; the *appended* ones only where they
are asked for, and what was not asked for stays as it was. To add a field, add a row to `FIELDS`; an appended one needs
its part in `sources/providers/tmdb/parts.py` too.
"""

import difflib
from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec

from cinegraph.errors import JobArgumentsError, UsageError
from cinegraph.records.movie import ExternalIdRecord, MovieRecord

ALL: Final = "all"
"""Stands for every field: the film is fetched whole."""


class Field(msgspec.Struct, frozen=True):
    """What a person can ask for by one word."""

    name: str
    attributes: tuple[str, ...]
    """Of `MovieRecord`."""
    is_appended: bool = False
    """Comes only where it is asked for; the others come with every answer, and are always updated."""


FIELDS: Final = (
    Field("ratings", ("rating",)),
    Field("revenue", ("revenue_usd",)),
    Field("budget", ("budget_usd",)),
    Field("status", ("status",)),
    Field("popularity", ("popularity",)),
    Field("title", ("title", "original_title")),
    Field("language", ("original_language",)),
    Field("overview", ("overview", "tagline")),
    Field("homepage", ("homepage",)),
    Field("release_date", ("released_on",)),
    Field("runtime", ("runtime_minutes",)),
    Field("images", ("poster_path", "backdrop_path")),
    Field("flags", ("is_adult", "is_video")),
    Field("collection", ("collection",)),
    Field("genres", ("genres",)),
    Field("companies", ("companies",)),
    Field("countries", ("production_countries", "origin_countries")),
    Field("spoken_languages", ("spoken_languages",)),
    Field("videos", ("videos",), is_appended=True),
    Field("credits", ("people", "credits"), is_appended=True),
    Field("release_dates", ("releases",), is_appended=True),
    Field("providers", ("watch_providers", "watch_offers"), is_appended=True),
    Field("keywords", ("keywords",), is_appended=True),
    Field("alternative_titles", ("alternative_titles",), is_appended=True),
    Field("recommendations", ("recommended_tmdb_ids",), is_appended=True),
    Field("external_ids", ("imdb_id", "external_ids"), is_appended=True),
)
"""In the order in which they are told."""

NAMES: Final = tuple(field.name for field in FIELDS)
APPENDED: Final = tuple(field.name for field in FIELDS if field.is_appended)
LOOK: Final = ("ratings", "revenue", "status")
"""A light look: what the changes feed does not report, and what comes with it in the same short answer."""
LISTED: Final = ("listed",)
"""Stands for what a row of a list tells of a film: of all that every answer tells, `LISTED_FIELDS` alone."""
LISTED_FIELDS: Final = ("ratings", "popularity", "flags")
"""What the daily export says of popularity and flags is older than a row of a list, or newer, and the later counts."""


class UnknownFieldError(JobArgumentsError, UsageError, ValueError):
    """A film has no field of that name; the message lists those it has."""

    code = "unknown_field"


def to_fields(names: Iterable[str]) -> tuple[str, ...]:
    """
    Return *names* in one order, each once; just `all` where that is among them.

    Raises:
        UnknownFieldError: One is no field, or there is none.
    """
    given = set(names)
    for name in sorted(given - {ALL, *NAMES}):
        raise _unknown(name)
    if not given:
        raise UnknownFieldError(
            "no field is named", hint=f"Fields: {', '.join((ALL, *NAMES))}."
        )
    if ALL in given or given >= set(NAMES):
        return (ALL,)
    return tuple(name for name in NAMES if name in given)


def appended_of(fields: Collection[str]) -> tuple[str, ...]:
    """Return which appended fields have to be asked for, in one order; none where the short answer is enough."""
    if ALL in fields:
        return APPENDED
    return tuple(name for name in APPENDED if name in fields)


def told_by(appended: Collection[str]) -> tuple[str, ...]:
    """Return every field that an answer tells for which *appended* fields were asked."""
    return tuple(
        field.name
        for field in FIELDS
        if field.name in appended or not field.is_appended
    )


def overlay(
    older: MovieRecord, newer: MovieRecord, covered: Collection[str]
) -> MovieRecord:
    """
    Return the film as *newer* tells it, with the appended fields that it does not cover as *older* has them.

    Args:
        covered: The appended fields that were asked for when *newer* came; `LISTED`, and *newer* is a row of a list.
    """
    if covered == LISTED:
        return msgspec.structs.replace(older, **_told(newer, LISTED_FIELDS))
    kept = {
        attribute: getattr(older, attribute)
        for field in FIELDS
        if field.is_appended and field.name not in covered
        for attribute in field.attributes
    }
    if "external_ids" not in covered:
        # The short answer tells the IMDb id as well; one without it takes none away.
        kept["imdb_id"] = newer.imdb_id or older.imdb_id
        kept["external_ids"] = _with_imdb_id(older.external_ids, newer.imdb_id)
    return msgspec.structs.replace(newer, **kept)


def _told(record: MovieRecord, names: Collection[str]) -> dict[str, Any]:
    return {
        attribute: getattr(record, attribute)
        for field in FIELDS
        if field.name in names
        for attribute in field.attributes
    }


def _with_imdb_id(
    ids: tuple[ExternalIdRecord, ...], imdb_id: str | None
) -> tuple[ExternalIdRecord, ...]:
    if imdb_id is None:
        return ids
    others = (row for row in ids if row.site != "imdb")
    return (ExternalIdRecord("imdb", imdb_id), *others)


def _unknown(name: str) -> UnknownFieldError:
    known = (ALL, *NAMES)
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return UnknownFieldError(
        f"a film has no field {name!r}; its fields are {', '.join(known)}",
        hint=f"{guess}Give one or several of them.",
    )
