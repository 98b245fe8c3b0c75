"""What rows of lists tell, however odd they are."""

import gzip
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cinegraph.records.fields import LISTED_FIELDS
from cinegraph.records.movie import RatingRecord
from cinegraph.sources.providers.tmdb.listed import to_listed_movies
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
ROW = {
    "id": 603,
    "title": "The Matrix",
    "popularity": 88.5,
    "vote_average": 8.2,
    "vote_count": 25_000,
    "adult": False,
    "video": False,
    "genre_ids": [28],
    "release_date": "1999-03-31",
}


def told_by(*rows: Any) -> dict[int, Any]:
    """Return what a page with *rows* tells, by film."""
    body = msgspec.json.encode({"page": 1, "results": rows})
    movies = to_listed_movies(body, fetched_at=NOON)
    return {movie.record.tmdb_id: movie for movie in movies}


def test_a_row_tells_votes_popularity_and_flags() -> None:
    """Votes without a single one are none."""
    told = told_by(ROW, {**ROW, "id": 5, "vote_count": 0, "vote_average": 0})

    assert told[603].record.rating == RatingRecord("user_score", 8.2, 25_000)
    assert told[603].record.popularity == 88.5
    assert told[5].record.rating is None


def test_what_is_kept_is_a_body_that_tells_the_same() -> None:
    """So that rows can be made again from it; the same row is the same bytes."""
    [movie] = told_by(ROW).values()

    body = gzip.decompress(movie.document.body_gzip)
    assert movie.document.external_id == "603"
    assert movie.document.fetched_at == NOON
    assert movie.document.size_bytes == len(body)
    assert to_record(decode_movie(body, expected_id=603, parts=())) == movie.record
    assert told_by(ROW)[603].document == movie.document
    assert LISTED_FIELDS == ("ratings", "popularity", "flags")


@pytest.mark.parametrize(
    "odd",
    [
        *({**ROW, name: None} for name in ("id", "title", "popularity", "vote_count")),
        *(
            {k: v for k, v in ROW.items() if k != name}
            for name in ROW
            if name[0] in "ipva"
        ),
        {**ROW, "vote_count": "many"},
        {**ROW, "vote_count": -1},
        {**ROW, "vote_average": "8.2"},
        {**ROW, "id": 2**31},
        {**ROW, "title": ""},
        {**ROW, "media_type": "tv"},
        None,
        [],
        "603",
    ],
    ids=repr,
)
def test_a_row_that_lacks_something_proves_nothing(odd: Any) -> None:  # noqa: ANN401 - JSON
    """It is passed over, and the others count."""
    assert list(told_by(odd, {**ROW, "id": 7})) == [7]


def test_of_two_rows_of_a_film_the_first_counts() -> None:
    """Lists drift while they are read."""
    told = told_by(ROW, {**ROW, "vote_count": 1})

    assert told[603].record.rating.votes == 25_000


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"results": null}', b'{"page": 1}']
)
def test_a_page_that_is_none_tells_nothing(body: bytes) -> None:
    """Whether it is a page decides who reads the ids."""
    assert to_listed_movies(body, fetched_at=NOON) == ()
