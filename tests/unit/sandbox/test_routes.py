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
        ("/person/2000000000", {}, 404, 34),
        ("/person/popular", {}, 404, 34),
        ("/person/1/nonsense", {}, 404, 34),
        ("/person/1", {"append_to_response": ",".join(["a"] * 21)}, 400, 27),
        ("/search/movie", {"page": "501"}, 400, 22),
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


def test_a_person_answers_to_their_imdb_id(routes: Routes, world: World) -> None:
    """`/find/nm…` and `/person` agree with each other and with the credits; some have no IMDb id."""
    people = [world.people.by_number(number) for number in range(200)]
    without = 0
    for person in people:
        told = _told(_ask(routes, f"/person/{person.tmdb_id}"))
        assert (told["id"], told["name"]) == (person.tmdb_id, person.name)
        if told["imdb_id"] is None:
            without += 1
            continue
        found = _told(_ask(routes, f"/find/{told['imdb_id']}"))
        [row] = found.pop("person_results")
        assert (row["id"], row["media_type"]) == (person.tmdb_id, "person")
        assert not any(found.values())

    assert 5 < without < 40


def test_a_person_comes_with_ids_elsewhere(routes: Routes, world: World) -> None:
    """As a part of the person, and by itself with the person's id."""
    tmdb_id = world.people.by_number(7).tmdb_id
    whole = _told(
        _ask(routes, f"/person/{tmdb_id}", append_to_response="external_ids,nonsense")
    )
    part = _told(_ask(routes, f"/person/{tmdb_id}/external_ids"))

    assert "external_ids" not in _told(_ask(routes, f"/person/{tmdb_id}"))
    assert part == {"id": tmdb_id, **whole["external_ids"]}
    assert part["imdb_id"] == whole["imdb_id"]


@pytest.mark.parametrize("external_id", ["tt0000000", "nm0000000", "nm99999999", "x"])
def test_an_unknown_id_finds_nothing(routes: Routes, external_id: str) -> None:
    """Status 200, and every list is empty."""
    reply = _ask(routes, f"/find/{external_id}", external_source="imdb_id")

    assert reply.status == 200
    assert list(_told(reply).values()) == [[]] * 5


def test_a_search_finds_by_all_words_of_a_title(routes: Routes, world: World) -> None:
    """Title, original title and alternative titles; case and accents do not matter; the most popular come first."""
    movies = [movie for movie in map(world.movie, world.ids()) if movie]
    for movie in movies[:60]:
        others = [title.title for title in movie.alternative_titles]
        for title in (movie.title, movie.original_title or "", *others):
            rows = _all_found(routes, query=title.upper())
            assert movie.tmdb_id in [row["id"] for row in rows]
            popularities = [row["popularity"] for row in rows]
            assert popularities == sorted(popularities, reverse=True)


def _all_found(routes: Routes, **query: str) -> list[dict[str, Any]]:
    """Read every page of a search."""
    rows: list[dict[str, Any]] = []
    page = pages = 1
    while page <= pages:
        told = _told(_ask(routes, "/search/movie", page=str(page), **query))
        assert len(told["results"]) <= 20
        assert told["page"] == page
        rows += told["results"]
        page, pages = page + 1, told["total_pages"]
    assert len({row["id"] for row in rows}) == len(rows) == told["total_results"]
    return rows


@pytest.mark.parametrize("name", ["year", "primary_release_year"])
def test_a_search_can_be_of_one_year(routes: Routes, name: str) -> None:
    """It leaves out the films of other years, and those without a date."""
    rows = _all_found(routes, query="the")
    years = [row["release_date"][:4] for row in rows]
    year = max(filter(None, years), key=years.count)
    found = _all_found(routes, query="the", **{name: year})

    assert found == [row for row in rows if row["release_date"].startswith(year)]


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "riv"}])
def test_a_search_without_a_whole_word_finds_nothing(
    routes: Routes, query: dict[str, str]
) -> None:
    """An empty page with status 200."""
    reply = _ask(routes, "/search/movie", **query)

    assert (reply.status, _told(reply)["results"]) == (200, [])


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
