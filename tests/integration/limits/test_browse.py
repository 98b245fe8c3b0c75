"""What screens read."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.limits import Priority, RateLimit, RequestBudget, browse
from cinegraph.limits.meter import Tally
from cinegraph.limits.retention import prune_usage

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def budget(pool: Pool) -> RequestBudget:
    """Return a budget whose row is there."""
    budget = RequestBudget(
        pool, "tmdb", RateLimit(39.0, upstream_per_second=50.0), key_fingerprint="a"
    )
    await budget.acquire(Priority.BACKFILL)
    await budget.close()
    return budget


async def only_budget(pool: Pool) -> browse.BudgetState:
    """Return the state of the only budget."""
    async with pool.connection() as connection:
        [state] = await browse.list_budgets(connection)
    return state


class TestBudgets:
    """The state of the budgets."""

    @pytest.mark.usefixtures("budget")
    async def test_a_quiet_budget(self, pool: Pool) -> None:
        """A budget without trouble shows its rate and nothing else."""
        state = await only_budget(pool)

        assert (state.source, state.configured_per_second) == ("tmdb", 39.0)
        assert state.rate_now_per_second == pytest.approx(39.0)
        assert state.upstream_per_second == pytest.approx(50.0)
        assert (state.paused_until, state.paused_seconds) == (None, 0.0)
        assert (state.halted_at, state.last_throttled_at) == (None, None)

    async def test_a_paused_and_slowed_budget_says_why(
        self, pool: Pool, budget: RequestBudget
    ) -> None:
        """After refusals it shows until when, why, how fast and when the last 429 was."""
        for _ in range(4):
            await budget.throttled(retry_after_seconds=30.0, sent_at=time.monotonic())
        state = await only_budget(pool)

        assert state.paused_until is not None
        assert state.paused_seconds == pytest.approx(30.0, abs=1.0)
        assert state.pause_reason == "429, Retry-After 30.0 s"
        assert state.rate_now_per_second == pytest.approx(39.0 * 0.7)
        assert state.throttled_count == 4
        assert state.last_throttled_at is not None

    async def test_a_halted_budget_says_why(
        self, pool: Pool, budget: RequestBudget
    ) -> None:
        """After a refused key it shows since when, why and when it is asked again."""
        await budget.rejected(reason="Invalid API key", key_fingerprint="a")
        state = await only_budget(pool)

        assert state.halt_reason == "Invalid API key"
        assert state.halted_at is not None
        assert state.next_probe_at == state.halted_at + timedelta(minutes=1)


async def store(pool: Pool, *requests: tuple[datetime, str, str, float]) -> None:
    """Store requests by when they ended, endpoint, outcome and duration."""
    tally = Tally()
    for ended_at, endpoint, outcome, elapsed_seconds in requests:
        tally.add(
            ended_at,
            source="tmdb",
            endpoint=endpoint,
            outcome=outcome,
            elapsed_seconds=elapsed_seconds,
        )
    async with pool.connection() as connection:
        await connection.execute(
            load("cinegraph.limits", "add_usage.sql"),
            {"usage": msgspec.json.encode(list(tally.usage.values())).decode()},
        )
        await connection.execute(
            load("cinegraph.limits", "add_seconds.sql"),
            {"seconds": msgspec.json.encode(list(tally.seconds.values())).decode()},
        )


class TestUsage:
    """What was asked."""

    async def test_outcomes_and_durations_by_endpoint(self, pool: Pool) -> None:
        """One row for each minute and endpoint has the outcomes together, mean and p95."""
        moment = _NOON + timedelta(seconds=10)
        await store(
            pool,
            *[(moment, "movie", "ok", 0.19)] * 90,
            *[(moment, "movie", "throttled", 2.9)] * 10,
            (moment + timedelta(minutes=1), "list", "ok", 0.1),
        )
        async with pool.connection() as connection:
            movie, pages = await browse.list_usage(connection, _NOON)

        assert (movie.period_at, movie.endpoint, movie.requests) == (
            _NOON,
            "movie",
            100,
        )
        assert movie.outcomes == {"ok": 90, "throttled": 10}
        assert movie.mean_seconds == pytest.approx(0.461)
        assert 2.0 < movie.p95_seconds <= 3.0
        assert (pages.endpoint, pages.requests) == ("list", 1)

    @pytest.mark.parametrize(
        ("period", "requests"),
        [
            (browse.Period.MINUTE, [1, 1, 1]),
            (browse.Period.HOUR, [2, 1]),
            (browse.Period.DAY, [3]),
        ],
    )
    async def test_periods(
        self, pool: Pool, period: browse.Period, requests: list[int]
    ) -> None:
        """Minutes add up to hours and UTC days."""
        await store(
            pool,
            *(
                (_NOON + timedelta(minutes=minutes), "movie", "ok", 0.0)
                for minutes in (0, 30, 90)
            ),
        )
        async with pool.connection() as connection:
            await connection.execute("SET TIME ZONE 'Asia/Kathmandu'")
            usage = await browse.list_usage(connection, _NOON, period=period)
            load_rows = await browse.list_load(connection, _NOON, period=period)

        assert [each.requests for each in usage] == requests
        assert [each.requests for each in load_rows] == requests

    async def test_what_is_older_is_left_out(self, pool: Pool) -> None:
        """Only minutes from `since` on are read."""
        await store(pool, (_NOON, "movie", "ok", 0.0))
        async with pool.connection() as connection:
            assert (
                await browse.list_usage(connection, _NOON + timedelta(minutes=1)) == []
            )
            assert (
                await browse.list_load(connection, _NOON + timedelta(minutes=1)) == []
            )

    @pytest.mark.usefixtures("budget")
    async def test_the_worst_second_is_of_all_endpoints(self, pool: Pool) -> None:
        """Requests of different endpoints in the same second add up, and shares compare with budget and limit."""
        moment = _NOON + timedelta(seconds=7)
        await store(
            pool,
            *[(moment, "movie", "ok", 0.0)] * 30,
            *[(moment, "list", "ok", 0.0)] * 10,
            *[(moment + timedelta(seconds=1), "movie", "ok", 0.0)] * 38,
        )
        async with pool.connection() as connection:
            [minute] = await browse.list_load(connection, _NOON)

        assert (minute.requests, minute.worst_second) == (78, 40)
        assert minute.share_of_budget == pytest.approx(78 / (39 * 60))
        assert minute.share_of_limit == pytest.approx(78 / (50 * 60))


async def test_old_minutes_go(pool: Pool) -> None:
    """Pruning deletes what is before the given time and nothing else, again without harm."""
    await store(
        pool,
        (_NOON, "movie", "ok", 0.0),
        (clock.real_now(), "movie", "ok", 0.0),
    )
    before = _NOON + timedelta(days=1)
    async with pool.connection() as connection:
        deleted = [await prune_usage(connection, before=before) for _ in range(2)]
        left = await browse.list_usage(connection, _NOON)

    assert deleted == [2, 0]
    assert len(left) == 1
