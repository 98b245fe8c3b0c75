"""Which film a title means, as far as the source's searches and its films' other titles tell."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

from cinegraph.errors import AbsentAtSourceError
from cinegraph.festivals.lookups import Lookup, LookupKind, LookupState
from cinegraph.jobs.searching import choose_movie, search_movie
from cinegraph.limits import Priority
from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import TitleRecord
from cinegraph.records.person import SearchedMovie
from cinegraph.sources.providers.tmdb.client import FetchedMovie, TmdbClient
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.sandbox import (
    list_row,
    movie_details,
    movie_parts,
)
from factories import make_record

_DOCUMENT = DocumentRecord(
    source="tmdb",
    kind="movie",
    external_id="1",
    body_gzip=b"",
    sha256=b"",
    size_bytes=0,
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    etag=None,
)


class FakeTmdb:
    """
    Answers searches and films from memory.

    Args:
        hits: By year searched for, TMDB's ids of what is offered.
        titles: By id of a film, its other titles; a film without is there no longer.
    """

    def __init__(
        self, hits: Mapping[int | None, Sequence[int]], titles: Mapping[int, str]
    ) -> None:
        self._hits = hits
        self._titles = titles
        self.asked: list[int] = []

    async def search_movies(
        self, title: str, year: int | None, **_: Any
    ) -> tuple[SearchedMovie, ...]:
        """Offer films that are called otherwise."""
        assert title
        return tuple(
            SearchedMovie(id_, f"Film {id_}", None, date(2023, 5, 1), 1.0)
            for id_ in self._hits[year]
        )

    async def fetch_movie(
        self, tmdb_id: int, *, parts: tuple[str, ...], **_: Any
    ) -> FetchedMovie:
        """Give a film with its other title."""
        self.asked.append(tmdb_id)
        if tmdb_id not in self._titles:
            raise AbsentAtSourceError(
                source="tmdb", endpoint="movie", external_id=f"movie {tmdb_id}"
            )
        other = TitleRecord("FR", self._titles[tmdb_id], "")
        film = make_record(tmdb_id, alternative_titles=(other,))
        told = movie_details(film) | movie_parts(film, parts, list_row)
        body = json.dumps(told).encode()
        return FetchedMovie(decode_movie(body, parts=parts), _DOCUMENT)


def lookup() -> Lookup:
    """Return the search for a film of 2023."""
    return Lookup(
        id=1,
        kind=LookupKind.FILM,
        imdb_id=None,
        title="Autrement",
        year=2023,
        state=LookupState.WANTED,
        tmdb_id=None,
    )


async def test_what_the_first_search_brought_outlasts_the_second() -> None:
    """Two films of that year have the title among their others; the search of all years offers them last."""
    titles = dict.fromkeys((10, 11), "Autrement") | dict.fromkeys((20, 21, 22), "No")
    tmdb = FakeTmdb({2023: (10, 11), None: (20, 21, 22, 10, 11)}, titles)

    answer = await search_movie(cast("TmdbClient", tmdb), lookup(), Priority.BACKFILL)

    assert answer.state is LookupState.UNSURE
    assert [each.tmdb_id for each in answer.candidates] == [10, 11]
    assert tmdb.asked == [10, 11]


async def test_no_film_is_asked_for_twice() -> None:
    """The second search goes on where the first ended."""
    titles = dict.fromkeys(range(10, 16), "No") | {14: "Autrement"}
    tmdb = FakeTmdb({2023: range(10, 14), None: range(10, 16)}, titles)

    answer = await search_movie(cast("TmdbClient", tmdb), lookup(), Priority.BACKFILL)

    assert (answer.state, answer.tmdb_id) == (LookupState.FOUND, 14)
    assert tmdb.asked == [10, 11, 12, 13, 14, 15]


async def test_films_that_are_there_no_longer_are_no_candidates() -> None:
    """Nobody could choose one of them."""
    tmdb = cast("TmdbClient", FakeTmdb({}, {}))

    answer = await choose_movie(tmdb, "tt0000001", (10, 11), Priority.BACKFILL)

    assert (answer.state, answer.candidates) == (LookupState.ABSENT, ())
    assert "none of them any longer" in (answer.reason or "")
