"""A page of a list, as a source serves it."""

import msgspec

from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import MovieRecord


class ListedMovie(msgspec.Struct, frozen=True):
    """What a row of a list tells of a film: `records.fields.LISTED_FIELDS`."""

    document: DocumentRecord
    """The row, as a short answer that tells nothing else."""
    record: MovieRecord


class MoviePage(msgspec.Struct, frozen=True):
    """
    One page of a list of films.

    Lists drift while they are read: a film may stand on two pages or on none, so a list
    proves presence and never absence.
    """

    page: int
    """Counted from 1."""
    total_pages: int
    """Pages that can be read, which may be fewer than the source claims."""
    total_results: int
    """Films the source claims, which may be more than can be read."""
    tmdb_ids: tuple[int, ...]
    """In the list's order, each once."""
    movies: tuple[ListedMovie, ...] = ()
    """Of the rows that tell a film's votes, in the same order."""


class FoundIds(msgspec.Struct, frozen=True):
    """What an id of another site stands for at a source, by kind."""

    movie_tmdb_ids: tuple[int, ...] = ()
    person_tmdb_ids: tuple[int, ...] = ()
    series_tmdb_ids: tuple[int, ...] = ()
    """A film's id may answer as a series: never a film's TMDB id."""
    episode_tmdb_ids: tuple[int, ...] = ()
    season_tmdb_ids: tuple[int, ...] = ()
