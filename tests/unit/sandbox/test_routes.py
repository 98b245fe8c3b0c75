"""Which question gets which answer."""

import json
from typing import Any

import pytest

from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.routes import Reply, Routes
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS


@pytest.fixture(scope="module")
def world() -> World:
    """Make a small world."""
    return World(400, seed=9)


@pytest.fixture(scope="module")
def routes(world: World) -> Routes:
    """Make routes into it."""
    return Routes(InventedContent(world))


def _ask(routes: Routes, path: str, **query: str) -> Reply:
    """Ask with a key."""
    return routes.answer(f"/3{path}", query, "some key")


def _told(reply: Reply) -> dict[str, Any]:
    """Read the reply's JSON."""
    told: dict[str, Any] = json.loads(reply.body.plain())
    return told


def test_a_film_comes_with_the_parts_asked_for(routes: Routes, world: World) -> None:
    """Known parts come, unknown ones are passed over, none comes unasked."""
    tmdb_id = world.popular_ids(1)[0]
    plain = _told(_ask(routes, f"/movie/{tmdb_id}"))
    asked = _told(
        _ask(routes, f"/movie/{tmdb_id}", append_to_response="credits,nonsense,videos")
    )

    assert set(asked) - set(plain) == {"credits", "videos"}
    assert asked["id"] == tmdb_id


def test_a_part_by_itself_says_whose_it_is(routes: Routes, world: World) -> None:
    """`/movie/{id}/watch/providers` is the part with the film's id."""
    tmdb_id = world.popular_ids(1)[0]
    whole = _told(
        _ask(routes, f"/movie/{tmdb_id}", append_to_response="watch/providers")
    )
    part = _told(_ask(routes, f"/movie/{tmdb_id}/watch/providers"))

    assert part == {"id": tmdb_id, **whole["watch/providers"]}


def test_a_film_answers_to_its_imdb_id(routes: Routes, world: World) -> None:
    """By path and by `/find`."""
    movie = next(m for m in map(world.movie, world.ids()) if m and m.imdb_id)

    assert _told(_ask(routes, f"/movie/{movie.imdb_id}"))["id"] == movie.tmdb_id
    found = _told(_ask(routes, f"/find/{movie.imdb_id}", external_source="imdb_id"))
    assert [row["id"] for row in found["movie_results"]] == [movie.tmdb_id]


def test_rows_of_lists_agree_with_details(routes: Routes) -> None:
    """Every field a row shares with the film's details is equal."""
    for row in _told(_ask(routes, "/movie/popular", page="2"))["results"]:
        details = _told(_ask(routes, f"/movie/{row['id']}"))
        genre_ids = row.pop("genre_ids")
        assert genre_ids == [genre["id"] for genre in details["genres"]]
        assert row == {name: details[name] for name in row}


def test_a_recommended_row_agrees_with_its_film(routes: Routes, world: World) -> None:
    """Recommendations show films as their own details do."""
    for tmdb_id in list(world.ids())[:100]:
        told = _told(_ask(routes, f"/movie/{tmdb_id}/recommendations"))
        for row in told["results"]:
            film = world.summary(row["id"])
            assert film is None or film.title == row["title"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/movie/999999999", {}, 404, 34),
        ("/movie/tt99999999", {}, 404, 34),
        ("/nonsense", {}, 404, 34),
        ("/movie/nonsense", {}, 404, 34),
        ("/movie/1/nonsense", {}, 404, 34),
        ("/", {}, 404, 34),
        ("/movie/popular", {"page": "0"}, 400, 22),
        ("/movie/popular", {"page": "501"}, 400, 22),
        ("/movie/popular", {"page": "x"}, 400, 22),
        ("/movie/1", {"append_to_response": ",".join(["a"] * 21)}, 400, 27),
    ],
)
def test_refusals_are_tmdbs(
    routes: Routes, path: str, query: dict[str, str], status: int, code: int
) -> None:
    """A wrong question gets TMDB's status and code."""
    reply = _ask(routes, path, **query)

    assert (reply.status, _told(reply)["status_code"]) == (status, code)
    assert _told(reply)["success"] is False


def test_twenty_parts_are_allowed(routes: Routes, world: World) -> None:
    """TMDB's limit is 20, not 19."""
    parts = ",".join(["credits"] * 20)

    path = f"/movie/{world.popular_ids(1)[0]}"

    assert _ask(routes, path, append_to_response=parts).status == 200


@pytest.mark.parametrize("name", ["popular", "top_rated", "now_playing", "upcoming"])
def test_lists_have_pages(routes: Routes, world: World, name: str) -> None:
    """A page holds at most 20 rows and says how many there are."""
    told = _told(_ask(routes, f"/movie/{name}"))

    assert told["page"] == 1
    assert [row["id"] for row in told["results"]] == list(world.list_ids(name, 1))
    assert told["total_results"] == world.list_length(name)


def test_trending_and_configuration_are_there(routes: Routes) -> None:
    """The other paths the importer asks for answer."""
    assert _told(_ask(routes, "/trending/movie/day"))["results"]
    assert _told(_ask(routes, "/configuration"))["images"]["secure_base_url"]
    assert _told(_ask(routes, "/genre/movie/list"))["genres"]


def test_a_key_is_checked_when_one_is_set(world: World) -> None:
    """The right one passes as a bearer or in the query; others get 401 and code 7."""
    routes = Routes(InventedContent(world), key="right")
    path = f"/3/movie/{world.popular_ids(1)[0]}"

    assert routes.answer(path, {}, "right").status == 200
    assert routes.answer(path, {"api_key": "right"}, "").status == 200
    for reply in (routes.answer(path, {}, "wrong"), routes.answer(path, {}, "")):
        assert (reply.status, _told(reply)["status_code"]) == (401, 7)


def test_all_parts_the_importer_needs_are_known(routes: Routes, world: World) -> None:
    """The importer's request is answered in full."""
    path = f"/movie/{world.popular_ids(1)[0]}"
    told = _told(_ask(routes, path, append_to_response=",".join(MOVIE_PARTS)))

    assert set(told) >= set(MOVIE_PARTS)
