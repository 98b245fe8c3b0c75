"""What is wanted, taken and put back; and that the kept counts are those of the rows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cinegraph.catalog import counting
from cinegraph.db.pool import Pool
from cinegraph.sync import ledger, planning, policy, runs, stamps
from cinegraph.sync.ledger import Taken
from ledger_rows import (
    FILM,
    NOW,
    TITLE,
    Conn,
    add_listed,
    plan,
    rows,
    start,
    want,
)

LATER = NOW + timedelta(hours=1)


async def _take(
    conn: Conn, *run_ids: int, limit: int = 100, now: datetime = NOW, **entry: str
) -> list[Taken]:
    return await ledger.take_due(
        conn, **(FILM | entry), run_ids=run_ids, limit=limit, now=now
    )


def _ids(taken: Sequence[Taken]) -> list[int]:
    return [thing.external_id for thing in taken]


class TestWant:
    """Noting that something is wanted."""

    async def test_new_things_are_wanted_at_once(self, conn: Conn) -> None:
        """With their worth, their reason and their run."""
        await want(conn, {2: 3.5, 1: 0.0}, run_id=7)
        assert await rows(conn) == {1: ("wanted", 7, NOW), 2: ("wanted", 7, NOW)}
        [entry] = await ledger.find_entries(conn, "movie", 2)
        assert (entry.priority, entry.reason, entry.checked_at) == (
            3.5,
            "for tests",
            None,
        )

    async def test_what_was_answered_or_is_queued_keeps_its_state(
        self, conn: Conn
    ) -> None:
        """Only what is not known, has failed or is quarantined is asked for."""
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        await stamps.touch_absent(conn, 2, **FILM, now=NOW)
        await ledger.queue(conn, [3], **FILM, reason="asked for", now=NOW)
        await stamps.touch_failed(
            conn, 4, **FILM, error_code="unavailable", error="503", now=NOW
        )
        await stamps.touch_quarantined(
            conn, 5, **FILM, error_code="payload", error="broken", now=NOW
        )
        before = await rows(conn)
        await want(conn, dict.fromkeys(range(1, 6), 1.0), run_id=7, now=LATER)
        after = await rows(conn)
        assert {id_: after[id_] for id_ in (1, 2, 3)} == {
            id_: before[id_] for id_ in (1, 2, 3)
        }
        assert after[4] == after[5] == ("wanted", 7, LATER)

    async def test_a_worth_is_not_forgotten(self, conn: Conn) -> None:
        """Who wants it for less does not push it back."""
        await want(conn, {1: 9.0, 2: 1.0})
        await want(conn, {1: 0.0, 2: 4.0})
        worth = [
            (await ledger.find_entries(conn, "movie", id_))[0].priority
            for id_ in (1, 2)
        ]
        assert worth == [9.0, 4.0]


@asynccontextmanager
async def _listing(
    conn: Conn, lines: Sequence[tuple[int, float, bool]]
) -> AsyncIterator[None]:
    """Let the ledger see an export that is being merged: id, popularity and whether it is a video."""
    async with conn.transaction():
        await conn.execute(
            "CREATE TEMPORARY TABLE export_staging (tmdb_id integer NOT NULL, popularity double precision NOT NULL,"
            " is_adult boolean NOT NULL, is_video boolean NOT NULL, original_title text NOT NULL) ON COMMIT DROP"
        )
        async with conn.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO export_staging VALUES (%s, %s, false, %s, 'Film')", lines
            )
        yield


class TestWantListed:
    """The ledger follows the daily export."""

    async def _merge(
        self,
        conn: Conn,
        lines: Sequence[tuple[int, float, bool]],
        *,
        run_id: int = 0,
        due_at: datetime | None = NOW,
    ) -> int:
        async with _listing(conn, lines):
            return await ledger.want_listed(
                conn,
                **FILM,
                reason="in the export",
                run_id=run_id,
                due_at=due_at,
                with_adult=False,
                now=NOW,
            )

    async def _worth(self, conn: Conn, id_: int) -> float:
        [entry] = await ledger.find_entries(conn, "movie", id_)
        return entry.priority

    async def test_new_films_are_wanted_with_their_worth(self, conn: Conn) -> None:
        """For the run that merges; a recording is worth a tenth."""
        new = await self._merge(conn, [(1, 50.0, False), (2, 50.0, True)], run_id=3)
        assert new == 2
        assert await rows(conn) == {1: ("wanted", 3, NOW), 2: ("wanted", 3, NOW)}
        assert await self._worth(conn, 1) == 50.0
        assert await self._worth(conn, 2) == pytest.approx(50.0 * policy.VIDEO_SHARE)

    async def test_films_that_nobody_asked_for_are_only_known(self, conn: Conn) -> None:
        """Nothing takes them until somebody wants them."""
        assert await self._merge(conn, [(1, 50.0, False)], due_at=None) == 1
        assert await rows(conn) == {1: ("wanted", 0, None)}
        assert await _take(conn) == []

    async def test_the_worth_of_known_films_follows_and_nothing_else(
        self, conn: Conn
    ) -> None:
        """Whatever their state; the second list finds nothing new."""
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        await stamps.touch_absent(conn, 2, **FILM, now=NOW)
        await want(conn, {3: 1.0})
        before = await rows(conn)
        lines = [(id_, 20.0 + id_, False) for id_ in (1, 2, 3)]
        assert await self._merge(conn, lines, run_id=9, due_at=LATER) == 0
        assert await rows(conn) == before
        assert [await self._worth(conn, id_) for id_ in (1, 2, 3)] == [21.0, 22.0, 23.0]

    async def test_a_worth_that_hardly_moved_writes_no_row(self, conn: Conn) -> None:
        """A second day's list, mostly the same, costs next to nothing."""
        await self._merge(conn, [(1, 50.0, False), (2, 0.0, False), (3, 9.0, False)])
        cursor = await conn.execute("SELECT external_id, ctid::text FROM sync_ledger")
        before = dict(await cursor.fetchall())
        await self._merge(conn, [(1, 50.4, False), (2, 0.004, False), (3, 4.0, False)])
        cursor = await conn.execute("SELECT external_id, ctid::text FROM sync_ledger")
        after = dict(await cursor.fetchall())
        assert [id_ for id_ in before if before[id_] != after[id_]] == [3]

    async def test_other_sources_are_left(self, conn: Conn) -> None:
        """The same numbers at OMDb are other rows."""
        await want(conn, {1: 1.0}, entry=TITLE)
        await self._merge(conn, [(1, 50.0, False)])
        [omdb, tmdb] = await ledger.find_entries(conn, "movie", 1)
        assert (omdb.priority, tmdb.priority) == (1.0, 50.0)


class TestTakeDue:
    """Which things are made jobs."""

    async def test_the_most_valuable_are_taken_first(self, conn: Conn) -> None:
        """Over all that is wanted, for a run or for none; then what is left."""
        run_id = await plan(conn, {1: 1.0, 2: 9.0, 3: 5.0})
        await want(conn, {4: 7.0, 5: 0.5})
        first = await _take(conn, run_id, limit=3)
        assert [(t.external_id, t.run_id) for t in first] == [
            (2, run_id),
            (3, run_id),
            (4, 0),
        ]
        assert _ids(await _take(conn, run_id)) == [1, 5]
        assert await _take(conn, run_id) == []

    async def test_only_what_is_due_is_taken(self, conn: Conn) -> None:
        """Nothing of the future, nothing that nobody wants, nothing of a run that is not fed."""
        await want(conn, {1: 1.0}, now=LATER)
        await want(conn, {2: 2.0})
        await ledger.put_back(conn, [2], **FILM, reason="no quota", due_at=LATER)
        await want(conn, {3: 3.0}, run_id=77)
        await want(conn, {4: 4.0}, entry=TITLE)
        assert await _take(conn) == []
        await want(conn, {5: 0.1})
        # What is not due takes no place from what is.
        assert _ids(await _take(conn, limit=1)) == [5]
        assert _ids(await _take(conn, now=LATER)) == [1, 2]

    async def test_what_was_answered_or_failed_comes_due_again(
        self, conn: Conn
    ) -> None:
        """Marked as such, with its reason, and with no run of the past."""
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        await stamps.touch_absent(conn, 2, **FILM, now=NOW)
        await plan(conn, {3: 5.0})
        await stamps.touch_failed(
            conn, 3, **FILM, error_code="unavailable", error="503", now=NOW
        )
        assert await _take(conn, now=LATER - timedelta(seconds=1)) == []
        [failed] = await _take(conn, now=LATER)
        assert (failed.external_id, failed.run_id, failed.is_again) == (3, 0, True)
        [found] = await _take(conn, now=NOW + policy.RECHECK_FRESH)
        assert (found.external_id, found.is_again) == (1, True)
        [absent] = await _take(conn, now=NOW + policy.RECHECK_ABSENT)
        assert (absent.external_id, absent.is_again) == (2, True)
        [entry] = await ledger.find_entries(conn, "movie", 1)
        assert (entry.state, entry.reason) == ("queued", "due again")

    async def test_what_the_newest_export_names_is_told(self, conn: Conn) -> None:
        """A film that it no longer names, or never did, may be denied at once."""
        await add_listed(conn, [1, 2])
        await conn.execute(
            "UPDATE listed_movies SET missing_since = '2026-09-01' WHERE tmdb_id = 2"
        )
        await want(conn, dict.fromkeys((1, 2, 3), 1.0))
        taken = await _take(conn)
        assert [t.is_listed for t in taken] == [True, False, False]

    async def test_two_at_once_take_each_thing_once(
        self, pool: Pool, conn: Conn
    ) -> None:
        """Neither waits for the other; what one holds the other leaves."""
        await want(conn, {id_: float(id_) for id_ in range(1, 21)})
        async with pool.connection() as one, pool.connection() as two:
            first = await _take(one, limit=12)
            async with asyncio.timeout(5):
                second = await _take(two, limit=20)
            assert _ids(first) == list(range(9, 21))
            assert _ids(second) == list(range(1, 9))

    async def test_what_is_given_up_is_there_for_the_next(
        self, pool: Pool, conn: Conn
    ) -> None:
        """A feeder that dies in its turn has taken nothing."""
        await want(conn, {1: 1.0, 2: 2.0})
        async with pool.connection() as dying:
            assert _ids(await _take(dying)) == [1, 2]
            await dying.rollback()
        assert _ids(await _take(conn)) == [1, 2]

    async def test_a_thing_that_is_being_answered_is_left(
        self, pool: Pool, conn: Conn
    ) -> None:
        """A film that is stored at this moment is not asked for again."""
        await stamps.touch_found(conn, [1], changed_ids=[1], **FILM, now=NOW)
        due = NOW + policy.RECHECK_FRESH
        async with pool.connection() as storing:
            await stamps.touch_found(storing, [1], changed_ids=[], **FILM, now=due)
            assert await _take(conn, now=due) == []
        assert await _take(conn, now=due) == []


class TestPutBack:
    """What could not be asked for now."""

    async def test_it_is_wanted_later_and_counts_no_attempt(self, conn: Conn) -> None:
        """With the reason; whoever's run it was taken for."""
        run_id = await plan(conn, {1: 5.0, 2: 1.0})
        await _take(conn, run_id)
        await ledger.put_back(conn, [1], **FILM, reason="no quota", due_at=LATER)
        [entry] = await ledger.find_entries(conn, "movie", 1)
        assert (entry.state, entry.due_at) == ("wanted", LATER)
        assert (entry.reason, entry.attempts, entry.priority) == ("no quota", 0, 5.0)
        assert await rows(conn) == {
            1: ("wanted", 0, LATER),
            2: ("queued", run_id, NOW),
        }

    async def test_it_is_not_bound_to_the_run_that_may_end_without_it(
        self, conn: Conn
    ) -> None:
        """The run has left it to the backlog: nobody else would ever take it."""
        run_id = await plan(conn, {1: 5.0})
        await _take(conn, run_id)
        await ledger.put_back(conn, [1], **FILM, reason="no quota", due_at=LATER)
        await runs.settle_items(conn, runs.MOVIE, [1], runs.ItemState.DEFERRED, now=NOW)
        assert await runs.finish_runs(conn, now=NOW) == [run_id]
        assert _ids(await _take(conn, now=LATER)) == [1]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "want",
                "want_for_run",
                "queue",
                "take",
                "found",
                "empty",
                "absent",
                "failed",
                "quarantined",
                "put_back",
                "add_items",
                "plan_items",
                "settle",
                "exhaust",
                "reopen",
                "retry",
                "defer",
                "restore",
                "cancel",
                "add_films",
                "delete_films",
                "delete_entry",
                "delete_run",
                "sum_up",
                "roll_back",
            ]
        ),
        st.integers(1, 6),
        st.integers(0, 3),
    ),
    max_size=25,
)


class TestCounts:
    """Counts that are kept are those of the rows, whatever happens."""

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(changes=CHANGES)
    async def test_they_are_exact_after_any_changes(
        self, pool: Pool, changes: list[tuple[str, int, int]]
    ) -> None:
        """Of the ledger, of every run and of the large tables; before and after they are summed up."""
        async with pool.connection() as conn:
            await conn.execute("TRUNCATE sync_ledger, sync_runs, movies CASCADE")
            await conn.execute(
                "TRUNCATE sync_ledger_counts, sync_ledger_deltas, catalog_counts, catalog_deltas"
            )
            await conn.commit()
            run_ids = [await start(conn), await start(conn)]
            # So that even the shortest list of changes finds items, and one that has ended.
            for run_id in run_ids:
                await runs.add_items(conn, run_id, runs.MOVIE, range(1, 7))
            await _change(conn, "settle", 1, run_ids[0], NOW, 0)
            await conn.commit()
            for step, (change, id_, days) in enumerate(changes):
                run_id = run_ids[id_ % 2]
                now = NOW + timedelta(days=days)
                if change == "roll_back":
                    await want(conn, {id_: 1.0, id_ + 100: 1.0})
                    await runs.add_items(conn, run_id, runs.MOVIE, [id_ + 100])
                    await conn.rollback()
                else:
                    await _change(conn, change, id_, run_id, now, step)
                    await conn.commit()
            await _check(conn)
            await ledger.sum_up(conn)
            await counting.sum_up(conn)
            await _check(conn)
            cursor = await conn.execute(
                "SELECT (SELECT count(*) FROM sync_ledger_deltas) + (SELECT count(*) FROM sync_run_deltas)"
                " + (SELECT count(*) FROM catalog_deltas)"
            )
            assert await cursor.fetchall() == [(0,)]

    async def test_films_people_and_credits_are_counted(self, conn: Conn) -> None:
        """As they come and go, with what hangs on them."""
        await conn.execute(
            "INSERT INTO movies (tmdb_id, title, created_at, updated_at)"
            " SELECT n, 'Film', now(), now() FROM generate_series(1, 3) AS n"
        )
        await conn.execute(
            "INSERT INTO people (tmdb_id, name, stated_on, created_at, updated_at)"
            " SELECT n, 'Person', '2026-09-01', now(), now() FROM generate_series(1, 4) AS n"
        )
        await conn.execute(
            "INSERT INTO credits (movie_id, person_id, credit_id, kind)"
            " SELECT m.id, p.id, concat(m.id, '-', p.id), 'cast' FROM movies AS m CROSS JOIN people AS p"
        )
        assert await _totals(conn) == {"movies": 3, "people": 4, "credits": 12}
        await counting.sum_up(conn)
        await conn.execute("DELETE FROM movies WHERE tmdb_id = 1")
        await conn.execute(
            "DELETE FROM credits WHERE movie_id IN (SELECT min(id) FROM movies)"
        )
        await conn.execute(
            "DELETE FROM people WHERE NOT EXISTS (SELECT FROM credits WHERE person_id = people.id)"
        )
        await conn.execute("UPDATE people SET name = 'Other'")
        assert await _totals(conn) == {"movies": 2, "people": 4, "credits": 4}
        await conn.execute("DELETE FROM credits")
        await conn.execute("DELETE FROM people WHERE tmdb_id > 1")
        await counting.sum_up(conn)
        assert await _totals(conn) == {"movies": 2, "people": 1, "credits": 0}

    async def test_summing_up_twice_at_once_counts_everything_once(
        self, pool: Pool, conn: Conn
    ) -> None:
        """As when two nodes believe they lead."""
        await start(conn, planned=range(1, 51))
        for id_ in range(1, 51):
            await want(conn, {id_: 1.0})
        async with pool.connection() as one, pool.connection() as two:
            await ledger.sum_up(one)
            summing = asyncio.create_task(ledger.sum_up(two))
            await asyncio.sleep(0.05)
            await one.commit()
            await summing
        await _check(conn)

    async def test_counts_are_by_state_and_source(self, conn: Conn) -> None:
        """As the status shows them."""
        await want(conn, {1: 1.0, 2: 1.0})
        await want(conn, {1: 1.0}, entry=TITLE)
        await stamps.touch_found(conn, [2], changed_ids=[2], **FILM, now=NOW)
        found = await ledger.read_counts(conn)
        assert [(c.source, c.state, c.things) for c in found] == [
            ("omdb", "wanted", 1),
            ("tmdb", "fresh", 1),
            ("tmdb", "wanted", 1),
        ]

    async def test_writers_of_counts_never_wait_for_each_other(
        self, pool: Pool, conn: Conn
    ) -> None:
        """Two transactions that change the same count are both done at once."""
        await want(conn, {1: 1.0, 2: 1.0})
        async with pool.connection() as one, pool.connection() as two:
            async with asyncio.timeout(5):
                await stamps.touch_absent(one, 1, **FILM, now=NOW)
                await stamps.touch_absent(two, 2, **FILM, now=NOW)
                await ledger.sum_up(conn)
        await _check(conn)
        counts = {count.state: count.things for count in await ledger.read_counts(conn)}
        assert counts == {"absent": 2}


async def _totals(conn: Conn) -> dict[str, int]:
    cursor = await conn.execute("SELECT name, rows FROM catalog_totals")
    return dict(await cursor.fetchall())


async def _change(  # noqa: C901, PLR0912, PLR0915, PLR0917 - a table of what may happen
    conn: Conn, change: str, id_: int, run_id: runs.RunId, now: datetime, step: int
) -> None:
    few = [id_, id_ + 1]
    match change:
        case "want":
            await want(conn, dict.fromkeys(few, 1.0), now=now)
        case "want_for_run":
            await want(conn, dict.fromkeys(few, 2.0), run_id=run_id, now=now)
        case "queue":
            await ledger.queue(conn, few, **FILM, reason="asked for", now=now)
        case "take":
            taken = await _take(conn, run_id, limit=2, now=now)
            await planning.open_planned(conn, runs.MOVIE, _ids(taken))
        case "found":
            await stamps.touch_found(conn, few, changed_ids=[id_], **FILM, now=now)
        case "empty":
            await stamps.touch_empty(
                conn, id_, is_changed=True, released_on=None, **TITLE, now=now
            )
        case "absent":
            await stamps.touch_absent(conn, id_, **FILM, now=now)
        case "failed":
            await stamps.touch_failed(
                conn, id_, **FILM, error_code="x", error="x", now=now
            )
        case "quarantined":
            await stamps.touch_quarantined(
                conn, id_, **FILM, error_code="x", error="x", now=now
            )
        case "put_back":
            await ledger.put_back(conn, few, **FILM, reason="later", due_at=now)
        case "add_items":
            await runs.add_items(conn, run_id, runs.MOVIE, few)
        case "plan_items":
            await planning.plan_items(conn, run_id, runs.MOVIE, few)
        case "settle":
            await runs.settle_items(conn, runs.MOVIE, few, runs.ItemState.DONE, now=now)
        case "exhaust":
            await runs.exhaust_item(
                conn, runs.MOVIE, id_, error_code="x", is_hopeless=id_ > 3, now=now
            )
        case "reopen":
            await runs.reopen_due(conn, now=now, limit=5)
        case "retry":
            await runs.reopen_failed(conn, run_id, fed_kinds=[runs.MOVIE])
        case "defer":
            await planning.defer_items(conn, runs.MOVIE, **FILM, now=now, limit=2)
        case "restore":
            await planning.restore_planned(
                conn, run_id, runs.MOVIE, **FILM, now=now, limit=3
            )
        case "cancel":
            await runs.cancel_run(conn, run_id, now=now)
        case "add_films":
            await conn.execute(
                "INSERT INTO movies (tmdb_id, title, created_at, updated_at)"
                " SELECT %s + n, 'Film', now(), now() FROM generate_series(1, %s) AS n",
                [1000 * (step + 1), id_],
            )
        case "delete_films":
            await conn.execute("DELETE FROM movies WHERE tmdb_id %% 2 = %s", [id_ % 2])
        case "delete_entry":
            await conn.execute("DELETE FROM sync_ledger WHERE external_id = %s", [id_])
        case "delete_run":
            await conn.execute("DELETE FROM sync_runs WHERE id = %s", [run_id])
        case "sum_up":
            await ledger.sum_up(conn)
            await counting.sum_up(conn)


KEPT_AND_COUNTED = {
    "the ledger": (
        "SELECT source, kind, state, checked_on::text, things FROM sync_ledger_totals WHERE things <> 0",
        "SELECT source, kind, state, checked_on(checked_at)::text, count(*) FROM sync_ledger GROUP BY 1, 2, 3, 4",
    ),
    "runs": (
        "SELECT run_id, kind, state, items FROM sync_run_totals WHERE items <> 0",
        "SELECT run_id, kind, state, count(*) FROM sync_run_items GROUP BY 1, 2, 3",
    ),
    "ends": (
        "SELECT run_id, kind, state, minute::text, items FROM sync_run_ended WHERE items <> 0",
        (
            "SELECT run_id, kind, state, date_trunc('minute', ended_at)::text, count(*) FROM sync_run_items"
            " WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4"
        ),
    ),
    "films": (
        "SELECT rows FROM catalog_totals WHERE name = 'movies' AND rows <> 0",
        "SELECT count(*) FROM movies HAVING count(*) <> 0",
    ),
}


async def _check(conn: Conn) -> None:
    for name, queries in KEPT_AND_COUNTED.items():
        kept, counted = [
            sorted(map(repr, await (await conn.execute(query)).fetchall()))
            for query in queries
        ]
        assert kept == counted, name
