"""OMDb's payload as a record: houses, facts, and what is missing."""

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from cinegraph.records.movie import RatingRecord
from cinegraph.records.title import FactRecord, RatedTitleRecord
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title

type Body = Callable[..., bytes]


def made(body: bytes) -> RatedTitleRecord:
    """Return the record of *body*."""
    return to_title(decode_title(body))


def test_a_whole_title(title_body: Body) -> None:
    """Every field that is read."""
    assert made(title_body()) == RatedTitleRecord(
        imdb_id="tt0000005",
        title="The Film",
        type="movie",
        year="2004",
        released_on=date(2004, 11, 18),
        runtime_minutes=142,
        ratings=(
            RatingRecord("imdb", 8.5, 100_446),
            RatingRecord("rotten_tomatoes", 91.0),
            RatingRecord("metacritic", 74.0),
        ),
        facts=(
            FactRecord("rated", text="PG-13"),
            FactRecord("box_office_usd", number=1_234_567),
            FactRecord("awards", text="Won 1 Oscar. 5 wins & 3 nominations total"),
            FactRecord("award_wins", number=5),
            FactRecord("award_nominations", number=3),
            FactRecord("oscar_wins", number=1),
        ),
    )


def test_not_available_is_missing(title: Callable[..., dict[str, object]]) -> None:
    """With "N/A" in every field OMDb makes a title that says nothing but its id."""
    body = msgspec.json.encode(
        dict.fromkeys(title(), "N/A") | {"imdbID": "tt0000005", "Ratings": []}
    )

    assert made(body) == RatedTitleRecord(imdb_id="tt0000005", title="", type="")


def test_fields_that_are_not_there_are_missing() -> None:
    """Episodes and series have no box office; a later OMDb may leave out more."""
    assert made(b'{"imdbID": "tt0000005"}') == RatedTitleRecord(
        imdb_id="tt0000005", title="", type=""
    )


def test_years_of_a_series_stay_as_they_are(title_body: Body) -> None:
    """With their en dash."""
    assert made(title_body(Year="2010–2015", Type="series")).year == "2010–2015"


@pytest.mark.parametrize("rows", [[], None, "N/A", [{}], [{"Source": "Letterboxd"}]])
def test_a_house_without_a_row(title_body: Body, rows: object) -> None:
    """Its own field still counts; Rotten Tomatoes has none."""
    kinds = [rating.kind for rating in made(title_body(Ratings=rows)).ratings]

    assert kinds == ["imdb", "metacritic"]


def test_a_house_without_a_field(title_body: Body) -> None:
    """Its row counts."""
    ratings = made(title_body(imdbRating="N/A", Metascore="N/A")).ratings

    assert [rating.value for rating in ratings] == [8.5, 91.0, 74.0]


@pytest.mark.parametrize("score", ["0.0", "11", "N/A"])
def test_impossible_scores_are_no_ratings(title_body: Body, score: str) -> None:
    """IMDb's scale begins at 1; votes without a rating are none."""
    assert made(title_body(imdbRating=score, Ratings=[])).ratings == (
        RatingRecord("metacritic", 74.0),
    )


def test_nobody_liked_it(title_body: Body) -> None:
    """0 % is a real score."""
    rows = [{"Source": "Rotten Tomatoes", "Value": "0%"}]

    assert made(title_body(Ratings=rows)).ratings[1] == RatingRecord(
        "rotten_tomatoes", 0.0
    )
