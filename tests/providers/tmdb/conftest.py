"""Invented bodies of TMDB's, complete unless a test takes something away."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

type Json = dict[str, Any]


def make_movie(**changes: object) -> Json:
    """Return a whole film as TMDB sends it, with *changes* at its top."""
    film: Json = {
        "adult": False,
        "backdrop_path": "/back.jpg",
        "belongs_to_collection": None,
        "budget": 11_000_000,
        "genres": [{"id": 18, "name": "Drama"}],
        "homepage": "",
        "id": 5,
        "imdb_id": "tt0000005",
        "origin_country": ["DE"],
        "original_language": "de",
        "original_title": "Der Film",
        "overview": "A film.",
        "popularity": 3.5,
        "poster_path": "/poster.jpg",
        "production_companies": [],
        "production_countries": [{"iso_3166_1": "DE", "name": "Germany"}],
        "release_date": "2004-11-18",
        "revenue": 0,
        "runtime": 92,
        "spoken_languages": [],
        "status": "Released",
        "tagline": "",
        "title": "The Film",
        "video": False,
        "vote_average": 6.4,
        "vote_count": 5,
        "credits": {"cast": [make_cast()], "crew": [make_crew()]},
        "external_ids": {"imdb_id": "tt0000005"},
        "keywords": {"keywords": []},
        "videos": {"results": []},
        "release_dates": {"results": []},
        "recommendations": {"page": 1, "results": []},
        "alternative_titles": {"titles": []},
        "watch/providers": {"results": {}},
    }
    return film | changes


def make_cast(**changes: object) -> Json:
    """Return a row of a cast."""
    row: Json = {
        "adult": False,
        "gender": 1,
        "id": 70,
        "known_for_department": "Acting",
        "name": "Ada",
        "original_name": "Ada",
        "popularity": 1.5,
        "profile_path": None,
        "cast_id": 1,
        "character": "Eve",
        "credit_id": "c1",
        "order": 0,
    }
    return row | changes


def make_crew(**changes: object) -> Json:
    """Return a row of a crew."""
    row: Json = {
        "adult": False,
        "gender": 2,
        "id": 71,
        "known_for_department": "Directing",
        "name": "Bob",
        "original_name": "Bob",
        "popularity": 0,
        "profile_path": "/bob.jpg",
        "credit_id": "c2",
        "department": "Directing",
        "job": "Director",
    }
    return row | changes


@pytest.fixture
def movie() -> Callable[..., Json]:
    """Return the maker of films."""
    return make_movie


@pytest.fixture
def movie_body() -> Callable[..., bytes]:
    """Return the maker of films as bytes."""
    return lambda **changes: msgspec.json.encode(make_movie(**changes))


@pytest.fixture
def cast() -> Callable[..., Json]:
    """Return the maker of cast rows."""
    return make_cast


@pytest.fixture
def crew() -> Callable[..., Json]:
    """Return the maker of crew rows."""
    return make_crew
