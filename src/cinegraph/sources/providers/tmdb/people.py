"""What TMDB tells of a person, and of films in a search: payloads into records; pure."""

import re
from typing import Final

from cinegraph.records.movie import PersonRecord
from cinegraph.records.person import PersonDetailsRecord, SearchedMovie
from cinegraph.sources.decoding import BodyDecoder
from cinegraph.sources.providers.tmdb.credits import to_gender
from cinegraph.sources.providers.tmdb.payloads import (
    SOURCE_NAME,
    ExternalIdsPayload,
    Id,
    Number,
    Payload,
    Text,
)
from cinegraph.sources.providers.tmdb.values import (
    LARGEST_INTEGER,
    to_date,
    to_whole,
)

PERSON_PARTS: Final = ("external_ids",)
"""What one person's request asks for beside the person."""
_IMDB_NAME: Final = re.compile(r"nm\d{7,10}", re.ASCII)


class PersonPayload(Payload, frozen=True, gc=False, kw_only=True):
    """`/person/{id}` with its external ids."""

    id: Id
    name: Text
    original_name: Text = None
    also_known_as: list[str] | None = None
    imdb_id: Text = None
    gender: Number = None
    known_for_department: Text = None
    birthday: Text = None
    deathday: Text = None
    place_of_birth: Text = None
    biography: Text = None
    homepage: Text = None
    popularity: float | None = None
    profile_path: Text = None
    adult: bool | None = None
    external_ids: ExternalIdsPayload | None = None


class SearchRowPayload(Payload, frozen=True, gc=False):
    """A film in a search."""

    id: Number = None
    title: Text = None
    original_title: Text = None
    release_date: Text = None
    popularity: float | None = None
    adult: bool | None = None


class SearchPayload(Payload, frozen=True, gc=False):
    """A page of `/search/movie`."""

    results: list[SearchRowPayload]


_people = BodyDecoder(PersonPayload, source=SOURCE_NAME, endpoint="person")
_searches = BodyDecoder(SearchPayload, source=SOURCE_NAME, endpoint="search")


def decode_person(body: bytes, *, expected_id: int) -> PersonDetailsRecord:
    """
    The person in *body*.

    Raises:
        UndecodableError: No JSON.
        PayloadError: Another shape, another person, or one without a name.

    Source: https://developer.themoviedb.org/reference/person-details
    """
    payload = _people.decode(body)
    if payload.id != expected_id:
        _people.refuse(
            f"asked for person {expected_id}, got {payload.id}", field="id", body=body
        )
    if not (payload.name or payload.original_name):
        _people.refuse("a person without a name", field="name", body=body)
    return _to_details(payload)


def decode_search(body: bytes) -> tuple[SearchedMovie, ...]:
    """The films that a search offers, in TMDB's order; adult ones and rows without an id are left out."""
    return tuple(
        SearchedMovie(
            tmdb_id,
            row.title or row.original_title or "",
            row.original_title or None,
            to_date(row.release_date),
            row.popularity or 0.0,
        )
        for row in _searches.decode(body).results
        if not row.adult
        and (tmdb_id := to_whole(row.id, 1, LARGEST_INTEGER)) is not None
    )


def _to_details(payload: PersonPayload) -> PersonDetailsRecord:
    name = payload.name or payload.original_name or ""
    return PersonDetailsRecord(
        person=PersonRecord(
            payload.id,
            name,
            payload.original_name or None,
            to_gender(payload.gender),
            payload.known_for_department or None,
            payload.profile_path or None,
            payload.popularity,
            payload.adult is True,
        ),
        imdb_id=_imdb_id(payload),
        also_known_as=tuple(
            dict.fromkeys(
                stripped
                for each in payload.also_known_as or ()
                if (stripped := each.strip())
            )
        ),
        born_on=to_date(payload.birthday),
        died_on=to_date(payload.deathday),
        birthplace=payload.place_of_birth or None,
        biography=payload.biography or None,
        homepage=payload.homepage or None,
    )


def _imdb_id(payload: PersonPayload) -> str | None:
    """The IMDb id; an empty or malformed one in `external_ids` hides no good one."""
    extra = payload.external_ids.imdb_id if payload.external_ids else None
    for text in (extra, payload.imdb_id):
        if text and _IMDB_NAME.fullmatch(text.strip()):
            return text.strip()
    return None
