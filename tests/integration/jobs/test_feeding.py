"""The feeder: what is due becomes jobs, the most valuable first, never more than can be served."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from oban import Job

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs import feeding
from cinegraph.jobs.cancelling import cancel_run
from cinegraph.jobs.discovery import import_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.feeding import Feed, Feeder
from cinegraph.jobs.feeds import film_feed, title_feed
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.stages import TITLES
from cinegraph.limits.quota import DailyQuota
from cinegraph.sync import ledger, policy, runs, stamps, titles
from cinegraph.sync.ledger import Taken
from cinegraph.sync.runs import MOVIE, OMDB, ItemState
from ledger_rows import (
    FILM,
    NOW,
    TITLE,
    Conn,
    add_listed,
    add_movies,
    count_waiting,
    items,
    job_ids,
    live_jobs,
    plan,
    rows,
    run_state,
    start,
    want,
)
from polling import until

RATE = 10.0
"""Requests a second of the feeds here: 300 jobs may wait."""
DEPTH = policy.queue_depth(RATE)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture(autouse=True)
def _noon() -> Any:  # noqa: ANN401 - a generator
    with clock.frozen(NOW):
        yield


@pytest.fixture
def films(pool: Pool) -> Feeder:
    """Return a feeder of films alone."""
    return Feeder(pool, [film_feed(RATE)])


def _titles(pool: Pool, daily_limit: int = 1000, share: float = 0.79) -> Feeder:
    return Feeder(
        pool, [title_feed(RATE, daily_limit=daily_limit, background_share=share)]
    )


async def _end_jobs(conn: Conn, ids: Sequence[int], state: str = "completed") -> None:
    await conn.execute(
        "UPDATE oban_jobs SET state = %(state)s::oban_job_state, completed_at = timezone('UTC', clock_timestamp())"
        " WHERE (args->>'tmdb_id')::int = ANY (%(ids)s)",
        {"state": state, "ids": list(ids)},
    )


async def _settle(conn: Conn, ids: Sequence[int]) -> None:
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=NOW)
    await runs.settle_items(conn, MOVIE, ids, ItemState.DONE, now=NOW)
    await _end_jobs(conn, ids)


async def _halt(conn: Conn, source: str = "tmdb", rate: float = RATE) -> None:
    await conn.execute(
        "INSERT INTO request_budgets (source, rate_per_second, burst, configured_at, next_slot_at, touched_at,"
        " halted_at, halted_key) VALUES (%s, %s, 4, clock_timestamp(), clock_timestamp(), clock_timestamp(),"
        " clock_timestamp(), 'k')",
        [source, rate],
    )


class TestFilms:
    """Films of runs and of the routine."""

    async def test_a_queue_is_filled_to_its_depth_and_never_beyond(
        self, conn: Conn, films: Feeder
    ) -> None:
        """The most valuable ones, open in their run and queued in the ledger; the rest stays planned."""
        count = DEPTH + 100
        run_id = await plan(conn, {id_: float(id_) for id_ in range(1, count + 1)})
        made = [await films.turn() for _ in range(3)]
        assert made == [DEPTH, 0, 0]
        fed = list(range(101, count + 1))
        assert await job_ids(conn) == fed
        states = await items(conn, run_id)
        assert [id_ for id_, state in states.items() if state == "open"] == fed
        ledger_states = await rows(conn)
        assert [id_ for id_, row in ledger_states.items() if row[0] == "queued"] == fed

    async def test_it_is_topped_up_as_jobs_end(self, conn: Conn, films: Feeder) -> None:
        """Not for every single one: when it has fallen to three quarters; until nothing is left."""
        run_id = await plan(conn, {id_: float(-id_) for id_ in range(1, DEPTH + 101)})
        await films.turn()
        few = int(DEPTH * (1 - policy.REFILL_SHARE))
        await _settle(conn, range(1, few))
        assert await films.turn() == 0
        await _settle(conn, [few])
        assert await films.turn() == few
        assert len(await job_ids(conn)) == DEPTH
        await _settle(conn, range(1, DEPTH + 1))
        await films.turn()
        await _settle(conn, range(1, DEPTH + 101))
        assert await films.turn() == 0
        assert set((await items(conn, run_id)).values()) == {"done"}
        assert await runs.finish_runs(conn, now=NOW) == [run_id]

    async def test_a_turn_makes_no_more_than_a_batch(
        self, conn: Conn, pool: Pool
    ) -> None:
        """Without a limit the queue is deep; it fills in some turns, each of them short."""
        await plan(conn, dict.fromkeys(range(1, 2501), 1.0))
        feeder = Feeder(pool, [film_feed(0)])
        made = [await feeder.turn() for _ in range(4)]
        assert made == [1000, 1000, 500, 0]

    async def test_all_that_waits_counts(self, conn: Conn, films: Feeder) -> None:
        """Jobs of lists too, whether they are due, put off or running."""
        await insert_jobs(
            conn, import_jobs(range(1001, 1001 + DEPTH - 100), run_id=runs.RunId(1))
        )
        await conn.execute(
            "UPDATE oban_jobs SET state = (ARRAY['available', 'scheduled', 'executing', 'retryable'])"
            "[1 + id %% 4]::oban_job_state",
            [],
        )
        await plan(conn, dict.fromkeys(range(1, 201), 1.0))
        assert await films.turn() == 100

    async def test_jobs_tell_whom_they_are_for(self, conn: Conn, films: Feeder) -> None:
        """For a run or none, new or again, named by the export or not; behind what lists name."""
        await add_listed(conn, [1])
        run_id = await plan(conn, {1: 1.0})
        await want(conn, {2: 1.0})
        await stamps.touch_found(
            conn, [3], changed_ids=[3], **FILM, now=NOW - policy.RECHECK_FRESH
        )
        await films.turn()
        told = {
            job["args"]["tmdb_id"]: (
                job["meta"].get("run_id"),
                job["meta"].get("listed"),
                job["priority"],
            )
            for job in await live_jobs(conn)
        }
        assert told == {
            1: (run_id, True, feeding.FEED_PRIORITY),
            2: (None, None, feeding.FEED_PRIORITY),
            3: (None, None, feeding.AGAIN_PRIORITY),
        }
        [listed] = import_jobs([9], run_id=run_id, is_listed=True)
        assert listed.priority == 6

    async def test_what_changed_gets_into_a_full_queue_and_goes_first(
        self, conn: Conn, films: Feeder
    ) -> None:
        """Into room of its own, which ends; routine does not fill it."""
        loaded = range(1, 2 * DEPTH + 1)
        await stamps.touch_found(
            conn, loaded, changed_ids=[], **FILM, now=NOW - policy.RECHECK_FRESH
        )
        assert await films.turn() == DEPTH
        assert await films.turn() == 0
        waiting = set(await job_ids(conn))
        changed = [id_ for id_ in loaded if id_ not in waiting]
        await conn.execute(
            "UPDATE sync_ledger SET changed_upstream_at = %s, priority = external_id"
            " WHERE external_id = ANY (%s)",
            [NOW, changed],
        )
        room = policy.changed_depth(DEPTH) - DEPTH
        assert await films.turn() == room
        assert await films.turn() == 0
        put_first = {
            job["args"]["tmdb_id"]
            for job in await live_jobs(conn)
            if job["priority"] == feeding.CHANGED_PRIORITY
        }
        assert put_first == set(changed[-room:])

    @pytest.mark.parametrize("end", ["pause", "cancel"])
    async def test_runs_that_rest_or_ended_are_not_fed(
        self, conn: Conn, films: Feeder, end: str
    ) -> None:
        """Others are, also with a film that both plan."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0})
        other = await plan(conn, {2: 1.0, 3: 1.0})
        async with conn.transaction():
            if end == "pause":
                await runs.pause_run(conn, run_id)
            else:
                await runs.cancel_run(conn, run_id, now=NOW)
        await films.turn()
        assert await job_ids(conn) == [2, 3]
        assert await items(conn, other) == {2: "open", 3: "open"}

    async def test_a_run_is_fed_with_what_a_paused_run_has_taken(
        self, conn: Conn, films: Feeder
    ) -> None:
        """The later of two runs has put its name on the rows; that it rests holds up nobody."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0})
        later = await plan(conn, {1: 1.0, 2: 1.0, 3: 1.0})
        async with conn.transaction():
            await runs.pause_run(conn, later)
        for _ in range(2 * feeding.RESTORE_TURNS):
            await films.turn()
        assert await job_ids(conn) == [1, 2]
        await _settle(conn, [1, 2])
        assert await items(conn, run_id) == {1: "done", 2: "done"}
        assert await items(conn, later) == {1: "done", 2: "done", 3: "planned"}

    async def test_a_halted_source_is_not_fed(self, conn: Conn, films: Feeder) -> None:
        """Nothing is lost by it: with the halt gone its films become jobs."""
        await plan(conn, {1: 1.0})
        await _halt(conn)
        assert await films.turn() == 0
        assert (await rows(conn))[1][0] == "wanted"
        await conn.execute(
            "UPDATE request_budgets SET halted_at = NULL, halted_key = NULL"
        )
        assert await films.turn() == 1

    async def test_the_budget_in_force_tells_the_depth(
        self, conn: Conn, films: Feeder
    ) -> None:
        """Another node may have been configured since; a source that rests is fed for when it goes on."""
        await _halt(conn, rate=20.0)
        await conn.execute(
            "UPDATE request_budgets SET halted_at = NULL, halted_key = NULL, paused_at = clock_timestamp(),"
            " paused_until = clock_timestamp() + interval '1 minute'"
        )
        await plan(conn, dict.fromkeys(range(1, 1001), 1.0))
        assert await films.turn() == policy.queue_depth(20.0)

    async def test_a_job_that_is_there_is_not_made_twice(
        self, conn: Conn, films: Feeder
    ) -> None:
        """A film that comes due while a list has its job: that job serves."""
        await stamps.touch_found(
            conn, [1], changed_ids=[1], **FILM, now=NOW - policy.RECHECK_FRESH
        )
        await insert_jobs(conn, import_jobs([1], run_id=runs.RunId(1)))
        assert await films.turn() == 0
        assert await job_ids(conn) == [1]
        assert await films.turn() == 0

    async def test_ended_jobs_leave_early_and_others_stay(
        self, conn: Conn, films: Feeder
    ) -> None:
        """Completed ones that the feeder made, after a while; never a failed one, one of a list or one of a person."""
        await plan(conn, dict.fromkeys((1, 2, 3, 4), 1.0))
        await films.turn()
        await insert_jobs(conn, import_jobs([5], run_id=runs.RunId(1)))
        await _end_jobs(conn, [1, 2, 5])
        await _end_jobs(conn, [3], "discarded")
        await conn.execute(
            "UPDATE oban_jobs SET completed_at = completed_at - make_interval(secs => %s)"
            " WHERE (args->>'tmdb_id')::int <> 2",
            [feeding.KEEP_FED_SECONDS],
        )
        for _ in range(feeding._PRUNE_TURNS):
            await films.turn()
        cursor = await conn.execute(
            "SELECT (args->>'tmdb_id')::int FROM oban_jobs ORDER BY 1"
        )
        assert [row[0] for row in await cursor.fetchall()] == [2, 3, 4, 5]


class TestLooks:
    """How much of a film that is due is asked for."""

    async def test_what_the_feed_proves_unchanged_is_only_looked_at(
        self, conn: Conn, films: Feeder
    ) -> None:
        """Not what it named, what was fetched before the chain of its days began, or what is not stored."""
        ours = await add_movies(conn, dict.fromkeys((1, 2, 3)))
        await stamps.touch_found(
            conn, [1, 2, 4], changed_ids=[], **FILM, now=NOW - timedelta(days=9)
        )
        await stamps.touch_found(
            conn, [3], changed_ids=[], **FILM, now=NOW - timedelta(days=40)
        )
        await conn.execute(
            "UPDATE sync_ledger SET due_at = %(now)s,"
            " changed_upstream_at = CASE WHEN external_id = 2 THEN %(now)s END",
            {"now": NOW},
        )
        await conn.execute(
            "INSERT INTO change_windows (source, kind, day, state, created_at)"
            " SELECT 'tmdb', 'movie', %(today)s::date - age, CASE age WHEN 0 THEN 'open' ELSE 'done' END, %(now)s"
            " FROM generate_series(0, 20) AS age",
            {"today": NOW.date(), "now": NOW},
        )

        await films.turn()

        jobs = await live_jobs(conn)
        looks = [job for job in jobs if job["queue"] == "updates"]
        assert [job["args"]["movie_id"] for job in looks] == [ours[1]]
        assert looks[0]["args"]["fields"] == ["ratings", "revenue", "status"]
        assert looks[0]["meta"]["tmdb_id"] == 1
        assert await job_ids(conn) == [2, 3, 4]


class TestTwoFeeders:
    """As for a moment after a change of leader."""

    async def test_each_film_gets_one_job(self, conn: Conn, pool: Pool) -> None:
        """Whoever feeds it; nothing is left out in the end."""
        await plan(conn, dict.fromkeys(range(1, 251), 1.0))
        feeders = [Feeder(pool, [film_feed(RATE)]) for _ in range(3)]
        for _ in range(3):
            await asyncio.gather(*(feeder.turn() for feeder in feeders))
        assert await job_ids(conn) == list(range(1, 251))

    async def test_what_one_is_at_the_other_leaves(
        self, conn: Conn, pool: Pool
    ) -> None:
        """It neither waits nor makes the same jobs."""
        await plan(conn, dict.fromkeys(range(1, 6), 1.0))
        held = asyncio.Event()
        reached = asyncio.Event()

        async def make(connection: Conn, taken: Sequence[Taken]) -> list[Job]:
            reached.set()
            await held.wait()
            return await slow.make_jobs(connection, taken)

        slow = film_feed(RATE)
        feed = Feed(slow.stage, slow.queues, make, configured_per_second=RATE)
        first = asyncio.create_task(Feeder(pool, [feed]).turn())
        await reached.wait()
        await want(conn, {6: 1.0})
        async with asyncio.timeout(10):
            assert await Feeder(pool, [film_feed(RATE)]).turn() == 1
        held.set()
        assert await first == 5
        assert await job_ids(conn) == [1, 2, 3, 4, 5, 6]

    async def test_a_killed_feeder_loses_nothing(
        self, conn: Conn, pool: Pool, films: Feeder
    ) -> None:
        """Its transaction is gone with it: rows, items and jobs are as before, and the next turn makes them."""
        run_id = await plan(conn, dict.fromkeys(range(1, 6), 1.0))
        reached = asyncio.Event()

        async def hang(_conn: Conn, _taken: Sequence[Taken]) -> list[Job]:
            reached.set()
            await asyncio.Event().wait()
            return []

        sound = film_feed(RATE)
        feed = Feed(sound.stage, sound.queues, hang, configured_per_second=RATE)
        dying = asyncio.create_task(Feeder(pool, [feed]).turn())
        await reached.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
        assert await job_ids(conn) == []
        assert set((await items(conn, run_id)).values()) == {"planned"}
        assert {row[0] for row in (await rows(conn)).values()} == {"wanted"}
        assert await films.turn() == 5

    async def test_a_cancel_waits_for_the_jobs_and_ends_them(
        self, conn: Conn, pool: Pool
    ) -> None:
        """A run that is cancelled in the middle of a turn has no jobs afterwards."""
        run_id = await plan(conn, dict.fromkeys(range(1, 6), 1.0))
        held = asyncio.Event()
        reached = asyncio.Event()

        async def make(connection: Conn, taken: Sequence[Taken]) -> list[Job]:
            reached.set()
            await held.wait()
            return await sound.make_jobs(connection, taken)

        async def cancel() -> None:
            async with pool.connection() as person, person.transaction():
                await cancel_run(person, run_id, now=NOW)

        sound = film_feed(RATE)
        feed = Feed(sound.stage, sound.queues, make, configured_per_second=RATE)
        turn = asyncio.create_task(Feeder(pool, [feed]).turn())
        await reached.wait()
        cancelling = asyncio.create_task(cancel())
        await until(partial(_is_one_waiting, pool))
        held.set()
        async with asyncio.timeout(20):
            assert await turn == 5
            await cancelling
        assert await live_jobs(conn) == []
        assert set((await items(conn, run_id)).values()) == {"cancelled"}
        assert set((await rows(conn)).values()) == {("wanted", 0, None)}


async def _is_one_waiting(pool: Pool) -> bool:
    return await count_waiting(pool) == 1


class TestLost:
    """Rows that are queued while nothing is at them."""

    async def test_they_come_due_again(
        self, conn: Conn, pool: Pool, films: Feeder
    ) -> None:
        """A job that was deleted, for a run or for none; those with a job are left."""
        await want(conn, {1: 1.0, 2: 1.0})
        run_id = await plan(conn, {3: 1.0})
        await films.turn()
        await conn.execute("DELETE FROM oban_jobs WHERE args->>'tmdb_id' IN ('1', '3')")
        await RunKeeper(pool, lambda: True).audit()
        assert (await rows(conn))[1] == ("wanted", 0, NOW)
        assert (await rows(conn))[2][0] == "queued"
        # What a run has open gets its job from the audit itself.
        assert await job_ids(conn) == [2, 3]
        assert await films.turn() == 1
        assert await job_ids(conn) == [1, 2, 3]
        assert await items(conn, run_id) == {3: "open"}

    async def test_nothing_is_bound_to_a_run_of_the_past(
        self, conn: Conn, pool: Pool, films: Feeder
    ) -> None:
        """The film was taken for a run that has ended: it is wanted for none."""
        await plan(conn, {1: 1.0})
        await films.turn()
        await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
        await runs.finish_runs(conn, now=NOW)
        await conn.execute("DELETE FROM oban_jobs")
        await RunKeeper(pool, lambda: True).audit()
        assert await films.turn() == 1

    async def test_a_paused_run_keeps_what_is_its_own(
        self, conn: Conn, pool: Pool, films: Feeder
    ) -> None:
        """Its jobs are withdrawn and not made again; another run that plans the film too gets it."""
        run_id = await start(conn, opened=[1, 2])
        await ledger.queue(conn, [1, 2], **FILM, reason="on popular page 1", now=NOW)
        async with conn.transaction():
            await runs.pause_run(conn, run_id)
        keeper = RunKeeper(pool, lambda: True)
        await keeper.audit()
        assert {row[0] for row in (await rows(conn)).values()} == {"queued"}
        other = await start(conn, planned=[2])
        await keeper.audit()
        assert (await rows(conn))[1][0] == "queued"
        assert (await rows(conn))[2] == ("wanted", other, NOW)
        await films.turn()
        assert await job_ids(conn) == [2]


class TestTitles:
    """Films at OMDb, within the quota of the day."""

    async def _add(self, conn: Conn, count: int) -> runs.RunId:
        """Store films that a run waits for, and ask for their titles."""
        await add_movies(conn, {id_: f"tt{id_:07}" for id_ in range(1, count + 1)})
        run_id = await start(conn, opened=range(1, count + 1))
        found = await titles.list_unasked(conn, **TITLE, after=0, limit=count)
        await titles.plan(conn, found, **TITLE, item_kind=OMDB, now=NOW)
        await runs.settle_items(
            conn, MOVIE, range(1, count + 1), ItemState.DONE, now=NOW
        )
        return run_id

    async def _use(self, conn: Conn, pool: Pool, **columns: int) -> None:
        """Let the quota of the day be configured, and so much of it used."""
        await DailyQuota(pool, "omdb", daily_limit=100, key_fingerprint="k").configure()
        for column, value in columns.items():
            await conn.execute(
                f"UPDATE daily_quotas SET {column} = %s",  # noqa: S608 - the test's own
                [value],
            )

    async def _states(self, conn: Conn, run_id: int) -> Mapping[str, int]:
        states = list((await items(conn, run_id, OMDB)).values())
        return {state: states.count(state) for state in sorted(set(states))}

    async def test_before_it_was_ever_asked_the_whole_day_is_left(
        self, conn: Conn, pool: Pool
    ) -> None:
        """The background's share of what is configured."""
        await self._add(conn, 50)
        assert await _titles(pool, daily_limit=40).turn() == 31
        assert await _titles(pool, daily_limit=40, share=0.9).turn() == 5

    async def test_what_is_left_of_the_day_bounds_the_jobs(
        self, conn: Conn, pool: Pool
    ) -> None:
        """Never more jobs than quota: those that wait will take theirs."""
        run_id = await self._add(conn, 50)
        await self._use(conn, pool, used=60, background_used=60)
        feeder = _titles(pool)
        assert [await feeder.turn() for _ in range(3)] == [19, 0, 0]
        assert await self._states(conn, run_id) == {"open": 19, "planned": 31}

    async def test_the_share_is_the_configured_one(
        self, conn: Conn, pool: Pool
    ) -> None:
        """As the quota itself reckons, so does the feeder."""
        await self._add(conn, 50)
        await self._use(conn, pool, used=30, background_used=30)
        assert await _titles(pool, share=0.4).turn() == 10

    async def test_a_day_that_is_used_up_defers_the_rest(
        self, conn: Conn, pool: Pool
    ) -> None:
        """The run ends and says so; its titles are asked for after the reset, with nothing lost."""
        run_id = await self._add(conn, 50)
        await self._use(conn, pool, used=79, background_used=79)
        feeder = _titles(pool)
        assert await feeder.turn() == 0
        assert await self._states(conn, run_id) == {"deferred": 50}
        assert await runs.finish_runs(conn, now=NOW) == [run_id]
        assert await run_state(conn, run_id) == "completed"
        with clock.frozen(TOMORROW):
            assert await feeder.turn() == 50
        assert {row[0] for row in (await rows(conn, source="omdb")).values()} == {
            "queued"
        }

    async def test_a_used_up_day_touches_no_film(self, conn: Conn, pool: Pool) -> None:
        """Films at TMDB go on being planned and fed."""
        run_id = await plan(conn, {1: 1.0})
        await self._use(conn, pool, used=79, background_used=79)
        await _titles(pool).turn()
        assert await items(conn, run_id) == {1: "planned"}

    async def test_a_title_whose_film_lost_its_imdb_id_is_absent(
        self, conn: Conn, pool: Pool
    ) -> None:
        """The run does not wait for it, and nobody asks until an id appears."""
        run_id = await self._add(conn, 2)
        await conn.execute("UPDATE movies SET imdb_id = NULL WHERE tmdb_id = 1")
        assert await _titles(pool).turn() == 1
        assert await items(conn, run_id, OMDB) == {1: "absent", 2: "open"}
        assert (await rows(conn, source="omdb"))[1] == ("wanted", 0, None)

    async def test_an_open_title_that_no_job_can_ask_for_ends_too(
        self, conn: Conn, pool: Pool
    ) -> None:
        """Its job was lost, and its id: the audit does not leave its run waiting for ever."""
        run_id = await self._add(conn, 2)
        await _titles(pool).turn()
        await conn.execute("DELETE FROM oban_jobs")
        await conn.execute("UPDATE movies SET imdb_id = NULL WHERE tmdb_id = 1")
        assert await RunKeeper(pool, lambda: True).audit() == 1
        assert await items(conn, run_id, OMDB) == {1: "absent", 2: "open"}
        assert (await rows(conn, source="omdb"))[1] == ("wanted", 0, None)

    async def test_films_from_before_are_entered_batch_by_batch(
        self, conn: Conn, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All that were stored before OMDb was switched on, once; later ones come with their storing."""
        monkeypatch.setattr(policy, "FEED_BATCH", 20)
        await add_movies(conn, {id_: f"tt{id_:07}" for id_ in range(1, 51)})
        feeder = _titles(pool, daily_limit=1)
        for _ in range(5):
            await feeder.turn()
        assert len(await rows(conn, source="omdb")) == 50
        await add_movies(conn, {99: "tt0000099"})
        await feeder.turn()
        assert len(await rows(conn, source="omdb")) == 50

    async def test_jobs_name_the_film_and_the_run(self, conn: Conn, pool: Pool) -> None:
        """Ours in the arguments, TMDB's beside them, in the queue of OMDb."""
        run_id = await self._add(conn, 1)
        await _titles(pool).turn()
        [job] = await live_jobs(conn)
        assert job["queue"] == "omdb"
        assert job["meta"]["tmdb_id"] == 1
        assert (job["meta"]["run_id"], job["meta"]["fed"]) == (run_id, True)
        assert TITLES.entry == TITLE


async def test_a_turn_sums_the_counts_up(conn: Conn, films: Feeder) -> None:
    """What transactions appended is gone, and the totals are the same."""
    await plan(conn, {1: 1.0, 2: 2.0})
    before = await ledger.read_counts(conn)
    assert [count.things for count in before] == [2]
    await films.turn()
    cursor = await conn.execute(
        "SELECT (SELECT count(*) FROM sync_ledger_deltas) + (SELECT count(*) FROM sync_run_deltas)"
    )
    assert await cursor.fetchall() == [(0,)]
    [count] = await ledger.read_counts(conn)
    assert (count.state, count.things) == ("queued", 2)
