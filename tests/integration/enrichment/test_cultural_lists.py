"""Members of lists are what their sources say, linked to films whichever came first, with their history."""

import asyncio
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cinegraph.db.pool import Pool
from cinegraph.enrichment.lists import browse, linking, storing
from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.definitions import Definition
from cinegraph.enrichment.lists.reading import ListFile
from cinegraph.enrichment.lists.storing import (
    ListState,
    ShrunkenListError,
    Stored,
)
from cinegraph.records.movie import MovieRecord, TitleRecord
from collaborating import NOON, World
from factories import make_record

OWN = Definition(
    key="own", name="Own", authority="we", weight=0.5, weight_reason="", is_ranked=True
)


def listed(*entries: Entry, **facts: Any) -> ListFile:
    """Return what a source says."""
    return ListFile(entries, **facts)


def by_imdb(*numbers: int) -> ListFile:
    """Return a ranked list of films by their IMDb ids."""
    return listed(
        *(
            Entry(position=place, imdb_id=f"tt{number:07}")
            for place, number in enumerate(numbers, 1)
        )
    )


def film(tmdb_id: int, **facts: Any) -> MovieRecord:
    """Return a film with an IMDb id."""
    return make_record(tmdb_id, **({"imdb_id": f"tt{tmdb_id:07}"} | facts))


class Lists:
    """Lists that are read, in transactions as the product does it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def store(
        self,
        told: ListFile,
        *,
        now: datetime = NOON,
        key: str = "own",
        accepts_shrunk: bool = False,
    ) -> Stored:
        """Read a list."""
        definition = Definition(
            key=key, name=key, authority="we", weight=0.5, weight_reason=""
        )
        async with self.pool.connection() as conn, conn.transaction():
            found = await storing.ensure_list(conn, definition, "/f", now=now)
            return await storing.store_reading(
                conn, found.id, told, now=now, accepts_shrunk=accepts_shrunk
            )

    async def link(self, world: World, *tmdb_ids: int) -> linking.LinkedMembers:
        """Link films that arrived."""
        ids = await world.ids(*tmdb_ids)
        async with self.pool.connection() as conn, conn.transaction():
            return await linking.link_films(conn, ids, now=NOON)

    async def rows(self, world: World) -> list[Any]:
        """Return every member with its writer."""
        return await world.fetch(
            "SELECT ctid::text, xmin::text, t::text FROM list_entries AS t ORDER BY 3"
        )


@pytest.fixture
def lists(pool: Pool) -> Lists:
    """Return what reads lists."""
    return Lists(pool)


async def members(world: World) -> list[Any]:
    """Return key, place and TMDB's id of the film of each member."""
    return await world.fetch(
        "SELECT entry_key, position, movies.tmdb_id FROM list_entries LEFT JOIN movies ON movies.id = movie_id"
        " WHERE left_at IS NULL ORDER BY 1"
    )


async def test_list_first_and_film_first_end_alike(world: World, lists: Lists) -> None:
    """By IMDb id, by TMDB's, by title and year."""
    told = listed(
        Entry(position=1, imdb_id="tt0000001"),
        Entry(position=2, tmdb_id=2),
        Entry(position=3, title="Third, The", year=1990),
        Entry(position=4, imdb_id="tt0000009"),
    )
    films = [
        film(1),
        film(2),
        film(
            3,
            title="Ohne Namen",
            released_on=date(1990, 3, 1),
            alternative_titles=(TitleRecord("US", "The Third", ""),),
        ),
    ]
    expected = [
        ("2", 2, 2),
        ("the third (1990)", 3, 3),
        ("tt0000001", 1, 1),
        ("tt0000009", 4, None),
    ]

    first = await lists.store(told)
    await world.store(*films)
    await lists.link(world, 1, 2, 3)
    linked = await members(world)
    async with lists.pool.connection() as conn:
        await storing.forget_list(conn, "own")
    again = await lists.store(told)

    assert (first.films, first.linked, again.linked) == (4, 0, 3)
    assert linked == expected
    assert await members(world) == expected


async def test_a_title_of_two_films_is_nobodys(world: World, lists: Lists) -> None:
    """Nothing is guessed: the second film takes the first one's place away, whichever came last."""
    told = listed(Entry(title="Twice", year=1990))
    await lists.store(told)
    facts = {"title": "Twice", "released_on": date(1990, 1, 1)}
    await world.store(film(1, **facts))
    await lists.link(world, 1)
    assert await members(world) == [("twice (1990)", None, 1)]

    await world.store(film(2, **facts))
    await lists.link(world, 2)

    assert await members(world) == [("twice (1990)", None, None)]


async def test_reading_again_changes_no_member(world: World, lists: Lists) -> None:
    """Not even one that is written in the same words."""
    await world.store(film(1), film(2))
    await lists.store(by_imdb(1, 2, 3))
    before = await lists.rows(world)

    again = await lists.store(by_imdb(1, 2, 3), now=NOON + timedelta(days=1))
    linked = await lists.link(world, 1, 2)

    assert (again.joined, again.left, again.changed, linked.changed) == (0, 0, 0, 0)
    assert await lists.rows(world) == before
    assert await world.fetch("SELECT changed_at, read_at FROM lists") == [
        (NOON, NOON + timedelta(days=1))
    ]


async def test_who_comes_back_joins_again(world: World, lists: Lists) -> None:
    """Every membership is kept, with when it began and ended."""
    days = [NOON + timedelta(days=n) for n in range(4)]
    await lists.store(by_imdb(1, 2), now=days[0])
    left = await lists.store(by_imdb(1), now=days[1])
    back = await lists.store(by_imdb(1, 2), now=days[2])
    await lists.store(by_imdb(1), now=days[3])

    held = await world.fetch(
        "SELECT joined_at, left_at FROM list_memberships WHERE entry_key = 'tt0000002' ORDER BY 1"
    )

    assert (left.left, back.joined, back.returned) == (1, 1, 1)
    assert held == [(days[0], days[1]), (days[2], days[3])]


async def test_a_shrunken_reading_changes_nothing(world: World, lists: Lists) -> None:
    """It is refused whole, unless a person says that it is right."""
    await lists.store(by_imdb(*range(1, 31)))
    before = await lists.rows(world)

    with pytest.raises(ShrunkenListError, match="20 of 30"):
        await lists.store(by_imdb(*range(1, 11)))

    assert await lists.rows(world) == before
    accepted = await lists.store(by_imdb(*range(1, 11)), accepts_shrunk=True)
    assert (accepted.films, accepted.left) == (10, 20)


async def test_nobody_leaves_by_a_reading_that_was_not_whole(
    world: World, lists: Lists
) -> None:
    """The row that could not be read may be theirs."""
    await lists.store(by_imdb(1, 2, 3))

    told = listed(Entry(imdb_id="tt0000001"), remarks=("line 3: …",), bad=1)
    stored = await lists.store(told)

    assert (stored.films, stored.left) == (3, 0)
    assert await world.fetch("SELECT remarks FROM lists") == [["line 3: …"]]


async def test_a_problem_is_noted_and_takes_nobody_away(
    world: World, lists: Lists
) -> None:
    """Until the list is read again."""
    await lists.store(by_imdb(1))
    async with lists.pool.connection() as conn, conn.transaction():
        found = await storing.find_list(conn, key="own")
        assert found is not None
        state = await storing.note_problem(
            conn, found.id, "private_list", "nobody sees it", now=NOON
        )
    assert state is ListState.PRIVATE
    assert await world.fetch("SELECT state, problem FROM lists") == [
        ("private", "nobody sees it")
    ]

    await lists.store(by_imdb(1))

    assert await world.fetch("SELECT state, problem FROM lists") == [("current", None)]
    assert len(await members(world)) == 1


async def test_lists_are_due_by_their_days(world: World, lists: Lists) -> None:
    """What could not be read is due the next day; what nobody looks at by itself, never."""
    for key in ("weekly", "broken", "file"):
        await lists.store(by_imdb(1), key=key)
    await world.fetch(
        "UPDATE lists SET refresh_days = 7 WHERE key <> 'file' RETURNING 1"
    )
    ids = dict(await world.fetch("SELECT key, id FROM lists"))
    async with lists.pool.connection() as conn:
        await storing.note_problem(
            conn, ids["broken"], "unavailable", "it is down", now=NOON
        )

        async def due(days: float) -> list[int]:
            return await storing.list_due(conn, now=NOON + timedelta(days=days))

        assert await due(0.5) == []
        assert await due(1) == [ids["broken"]]
        assert await due(6.5) == [ids["broken"]]
        assert sorted(await due(7)) == sorted([ids["weekly"], ids["broken"]])


async def test_a_film_stands_once_on_a_list(world: World, lists: Lists) -> None:
    """Named by two ids, it is linked at its better place; the other entry says so."""
    await world.store(film(1))
    await lists.store(
        listed(Entry(position=5, imdb_id="tt0000001"), Entry(position=2, tmdb_id=1))
    )

    assert await members(world) == [("1", 2, 1), ("tt0000001", 5, None)]
    async with lists.pool.connection() as conn:
        found = await storing.find_list(conn, key="own")
        assert found is not None
        [missing] = await browse.list_missing(conn, found.id)
    assert missing.reason == browse.SAME_FILM


async def test_an_id_that_moves_takes_the_place_along(
    world: World, lists: Lists
) -> None:
    """The film that has the IMDb id now is the member."""
    await world.store(film(1))
    await lists.store(by_imdb(1))
    await world.store(film(1, imdb_id="tt0000099"), film(2, imdb_id="tt0000001"))

    await lists.link(world, 1, 2)

    assert await members(world) == [("tt0000001", 1, 2)]


async def test_a_film_that_takes_an_id_is_not_on_the_list_twice(
    world: World, lists: Lists
) -> None:
    """Looked at by way of the film that lost the id, the place that it has already counts."""
    await world.store(film(1), film(2))
    await lists.store(
        listed(Entry(position=5, imdb_id="tt0000001"), Entry(position=2, tmdb_id=2))
    )
    await world.store(film(1, imdb_id="tt0000099"), film(2, imdb_id="tt0000001"))

    await lists.link(world, 1)

    assert await members(world) == [("2", 2, 2), ("tt0000001", 5, None)]


async def test_changes_of_membership_are_changes_of_the_film(
    world: World, lists: Lists
) -> None:
    """Joining, another place, leaving, coming back, being forgotten; nothing else."""

    async def changed() -> list[Any]:
        rows = await world.fetch(
            "DELETE FROM change_entries WHERE fields = '{lists}' RETURNING entity_ids"
        )
        ids = await world.fetch("SELECT id, tmdb_id FROM movies")
        tmdb = dict(ids)
        return sorted(tmdb[one] for row in rows for one in row)

    await world.store(film(1), film(2))
    await lists.store(by_imdb(1, 2, 3))
    assert await changed() == [1, 2]
    await lists.store(by_imdb(1, 2, 3))
    await lists.link(world, 1, 2)
    assert await changed() == []
    await lists.store(by_imdb(2, 1, 3))
    assert await changed() == [1, 2]
    await lists.store(by_imdb(2))
    assert await changed() == [1]
    await lists.store(by_imdb(2, 1, 3))
    assert await changed() == [1]
    await world.store(film(3))
    await lists.link(world, 3)
    assert await changed() == [3]
    await world.fetch("UPDATE lists SET weight = 0.7 RETURNING 1")
    assert await changed() == [1, 2, 3]
    async with lists.pool.connection() as conn:
        await storing.forget_list(conn, "own")
    assert await changed() == [1, 2, 3]


async def test_any_order_ends_alike(world: World, lists: Lists) -> None:
    """Films, readings and links at once, in many orders: what stands is what a fresh reading would say."""
    dice = random.Random(11)  # noqa: S311 - repeatable
    numbers = list(range(1, 13))
    for _ in range(6):
        await world.fetch("DELETE FROM lists RETURNING 1")
        dice.shuffle(numbers)
        await _stir(world, lists, numbers, dice)
        for key in ("a", "b"):
            await lists.store(by_imdb(*numbers), key=key)
        before = await lists.rows(world)
        async with lists.pool.connection() as conn:
            ids = await world.fetch("SELECT id FROM lists ORDER BY 1")
            for one in ids:
                await linking.link_list(conn, one)
        assert await lists.rows(world) == before


async def _stir(
    world: World, lists: Lists, numbers: Sequence[int], dice: random.Random
) -> None:
    """Do many things side by side."""

    async def arrive(number: int) -> None:
        await world.store(film(number, title=f"T{dice.random()}"))
        await lists.link(world, number)

    work = [arrive(number) for number in numbers[:8]]
    for key in ("a", "b", "a"):
        some = dice.sample(numbers, 10)
        work.append(_read(lists, by_imdb(*some), key))
    dice.shuffle(work)
    await asyncio.gather(*work)


async def _read(lists: Lists, told: ListFile, key: str) -> None:
    await lists.store(told, key=key, accepts_shrunk=True)


async def test_all_lists_are_linked_at_once(world: World, lists: Lists) -> None:
    """After films came by another way."""
    await lists.store(by_imdb(1, 2))
    await lists.store(by_imdb(2), key="other")
    await world.store(film(1), film(2))

    done = await linking.link_all(lists.pool, now=NOON)
    again = await linking.link_all(lists.pool, now=NOON)

    assert (done.entries, done.changed, again.changed) == (3, 3, 0)
