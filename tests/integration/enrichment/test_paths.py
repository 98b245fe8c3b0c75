"""Chains of films between two people: as short as they can be, and none where nothing connects."""

from collections import defaultdict

import pytest

from cinegraph.enrichment.collaborations.paths import Link, find_path
from collaborating import World, film, random_film, seeded
from factories import make_record


async def chain(world: World, a: int, b: int) -> list[Link] | None:
    """Look for a chain between people named by TMDB's ids."""
    ids = dict(await world.fetch("SELECT tmdb_id, id FROM people"))
    async with world.pool.connection() as conn:
        return await find_path(conn, ids[a], ids[b])


async def test_a_chain_tells_films_people_and_roles(world: World) -> None:
    """From the first to the second, in that order."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]), film(3, [3, 4, 5]))
    await world.rebuild(1, 2, 3)

    found = await chain(world, 4, 1)

    assert found is not None
    assert [(one.title, one.name) for one in found] == [
        ("Film 3", "Person 3"),
        ("Film 2", "Person 2"),
        ("Film 1", "Person 1"),
    ]
    assert {one.from_roles + one.to_roles for one in found} == {("cast", "cast")}


async def test_nothing_connects_strangers(world: World) -> None:
    """Nor does a film that is gone."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]), film(3, [4, 5]))
    await world.bury(2)
    await world.rebuild(1, 2, 3)

    assert await chain(world, 1, 3) is None
    assert await chain(world, 1, 4) is None


async def test_a_person_is_no_film_from_themselves(world: World) -> None:
    """An empty chain is not none."""
    await world.store(film(1, [1, 2]))
    await world.rebuild(1)

    assert await chain(world, 1, 1) == []


@pytest.mark.parametrize("seed", range(3))
async def test_no_chain_is_shorter(world: World, seed: int) -> None:
    """Between all people of an invented world, as a search that looks at everything finds."""
    dice = seeded(seed)
    films = [random_film(dice, one, 400) for one in range(1, 90)]
    films = [
        make_record(one.tmdb_id, people=one.people[:4], credits=_few(one.credits))
        for one in films
        if one.people
    ]
    await world.store(*films)
    await world.rebuild(*[one.tmdb_id for one in films])
    distances = await _all_distances(world)
    async with world.pool.connection() as conn:
        for (a, b), films_apart in distances.items():
            found = await find_path(conn, a, b)
            assert (None if found is None else len(found)) == films_apart, (a, b)


def _few(credits_: tuple) -> tuple:  # type: ignore[type-arg] - any credits
    """Return the credits of few people, so that chains get long."""
    few = sorted({one.person_tmdb_id for one in credits_})[:4]
    return tuple(one for one in credits_ if one.person_tmdb_id in few)


async def _all_distances(world: World) -> dict[tuple[int, int], int | None]:
    neighbours = defaultdict(set)
    for a, b in await world.fetch(
        "SELECT person_a_id, person_b_id FROM collaborations"
    ):
        neighbours[a].add(b)
        neighbours[b].add(a)
    people = sorted(neighbours)[:60]
    found: dict[tuple[int, int], int | None] = {}
    for start in people[:12]:
        reached, edge, steps = {start: 0}, {start}, 0
        while edge:
            steps += 1
            edge = {n for one in edge for n in neighbours[one]} - reached.keys()
            reached |= dict.fromkeys(edge, steps)
        found |= {(start, end): reached.get(end) for end in people}
    return found


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Krzysztof Kieślowski", "krzysztof kieslowski"),
        ("AGNÈS VARDA", "agnes varda"),
        ("Søren Łódź Þór", "soren lodz tor"),
        ("宮崎 駿", "宮崎 駿"),
        ("Anthony Wong Chau-sang", "anthony wong chau-sang"),
    ],
)
async def test_names_are_looked_up_without_accents(
    world: World, name: str, folded: str
) -> None:
    """As they are typed on any keyboard."""
    assert await world.fetch("SELECT fold_name(%s)", name) == [folded]
