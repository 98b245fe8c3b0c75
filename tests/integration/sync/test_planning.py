"""What runs plan: films of the export, ids, what becomes of it when a run ends, rests or is tried again."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from cinegraph.db.pool import Pool
from cinegraph.sync import estimating, ledger, planning, policy, runs, stamps
from cinegraph.sync.planning import Planned
from cinegraph.sync.runs import MOVIE, OMDB, ItemState, RunId
from ledger_rows import (
    FILM,
    NOW,
    TITLE,
    Conn,
    add_listed,
    count_waiting,
    items,
    plan,
    rows,
    run_state,
    start,
    want,
)
from polling import until

LATER = NOW + timedelta(hours=1)
FAILED = {"error_code": "unavailable", "error": "HTTP 503"}


async def _plan_films(conn: Conn, run_id: RunId, **changes: Any) -> Planned:
    given: dict[str, Any] = {"with_adult": False, "limit": None, "now": NOW}
    return await planning.plan_films(
        conn, run_id, source="tmdb", reason="whole catalogue", **(given | changes)
    )


async def _take(conn: Conn, entry: Mapping[str, Any] = FILM) -> list[int]:
    """Take what is due as the feeder does, and open what runs planned of it."""
    kind = MOVIE if entry is FILM else OMDB
    async with conn.transaction():
        run_ids = await planning.list_feeding(conn, kind)
        taken = await ledger.take_due(
            conn, **entry, run_ids=run_ids, limit=1000, now=NOW
        )
        ids = [thing.external_id for thing in taken]
        await planning.open_planned(conn, kind, ids)
    return ids


async def _restore(conn: Conn, run_id: RunId, limit: int = 1000) -> int:
    return await planning.restore_planned(
        conn, run_id, MOVIE, **FILM, now=NOW, limit=limit
    )


async def _cancel(conn: Conn, run_id: RunId) -> None:
    async with conn.transaction():
        assert await runs.cancel_run(conn, run_id, now=NOW)


async def _settle(
    conn: Conn, ids: Sequence[int], state: ItemState = ItemState.DONE
) -> None:
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=NOW)
    await runs.settle_items(conn, MOVIE, ids, state, now=NOW)


class TestPlanFilms:
    """The films of the newest export for a run."""

    async def test_every_film_that_was_never_answered_is_planned(
        self, conn: Conn
    ) -> None:
        """Wanted, failed and quarantined ones for this run; one that a job is at is open; what is there is counted."""
        await add_listed(conn, range(1, 8))
        await want(conn, {1: 5.0})
        await want(conn, {2: 5.0}, run_id=99)
        await ledger.queue(conn, [3], **FILM, reason="on popular page 1", now=NOW)
        await stamps.touch_failed(conn, 4, **FILM, **FAILED, now=NOW)
        await stamps.touch_quarantined(conn, 5, **FILM, **FAILED, now=NOW)
        await stamps.touch_found(conn, [6], changed_ids=[6], **FILM, now=NOW)
        await stamps.touch_absent(conn, 7, **FILM, now=NOW)
        run_id = await start(conn)
        assert await _plan_films(conn, run_id) == Planned(planned=5, open=1, fresh=2)
        assert await items(conn, run_id) == {
            1: "planned",
            2: "planned",
            3: "open",
            4: "planned",
            5: "planned",
        }
        found = await rows(conn)
        assert {
            id_ for id_, row in found.items() if row == ("wanted", run_id, NOW)
        } == {
            1,
            2,
            4,
            5,
        }
        assert await _take(conn) == [1, 2, 4, 5]

    async def test_a_limit_takes_the_most_valuable(self, conn: Conn) -> None:
        """The others are left as they were: known, and wanted by nobody."""
        await add_listed(conn, range(1, 6))
        await ledger.want(
            conn,
            {id_: float(id_) for id_ in range(1, 6)},
            **FILM,
            reason="in the export",
            now=NOW,
        )
        await conn.execute("UPDATE sync_ledger SET due_at = NULL")
        run_id = await start(conn, limit=2)
        assert (await _plan_films(conn, run_id, limit=2)).planned == 2
        assert list(await items(conn, run_id)) == [4, 5]
        assert await _take(conn) == [4, 5]
        assert (await rows(conn, [3]))[3] == ("wanted", 0, None)

    async def test_adult_and_missing_films_are_left_out(self, conn: Conn) -> None:
        """Adult films unless they are wanted; what the newest export no longer names always."""
        await add_listed(conn, [1, 2])
        await add_listed(conn, [3], is_adult=True)
        await conn.execute(
            "UPDATE listed_movies SET missing_since = '2026-09-01' WHERE tmdb_id = 2"
        )
        await want(conn, dict.fromkeys((1, 2, 3), 1.0))
        run_id, other = await start(conn), await start(conn)
        await _plan_films(conn, run_id)
        await _plan_films(conn, other, with_adult=True)
        assert list(await items(conn, run_id)) == [1]
        assert list(await items(conn, other)) == [1, 3]

    async def test_planning_twice_plans_once(self, conn: Conn) -> None:
        """As when its job died after the commit and is run again."""
        await add_listed(conn, [1, 2])
        await want(conn, dict.fromkeys((1, 2), 1.0))
        run_id = await start(conn)
        assert (await _plan_films(conn, run_id)).planned == 2
        assert (await _plan_films(conn, run_id)).planned == 0

    async def test_a_run_that_has_ended_plans_nothing(self, conn: Conn) -> None:
        """Nor does it take the films of others."""
        await add_listed(conn, [1])
        await want(conn, {1: 1.0}, run_id=99)
        run_id = await start(conn)
        await _cancel(conn, run_id)
        assert (await _plan_films(conn, run_id)).planned == 0
        assert (await rows(conn))[1] == ("wanted", 99, NOW)


class TestPlanIds:
    """Ids to try for a run."""

    async def test_answered_ids_are_left_out(self, conn: Conn) -> None:
        """Found and absent ones need no request; one that a job is at is open."""
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        await stamps.touch_absent(conn, 2, **FILM, now=NOW)
        await ledger.queue(conn, [3], **FILM, reason="asked for", now=NOW)
        await stamps.touch_failed(conn, 4, **FILM, **FAILED, now=NOW)
        run_id = await start(conn)
        await want(conn, dict.fromkeys(range(1, 6), 0.0), run_id=run_id)
        planned = await planning.plan_ids(conn, run_id, MOVIE, range(1, 6), **FILM)
        assert planned == 3
        assert await items(conn, run_id) == {3: "open", 4: "planned", 5: "planned"}
        assert await _take(conn) == [4, 5]

    async def test_the_known_of_a_range_is_counted(self, conn: Conn) -> None:
        """At both sources within the range alone, or of all."""
        await add_listed(conn, range(1, 8))
        await stamps.touch_found(conn, [1, 5, 6], changed_ids=[], **FILM, now=NOW)
        await stamps.touch_absent(conn, 7, **FILM, now=NOW)
        await stamps.touch_found(conn, [1, 6], changed_ids=[], **TITLE, now=NOW)
        assert await estimating.read_known(conn) == estimating.Known(7, 4, 2)
        known = await estimating.read_known(conn, first_id=5, last_id=7)
        assert known == estimating.Known(0, 3, 1)


class TestRestore:
    """What a run plans and the ledger does not offer for it."""

    async def test_it_is_offered_again_or_settled(self, conn: Conn) -> None:
        """Each by what happened to its row; what is offered or queued is left."""
        run_id = await plan(conn, dict.fromkeys(range(1, 10), 1.0))
        await conn.execute("DELETE FROM sync_ledger WHERE external_id = 1")
        await stamps.touch_failed(conn, 2, **FILM, **FAILED, now=NOW)
        await conn.execute("UPDATE sync_ledger SET run_id = 99 WHERE external_id = 3")
        await conn.execute("UPDATE sync_ledger SET due_at = NULL WHERE external_id = 4")
        await stamps.touch_found(conn, [5], changed_ids=[5], **FILM, now=NOW)
        await stamps.touch_absent(conn, 6, **FILM, now=NOW)
        await ledger.queue(conn, [7], **FILM, reason="on popular page 1", now=NOW)
        await conn.execute(
            "UPDATE sync_ledger SET due_at = %s WHERE external_id = 8", [LATER]
        )
        assert await _restore(conn, run_id) == 6
        assert await _restore(conn, run_id) == 0
        found = await rows(conn)
        assert {id_ for id_ in found if found[id_] == ("wanted", run_id, NOW)} == {
            1,
            2,
            3,
            4,
            9,
        }
        assert found[7][0] == "queued"
        assert found[8] == ("wanted", run_id, LATER)
        states = await items(conn, run_id)
        assert (states[5], states[6]) == ("done", "absent")

    async def test_what_needs_nothing_does_not_hide_what_does(self, conn: Conn) -> None:
        """However many come before it, a batch reaches it."""
        run_id = await plan(conn, dict.fromkeys(range(1, 31), 1.0))
        await ledger.queue(conn, range(1, 30), **FILM, reason="asked for", now=NOW)
        await stamps.touch_failed(conn, 30, **FILM, **FAILED, now=NOW)
        assert await _restore(conn, run_id, limit=5) == 1

    async def test_it_meets_who_stores_a_film_without_a_deadlock(
        self, pool: Pool, conn: Conn
    ) -> None:
        """Storing locks the ledger and then the items; restoring leaves what it is at."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0})
        await stamps.touch_failed(conn, 1, **FILM, **FAILED, now=NOW)
        await stamps.touch_failed(conn, 2, **FILM, **FAILED, now=NOW)
        async with pool.connection() as storing, asyncio.timeout(10):
            await stamps.touch_found(storing, [1], changed_ids=[1], **FILM, now=NOW)
            async with pool.connection() as other:
                assert await _restore(other, run_id) == 1
                await runs.settle_items(storing, MOVIE, [1], ItemState.DONE, now=NOW)
                await storing.commit()
        assert await items(conn, run_id) == {1: "done", 2: "planned"}


class TestDefer:
    """What is left to the backlog because the source's day is used up."""

    async def test_planned_titles_are_left_and_stay_wanted(self, conn: Conn) -> None:
        """The run can end without them; they are asked for when the quota allows, for no run."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0, 3: 1.0}, item_kind=OMDB)
        await want(conn, {1: 1.0, 2: 1.0, 3: 1.0}, run_id=run_id, entry=TITLE)
        await planning.open_planned(conn, OMDB, [3])
        await runs.settle_items(conn, MOVIE, [1, 2, 3], ItemState.DONE, now=NOW)
        assert await planning.defer_items(conn, OMDB, **TITLE, now=NOW, limit=100) == 2
        assert await items(conn, run_id, OMDB) == {
            1: "deferred",
            2: "deferred",
            3: "open",
        }
        assert await runs.finish_runs(conn, now=NOW) == []
        await runs.settle_items(conn, OMDB, [3], ItemState.DONE, now=NOW)
        assert await runs.finish_runs(conn, now=NOW) == [run_id]
        assert await run_state(conn, run_id) == "completed"
        assert await _take(conn, entry=TITLE) == [1, 2, 3]

    async def test_a_run_that_goes_on_leaves_them_as_well(self, conn: Conn) -> None:
        """Nothing of it is planned at OMDb at the moment, and yet they are taken."""
        run_id = await start(conn, planned=[1], item_kind=OMDB)
        await want(conn, {1: 1.0}, run_id=run_id, entry=TITLE)
        await planning.defer_items(conn, OMDB, **TITLE, now=NOW, limit=100)
        assert await run_state(conn, run_id) == "running"
        assert await _take(conn, entry=TITLE) == [1]

    async def test_films_and_what_others_hold_are_left(
        self, pool: Pool, conn: Conn
    ) -> None:
        """It waits for nobody."""
        run_id = await plan(conn, {1: 1.0})
        await planning.plan_items(conn, run_id, OMDB, [1, 2])
        await want(conn, {1: 1.0, 2: 1.0}, run_id=run_id, entry=TITLE)
        async with pool.connection() as storing, asyncio.timeout(10):
            await ledger.lock(storing, [1], **TITLE)
            assert (
                await planning.defer_items(conn, OMDB, **TITLE, now=NOW, limit=9) == 1
            )
        assert await items(conn, run_id, OMDB) == {1: "planned", 2: "deferred"}
        assert await items(conn, run_id) == {1: "planned"}


class TestPause:
    """A run that rests."""

    async def test_nothing_of_it_is_taken_until_it_is_resumed(self, conn: Conn) -> None:
        """Other runs go on; pausing twice, or resuming what does not rest, is told."""
        run_id = await plan(conn, {1: 1.0, 2: 2.0})
        other = await plan(conn, {3: 1.0})
        assert await runs.pause_run(conn, run_id)
        assert not await runs.pause_run(conn, run_id)
        assert not await runs.resume_run(conn, other)
        assert await _take(conn) == [3]
        assert await runs.resume_run(conn, run_id)
        assert await _take(conn) == [1, 2]

    async def test_a_paused_run_does_not_end(self, conn: Conn) -> None:
        """Its last film may be stored meanwhile; it ends when it is resumed."""
        run_id = await plan(conn, {1: 1.0})
        await runs.pause_run(conn, run_id)
        await _settle(conn, [1])
        assert await runs.finish_runs(conn, now=NOW) == []
        await runs.resume_run(conn, run_id)
        assert await runs.finish_runs(conn, now=NOW) == [run_id]

    async def test_a_paused_run_takes_more_plans(self, conn: Conn) -> None:
        """A page that was being read when it was paused is not lost."""
        run_id = await start(conn)
        await runs.pause_run(conn, run_id)
        assert await planning.plan_items(conn, run_id, MOVIE, [1]) == [1]
        assert await runs.add_items(conn, run_id, MOVIE, [2]) == [2]

    async def test_what_another_run_has_taken_from_it_is_settled_for_both(
        self, conn: Conn
    ) -> None:
        """One answer serves the paused run too."""
        run_id = await plan(conn, {1: 1.0})
        await runs.pause_run(conn, run_id)
        other = await plan(conn, {1: 1.0})
        assert await _take(conn) == [1]
        await _settle(conn, [1])
        assert await items(conn, run_id) == await items(conn, other) == {1: "done"}

    async def test_rounds_of_a_paused_run_wait(self, conn: Conn) -> None:
        """A further round begins when it goes on."""
        run_id = await start(conn, opened=[1])
        await runs.exhaust_item(conn, MOVIE, 1, error_code="unavailable", now=NOW)
        await runs.pause_run(conn, run_id)
        due = NOW + policy.ROUND_DELAYS[0]
        assert await runs.reopen_due(conn, now=due, limit=9) == []
        await runs.resume_run(conn, run_id)
        [item] = await runs.reopen_due(conn, now=due, limit=9)
        assert (item.external_id, item.round) == (1, 2)

    async def test_pausing_waits_for_jobs_that_are_being_made(
        self, pool: Pool, conn: Conn
    ) -> None:
        """It finds them all then, and takes them out of the queues."""
        run_id = await plan(conn, {1: 1.0})

        async def pause() -> bool:
            async with pool.connection() as person:
                return await runs.pause_run(person, run_id)

        async with pool.connection() as feeder, asyncio.timeout(20):
            assert await planning.list_feeding(feeder, MOVIE) == [run_id]
            pausing = asyncio.create_task(pause())
            await until(partial(_is_one_waiting, pool))
            assert not pausing.done()
            await feeder.commit()
            assert await pausing


async def _is_one_waiting(pool: Pool) -> bool:
    return await count_waiting(pool) == 1


class TestCancel:
    """A run of the whole catalogue that is given up."""

    async def test_what_it_planned_is_wanted_by_nobody(self, conn: Conn) -> None:
        """Known for another day; what was done stays done, and nothing is taken."""
        run_id = await plan(conn, {1: 1.0, 2: 1.0, 3: 1.0})
        await planning.plan_items(conn, run_id, OMDB, [1])
        await want(conn, {1: 1.0}, run_id=run_id, entry=TITLE)
        await planning.open_planned(conn, MOVIE, [2])
        await ledger.queue(conn, [2], **FILM, reason="x", now=NOW)
        await _settle(conn, [3])
        await _cancel(conn, run_id)
        assert await items(conn, run_id) == {1: "cancelled", 2: "cancelled", 3: "done"}
        found = await rows(conn)
        assert (found[1], found[2]) == (("wanted", 0, None), ("wanted", 0, None))
        assert found[3][0] == "fresh"
        assert await rows(conn, source="omdb") == {1: ("wanted", 0, None)}
        assert await _take(conn) == await _take(conn, entry=TITLE) == []

    async def test_another_run_inherits_what_it_plans_too(self, conn: Conn) -> None:
        """The rest is wanted by nobody; the heir does not begin anew."""
        heir = await plan(conn, {1: 1.0, 2: 2.0})
        run_id = await plan(conn, {1: 1.0, 2: 2.0, 3: 3.0})
        assert {run for _, run, _ in (await rows(conn)).values()} == {run_id}
        await _cancel(conn, run_id)
        assert await rows(conn) == {
            1: ("wanted", heir, NOW),
            2: ("wanted", heir, NOW),
            3: ("wanted", 0, None),
        }
        assert await _take(conn) == [1, 2]
        assert await items(conn, heir) == {1: "open", 2: "open"}

    async def test_the_planned_are_counted_as_cancelled(self, conn: Conn) -> None:
        """The sums of the run say so."""
        run_id = await plan(conn, dict.fromkeys(range(1, 31), 1.0))
        await _settle(conn, range(1, 6))
        await _cancel(conn, run_id)
        cursor = await conn.execute(
            "SELECT state, planned, done, failed FROM sync_runs WHERE id = %s", [run_id]
        )
        assert await cursor.fetchall() == [("cancelled", 30, 5, 0)]

    async def test_a_cancel_meets_the_feeder_without_a_deadlock(
        self, pool: Pool, conn: Conn
    ) -> None:
        """It waits until the jobs are made and cancels those films too."""
        run_id = await plan(conn, dict.fromkeys(range(1, 21), 1.0))

        async def cancel() -> None:
            async with pool.connection() as person:
                await _cancel(person, run_id)

        async with pool.connection() as feeder, asyncio.timeout(20):
            run_ids = await planning.list_feeding(feeder, MOVIE)
            taken = await ledger.take_due(
                feeder, **FILM, run_ids=run_ids, limit=10, now=NOW
            )
            cancelling = asyncio.create_task(cancel())
            await until(partial(_is_one_waiting, pool))
            await planning.open_planned(feeder, MOVIE, [t.external_id for t in taken])
            await feeder.commit()
            await cancelling
        assert set((await items(conn, run_id)).values()) == {"cancelled"}
        assert set((await rows(conn)).values()) == {("wanted", 0, None)}

    async def test_a_cancel_meets_who_stores_a_planned_film_without_a_deadlock(
        self, pool: Pool, conn: Conn
    ) -> None:
        """A person imports a film by hand at that moment."""
        run_id = await plan(conn, dict.fromkeys(range(1, 4), 1.0))

        async def cancel() -> None:
            async with pool.connection() as person:
                await _cancel(person, run_id)

        async with pool.connection() as storing, asyncio.timeout(20):
            await stamps.touch_found(storing, [2], changed_ids=[2], **FILM, now=NOW)
            cancelling = asyncio.create_task(cancel())
            await until(partial(_is_one_waiting, pool))
            await runs.settle_items(storing, MOVIE, [2], ItemState.DONE, now=NOW)
            await storing.commit()
            await cancelling
        assert await items(conn, run_id) == {1: "cancelled", 2: "done", 3: "cancelled"}


class TestFinish:
    """A run that has ended by itself."""

    async def test_nothing_stays_bound_to_it(self, conn: Conn) -> None:
        """What it did not plan after all is wanted as before, for no run: the feeder asks for running runs alone."""
        run_id = await plan(conn, {1: 1.0})
        await want(conn, {2: 1.0}, run_id=run_id)
        await _settle(conn, [1])
        assert await runs.finish_runs(conn, now=LATER) == [run_id]
        assert (await rows(conn))[2] == ("wanted", 0, NOW)
        assert await _take(conn) == [2]


class TestReopenFailed:
    """Trying again what failed."""

    async def _fail(self, conn: Conn, ids: Sequence[int]) -> None:
        for id_ in ids:
            await runs.exhaust_item(
                conn, MOVIE, id_, error_code="unavailable", is_hopeless=True, now=NOW
            )
            await stamps.touch_failed(conn, id_, **FILM, **FAILED, now=NOW)

    async def test_films_are_planned_and_pages_opened(self, conn: Conn) -> None:
        """The run goes on, ended or not; what was done stays."""
        run_id = await start(conn, opened=[1, 2, 3])
        await self._fail(conn, [1])
        await runs.settle_items(
            conn, MOVIE, [2], ItemState.QUARANTINED, now=NOW, error_code="payload"
        )
        await _settle(conn, [3])
        await runs.add_items(conn, run_id, runs.EXPORT, [1])
        await runs.exhaust_item(
            conn, runs.EXPORT, 1, error_code="x", is_hopeless=True, now=NOW
        )
        assert await runs.finish_runs(conn, now=NOW) == [run_id]
        assert await run_state(conn, run_id) == "failed"
        reopened = await runs.reopen_failed(conn, run_id, fed_kinds=[MOVIE, OMDB])
        assert reopened is not None
        assert (reopened.planned, reopened.opened) == (
            {MOVIE: [1, 2]},
            {runs.EXPORT: [1]},
        )
        assert (reopened.things, reopened.run_kind) == (3, runs.CATALOG)
        assert await run_state(conn, run_id) == "running"
        assert await items(conn, run_id) == {1: "planned", 2: "planned", 3: "done"}

    async def test_what_a_person_named_is_opened(self, conn: Conn) -> None:
        """It does not wait behind the feeder's films."""
        run_id = await start(conn, kind=runs.BY_NAME, opened=[1])
        await self._fail(conn, [1])
        reopened = await runs.reopen_failed(conn, run_id, fed_kinds=[MOVIE])
        assert reopened is not None
        assert (reopened.planned, reopened.opened) == ({}, {MOVIE: [1]})

    @pytest.mark.parametrize("is_cancelled", [True, False])
    async def test_a_run_without_a_failure_stays_as_it_is(
        self, conn: Conn, *, is_cancelled: bool
    ) -> None:
        """Its end, its sums and its notes too; nor does a cancelled one go on."""
        run_id = await start(conn, opened=[1])
        await runs.add_note(conn, run_id, "a note")
        if is_cancelled:
            await self._fail(conn, [1])
            await _cancel(conn, run_id)
        else:
            await _settle(conn, [1])
            await runs.finish_runs(conn, now=NOW)
        cursor = await conn.execute("SELECT * FROM sync_runs")
        before = await cursor.fetchall()
        assert await runs.reopen_failed(conn, run_id, fed_kinds=[MOVIE]) is None
        cursor = await conn.execute("SELECT * FROM sync_runs")
        assert await cursor.fetchall() == before

    async def test_a_paused_run_stays_paused(self, conn: Conn) -> None:
        """It is tried again when it is resumed."""
        run_id = await start(conn, opened=[1])
        await self._fail(conn, [1])
        await runs.pause_run(conn, run_id)
        assert await runs.reopen_failed(conn, run_id, fed_kinds=[MOVIE])
        assert await run_state(conn, run_id) == "paused"
