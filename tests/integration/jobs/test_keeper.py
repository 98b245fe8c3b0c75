"""Keeping runs moving: further rounds, lost jobs, the end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg import sql

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.jobs.discovery import import_jobs, page_job, page_kind
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.monitoring.progress import find_run
from cinegraph.sync import ledger, policy, runs
from cinegraph.sync.runs import MOVIE, ItemState, RunId
from polling import until

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)

type Conn = psycopg.AsyncConnection[Any]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture
def keeper(pool: Pool) -> RunKeeper:
    """Return a keeper whose turns the test takes itself."""
    return RunKeeper(pool, lambda: True)


async def _start(conn: Conn, films: list[int], kind: str = "import_popular") -> RunId:
    async with conn.transaction():
        run_id = await runs.start_run(
            conn,
            kind=kind,
            source="tmdb",
            arguments={"pages": 2},
            requested_by="command",
            now=NOW,
        )
        await runs.add_items(conn, run_id, MOVIE, films)
    return run_id


async def _live(conn: Conn) -> list[Any]:
    cursor = await conn.execute(
        "SELECT args, meta->>'run_id', meta->>'listed' FROM oban_jobs"
        " WHERE state IN ('available', 'scheduled', 'retryable', 'executing') ORDER BY id"
    )
    return await cursor.fetchall()


async def test_lost_jobs_are_made_again(conn: Conn, keeper: RunKeeper) -> None:
    """Open films and pages without a job get one each, and only these."""
    run_id = await _start(conn, [1, 2, 3])
    await runs.add_items(conn, run_id, page_kind("popular"), [2])
    await insert_jobs(conn, import_jobs([2], run_id=run_id))
    assert await keeper.audit() == 3
    live = await _live(conn)
    assert sorted(args["tmdb_id"] for args, *_ in live if "tmdb_id" in args) == [
        1,
        2,
        3,
    ]
    assert [args["page"] for args, *_ in live if "page" in args] == [2]
    assert {run for _, run, _ in live} == {str(run_id)}
    assert await keeper.audit() == 0


async def test_nothing_is_made_while_every_item_has_its_job(
    conn: Conn, keeper: RunKeeper
) -> None:
    """A job that waits, retries or runs is not lost."""
    run_id = await _start(conn, [1, 2])
    await insert_jobs(conn, import_jobs([1, 2], run_id=run_id))
    for state in ("available", "executing", "retryable", "scheduled"):
        await conn.execute("UPDATE oban_jobs SET state = %s::oban_job_state", [state])
        assert await keeper.audit() == 0


async def test_an_ended_run_gets_no_jobs(conn: Conn, keeper: RunKeeper) -> None:
    """Neither after a cancel nor after its end."""
    run_id = await _start(conn, [1])
    async with conn.transaction():
        await runs.cancel_run(conn, run_id, now=NOW)
    assert await keeper.audit() == 0
    assert await _live(conn) == []


async def test_a_lost_job_of_one_of_two_runs_is_found(
    conn: Conn, keeper: RunKeeper
) -> None:
    """Jobs of other runs, more than the lost ones, do not hide that some are lost."""
    busy = await _start(conn, list(range(100, 140)))
    await insert_jobs(conn, import_jobs(range(100, 140), run_id=busy))
    async with conn.transaction():
        await runs.cancel_run(conn, busy, now=NOW)
    await _start(conn, [1, 2])
    assert await keeper.audit() == 2


async def test_a_lost_job_behind_many_live_ones_is_found(
    conn: Conn, keeper: RunKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound of an audit is on what is lost, not on what is looked at."""
    monkeypatch.setattr("cinegraph.jobs.keeper.BATCH", 1)
    run_id = await _start(conn, list(range(1, 201)))
    await insert_jobs(conn, import_jobs(range(1, 200), run_id=run_id))
    assert await keeper.audit() == 1


async def test_further_rounds_are_jobs_again(conn: Conn, keeper: RunKeeper) -> None:
    """When a round is due its film and its page get jobs, in the run's name."""
    run_id = await _start(conn, [7])
    page = page_kind("top_rated")
    await runs.add_items(conn, run_id, page, [4])
    await runs.exhaust_item(conn, MOVIE, 7, error_code="unavailable", now=NOW)
    await runs.exhaust_item(conn, page, 4, error_code="unavailable", now=NOW)
    with clock.frozen(NOW):
        assert await keeper.turn() == []
    assert await _live(conn) == []
    with clock.frozen(NOW + policy.ROUND_DELAYS[0]):
        assert await keeper.turn() == []
        await keeper.turn()
    live = await _live(conn)
    assert sorted(args.get("tmdb_id", args.get("page")) for args, *_ in live) == [4, 7]
    assert {run for _, run, _ in live} == {str(run_id)}


async def test_a_round_whose_film_has_a_job_already_waits_for_it(
    conn: Conn, keeper: RunKeeper
) -> None:
    """Another run's job for the same film serves both; there is never a second."""
    mine = await _start(conn, [7])
    await runs.exhaust_item(conn, MOVIE, 7, error_code="unavailable", now=NOW)
    other = await _start(conn, [7])
    await insert_jobs(conn, import_jobs([7], run_id=other))
    with clock.frozen(NOW + policy.ROUND_DELAYS[0]):
        await keeper.turn()
    assert len(await _live(conn)) == 1
    await runs.settle_items(conn, MOVIE, [7], ItemState.DONE, now=NOW)
    with clock.frozen(NOW):
        assert sorted(await keeper.turn()) == [mine, other]


async def test_a_turn_ends_what_is_finished(conn: Conn, keeper: RunKeeper) -> None:
    """The run ends in the turn after its last film, and once."""
    run_id = await _start(conn, [1])
    assert await keeper.turn() == []
    await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW)
    assert await keeper.turn() == [run_id]
    assert await keeper.turn() == []


async def _end_jobs(conn: Conn, state: str, code: str) -> None:
    """End every live job as the engine does where no worker had a say."""
    await conn.execute(
        "UPDATE oban_jobs SET state = %(state)s::oban_job_state,"
        " meta = meta || jsonb_build_object('error_code', %(code)s::text),"
        " errors = errors || jsonb_build_object('error', 'the node that ran it died', 'code', %(code)s::text)"
        " WHERE state IN ('available', 'executing')",
        {"state": state, "code": code},
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("discarded", "node_died"),
        ("discarded", "settle_failed"),
        ("cancelled", "job_arguments"),
    ],
)
async def test_what_ends_its_jobs_without_a_word_ends_its_run(
    conn: Conn, keeper: RunKeeper, state: str, code: str
) -> None:
    """A film and a page that kill every node get their rounds, not jobs for ever; then the run has failed."""
    run_id = await _start(conn, [7])
    await ledger.queue(
        conn, [7], source="tmdb", kind=MOVIE, reason="on popular page 1", now=NOW
    )
    await runs.add_items(conn, run_id, page_kind("popular"), [2])
    now = NOW
    with clock.frozen(now):
        assert await keeper.audit() == 2
    for delay in (*policy.ROUND_DELAYS, timedelta()):
        await _end_jobs(conn, state, code)
        with clock.frozen(now):
            assert await keeper.audit() == 0
        assert await _live(conn) == []
        now += delay
        with clock.frozen(now):
            await keeper.turn()
    run = await find_run(conn, run_id, now=now)
    assert run is not None
    assert (run.state, run.failed, run.note) == (
        "failed",
        1,
        "1 list page could not be read",
    )
    (entry,) = await ledger.find_entries(conn, MOVIE, 7)
    assert (entry.state, entry.attempts, entry.error_code) == ("failed", 1, code)
    assert entry.error == "the node that ran it died"


async def test_a_film_whose_job_a_person_cancelled_is_not_spent(
    conn: Conn, keeper: RunKeeper
) -> None:
    """Another run that waits for it gets a job, with all its attempts, in the same round."""
    run_id = await _start(conn, [7])
    await insert_jobs(conn, import_jobs([7], run_id=run_id))
    await _end_jobs(conn, "cancelled", "cancelled")
    assert await keeper.audit() == 1
    cursor = await conn.execute("SELECT state, round FROM sync_run_items")
    assert await cursor.fetchall() == [("open", 1)]


async def _priorities(conn: Conn) -> dict[int, tuple[int, str | None]]:
    cursor = await conn.execute(
        "SELECT (args->>'tmdb_id')::int, priority, meta->>'listed' FROM oban_jobs WHERE state = 'available'"
    )
    return {
        film: (priority, listed) for film, priority, listed in await cursor.fetchall()
    }


async def test_what_a_person_named_comes_first_whenever_it_is_made_again(
    conn: Conn, keeper: RunKeeper
) -> None:
    """In the audit and in a further round: no list names it, so one 404 is enough; those of lists stay behind."""
    await _start(conn, [1, 2])
    await _start(conn, [2, 3], kind=runs.BY_NAME)
    assert await keeper.audit() == 3
    expected = {1: (6, "true"), 2: (0, None), 3: (0, None)}
    assert await _priorities(conn) == expected
    await conn.execute("DELETE FROM oban_jobs")
    for film in (1, 2, 3):
        await runs.exhaust_item(conn, MOVIE, film, error_code="unavailable", now=NOW)
    with clock.frozen(NOW + policy.ROUND_DELAYS[0]):
        await keeper.turn()
    assert await _priorities(conn) == expected


async def test_a_job_inserted_twice_is_one(conn: Conn, keeper: RunKeeper) -> None:
    """The audit may look while a page's jobs are being made: the key keeps them single."""
    run_id = await _start(conn, [1, 2, 3])
    await insert_jobs(conn, import_jobs([1, 2, 3], run_id=run_id))
    await insert_jobs(conn, [page_job(run_id, "popular", 1)] * 2)
    await runs.add_items(conn, run_id, MOVIE, [4, 5, 6])
    assert await keeper.audit() == 3
    assert len(await _live(conn)) == 7


async def _put_off(conn: Conn, film: int, code: str, source: str = "tmdb") -> None:
    """Store the job of a film as one that its source put off for an hour."""
    job = import_jobs([film], run_id=RunId(1))[0]
    job.meta.update(error_code=code, source=source)
    job.scheduled_at = clock.real_now() + timedelta(hours=1)
    await insert_jobs(conn, [job])


async def _budget(conn: Conn, source: str = "tmdb", **columns: str) -> None:
    """Store a budget whose given columns hold SQL expressions of the test's own."""
    await conn.execute(
        "INSERT INTO request_budgets (source, rate_per_second, burst, configured_at, next_slot_at, touched_at)"
        " VALUES (%s, 39, 4, clock_timestamp(), clock_timestamp(), clock_timestamp())",
        [source],
    )
    for column, expression in columns.items():
        await conn.execute(
            sql.SQL("UPDATE request_budgets SET {} = {} WHERE source = {}").format(
                sql.Identifier(column),
                sql.SQL(cast("LiteralString", expression)),
                source,
            )
        )


async def _due(conn: Conn) -> int:
    cursor = await conn.execute(
        "SELECT count(*) FROM oban_jobs WHERE scheduled_at <= timezone('UTC', clock_timestamp())"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


class TestRelease:
    """Jobs put off by a source that answers again need not wait out a guess."""

    @pytest.mark.parametrize("code", ["throttled", "halted", "rejected"])
    async def test_a_calm_source_wakes_what_it_put_off(
        self, conn: Conn, keeper: RunKeeper, code: str
    ) -> None:
        """Without a pause, a halt or a fresh 429 they run at once."""
        await _budget(conn, throttled_at="clock_timestamp() - interval '11 s'")
        await _put_off(conn, 1, code)
        assert await keeper.release() == 1
        assert await _due(conn) == 1

    async def test_what_waits_for_another_reason_goes_on_waiting(
        self, conn: Conn, keeper: RunKeeper
    ) -> None:
        """A second look at a denied film keeps its time."""
        await _budget(conn)
        await _put_off(conn, 1, "absent_unconfirmed")
        assert await keeper.release() == 0
        assert await _due(conn) == 0

    @pytest.mark.parametrize(
        "columns",
        [
            {"throttled_at": "clock_timestamp() - interval '5 s'"},
            {
                "paused_at": "clock_timestamp(), paused_until = clock_timestamp() + interval '30 s'"
            },
            {"halted_at": "clock_timestamp(), halted_key = 'k'"},
        ],
        ids=["a fresh 429", "a pause", "a halt"],
    )
    async def test_a_source_that_is_not_calm_wakes_nobody(
        self, conn: Conn, keeper: RunKeeper, columns: dict[str, str]
    ) -> None:
        """Waking them would only be refused again."""
        await _budget(conn, **columns)
        await _put_off(conn, 1, "throttled")
        assert await keeper.release() == 0
        assert await _due(conn) == 0

    async def test_a_source_that_is_not_calm_holds_up_no_other(
        self, conn: Conn, keeper: RunKeeper
    ) -> None:
        """Each job waits for the source that put it off."""
        await _budget(conn)
        await _budget(conn, "omdb", halted_at="clock_timestamp(), halted_key = 'k'")
        await _put_off(conn, 1, "throttled")
        await _put_off(conn, 2, "halted", source="omdb")
        assert await keeper.release() == 1
        cursor = await conn.execute(
            "SELECT args->>'tmdb_id' FROM oban_jobs WHERE scheduled_at <= timezone('UTC', clock_timestamp())"
        )
        assert await cursor.fetchall() == [("1",)]

    async def test_a_halted_source_is_probed_while_every_job_sleeps(
        self, conn: Conn, pool: Pool
    ) -> None:
        """A corrected key is noticed although no job asks; sources that work are not asked."""
        probes: list[str] = []

        async def probe(source: str) -> None:
            probes.append(source)

        await _budget(conn, halted_at="clock_timestamp(), halted_key = 'k'")
        await _budget(conn, "omdb")
        await _put_off(conn, 1, "halted")
        asking = {source: partial(probe, source) for source in ("tmdb", "omdb")}
        keeper = RunKeeper(pool, lambda: True, probes=asking)
        assert await keeper.release() == 0
        await until(lambda: _is(probes))
        assert probes == ["tmdb"]

    async def test_a_probe_that_hangs_holds_up_no_turn(
        self, conn: Conn, pool: Pool
    ) -> None:
        """It is asked once at a time, and the keeper goes on and can stop."""
        probes: list[int] = []

        async def probe() -> None:
            probes.append(1)
            await asyncio.Event().wait()

        await _budget(conn, halted_at="clock_timestamp(), halted_key = 'k'")
        keeper = RunKeeper(pool, lambda: True, probes={"tmdb": probe})
        async with asyncio.timeout(10):
            await keeper.release()
            await until(lambda: _is(probes))
            await keeper.release()
            await keeper.stop()
        assert probes == [1]


async def _is(found: object) -> bool:
    return bool(found)
