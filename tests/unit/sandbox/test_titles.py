"""What OMDb and IMDb say of the invented films."""

import json
import re
from collections import Counter
from datetime import date

import pytest

from cinegraph.records.movie import MovieRecord
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.sandbox import title_body, without_values
from cinegraph.sources.providers.omdb.transform import to_title

_SIZE = 13_000


@pytest.fixture(scope="module")
def world() -> World:
    """Make a world with popular and obscure films."""
    return World(_SIZE, seed=5)


@pytest.fixture(scope="module")
def movies(world: World) -> dict[str, MovieRecord]:
    """Give every film that has an IMDb id, by that id."""
    found = filter(None, map(world.summary, world.ids()))
    return {movie.imdb_id: movie for movie in found if movie.imdb_id}


@pytest.fixture(scope="module")
def titles(world: World) -> dict[str, RatedTitleRecord]:
    """Give every title OMDb holds."""
    return world.expected_titles(world.ids())


def test_omdb_holds_all_but_a_few(
    movies: dict[str, MovieRecord], titles: dict[str, RatedTitleRecord]
) -> None:
    """Three of a hundred films with an IMDb id are unknown to it; no other title is known."""
    assert titles.keys() <= movies.keys()
    assert len(titles) / len(movies) == pytest.approx(0.97, abs=0.006)


def test_a_title_is_of_its_film(
    movies: dict[str, MovieRecord], titles: dict[str, RatedTitleRecord]
) -> None:
    """Name and date are the film's."""
    for imdb_id, title in titles.items():
        movie = movies[imdb_id]
        assert (title.title, title.released_on) == (movie.title, movie.released_on)


def test_every_house_rates_some(titles: dict[str, RatedTitleRecord]) -> None:
    """All, some or none of the houses rate a film; one that nobody rated has no facts."""
    houses = Counter(
        tuple(rating.kind for rating in title.ratings) for title in titles.values()
    )

    assert houses.keys() == {
        (),
        ("imdb",),
        ("imdb", "rotten_tomatoes"),
        ("imdb", "metacritic"),
        ("imdb", "rotten_tomatoes", "metacritic"),
        ("rotten_tomatoes",),
    }
    assert all(not title.facts for title in titles.values() if not title.ratings)


def test_films_still_to_come_are_unrated(
    titles: dict[str, RatedTitleRecord],
) -> None:
    """What is released after the world's today holds nothing yet."""
    ahead = [
        title
        for title in titles.values()
        if title.released_on and title.released_on > date(2026, 9, 1)
    ]

    assert ahead
    assert all(not title.ratings for title in ahead)


def test_the_hazards_are_there(titles: dict[str, RatedTitleRecord]) -> None:
    """Series, awards in many words, more dollars than an integer holds, no runtime."""
    bodies = [title_body(title, {}) for title in titles.values()]
    words = {re.sub(r"\d+", "N", body["Awards"]) for body in bodies}
    dollars = [
        fact.number or 0
        for title in titles.values()
        for fact in title.facts
        if fact.kind == "box_office_usd"
    ]

    assert {body["Type"] for body in bodies} == {"movie", "series"}
    assert any(re.fullmatch(r"\d{4}–\d{4}", body["Year"]) for body in bodies)
    assert any(re.fullmatch(r"\d h \d+ min", body["Runtime"]) for body in bodies)
    assert any(body["Runtime"] == "N/A" for body in bodies)
    assert max(dollars) > 2**31
    assert words >= {
        "N/A",
        "N wins & N nominations total",
        "Won N Oscars. N wins & N nominations total",
        "Nominated for N Oscar. Another N wins & N nominations.",
        "Nominated for N BAFTA AwardN wins & N nominations total",
        "Won N BAFTA N wins & N nominations total",
        "Won N Primetime Emmys. N wins & N nominations total",
    }


def test_titles_come_back_as_they_were(
    world: World, titles: dict[str, RatedTitleRecord]
) -> None:
    """World → OMDb's JSON → decoding → transform == world, to the last field."""
    content = InventedContent(world)
    for imdb_id, title in list(titles.items())[::3]:
        body = content.title(imdb_id)
        assert body is not None

        assert to_title(decode_title(body.plain(), expected_id=imdb_id)) == title


def test_an_emptied_title_says_nothing(titles: dict[str, RatedTitleRecord]) -> None:
    """It is still the title asked for."""
    title = next(title for title in titles.values() if len(title.facts) > 3)
    told = without_values(title_body(title, {"Plot": "One."}))
    back = to_title(decode_title(json.dumps(told).encode()))

    assert back.imdb_id == title.imdb_id
    assert (back.ratings, back.facts, told["Plot"]) == ((), (), "N/A")


def test_imdbs_file_agrees_with_omdb(
    world: World, titles: dict[str, RatedTitleRecord], movies: dict[str, MovieRecord]
) -> None:
    """A title is in the file when OMDb tells a rating of it, with the same numbers."""
    listed = list(world.imdb_ratings())
    told = {
        imdb_id: (rating.value, rating.votes)
        for imdb_id, title in titles.items()
        for rating in title.ratings
        if rating.kind == "imdb"
    }
    in_file = {imdb_id: (value, votes) for imdb_id, value, votes in listed}
    ids = [imdb_id for imdb_id, _, _ in listed]

    assert len(in_file) == len(listed)
    assert ids == sorted(ids, key=lambda imdb_id: int(imdb_id[2:]))
    assert in_file.keys() <= movies.keys()
    assert {i: in_file[i] for i in in_file.keys() & titles.keys()} == told
    assert in_file.keys() - titles.keys()


def test_titles_are_found_by_either_id(world: World) -> None:
    """`expected_titles` takes films by TMDb or IMDb id, and one seed tells one world."""
    same = World(_SIZE, seed=5)
    other = World(_SIZE, seed=6)
    tmdb_ids = list(world.popular_ids(1))
    titles = world.expected_titles(tmdb_ids)

    assert titles
    assert same.expected_titles(list(titles)) == titles
    assert all(same.title(imdb_id) == title for imdb_id, title in titles.items())
    assert other.expected_titles(tmdb_ids) != titles
    assert world.title("tt99999999") is None
