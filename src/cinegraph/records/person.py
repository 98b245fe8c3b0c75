"""A person as a source tells it in full, and films that a search offers."""

from datetime import date

import msgspec

from cinegraph.records.movie import PersonRecord


class PersonDetailsRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A person, beyond what the credits of films repeat."""

    person: PersonRecord
    imdb_id: str | None = None
    """`nm…`."""
    also_known_as: tuple[str, ...] = ()
    """Other names and other spellings, in the source's order, each once."""
    born_on: date | None = None
    died_on: date | None = None
    birthplace: str | None = None
    biography: str | None = None
    homepage: str | None = None


class SearchedMovie(msgspec.Struct, frozen=True, gc=False):
    """A film that a search offers; why it does, among its other titles, is not told."""

    tmdb_id: int
    title: str
    original_title: str | None
    released_on: date | None
    popularity: float
