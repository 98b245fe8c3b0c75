"""Pausing, resuming, cancelling and retrying runs, with their jobs."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs import cancelling
from cinegraph.jobs.catalogue import export_job
from cinegraph.jobs.discovery import (
    DiscoverMovies,
    DiscoverMoviesArgs,
    import_jobs,
    range_job,
)
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.feeding import Feeder
from cinegraph.jobs.feeds import film_feed, title_feed
from cinegraph.jobs.imports import ImportMovie, ImportMovieArgs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.outcome import Kind, Verdict
from cinegraph.jobs.services import Services
from cinegraph.jobs.worker import JobContext
from cinegraph.sync import ledger, planning, policy, runs, stamps, titles
from cinegraph.sync.runs import MOVIE, OMDB, ItemState, RunId
from deployments import POLL, Deployment
from ledger_rows import (
    FILM,
    NOW,
    TITLE,
    Conn,
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

FAILED = {"error_code": "unavailable", "error": "HTTP 503"}
LATER = NOW + policy.RECHECK_CANCELLED


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture
def _noon() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def feeder(pool: Pool, _noon: None) -> Feeder:
    """Return a feeder of films and titles."""
    omdb = title_feed(10.0, daily_limit=1000, background_share=0.79)
    return Feeder(pool, [film_feed(10.0), omdb])


@pytest.fixture
def keeper(pool: Pool, _noon: None) -> RunKeeper:
    """Return a keeper whose turns the test takes itself."""
    return RunKeeper(pool, lambda: True)


async def _pause(conn: Conn, run_id: RunId) -> bool:
    async with conn.transaction():
        return await cancelling.pause_run(conn, run_id)


async def _cancel(conn: Conn, run_id: RunId) -> bool:
    async with conn.transaction():
        return await cancelling.cancel_run(conn, run_id, now=NOW)


async def _retry(conn: Conn, run_id: RunId) -> int:
    async with conn.transaction():
        return await cancelling.retry_failed(conn, run_id, now=NOW)


async def _set_state(conn: Conn, ids: Sequence[int], state: str) -> None:
    await conn.execute(
        "UPDATE oban_jobs SET state = %(state)s::oban_job_state WHERE (args->>'tmdb_id')::int = ANY (%(ids)s)",
        {"state": state, "ids": list(ids)},
    )


async def _settle(conn: Conn, ids: Sequence[int]) -> None:
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=NOW)
    await runs.settle_items(conn, MOVIE, ids, ItemState.DONE, now=NOW)
    await _set_state(conn, ids, "completed")


async def _fail(conn: Conn, ids: Sequence[int]) -> None:
    """End films of a run for good, as after their last round."""
    for id_ in ids:
        await runs.exhaust_item(
            conn, MOVIE, id_, error_code="unavailable", is_hopeless=True, now=NOW
        )
        await stamps.touch_failed(conn, id_, **FILM, **FAILED, now=NOW)
    await _set_state(conn, ids, "discarded")


async def _are_waiting(pool: Pool, connections: int) -> bool:
    return await count_waiting(pool) == connections


class TestPause:
    """A run that rests."""

    async def test_its_waiting_jobs_leave_the_queues_and_come_back(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """What runs already ends; nothing is made while it rests, and nothing is lost by it."""
        run_id = await plan(conn, dict.fromkeys(range(1, 6), 1.0))
        await feeder.turn()
        await _set_state(conn, [1], "executing")
        await _set_state(conn, [2], "retryable")
        await _set_state(conn, [3], "scheduled")
        assert await _pause(conn, run_id)
        assert not await _pause(conn, run_id)
        assert await job_ids(conn) == [1]
        await _settle(conn, [1])
        for _ in range(2):
            await feeder.turn()
            await keeper.audit()
            assert await keeper.turn() == []
        assert await job_ids(conn) == []
        assert await runs.resume_run(conn, run_id)
        assert await keeper.audit() == 4
        assert await job_ids(conn) == [2, 3, 4, 5]
        await _settle(conn, [2, 3, 4, 5])
        assert await keeper.turn() == [run_id]

    async def test_what_was_only_planned_is_fed_when_it_goes_on(
        self, conn: Conn, feeder: Feeder
    ) -> None:
        """As if it had never rested."""
        run_id = await plan(conn, {1: 1.0, 2: 2.0})
        await _pause(conn, run_id)
        assert await feeder.turn() == 0
        await runs.resume_run(conn, run_id)
        assert await feeder.turn() == 2

    async def test_a_run_that_waits_for_the_same_film_gets_its_job_back(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """The job was the paused run's; the next audit makes one for the other."""
        run_id = await plan(conn, {1: 1.0, 2: 2.0})
        await feeder.turn()
        other = await start(conn, opened=[1])
        await _pause(conn, run_id)
        assert await job_ids(conn) == []
        await keeper.audit()
        assert await job_ids(conn) == [1]
        [job] = await live_jobs(conn)
        assert job["meta"]["run_id"] == other

    async def test_jobs_of_other_runs_stay(self, conn: Conn, feeder: Feeder) -> None:
        """And those of no run."""
        run_id = await plan(conn, {1: 1.0})
        await plan(conn, {2: 1.0})
        await want(conn, {3: 1.0})
        await feeder.turn()
        await _pause(conn, run_id)
        assert await job_ids(conn) == [2, 3]

    async def test_it_can_be_cancelled_while_it_rests(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """Then nothing of it is queued for ever."""
        run_id = await plan(conn, {1: 1.0, 2: 2.0})
        await feeder.turn()
        await _pause(conn, run_id)
        assert await _cancel(conn, run_id)
        assert set((await rows(conn)).values()) == {("wanted", 0, None)}
        await keeper.audit()
        await feeder.turn()
        assert await live_jobs(conn) == []


class TestCancel:
    """A run of the whole catalogue that is given up."""

    async def test_jobs_plans_and_pages_end(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """What waits is ended, what runs is told; what is stored stays, and no job comes back."""
        await add_movies(conn, {9: "tt0000009"})
        run_id = await plan(conn, dict.fromkeys(range(1, 6), 1.0))
        await planning.plan_items(conn, run_id, OMDB, [9])
        await want(conn, {9: 1.0}, run_id=run_id, entry=TITLE)
        await runs.add_items(conn, run_id, runs.EXPORT, [1])
        await insert_jobs(conn, [export_job(run_id)])
        await feeder.turn()
        await planning.plan_items(conn, run_id, MOVIE, [6, 7])
        await want(conn, {6: 1.0, 7: 1.0}, run_id=run_id)
        await _settle(conn, [1])
        await _set_state(conn, [2], "executing")
        assert await _cancel(conn, run_id)
        assert not await _cancel(conn, run_id)
        states = await items(conn, run_id)
        assert states.pop(1) == "done"
        assert set(states.values()) == {"cancelled"}
        assert await items(conn, run_id, OMDB) == {9: "cancelled"}
        assert await items(conn, run_id, runs.EXPORT) == {1: "cancelled"}
        [running] = await live_jobs(conn)
        assert running["args"]["tmdb_id"] == 2
        assert "cancel_requested_at" in running["meta"]
        found = await rows(conn)
        assert found.pop(1)[0] == "fresh"
        assert set(found.values()) == {("wanted", 0, None)}
        await _set_state(conn, [2], "cancelled")
        await keeper.audit()
        assert await feeder.turn() == 0
        assert await live_jobs(conn) == []

    async def test_a_title_that_comes_at_that_moment_is_given_up_too(
        self, conn: Conn, pool: Pool, keeper: RunKeeper
    ) -> None:
        """Who stores its film still sees the run going on."""
        await add_movies(conn, {1: "tt0000001"})
        run_id = await start(conn, opened=[1])
        film = titles.Candidate(1, 5.0, None)
        async with pool.connection() as writer, writer.transaction():
            await titles.plan(writer, [film], **TITLE, item_kind=OMDB, now=NOW)
            assert await _cancel(conn, run_id)
        assert await items(conn, run_id, OMDB) == {1: "planned"}
        await keeper.audit()
        assert await items(conn, run_id, OMDB) == {1: "cancelled"}
        assert await rows(conn, source="omdb") == {1: ("wanted", 0, None)}

    @pytest.mark.usefixtures("_noon")
    async def test_a_batch_of_ids_that_is_planned_at_that_moment_is_waited_for(
        self, conn: Conn, pool: Pool
    ) -> None:
        """Both lock the run before the films: neither waits for the other in a circle."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0})
        nothing: Any = None
        services = Services(pool=pool, tmdb=nothing, films=nothing)
        args = DiscoverMoviesArgs(run_id, "all", start_id=1, end_id=2)
        batch = JobContext(args, range_job(run_id, 1, 2), services)
        async with pool.connection() as holder:
            async with holder.transaction():
                await ledger.lock(holder, [2], **FILM)
                planning_it = asyncio.create_task(DiscoverMovies().run(batch))
                await until(lambda: _are_waiting(pool, 1))
                cancelling_it = asyncio.create_task(_cancel(conn, run_id))
                await until(lambda: _are_waiting(pool, 2))
            await planning_it
            assert await cancelling_it
        assert set((await items(conn, run_id)).values()) == {"cancelled"}
        assert await DiscoverMovies().run(batch) is None
        assert await rows(conn) == {1: ("wanted", 0, None), 2: ("wanted", 0, None)}

    async def test_what_another_run_plans_goes_on(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """Fed or not, it gets its jobs under the other's name."""
        other = await plan(conn, dict.fromkeys((1, 2), 1.0))
        run_id = await plan(conn, dict.fromkeys((1, 2, 3), 1.0))
        await conn.execute("UPDATE sync_ledger SET due_at = NULL WHERE external_id = 2")
        await feeder.turn()
        assert await job_ids(conn) == [1, 3]
        await _cancel(conn, run_id)
        await keeper.audit()
        for _ in range(16):
            await feeder.turn()
        assert await job_ids(conn) == [1, 2]
        assert {job["meta"]["run_id"] for job in await live_jobs(conn)} == {other}


class TestCancelledJobs:
    """A person ends single jobs that belong to no run."""

    async def _cancel_all(self, conn: Conn) -> None:
        cursor = await conn.execute("SELECT id FROM oban_jobs")
        ids = [row[0] for row in await cursor.fetchall()]
        async with conn.transaction():
            await cancelling.cancel_jobs(conn, ids)

    async def test_they_do_not_come_back_at_once(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """The film is due after the usual time, as if it had been looked at."""
        await want(conn, {1: 1.0})
        await feeder.turn()
        await self._cancel_all(conn)
        await keeper.audit()
        await feeder.turn()
        assert await live_jobs(conn) == []
        assert await rows(conn) == {1: ("wanted", 0, LATER)}

    async def test_a_running_one_ends_alike(
        self, conn: Conn, pool: Pool, feeder: Feeder
    ) -> None:
        """Its node settles it."""
        await want(conn, {1: 1.0})
        await feeder.turn()
        nothing: Any = None
        services = Services(pool=pool, tmdb=nothing, films=nothing)
        [job] = import_jobs([1], run_id=RunId(1))
        del job.meta["run_id"]
        context = JobContext(ImportMovieArgs(1), job, services)
        verdict = Verdict(Kind.CANCELLED, "cancelled", "cancelled")
        await ImportMovie().settle(context, verdict)
        assert await rows(conn) == {1: ("wanted", 0, LATER)}

    async def test_a_title_of_a_run_is_given_up_in_its_run(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """The run ends without it."""
        films = await add_movies(conn, {1: "tt0000001"})
        run_id = await start(conn, planned=[1], item_kind=OMDB)
        await want(conn, {1: 1.0}, run_id=run_id, entry=TITLE)
        await feeder.turn()
        [job] = await live_jobs(conn)
        assert job["args"] == {"movie_id": films[1]}
        await self._cancel_all(conn)
        assert await items(conn, run_id, OMDB) == {1: "cancelled"}
        assert await rows(conn, source="omdb") == {1: ("wanted", 0, None)}
        assert await keeper.audit() == 0


class TestRetry:
    """Trying again what failed in a run."""

    async def test_films_are_fed_again_and_only_those(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """A run that had failed goes on and ends well; what was done is not done again."""
        run_id = await plan(conn, dict.fromkeys(range(1, 5), 1.0))
        await feeder.turn()
        await _settle(conn, [1])
        await _fail(conn, [2, 3])
        await stamps.touch_quarantined(conn, 4, **FILM, **FAILED, now=NOW)
        await runs.settle_items(
            conn, MOVIE, [4], ItemState.QUARANTINED, now=NOW, error_code="payload"
        )
        await _set_state(conn, [4], "completed")
        assert await keeper.turn() == [run_id]
        assert await run_state(conn, run_id) == "failed"
        assert await _retry(conn, run_id) == 3
        assert await run_state(conn, run_id) == "running"
        await feeder.turn()
        assert await job_ids(conn) == [2, 3, 4]
        await _settle(conn, [2, 3, 4])
        assert await keeper.turn() == [run_id]
        assert await run_state(conn, run_id) == "completed"

    async def test_very_many_are_fed_as_any_others(
        self, conn: Conn, feeder: Feeder
    ) -> None:
        """An outage that failed thousands does not dump them into the queue."""
        run_id = await start(conn, opened=range(1, 3001))
        await conn.execute(
            "INSERT INTO sync_ledger (source, kind, external_id, state, reason, due_at, created_at)"
            " SELECT 'tmdb', 'movie', n, 'failed', 'routine', %(later)s, %(now)s FROM generate_series(1, 3000) AS n",
            {"now": NOW, "later": NOW + timedelta(hours=1)},
        )
        await conn.execute(
            "UPDATE sync_run_items SET state = 'failed' WHERE kind = 'movie'"
        )
        assert await _retry(conn, run_id) == 3000
        assert await live_jobs(conn) == []
        assert await feeder.turn() == policy.queue_depth(10.0)

    async def test_what_was_answered_meanwhile_is_not_asked_again(
        self, conn: Conn, feeder: Feeder
    ) -> None:
        """Another run has fetched one, and TMDB has denied the other."""
        run_id = await start(conn, opened=[1, 2])
        await _fail(conn, [1, 2])
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        await stamps.touch_absent(conn, 2, **FILM, now=NOW)
        assert await _retry(conn, run_id) == 2
        assert await items(conn, run_id) == {1: "done", 2: "absent"}
        assert await feeder.turn() == 0

    @pytest.mark.usefixtures("_noon")
    async def test_what_a_person_named_goes_first_at_once(self, conn: Conn) -> None:
        """Before everything, and one denial is enough: no list names it."""
        run_id = await start(conn, kind=runs.BY_NAME, opened=[1])
        await ledger.queue(conn, [1], **FILM, reason="asked for", now=NOW)
        await _fail(conn, [1])
        assert await _retry(conn, run_id) == 1
        [job] = await live_jobs(conn)
        assert (job["args"]["tmdb_id"], job["priority"]) == (1, 0)
        assert "listed" not in job["meta"]
        assert (await rows(conn))[1][0] == "queued"

    @pytest.mark.usefixtures("_noon")
    async def test_pages_and_the_export_get_their_jobs(self, conn: Conn) -> None:
        """The feeder knows only films."""
        run_id = await start(conn)
        await runs.add_items(conn, run_id, runs.EXPORT, [1])
        await runs.add_items(conn, run_id, "popular_page", [4])
        for kind, id_ in ((runs.EXPORT, 1), ("popular_page", 4)):
            await runs.exhaust_item(
                conn, kind, id_, error_code="x", is_hopeless=True, now=NOW
            )
        assert await _retry(conn, run_id) == 2
        assert sorted(job["queue"] for job in await live_jobs(conn)) == [
            "discovery",
            "maintenance",
        ]

    async def test_titles_are_fed_again(
        self, conn: Conn, feeder: Feeder, keeper: RunKeeper
    ) -> None:
        """Those that can be asked for; the others end as absent."""
        films = await add_movies(conn, {1: "tt0000001", 2: None})
        run_id = await start(conn, opened=[1, 2], item_kind=OMDB)
        for id_ in (1, 2):
            await runs.exhaust_item(
                conn, OMDB, id_, error_code="x", is_hopeless=True, now=NOW
            )
            await stamps.touch_failed(conn, id_, **TITLE, **FAILED, now=NOW)
        assert await _retry(conn, run_id) == 2
        await feeder.turn()
        assert await items(conn, run_id, OMDB) == {1: "open", 2: "absent"}
        [job] = await live_jobs(conn)
        assert job["args"] == {"movie_id": films[1]}
        assert await keeper.audit() == 0

    async def test_a_run_without_failures_is_left(self, conn: Conn) -> None:
        """Nothing is tried, and it does not begin to run again."""
        run_id = await start(conn, opened=[1])
        await _settle(conn, [1])
        await runs.finish_runs(conn, now=NOW)
        assert await _retry(conn, run_id) == 0
        assert await run_state(conn, run_id) == "completed"


class TestWholeDeployment:
    """The same against the imitation upstreams, with nodes at work."""

    async def test_a_run_rests_in_the_middle_and_ends_complete(
        self, deployment: Deployment
    ) -> None:
        """While it rests nothing is asked; resumed, every film is stored once."""
        world = set(deployment.world.ids())
        run_id = await deployment.c.import_entire_catalog()
        async with deployment.work(queues={"discovery": 2, "maintenance": 1}):
            await deployment.until(
                f"SELECT count(*) > 0 FROM sync_run_items WHERE run_id = {run_id} AND kind = 'movie'",  # noqa: S608
                expected=True,
            )
        assert await deployment.c.pause_run(run_id)
        async with deployment.work():
            with pytest.raises(TimeoutError):
                await until(lambda: _films(deployment), within_seconds=1.5)
            assert await deployment.c.resume_run(run_id)
            run = await deployment.c.wait_for_run(run_id, every=POLL)
        assert (run.state, run.done) == ("completed", len(world))
        assert sorted(deployment.script.asked) == sorted(world)

    async def test_a_run_cancelled_in_the_middle_leaves_nothing_behind(
        self, deployment: Deployment
    ) -> None:
        """No job, no queued film; and another import of everything brings the rest."""
        run_id = await deployment.c.import_entire_catalog()
        async with deployment.work():
            await until(lambda: _films(deployment))
            assert await deployment.c.cancel_run(run_id)
            await deployment.until(
                "SELECT count(*) FROM oban_jobs WHERE state IN ('available', 'scheduled', 'executing', 'retryable')",
                0,
            )
        ledger_states = set((await deployment.ledger()).values())
        assert ledger_states <= {"fresh", "wanted"}
        run = await deployment.c.get_run(run_id)
        assert run.state == "cancelled"
        again = await deployment.finish(await deployment.c.import_entire_catalog())
        assert again.state == "completed"
        assert set((await deployment.ledger()).values()) == {"fresh"}

    async def test_failures_are_retried_to_the_end(
        self, deployment: Deployment
    ) -> None:
        """Films whose bodies could not be read are stored when they are mended and a person says so."""
        broken = sorted(deployment.world.ids())[:5]
        for id_ in broken:
            broken_body = deployment.script.body(id_, credits="none")
            deployment.script.tell_for_ever(id_, broken_body)
        run = await deployment.finish(await deployment.c.import_popular_movies(pages=5))
        missing = run.quarantined
        assert missing > 0
        for id_ in broken:
            deployment.script.films.pop(id_)
        assert await deployment.c.retry_run(run.id) == missing
        run = await deployment.finish(run.id)
        assert (run.state, run.failed, run.quarantined) == ("completed", 0, 0)


async def _films(deployment: Deployment) -> bool:
    return await deployment.fetch("SELECT count(*) > 3 FROM movies") == [True]
