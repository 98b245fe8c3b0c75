"""Runs: counted exactly, settled once, ended when nothing is left."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.monitoring.progress import RunProgress, find_run
from cinegraph.sync import policy, runs
from cinegraph.sync.runs import MOVIE, ItemState, RunId
from polling import until

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
PAGE = "popular_page"

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


async def _start(
    conn: Conn, films: Sequence[int] = (), pages: Sequence[int] = ()
) -> RunId:
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind="import_popular",
            source="tmdb",
            arguments={"pages": 3},
            requested_by="command",
            now=NOW,
        )
        await runs.add_items(conn, run_id, MOVIE, films)
        await runs.add_items(conn, run_id, PAGE, pages)
    return run_id


async def _read(conn: Conn, run_id: int) -> RunProgress:
    found = await find_run(conn, run_id, now=NOW)
    assert found is not None
    return found


async def test_a_thing_is_planned_once(conn: Conn) -> None:
    """A film on two pages is one item; only new ones are reported."""
    run_id = await _start(conn, [3, 1])
    assert await runs.add_items(conn, run_id, MOVIE, [5, 3, 2, 5]) == [2, 5]
    assert (await _read(conn, run_id)).planned == 4


async def test_the_request_is_remembered(conn: Conn) -> None:
    """A worker finds what the run was asked to do."""
    run_id = await _start(conn)
    assert await runs.find_arguments(conn, run_id) == {"pages": 3}
    assert await runs.find_arguments(conn, RunId(run_id + 1)) is None


async def test_a_film_is_settled_for_every_run_that_waits(conn: Conn) -> None:
    """One fetch serves all; what ended earlier keeps its end."""
    first, second = await _start(conn, [1, 2]), await _start(conn, [1, 3])
    await runs.settle_items(conn, MOVIE, [2], ItemState.ABSENT, now=NOW)
    await runs.settle_items(conn, MOVIE, [1, 2], ItemState.DONE, now=NOW)
    one, two = await _read(conn, first), await _read(conn, second)
    assert (one.done, one.absent, one.open) == (1, 1, 0)
    assert (two.done, two.open) == (1, 1)


async def test_a_page_is_settled_for_its_own_run(conn: Conn) -> None:
    """Two runs read the same page each for themselves."""
    first, second = await _start(conn, pages=[1]), await _start(conn, pages=[1])
    await runs.settle_items(conn, PAGE, [1], ItemState.DONE, now=NOW, run_id=first)
    assert (await _read(conn, first)).pages_read == 1
    assert (await _read(conn, second)).pages_read == 0


async def test_counts_are_exact_in_every_state(conn: Conn) -> None:
    """Each film is in exactly one count, before and after the end."""
    run_id = await _start(conn, range(1, 8), pages=[1])
    for films, state in (
        ([1, 2], ItemState.DONE),
        ([3], ItemState.ABSENT),
        ([4], ItemState.QUARANTINED),
    ):
        await runs.settle_items(conn, MOVIE, films, state, now=NOW)
    await runs.exhaust_item(conn, MOVIE, 5, error_code="unavailable", now=NOW)
    seen = await _read(conn, run_id)
    assert (seen.planned, seen.done, seen.absent, seen.quarantined) == (7, 2, 1, 1)
    assert (seen.open, seen.waiting, seen.failed) == (2, 1, 0)
    assert seen.ended == 4
    assert (seen.pages_planned, seen.pages_read) == (1, 0)


async def test_rounds_are_given_spaced_and_then_it_has_failed(conn: Conn) -> None:
    """Used-up attempts get every further round in its time, and only then count."""
    run_id = await _start(conn, [1])
    now = NOW
    for number, delay in enumerate(policy.ROUND_DELAYS, start=1):
        await runs.exhaust_item(conn, MOVIE, 1, error_code="unavailable", now=now)
        just_before = now + delay - timedelta(seconds=1)
        assert await runs.reopen_due(conn, now=just_before, limit=10) == []
        assert (await _read(conn, run_id)).waiting == 1
        assert await runs.finish_runs(conn, now=just_before) == []
        now += delay
        assert await runs.reopen_due(conn, now=now, limit=10) == [
            runs.RunItem(run_id, MOVIE, 1, number + 1, "import_popular")
        ]
    await runs.exhaust_item(conn, MOVIE, 1, error_code="unavailable", now=now)
    assert (await _read(conn, run_id)).failed == 1
    assert await runs.finish_runs(conn, now=now) == [run_id]
    ended = await _read(conn, run_id)
    assert (ended.state, ended.failed, ended.planned) == ("failed", 1, 1)


async def test_an_answer_in_a_pause_settles_the_film(conn: Conn) -> None:
    """A film another run has fetched meanwhile needs no further round."""
    run_id = await _start(conn, [1])
    await runs.exhaust_item(conn, MOVIE, 1, error_code="unavailable", now=NOW)
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    assert await runs.reopen_due(conn, now=NOW + timedelta(days=1), limit=10) == []
    assert await runs.finish_runs(conn, now=NOW) == [run_id]


async def test_a_late_failure_does_not_undo_an_end(conn: Conn) -> None:
    """A job that fails after another has stored the film changes nothing."""
    run_id = await _start(conn, [1])
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    await runs.exhaust_item(conn, MOVIE, 1, error_code="unavailable", now=NOW)
    assert (await _read(conn, run_id)).done == 1


async def test_a_run_ends_when_nothing_is_open(conn: Conn) -> None:
    """Not while one film or page is; then once, with its sums."""
    run_id = await _start(conn, [1, 2], pages=[1])
    await runs.settle_items(conn, MOVIE, [1, 2], ItemState.DONE, now=NOW)
    assert await runs.finish_runs(conn, now=NOW) == []
    await runs.settle_items(conn, PAGE, [1], ItemState.DONE, now=NOW, run_id=run_id)
    assert await runs.finish_runs(conn, now=NOW) == [run_id]
    assert await runs.finish_runs(conn, now=NOW) == []
    ended = await _read(conn, run_id)
    assert (ended.state, ended.done, ended.finished_at) == ("completed", 2, NOW)
    assert not ended.is_running


async def test_a_page_that_was_never_read_fails_the_run(conn: Conn) -> None:
    """All films stored is not success when a page of films is unknown."""
    run_id = await _start(conn, [1], pages=[1, 2])
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, PAGE, [1], ItemState.DONE, now=NOW, run_id=run_id)
    await runs.settle_items(
        conn, PAGE, [2], ItemState.QUARANTINED, now=NOW, run_id=run_id
    )
    await runs.finish_runs(conn, now=NOW)
    ended = await _read(conn, run_id)
    assert ended.state == "failed"
    assert ended.note == "1 list page could not be read"


async def test_pages_that_were_missed_are_counted(conn: Conn) -> None:
    """The note speaks of two as of two."""
    run_id = await _start(conn, [1], pages=[1, 2])
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, PAGE, [1, 2], ItemState.QUARANTINED, now=NOW)
    await runs.finish_runs(conn, now=NOW)
    assert (await _read(conn, run_id)).note == "2 list pages could not be read"


async def test_what_a_person_cancelled_is_told_and_fails_no_run(conn: Conn) -> None:
    """It is not missed: the rest was done."""
    run_id = await _start(conn, [1, 2, 3], pages=[1, 2])
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, PAGE, [1], ItemState.DONE, now=NOW)
    await runs.settle_items(conn, MOVIE, [2, 3], ItemState.CANCELLED, now=NOW)
    await runs.settle_items(conn, PAGE, [2], ItemState.CANCELLED, now=NOW)
    await runs.finish_runs(conn, now=NOW)
    ended = await _read(conn, run_id)
    assert (ended.state, ended.note) == (
        "completed",
        "1 list page cancelled; 2 films cancelled",
    )


@pytest.mark.parametrize("films", [[], [1]], ids=["page only", "film and page"])
async def test_a_run_whose_everything_was_cancelled_is_cancelled(
    conn: Conn, films: list[int]
) -> None:
    """One by one, as by one word."""
    run_id = await _start(conn, films, pages=[1])
    await runs.settle_items(conn, MOVIE, films, ItemState.CANCELLED, now=NOW)
    await runs.settle_items(conn, PAGE, [1], ItemState.CANCELLED, now=NOW)
    await runs.finish_runs(conn, now=NOW)
    assert (await _read(conn, run_id)).state == "cancelled"


async def test_a_hopeless_thing_gets_no_round(conn: Conn) -> None:
    """It has failed in its first; what another run waits for is told too."""
    await _start(conn, [1, 2])
    await _start(conn, [1])
    told = await runs.exhaust_item(
        conn, MOVIE, 1, error_code="config", is_hopeless=True, now=NOW
    )
    assert told == [ItemState.FAILED, ItemState.FAILED]
    told = await runs.exhaust_item(conn, MOVIE, 2, error_code="unavailable", now=NOW)
    assert told == [ItemState.WAITING]
    assert not await runs.is_awaited(conn, MOVIE, 1)
    assert await runs.is_awaited(conn, MOVIE, 2)


async def test_absent_and_quarantined_films_fail_no_run(conn: Conn) -> None:
    """The source's answer was had; nothing is left to try."""
    run_id = await _start(conn, [1, 2])
    await runs.settle_items(conn, MOVIE, [1], ItemState.ABSENT, now=NOW)
    await runs.settle_items(conn, MOVIE, [2], ItemState.QUARANTINED, now=NOW)
    await runs.finish_runs(conn, now=NOW)
    assert (await _read(conn, run_id)).state == "completed"


async def test_cancelling_ends_what_is_left(conn: Conn) -> None:
    """What was settled stays, what was open or waiting is cancelled; once."""
    run_id = await _start(conn, [1, 2, 3])
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    await runs.exhaust_item(conn, MOVIE, 2, error_code="unavailable", now=NOW)
    assert await runs.cancel_run(conn, run_id, now=NOW)
    assert not await runs.cancel_run(conn, run_id, now=NOW)
    seen = await _read(conn, run_id)
    assert (seen.state, seen.done, seen.cancelled) == ("cancelled", 1, 2)
    assert (seen.open, seen.waiting) == (0, 0)
    assert await runs.reopen_due(conn, now=NOW + timedelta(days=1), limit=9) == []


async def test_a_cancelled_run_takes_nothing_more(conn: Conn) -> None:
    """A page that was being read meanwhile adds no film that nobody would settle."""
    run_id = await _start(conn, [1])
    await runs.cancel_run(conn, run_id, now=NOW)
    assert await runs.add_items(conn, run_id, MOVIE, [2, 3]) == []
    seen = await _read(conn, run_id)
    assert (seen.planned, seen.ended) == (1, 1)


async def test_a_run_is_not_cancelled_over_a_film_being_added(
    pool: Pool, conn: Conn
) -> None:
    """Cancelling waits for a page that is being written, and cancels its films too."""
    run_id = await _start(conn, [1])
    async with pool.connection() as other:
        async with other.transaction():
            assert await runs.add_items(other, run_id, MOVIE, [2]) == [2]
            cancelling = asyncio.create_task(_cancel(conn, run_id))
            await until(partial(_are_waiting, pool, 1))
        assert await cancelling
    seen = await _read(conn, run_id)
    assert (seen.planned, seen.cancelled, seen.open) == (2, 2, 0)


async def _cancel(conn: Conn, run_id: RunId) -> bool:
    async with conn.transaction():
        return await runs.cancel_run(conn, run_id, now=NOW)


async def _are_waiting(pool: Pool, number: int) -> bool:
    async with pool.connection() as watcher:
        cursor = await watcher.execute(
            "SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return len(await cursor.fetchall()) == number


async def test_two_nodes_reopen_an_item_once(pool: Pool, conn: Conn) -> None:
    """What one is reopening the other passes over, without waiting."""
    await _start(conn, range(1, 21))
    for film in range(1, 21):
        await runs.exhaust_item(conn, MOVIE, film, error_code="x", now=NOW)
    due = NOW + policy.ROUND_DELAYS[0]
    async with pool.connection() as one, pool.connection() as two:
        first = await runs.reopen_due(one, now=due, limit=12)
        second = await runs.reopen_due(two, now=due, limit=12)
    assert len(first) == 12
    assert len(second) == 8
    assert not {item.external_id for item in first} & {i.external_id for i in second}


async def test_settling_and_cancelling_at_once_never_deadlock(
    pool: Pool, conn: Conn
) -> None:
    """A group of films and the end of their run meet in the middle and queue in one order."""
    films = list(range(1, 41))
    run_id = await _start(conn, films)

    async def settle() -> None:
        async with pool.connection() as writer:
            chosen = films[::-1]
            await runs.settle_items(writer, MOVIE, chosen, ItemState.DONE, now=NOW)

    async def cancel() -> None:
        async with pool.connection() as writer:
            await runs.cancel_run(writer, run_id, now=NOW)

    async with asyncio.TaskGroup() as tasks, pool.connection() as holder:
        await holder.execute(
            "SELECT FROM sync_run_items WHERE external_id = 20 FOR NO KEY UPDATE"
        )
        tasks.create_task(settle())
        await until(partial(_are_waiting, pool, 1))
        tasks.create_task(cancel())
        await until(partial(_are_waiting, pool, 2))
        await holder.commit()
    seen = await _read(conn, run_id)
    assert (seen.state, seen.done, seen.cancelled, seen.open) == ("cancelled", 40, 0, 0)
