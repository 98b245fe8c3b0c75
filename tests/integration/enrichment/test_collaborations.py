"""Collaborations are what the catalogue's credits say, whatever happens in which order and how much at once."""

import asyncio
import random
from datetime import date
from typing import Any

import pytest

from cinegraph.enrichment.collaborations.storing import Rebuilt, rebuild, rebuild_all
from cinegraph.records.movie import RatingRecord
from collaborating import NOON, World, film, random_film, seeded

PEOPLE = 45
FILMS = range(1, 13)


async def totals(world: World) -> list[Any]:
    """Return every pair by TMDB's ids with its totals."""
    return await world.fetch(
        "SELECT a.tmdb_id, b.tmdb_id, films, first_year, latest_year, mean_rating, revenue_usd"
        " FROM collaborations JOIN people AS a ON a.id = person_a_id JOIN people AS b ON b.id = person_b_id"
        " ORDER BY 1, 2"
    )


async def test_films_of_a_pair_are_summed(world: World) -> None:
    """Count, years, mean of the scores there are, money of the films of which it is known."""
    await world.store(
        film(
            1,
            [1, 2],
            released_on=date(1990, 1, 1),
            revenue_usd=5_000_000_000,
            rating=RatingRecord("user_score", 7.0, 3),
        ),
        film(
            2,
            [1, 2],
            released_on=date(1999, 1, 1),
            rating=RatingRecord("user_score", 8.5, 3),
        ),
        film(3, [1, 2, 3]),
    )

    done = await world.rebuild(1, 2, 3)

    assert done == Rebuilt(films=3, changed=3)
    assert await totals(world) == [
        (1, 2, 3, 1990, 1999, 7.75, 5_000_000_000),
        (1, 3, 1, None, None, None, None),
        (2, 3, 1, None, None, None, None),
    ]


async def test_computing_again_changes_no_row(world: World) -> None:
    """Not even one that is written in the same words."""
    dice = seeded(7)
    await world.store(*(random_film(dice, one, PEOPLE) for one in FILMS))
    await world.rebuild(*FILMS)
    before = await world.rows()

    done = await world.rebuild(*FILMS)

    assert done == Rebuilt(films=len(FILMS), changed=0)
    assert await world.rows() == before


async def test_a_new_vote_leaves_the_details(world: World) -> None:
    """What did not change is not written: the people of the film, and pairs without it."""
    await world.store(film(1, [1, 2, 3]), film(2, [4, 5]))
    await world.rebuild(1, 2)
    people = (await world.rows())[1]
    other = "SELECT xmin::text FROM collaborations ORDER BY person_a_id DESC LIMIT 1"
    before = await world.fetch(other)

    await world.store(film(1, [1, 2, 3], rating=RatingRecord("user_score", 6.5, 3)))
    await world.rebuild(1, 2)

    assert (await world.rows())[1] == people
    assert await world.fetch(other) == before
    await world.check()


async def test_one_more_actor_touches_only_her_pairs(world: World) -> None:
    """The pairs of those who were there before stay as they are."""
    await world.store(film(1, [1, 2]))
    await world.rebuild(1)
    [before] = await world.fetch("SELECT xmin::text FROM collaborations")

    await world.store(film(1, [1, 2, 3]))
    await world.rebuild(1)

    written = await world.fetch("SELECT xmin::text FROM collaborations")
    assert written.count(before) == 1
    assert len(written) == 3


async def test_the_first_year_that_goes_is_looked_up(world: World) -> None:
    """Sums move by the difference; years are found in the films that are left."""
    await world.store(
        film(1, [1, 2], released_on=date(1980, 1, 1)),
        film(2, [1, 2], released_on=date(1990, 1, 1)),
        film(3, [1, 2], released_on=date(2000, 1, 1)),
    )
    await world.rebuild(1, 2, 3)

    await world.bury(1)
    await world.store(film(3, [1, 2], released_on=date(1995, 1, 1)))
    await world.rebuild(1, 3)

    assert await totals(world) == [(1, 2, 2, 1990, 1995, None, None)]


async def test_a_gone_film_counts_for_nobody_until_it_returns(world: World) -> None:
    """A pair without films has no row."""
    await world.store(film(1, [1, 2]))
    await world.rebuild(1)

    await world.bury(1)
    await world.rebuild(1)

    assert await totals(world) == []
    await world.store(film(1, [1, 2]))
    await world.rebuild(1)
    assert await totals(world) == [(1, 2, 1, None, None, None, None)]


async def test_what_is_not_stored_is_passed_over(world: World) -> None:
    """No film of that number: nothing is written."""
    async with world.pool.connection() as conn, conn.transaction():
        assert await rebuild(conn, [4711], now=NOON) == Rebuilt(0, 0)


async def test_a_counted_film_is_not_deleted_under_the_totals(world: World) -> None:
    """Its people would go with it, and the totals stay: it is refused."""
    await world.store(film(1, [1, 2]))
    await world.rebuild(1)

    with pytest.raises(Exception, match="collaboration_movies"):
        await world.fetch("DELETE FROM movies RETURNING id")


async def test_all_films_are_computed_batch_by_batch(world: World) -> None:
    """As after a bulk import."""
    dice = seeded(3)
    await world.store(*(random_film(dice, one, PEOPLE) for one in FILMS))

    done = await rebuild_all(world.pool, now=NOON, batch=5)

    assert done.films == len(FILMS)
    await world.check()


@pytest.mark.parametrize("seed", range(6))
async def test_totals_never_drift(world: World, seed: int) -> None:
    """
    Several connections change, bury, revive and compute the same films and people at once, without a deadlock.

    Halfway and at the end, when every change was followed by its computation, all is as if computed anew.
    """
    dice = seeded(seed)
    for _ in range(2):
        await asyncio.gather(
            *(_live(world, seeded(dice.randrange(1000))) for _ in range(6))
        )
        await world.check()


async def _live(world: World, dice: random.Random) -> None:
    for _ in range(12):
        some = sorted(dice.sample(FILMS, dice.randint(1, 5)))
        if dice.random() < 0.7:
            await world.store(*(random_film(dice, one, PEOPLE) for one in some))
        else:
            await world.bury(*some)
        await asyncio.sleep(dice.random() / 100)
        dice.shuffle(some)
        await world.rebuild(*some)
