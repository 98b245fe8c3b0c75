"""Pacing in one process; each budget stands for a process of its own, they share only the row."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import DatabaseUnreachableError, SourceThrottledError
from cinegraph.limits import Priority, RateLimit, RequestBudget

type MakeBudget = Callable[..., RequestBudget]
type ReadRow = Callable[[], Awaitable[dict[str, Any]]]
type Execute = Callable[[LiteralString], Awaitable[None]]

_INTERVAL = 1 / 39

_SET_BACK: list[LiteralString] = [
    """UPDATE request_budgets
    SET next_slot_at = next_slot_at + interval '1 hour', touched_at = touched_at + interval '1 hour'""",
    "UPDATE request_budgets SET next_slot_at = next_slot_at + interval '1 hour'",
    """UPDATE request_budgets SET next_slot_at = next_slot_at + interval '1 hour',
    paused_at = clock_timestamp() + interval '50 minutes', paused_until = clock_timestamp() + interval '1 hour'""",
    """UPDATE request_budgets SET touched_at = touched_at + interval '1 minute',
    paused_at = clock_timestamp() + interval '55 seconds', paused_until = clock_timestamp() + interval '65 seconds'""",
]
"""The row as it looks after the database's clock was set back, or somebody wrote nonsense into it."""


async def let_through(
    budget: RequestBudget, times: int, priority: Priority = Priority.BACKFILL
) -> list[float]:
    """Return the moments at which *times* waiters were let through, in order."""

    async def one() -> float:
        """Return when one waiter was let through."""
        await budget.acquire(priority)
        return time.monotonic()

    return sorted(await asyncio.gather(*(one() for _ in range(times))))


class TestPace:
    """How fast requests go."""

    async def test_requests_go_at_the_rate_and_the_burst_at_once(
        self, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """After a rest the burst goes together, then one at each interval."""
        budget = make_budget(rate=20.0, burst=4)
        await budget.acquire(Priority.BACKFILL)
        await execute(
            "UPDATE request_budgets SET next_slot_at = next_slot_at - interval '1 minute'"
        )
        moments = await let_through(budget, 14)

        assert moments[3] - moments[0] < 0.045
        assert moments[-1] - moments[0] == pytest.approx(10 * 0.05, abs=0.045)

    async def test_processes_share_one_pace(self, make_budget: MakeBudget) -> None:
        """Three processes together get what one alone would."""
        budgets = [make_budget() for _ in range(3)]
        moments = await asyncio.gather(*(let_through(each, 13) for each in budgets))
        everyone = sorted(moment for each in moments for moment in each)

        assert everyone[-1] - everyone[0] == pytest.approx(38 * _INTERVAL, abs=0.1)

    async def test_a_person_overtakes(self, make_budget: MakeBudget) -> None:
        """While a hundred wait for backfill in two processes, a person in one waits a third of a second at most."""
        one, other = make_budget(), make_budget()
        crowd = [
            asyncio.ensure_future(let_through(budget, 50)) for budget in (one, other)
        ]
        await let_through(one, 3)
        started = time.monotonic()
        await one.acquire(Priority.INTERACTIVE)

        assert time.monotonic() - started < 0.33
        await asyncio.gather(*crowd)

    async def test_refresh_goes_before_backfill(self, make_budget: MakeBudget) -> None:
        """Of two processes with always enough to do, the one that refreshes gets nearly everything."""
        refresh, backfill = make_budget(), make_budget()
        crowd = asyncio.ensure_future(let_through(backfill, 60))
        await let_through(backfill, 3)
        moments = await let_through(refresh, 40, Priority.REFRESH)

        assert moments[-1] - moments[0] < 40 * _INTERVAL * 1.25
        await crowd

    async def test_a_slot_already_given_is_passed_on(
        self, make_budget: MakeBudget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who is cancelled between being let through and running passes the slot to the next at once."""
        budget = make_budget(rate=2.0, burst=1)
        await budget.acquire(Priority.BACKFILL)
        first = asyncio.ensure_future(budget.acquire(Priority.BACKFILL))
        second = asyncio.ensure_future(budget.acquire(Priority.BACKFILL))
        await asyncio.sleep(0)
        waiter = budget._pacer._lines[Priority.BACKFILL][0]
        release = budget._turnstile.release

        def release_and_cancel() -> None:
            """Cancel the first as soon as it has its slot."""
            release()
            if waiter.done() and not first.done():
                first.cancel()

        monkeypatch.setattr(budget._turnstile, "release", release_and_cancel)
        started = time.monotonic()
        await second

        assert first.cancelled()
        assert time.monotonic() - started < 0.75

    async def test_the_slot_of_a_cancelled_waiter_is_used(
        self, make_budget: MakeBudget
    ) -> None:
        """Waiters that give up, before or after they were let through, cost the others nothing."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        quitters = [
            asyncio.ensure_future(budget.acquire(Priority.INTERACTIVE))
            for _ in range(30)
        ]
        stayers = asyncio.ensure_future(let_through(budget, 5))
        await asyncio.sleep(0)
        started = time.monotonic()
        for quitter in quitters:
            quitter.cancel()
        moments = await stayers

        assert moments[-1] - started < 15 * _INTERVAL
        assert all(quitter.cancelled() for quitter in quitters)

    async def test_waiting_holds_no_connection(
        self, database_url: str, execute: Execute
    ) -> None:
        """With a pool of one, the connection is free while everybody waits for a far slot."""
        async with await open_pool(
            database_url, size=1, application_name="one connection"
        ) as pool:
            budget = RequestBudget(pool, "tmdb", RateLimit(39.0))
            await budget.acquire(Priority.BACKFILL)
            await execute(
                "UPDATE request_budgets SET next_slot_at = next_slot_at + interval '0.8 seconds'"
            )
            waiters = asyncio.ensure_future(let_through(budget, 3))
            for _ in range(20):
                async with pool.connection(timeout=0.2) as connection:
                    await connection.execute("SELECT pg_sleep(0.01)")
            assert not waiters.done()
            await waiters
            await budget.close()


class TestSetting:
    """Which rate counts."""

    async def test_the_process_that_started_last_sets_the_rate(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """A changed setting takes hold for everyone with the first process that has it."""
        old, new = make_budget(rate=10.0), make_budget(rate=500.0, burst=5)
        await old.acquire(Priority.BACKFILL)
        await new.acquire(Priority.BACKFILL)
        moments = await let_through(old, 40)

        assert moments[-1] - moments[0] < 1.0
        assert (await read_row())["rate_per_second"] == pytest.approx(500.0)

    async def test_rate_0_is_of_one_process_alone(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """A process without pacing does not wait and does not switch it off for the others."""
        paced, free = make_budget(rate=10.0), make_budget(rate=0.0)
        await paced.acquire(Priority.BACKFILL)
        moments = await let_through(free, 500)

        assert moments[-1] - moments[0] < 0.5
        assert (await read_row())["rate_per_second"] == pytest.approx(10.0)


class TestTrouble:
    """What may happen to the row and the database."""

    async def test_a_deleted_row_is_made_again(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """Without its row the budget goes on at its own rate."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await execute("DELETE FROM request_budgets")
        moments = await let_through(budget, 10)

        assert moments[-1] - moments[0] > 5 * _INTERVAL
        assert (await read_row())["rate_per_second"] == pytest.approx(39.0)

    @pytest.mark.parametrize("statement", _SET_BACK)
    async def test_a_clock_set_back_stops_nobody(
        self,
        make_budget: MakeBudget,
        execute: Execute,
        read_row: ReadRow,
        statement: LiteralString,
    ) -> None:
        """A row whose times lie in the future is recognised, and pacing starts anew from now."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await execute(statement)
        async with asyncio.timeout(2):
            moments = await let_through(budget, 10)

        assert moments[-1] - moments[0] > 5 * _INTERVAL
        row = await read_row()
        assert row["generation"] == 1
        assert (row["next_slot_at"] - row["touched_at"]).total_seconds() < 1

    async def test_a_clock_set_forward_gives_the_burst_only(
        self, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """A row that lies an hour back credits the burst, not the hour."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await execute(
            "UPDATE request_budgets SET next_slot_at = next_slot_at - interval '1 hour', "
            "touched_at = touched_at - interval '1 hour'"
        )
        moments = await let_through(budget, 14)

        assert moments[-1] - moments[0] > 9 * _INTERVAL

    async def test_without_a_database_nothing_is_asked(
        self, database_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While the database is away every waiter gets an error, paced or not; afterwards it goes on by itself."""
        monkeypatch.setattr("cinegraph.limits.connections._PATIENCE_SECONDS", 1.0)
        async with await open_pool(
            database_url, size=2, application_name="cut off"
        ) as pool:
            budgets = [
                RequestBudget(pool, "tmdb", RateLimit(rate)) for rate in (39.0, 0.0)
            ]
            for budget in budgets:
                await budget.acquire(Priority.BACKFILL)
            with cut_off(postgres_url, pool):
                await asyncio.sleep(0.3)  # what was read before counts for 0.25 s
                for budget in budgets:
                    with pytest.raises(DatabaseUnreachableError):
                        await budget.acquire(Priority.BACKFILL)
            for budget in budgets:
                await acquire_before(budget, seconds=20)
                await budget.close()

    async def test_a_hanging_database_is_not_waited_for(
        self, pool: Pool, make_budget: MakeBudget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When the row stays locked, waiters get an error in time, and the pool's connections remain as they were."""
        monkeypatch.setattr("cinegraph.limits.connections._PATIENCE_SECONDS", 0.5)
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        async with pool.connection() as connection:
            await connection.execute("SELECT 1 FROM request_budgets FOR UPDATE")
            with pytest.raises(DatabaseUnreachableError):
                await budget.acquire(Priority.BACKFILL)
        await budget.acquire(Priority.BACKFILL)

        async with pool.connection() as one, pool.connection() as other:
            assert not one.autocommit
            assert not other.autocommit

    async def test_a_stalled_process_does_not_catch_up(
        self, make_budget: MakeBudget
    ) -> None:
        """An event loop that stood still for half a second sends the burst and goes on at the pace."""
        budget = make_budget()
        moments: list[float] = []
        is_running = asyncio.Event()

        async def one() -> None:
            """Note when one waiter was let through."""
            await budget.acquire(Priority.BACKFILL)
            moments.append(time.monotonic())
            if len(moments) == 8:
                is_running.set()

        waiters = [asyncio.ensure_future(one()) for _ in range(40)]
        await is_running.wait()
        time.sleep(0.5)  # noqa: ASYNC251 - this is the stall
        resumed = time.monotonic()
        await asyncio.gather(*waiters)

        early = [moment for moment in moments if resumed <= moment < resumed + 0.25]
        assert len(early) <= 4 + 4 + 0.25 / _INTERVAL

    async def test_closing_sends_the_waiters_away(
        self, make_budget: MakeBudget
    ) -> None:
        """At shutdown nobody hangs: who waits is told to come back."""
        budget = make_budget(rate=0.5)
        waiters = [
            asyncio.ensure_future(budget.acquire(Priority.BACKFILL)) for _ in range(3)
        ]
        await waiters[0]
        await budget.close()

        for waiter in waiters[1:]:
            with pytest.raises(SourceThrottledError, match="stopping"):
                await waiter
        with pytest.raises(SourceThrottledError, match="stopping"):
            await budget.acquire(Priority.BACKFILL)


async def acquire_before(budget: RequestBudget, *, seconds: float) -> None:
    """Acquire, again and again while the database is unreachable."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await budget.acquire(Priority.BACKFILL)
            except DatabaseUnreachableError:
                await asyncio.sleep(0.05)
            else:
                return


class cut_off:  # noqa: N801 - reads as a verb
    """Let nobody into the database of *pool* within the block."""

    def __init__(self, server: str, pool: Pool) -> None:
        self._server = server
        info = psycopg.conninfo.conninfo_to_dict(str(pool.conninfo))
        self._name = sql.Identifier(str(info["dbname"]))

    def __enter__(self) -> None:
        self._allow(allowed=False)

    def __exit__(self, *_: object) -> None:
        self._allow(allowed=True)

    def _allow(self, *, allowed: bool) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                    self._name, sql.Literal(allowed)
                )
            )
            if not allowed:
                connection.execute(
                    sql.SQL(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}"
                    ).format(sql.Literal(self._name.as_string(connection).strip('"')))
                )
