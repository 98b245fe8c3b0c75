"""Following the change log: what changed is due, once, and computing it makes everything equal."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from cinegraph.catalog import change_log
from cinegraph.enrichment.collaborations.storing import rebuild, rebuild_all
from cinegraph.enrichment.due import following, passes, status, taking
from cinegraph.enrichment.due.kinds import FOLLOWED, MOST_SPREAD, Enrichment
from cinegraph.enrichment.due.status import EnrichmentStatus, Reason
from cinegraph.monitoring import insights
from cinegraph.records.movie import CreditKind, CreditRecord
from collaborating import NOON, World, film, random_film, seeded
from factories import make_person, make_record

PAIRS, SCORE = Enrichment.COLLABORATIONS, Enrichment.CRI_SCORE
LATER = NOON + timedelta(hours=1)
DUE = "SELECT f.tmdb_id FROM enrichment_due AS d JOIN movies AS f ON f.id = d.movie_id WHERE enrichment = %s ORDER BY 1"


class Follower:
    """The change log of a world, followed."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def follow(self) -> following.Followed:
        """Give positions to what changed, and mark what it makes due."""
        async with self._world.pool.connection() as conn:
            await change_log.sequence(conn, now=NOON)
            return await following.follow(conn, now=NOON)

    async def due(self, enrichment: Enrichment) -> list[int]:
        """Return which films (TMDB's ids) are due."""
        return await self._world.fetch(DUE, enrichment)

    async def compute_due(self) -> int:
        """Compute all pairs that are due, as a pass does; return how many films."""
        async with self._world.pool.connection() as conn, conn.transaction():
            taken = await taking.take_batch(conn, PAIRS, limit=1000, now=LATER)
            await rebuild(conn, [one.movie_id for one in taken], now=NOON)
        return len(taken)

    async def state(self, enrichment: Enrichment) -> passes.PassState:
        """Return where computing all films stands."""
        async with self._world.pool.connection() as conn:
            return (await passes.list_states(conn))[enrichment]


@pytest.fixture
async def follower(world: World) -> Follower:
    """Return what follows a world whose log was followed from its begin."""
    follower = Follower(world)
    await follower.follow()
    async with world.pool.connection() as conn:
        for enrichment in Enrichment:
            await passes.begin(conn, enrichment, now=NOON)
            await passes.finish(conn, enrichment, films=0, now=NOON)
    return follower


async def clear(world: World) -> None:
    """Let nothing be due."""
    async with world.pool.connection() as conn:
        await conn.execute("DELETE FROM enrichment_due")


async def test_who_never_followed_has_all_films_computed(world: World) -> None:
    """Films that were there before the log, as after an upgrade."""
    await world.store(film(1, [1, 2]))
    follower = Follower(world)

    await follower.follow()

    assert (await follower.state(PAIRS)).wanted_for == "never computed"
    assert await follower.due(PAIRS) == []


async def test_what_the_log_forgot_is_computed_with_all(
    world: World, follower: Follower
) -> None:
    """Nobody knows which films changed."""
    await world.store(film(1, [1, 2]))
    async with world.pool.connection() as conn:
        await change_log.sequence(conn, now=NOON)
        await change_log.forget_old(conn, before=LATER, limit=1000)

    await follower.follow()

    assert (await follower.state(PAIRS)).wanted_for == "changes were forgotten"


async def test_a_log_that_begins_anew_is_followed_again(
    world: World, follower: Follower
) -> None:
    """Beyond its last position nothing would ever come."""
    async with world.pool.connection() as conn:
        await conn.execute("UPDATE enrichment_cursor SET position = position + 1000000")

    await follower.follow()
    assert (await follower.state(PAIRS)).wanted_for == "changes were forgotten"

    await world.store(film(1, [1]))
    await follower.follow()
    assert await follower.due(PAIRS) == [1]


async def test_exactly_the_changed_films_are_due(
    world: World, follower: Follower
) -> None:
    """For what follows the change, and for nothing else."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]), film(3, [3, 4]))
    await follower.follow()
    assert await follower.due(PAIRS) == [1, 2, 3]
    await clear(world)

    await world.store(film(2, [2, 3], revenue_usd=5), film(3, [3, 4], tagline="New"))
    await follower.follow()

    assert await follower.due(PAIRS) == [2]
    assert await follower.due(SCORE) == []


async def test_a_film_that_changes_often_is_due_once_and_in_its_time(
    world: World, follower: Follower
) -> None:
    """Its changes are counted; the first says when."""
    for money in (1, 2, 3):
        await world.store(film(1, [1, 2], revenue_usd=money))
        await follower.follow()

    [row] = await world.fetch(
        "SELECT marks, due_at, reason FROM enrichment_due WHERE enrichment = %s", PAIRS
    )
    assert row == (3, NOON, "revenue_usd")


async def test_what_changes_while_it_is_computed_is_due_again(
    world: World, follower: Follower
) -> None:
    """The row is taken before anything is read."""
    await world.store(film(1, [1, 2]))
    await follower.follow()
    async with world.pool.connection() as conn, conn.transaction():
        [movie_id] = await world.ids(1)
        assert await taking.take(conn, PAIRS, movie_id) is not None
        await rebuild(conn, [movie_id], now=NOON)
        await world.store(film(1, [1, 2, 3]))

    await follower.follow()

    assert await follower.due(PAIRS) == [1]
    await follower.compute_due()
    await world.check()


@pytest.mark.parametrize("seed", range(4))
async def test_computing_what_is_due_makes_all_equal(
    world: World, follower: Follower, seed: int
) -> None:
    """Whatever happens to films, held against an independent computation of all of them."""
    dice = seeded(seed)
    for _ in range(12):
        chosen = [dice.randint(1, 8) for _ in range(3)]
        await world.store(*(random_film(dice, one, 9) for one in sorted({*chosen})))
        if dice.random() < 0.4:
            await world.bury(*await world.fetch("SELECT tmdb_id FROM movies LIMIT 2"))
        await follower.follow()
        if dice.random() < 0.6:
            await follower.compute_due()
    await follower.compute_due()

    await world.check()
    async with world.pool.connection() as conn:
        again = await following.follow(conn, now=NOON)
    assert again.marked == 0
    assert (await rebuild_all(world.pool, now=NOON)).changed == 0


def directed(tmdb_id: int, director: int) -> Any:  # noqa: ANN401 - a record
    """Return a film of a director."""
    credit = CreditRecord(
        f"{tmdb_id}-d", director, CreditKind.CREW, "Directing", "Director", None, 0
    )
    return make_record(tmdb_id, people=(make_person(director),), credits=(credit,))


async def honour(world: World, tmdb_ids: Sequence[int]) -> None:
    """Say that lists name films, or no longer do."""
    async with world.pool.connection() as conn:
        for movie_id in await world.ids(*tmdb_ids):
            await conn.execute(
                "SELECT note_change('movie', %s, 'changed', NULL, '{lists}')",
                (movie_id,),
            )


async def test_one_change_makes_few_films_due_however_many_its_director_made(
    world: World, follower: Follower
) -> None:
    """The rest is counted, and left to the next pass over all."""
    films = range(1, MOST_SPREAD + 12)
    await world.store(*(directed(one, 1) for one in films))
    await rebuild_all(world.pool, now=NOON)
    await follower.follow()
    await clear(world)

    await honour(world, [1])
    await follower.follow()

    assert len(await follower.due(SCORE)) == 1 + MOST_SPREAD
    assert await follower.due(PAIRS) == []
    assert (await follower.state(SCORE)).spread_cut == len(films) - 1 - MOST_SPREAD
    spread = await world.fetch("SELECT count(*) FROM enrichment_due WHERE is_spread")
    assert spread == [MOST_SPREAD]


async def test_a_pass_takes_what_was_due_and_leaves_what_comes_after(
    world: World, follower: Follower
) -> None:
    """Nothing that changes while it goes on is lost."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]))
    await follower.follow()
    async with world.pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=NOON)
    await world.store(film(2, [2, 3, 4]))
    await follower.follow()

    async with world.pool.connection() as conn:
        await passes.finish(conn, PAIRS, films=2, now=LATER)

    assert await follower.due(PAIRS) == [2]
    state = await follower.state(PAIRS)
    assert (state.wanted_at, state.began_at, state.films_done) == (None, None, 2)
    assert state.finished_in == timedelta(hours=1)


async def test_a_pass_that_is_given_up_leaves_due_what_was(
    world: World, follower: Follower
) -> None:
    """Nothing was computed for certain; the next pass takes it along."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]))
    await follower.follow()
    async with world.pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=NOON)
        assert await taking.take_batch(conn, PAIRS, limit=9, now=LATER) == []
        await passes.put_off(conn, PAIRS, until=LATER)
        [film_id, _] = await world.ids(1, 2)
        assert await taking.take(conn, PAIRS, film_id) is not None

    assert await follower.due(PAIRS) == [2]


@pytest.mark.usefixtures("follower")
async def test_a_pass_that_was_wanted_again_is_wanted_still(world: World) -> None:
    """Whoever asked while one was under way."""
    async with world.pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=NOON)
        await passes.want_all(conn, [PAIRS], reason="asked for", now=NOON)
        await passes.finish(conn, PAIRS, films=2, now=LATER)
        assert (await passes.list_states(conn))[PAIRS].wanted_at is not None
        await passes.begin(conn, PAIRS, now=LATER)
        await passes.finish(conn, PAIRS, films=2, now=LATER)
        assert (await passes.list_states(conn))[PAIRS].wanted_at is None


async def failed_at(conn: AsyncConnection[Any]) -> list[Any]:
    """Return when failed films are due again."""
    cursor = await conn.execute(
        "SELECT due_at - %s, failures, error_code FROM enrichment_due", (NOON,)
    )
    return await cursor.fetchall()


async def test_what_fails_is_due_later_each_time_and_sooner_where_it_changes(
    world: World, follower: Follower
) -> None:
    """A film's own odd data fails again until they change."""
    await world.store(film(1, [1, 2]))
    ids = await world.ids(1)
    async with world.pool.connection() as conn:
        for _ in range(2):
            await taking.note_failed(
                conn, PAIRS, ids, error_code="unexpected", now=NOON
            )
        assert await failed_at(conn) == [(timedelta(hours=2), 2, "unexpected")]
    await world.store(film(1, [1, 2, 3]))
    await follower.follow()

    async with world.pool.connection() as conn:
        found = await taking.list_due(conn, PAIRS, only_failed=True, limit=5, now=NOON)
    assert [one.tmdb_id for one in found] == [1]


async def read(world: World) -> EnrichmentStatus:
    """Return the status of pairs."""
    async with world.pool.connection() as conn:
        found = await status.read_status(conn, now=NOON)
    return next(one for one in found.kinds if one.enrichment is PAIRS)


async def test_the_status_counts_every_live_film_once(
    world: World, follower: Follower
) -> None:
    """Current, due with the reason, impossible with the reason, never computed, failing."""
    await world.store(*(film(one, [1, 2]) for one in (1, 2, 3, 4)), film(5, []))
    await world.bury(4)
    await rebuild_all(world.pool, now=NOON)
    await world.store(film(6, [1, 2]))
    await follower.follow()
    await clear(world)
    await world.store(film(2, [1, 2, 3]))
    await follower.follow()
    async with world.pool.connection() as conn:
        await taking.note_failed(
            conn, PAIRS, await world.ids(3), error_code="odd", now=NOON
        )

    told = await read(world)

    assert (told.current, told.due, told.failing) == (1, 1, 1)
    assert (told.impossible, told.missing) == (1, 1)
    assert told.due_for == [Reason("credits", 1)]
    assert told.failing_for == [Reason("odd", 1)]
    assert told.impossible_for == [Reason("no credits that count", 1)]


async def test_a_films_story_tells_what_is_computed_anew(
    world: World, follower: Follower
) -> None:
    """And why; of a film that is current nothing."""
    await world.store(film(1, [1, 2]), film(2, [1, 2]))
    await follower.follow()
    await clear(world)
    await world.store(film(1, [1, 2], revenue_usd=5))
    await follower.follow()

    async with world.pool.connection() as conn:
        told = await insights.trace_movie(conn, 1, now=NOON)
        other = await insights.trace_movie(conn, 2, now=NOON)

    assert told.due == [insights.DueTrace(PAIRS, "revenue_usd", NOON, 0, None)]
    assert other.due == []


async def test_while_a_pass_is_under_way_nothing_that_is_due_is_taken(
    world: World, follower: Follower
) -> None:
    """The pass may have read it before it changed: it is asked by the statement that takes, not before."""
    await world.store(film(1, [1, 2]))
    [movie_id] = await world.ids(1)
    async with world.pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=NOON)
    await follower.follow()

    async with world.pool.connection() as conn:
        assert await taking.take(conn, PAIRS, movie_id) is None
        assert await taking.take_batch(conn, PAIRS, limit=9, now=LATER) == []
        await passes.finish(conn, PAIRS, films=1, now=LATER)
        assert await taking.take(conn, PAIRS, movie_id) is not None


async def is_free(world: World, tmdb_id: int) -> bool:
    """Whether nobody holds a film's row of what is due."""
    [movie_id] = await world.ids(tmdb_id)
    locked = await world.fetch(
        "SELECT movie_id FROM enrichment_due WHERE enrichment = %s AND movie_id = %s FOR UPDATE SKIP LOCKED",
        SCORE,
        movie_id,
    )
    return locked == [movie_id]


async def wait_until_blocked(world: World) -> None:
    """Return once somebody waits for a row."""
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while await world.fetch(waits) == [0]:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("who", ["follower", "pass"])
async def test_rows_are_locked_in_one_order(
    world: World, follower: Follower, who: str
) -> None:
    """Or who marks and who takes would wait for each other in a circle."""
    await world.store(directed(1, 1), directed(2, 1))
    await rebuild_all(world.pool, now=NOON)
    await follower.follow()
    await clear(world)
    # The second film's row is older; the first is due for the other's sake alone.
    await honour(world, [2])
    await follower.follow()
    await honour(world, [2])

    async def begin() -> None:
        async with world.pool.connection() as conn:
            await passes.begin(conn, SCORE, now=NOON)

    [first] = await world.ids(1)
    async with world.pool.connection() as conn, conn.transaction():
        await conn.execute(
            "SELECT FROM enrichment_due WHERE enrichment = %s AND movie_id = %s FOR UPDATE",
            (SCORE, first),
        )
        waiting = asyncio.create_task(
            begin() if who == "pass" else follower.follow()  # type: ignore[arg-type]
        )
        await wait_until_blocked(world)
        assert await is_free(world, 2)
    await waiting


async def test_a_film_that_was_put_off_is_not_taken_for_one_that_changes(
    world: World, follower: Follower
) -> None:
    """Or many due films would be left for it to settle, until tomorrow."""
    await world.store(film(1, [1, 2]), film(2, [2, 3]))
    await follower.follow()
    async with world.pool.connection() as conn:
        settled = (await taking.count_due(conn, SCORE, limit=9, now=NOON)).last_at
        await taking.put_off(conn, SCORE, [1], until=NOON + timedelta(days=1))

        counted = await taking.count_due(conn, SCORE, limit=9, now=NOON)

    assert settled == counted.last_at == NOON + timedelta(seconds=10)


async def test_films_beside_each_other_come_to_rest(
    world: World, follower: Follower
) -> None:
    """Each is computed once more for the other, and tells it no further."""
    await world.store(film(1, [1, 2]), film(2, [1, 2]))
    await follower.follow()
    await clear(world)
    first, second = await world.ids(1, 2)
    kind = Enrichment.RECOMMENDATIONS
    async with world.pool.connection() as conn:
        for one, other in ((first, second), (second, first)):
            await taking.keep_untold(conn, kind, [one], [other], now=NOON)
        for one, other in ((first, second), (second, first)):
            await following.mark_beside(conn, kind, [other], reason="new", now=NOON)
            await taking.forget_told(conn, kind, [one])

        cursor = await conn.execute("SELECT max(due_at) FROM enrichment_due")
        latest = await cursor.fetchone()
        taken = [await taking.take(conn, kind, one) for one in (first, second)]

    settle = timedelta(seconds=FOLLOWED[kind].settle_seconds)
    assert latest == (NOON + settle,)
    both = [one for one in taken if one is not None]
    assert taking.find_untold(both, [first, second, 3]) == []
