"""A title as OMDb tells it, invented."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

type Json = dict[str, Any]


def make_title(**changes: object) -> Json:
    """Return a film's JSON; keys of *changes* replace its own."""
    title: Json = {
        "Title": "The Film",
        "Year": "2004",
        "Rated": "PG-13",
        "Released": "18 Nov 2004",
        "Runtime": "142 min",
        "Plot": "Things happen.",
        "Awards": "Won 1 Oscar. 5 wins & 3 nominations total",
        "Ratings": [
            {"Source": "Internet Movie Database", "Value": "8.5/10"},
            {"Source": "Rotten Tomatoes", "Value": "91%"},
            {"Source": "Metacritic", "Value": "74/100"},
        ],
        "Metascore": "74",
        "imdbRating": "8.5",
        "imdbVotes": "100,446",
        "imdbID": "tt0000005",
        "Type": "movie",
        "DVD": "N/A",
        "BoxOffice": "$1,234,567",
        "Production": "N/A",
        "Website": "N/A",
        "Response": "True",
    }
    return title | changes


@pytest.fixture
def title() -> Callable[..., Json]:
    """Return the maker of titles."""
    return make_title


@pytest.fixture
def title_body() -> Callable[..., bytes]:
    """Return the maker of titles as bytes."""
    return lambda **changes: msgspec.json.encode(make_title(**changes))
