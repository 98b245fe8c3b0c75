"""The invented world: reproducible, consistent, and as odd as the real one."""

from statistics import mean

import pytest

from cinegraph.records.movie import CreditKind, MovieRecord
from cinegraph.sandbox.world import LIST_NAMES, World


@pytest.fixture(scope="module")
def world() -> World:
    """Make a world of a few thousand films."""
    return World(3_000, seed=5)


@pytest.fixture(scope="module")
def movies(world: World) -> list[MovieRecord]:
    """Make half of its films."""
    return list(world.expected(list(world.ids())[:1_500]).values())


def test_the_same_seed_gives_the_same_world() -> None:
    """Two worlds of one seed agree on every film and list; another seed differs."""
    one, same, other = World(500, seed=3), World(500, seed=3), World(500, seed=4)
    ids = list(one.ids())

    assert one.expected(ids) == same.expected(ids)
    assert one.popular_ids(1) == same.popular_ids(1) != other.popular_ids(1)


def test_a_film_does_not_depend_on_what_was_asked_before() -> None:
    """Films are derived from their id alone, in any order."""
    ids = list(World(300, seed=3).ids())
    forwards, backwards = World(300, seed=3), World(300, seed=3)

    assert [forwards.movie(i) for i in ids] == [
        backwards.movie(i) for i in reversed(ids)
    ][::-1]


@pytest.mark.parametrize("films", [1, 2, 19, 21, 100])
def test_a_world_has_exactly_the_films_asked_for(films: int) -> None:
    """Also a very small world works, and no other id has a film."""
    world = World(films)
    ids = list(world.ids())

    assert len(ids) == len(set(ids)) == films
    assert all(world.movie(tmdb_id) is not None for tmdb_id in ids)
    others = set(range(-5, max(ids) + 20)) - set(ids)
    assert all(world.movie(tmdb_id) is None for tmdb_id in others)


def test_ids_have_gaps(world: World) -> None:
    """A fifth of the ids has no film."""
    assert max(world.ids()) == pytest.approx(1.25 * len(world), rel=0.01)


def test_a_large_world_costs_nothing_to_open() -> None:
    """Nothing is stored, so films of a world of ten million are there at once."""
    world = World(10_000_000)

    assert world.movie(world.popular_ids(500)[0]) is not None


@pytest.mark.parametrize("name", LIST_NAMES)
def test_lists_hold_existing_films_in_order(world: World, name: str) -> None:
    """A list's films exist, and its pages show each at most twice, without holes."""
    ids = [i for page in range(1, 501) for i in world.list_ids(name, page)]

    assert len(set(ids)) == world.list_length(name)
    assert all(world.summary(tmdb_id) is not None for tmdb_id in ids)


def test_popular_pages_fall_in_popularity(world: World) -> None:
    """The list agrees with what the films themselves say."""
    ids = [i for page in range(1, 20) for i in world.popular_ids(page)]
    fame = [movie.popularity for i in ids if (movie := world.movie(i))]

    assert fame == sorted(fame, reverse=True)


def test_top_rated_pages_fall_in_rating(world: World) -> None:
    """The list agrees with the films' own ratings."""
    ids = [i for page in range(1, 20) for i in world.list_ids("top_rated", page)]
    scores = [
        movie.rating.value for i in ids if (movie := world.movie(i)) and movie.rating
    ]

    assert len(scores) == len(ids)
    assert scores == sorted(scores, reverse=True)


def test_upcoming_films_are_ahead(world: World) -> None:
    """Upcoming is unreleased, the nearest first; what plays is released."""
    upcoming = [world.summary(i) for i in world.list_ids("upcoming", 1)]
    playing = [world.summary(i) for i in world.list_ids("now_playing", 1)]
    dates = [movie.released_on for movie in upcoming if movie and movie.released_on]

    assert dates == sorted(dates)
    assert all(movie and movie.status != "Released" for movie in upcoming)
    assert all(movie and movie.status == "Released" for movie in playing)


def test_pages_drift_as_recorded_ones_do() -> None:
    """500 pages of 20 hold about 9,752 distinct films."""
    world = World(1_240_000)
    rows = [i for page in range(1, 501) for i in world.popular_ids(page)]

    assert len(rows) == 10_000
    assert 9_700 < len(set(rows)) < 9_800


def test_sizes_are_those_of_real_films(movies: list[MovieRecord]) -> None:
    """28 cast and 51 crew in the mean, with tails."""
    cast = [sum(c.kind is CreditKind.CAST for c in m.credits) for m in movies]
    crew = [len(m.credits) - count for m, count in zip(movies, cast, strict=True)]

    assert mean(cast) == pytest.approx(28, rel=0.12)
    assert mean(crew) == pytest.approx(51, rel=0.15)
    assert max(cast) > 150
    assert max(crew) > 400
    assert min(cast) < 5


def test_the_hazards_are_there(movies: list[MovieRecord], world: World) -> None:
    """What broke other systems is met in any fifteen hundred films."""
    top = world.movie(world.popular_ids(1)[0])
    titles = "".join(movie.original_title or "" for movie in movies)

    assert any(movie.imdb_id is None for movie in movies)
    assert any(movie.released_on is None for movie in movies)
    assert any(movie.runtime_minutes is None for movie in movies)
    assert any(movie.budget_usd is None for movie in movies)
    assert any(movie.rating is None for movie in movies)
    assert any(movie.collection for movie in movies)
    assert any(not movie.genres for movie in movies)
    assert top is not None
    assert (top.revenue_usd or 0) > 2**31
    assert any(ord(letter) > 0x3000 for letter in titles)
    assert len({movie.status for movie in movies}) == 6
    assert any(len(c.character or "") > 100 for m in movies for c in m.credits)
    assert any(
        c.kind is CreditKind.CAST and c.character is None
        for movie in movies
        for c in movie.credits
    )
    assert any(_has_double_role(movie) for movie in movies)


def _has_double_role(movie: MovieRecord) -> bool:
    """Tell whether someone is twice in the cast."""
    cast = [c.person_tmdb_id for c in movie.credits if c.kind is CreditKind.CAST]
    return len(cast) > len(set(cast))


def test_a_person_is_the_same_everywhere(
    movies: list[MovieRecord], world: World
) -> None:
    """Who is named in many films has the same name, gender and fame in all of them."""
    named = [person for movie in movies for person in movie.people]
    known = {person.tmdb_id: person for person in named}

    assert all(known[person.tmdb_id] == person for person in named)
    assert len(known) < len(named)
    some = list(known)[:500]
    assert all(world.person(tmdb_id) == known[tmdb_id] for tmdb_id in some)


def test_keys_are_unique(movies: list[MovieRecord]) -> None:
    """No credit id occurs twice in the world, no person twice in a film's people."""
    credit_ids = [c.credit_id for movie in movies for c in movie.credits]

    assert len(credit_ids) == len(set(credit_ids))
    for movie in movies:
        people = [person.tmdb_id for person in movie.people]
        assert len(people) == len(set(people))
        assert set(people) == {c.person_tmdb_id for c in movie.credits}


def test_what_is_shared_is_equal(movies: list[MovieRecord]) -> None:
    """Companies and collections say the same in all their films."""
    companies: dict[int, object] = {}
    collections: dict[int, object] = {}
    for movie in movies:
        for company in movie.companies:
            assert companies.setdefault(company.tmdb_id, company) == company
        if movie.collection:
            series = movie.collection
            assert collections.setdefault(series.tmdb_id, series) == series

    assert companies
    assert collections


def test_imdb_ids_lead_back_to_their_film(
    movies: list[MovieRecord], world: World
) -> None:
    """`/find` and `/movie/tt…` reach the one film that has the id."""
    ids = [movie.imdb_id for movie in movies if movie.imdb_id]

    assert len(ids) == len(set(ids))
    for movie in movies:
        if movie.imdb_id:
            assert world.tmdb_id_of(movie.imdb_id) == movie.tmdb_id


def test_a_film_without_imdb_id_answers_to_none(world: World) -> None:
    """The IMDb number such a film would have had leads nowhere."""
    nameless = [m for m in map(world.summary, world.ids()) if m and not m.imdb_id]
    numbers = [
        world.places.imdb_place(world.places.number_of(movie.tmdb_id) or 0)
        for movie in nameless
    ]

    assert nameless
    assert {world.tmdb_id_of(f"tt{number:07d}") for number in numbers} == {None}


@pytest.mark.parametrize("imdb_id", ["tt", "tt-1", "nm0000001", "tt99999999999", "tt٣"])
def test_an_unknown_imdb_id_leads_nowhere(world: World, imdb_id: str) -> None:
    """Nonsense and ids of others find no film."""
    assert world.tmdb_id_of(imdb_id) is None


def test_recommendations_mostly_exist(movies: list[MovieRecord], world: World) -> None:
    """Nearly all recommended films exist; none is the film itself or named twice."""
    named = [i for movie in movies for i in movie.recommended_tmdb_ids]
    gone = [i for i in named if world.summary(i) is None]

    assert 0 < len(gone) < 0.05 * len(named)
    for movie in movies:
        ids = movie.recommended_tmdb_ids
        assert len(ids) == len(set(ids))
        assert movie.tmdb_id not in ids
