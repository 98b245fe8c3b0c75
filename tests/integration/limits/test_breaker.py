"""What an outage does to everyone; each budget stands for a process of its own."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

import pytest

from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import (
    AbsentAtSourceError,
    SourceError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority, RateLimit, RequestBudget, browse, rates
from cinegraph.limits.breaker import STREAK, WINDOW_FAILURES
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.settings import TmdbSettings
from polling import until

type MakeBudget = Callable[..., RequestBudget]
type ReadRow = Callable[[], Awaitable[dict[str, Any]]]
type Execute = Callable[[LiteralString], Awaitable[None]]

_AT = {"source": "tmdb", "endpoint": "movie"}
_DOWN = SourceUnavailableError("HTTP 503", **_AT)
_END_PAUSE: LiteralString = (
    "UPDATE request_budgets SET paused_at = paused_at - interval '1 hour', "
    "paused_until = clock_timestamp() - interval '1 millisecond', next_slot_at = clock_timestamp()"
)


async def fail(
    budget: RequestBudget,
    times: int = 1,
    *,
    error: SourceError = _DOWN,
    sent_ago: float = 0.0,
) -> float:
    """Report failures of requests sent *sent_ago* seconds ago; return what the last one was told."""
    told = 0.0
    for _ in range(times):
        told = await budget.failed(error=error, sent_at=time.monotonic() - sent_ago)
    return told


async def fail_until_down(budget: RequestBudget) -> float:
    """Report failures until the source counts as down: on a slow machine that takes fewer, by the rule of seconds."""
    for _ in range(STREAK):
        if told := await fail(budget):
            return told
    return 0.0


async def end_pause(execute: Execute, *budgets: RequestBudget) -> None:
    """Let the pause be over, in the row and in what the processes remember of it."""
    await execute(_END_PAUSE)
    for budget in budgets:
        budget._pacer.forget(now=time.monotonic())
        budget._pacer.paused_until = 0.0


async def is_refused(budget: RequestBudget) -> bool:
    """Whether `acquire` sends us away because the circuit is open."""
    try:
        await budget.acquire(Priority.BACKFILL)
    except SourceThrottledError as error:
        return "circuit open: tmdb movie: HTTP 503" in str(error)
    return False


async def settle() -> None:
    """Let what the budget does in the background be done."""
    await asyncio.sleep(0.1)


class TestOpen:
    """An outage pauses everyone."""

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_it_sends_everyone_away(
        self, make_budget: MakeBudget, read_row: ReadRow, rate: float
    ) -> None:
        """Paced or not, with the reason; a job of the other process comes back when the pause ends."""
        one, other = make_budget(rate), make_budget(rate)
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))

        assert await fail(one, STREAK - 1) == 0.0
        assert await fail(one) == pytest.approx(15.0, abs=0.5)
        await asyncio.sleep(0.3)  # what was read before counts for 0.25 s
        for budget in (one, other):
            with pytest.raises(SourceThrottledError, match="circuit open") as caught:
                await budget.acquire(Priority.BACKFILL)
            assert caught.value.retry_in_seconds == pytest.approx(15.0, abs=1.0)
        row = await read_row()
        assert row["pause_reason"] == "circuit open: tmdb movie: HTTP 503"
        assert (row["throttled_at"], row["throttled_count"]) == (None, 0)
        assert row["generation"] == 1, "slots leased before are void"

    async def test_who_was_on_the_way_is_put_off_too(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """A failure of a request sent before is the same outage: no longer pause, and no attempt lost."""
        one, other = make_budget(), make_budget()
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))
        await fail(one, STREAK)
        before = await read_row()

        assert await fail(other, sent_ago=1.0) == pytest.approx(15.0, abs=0.5)
        assert await fail(other, STREAK, sent_ago=1.0) > 0
        assert await read_row() == before

    async def test_a_straggler_after_the_pause_is_put_off(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """A request that hung through the whole pause opens nothing and loses no attempt."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await fail(budget, STREAK)
        await end_pause(execute, budget)

        assert await fail(budget, 10, sent_ago=5.0) == 15.0
        assert (await read_row())["circuit_failures"] == 0
        assert await fail(budget, sent_ago=0.0) == 15.0
        assert (await read_row())["circuit_failures"] == 1

    async def test_waiters_are_sent_away(self, make_budget: MakeBudget) -> None:
        """Who already waits for a slot comes back later."""
        one, other = make_budget(rate=5.0), make_budget(rate=5.0)
        await one.acquire(Priority.BACKFILL)
        waiting = [
            asyncio.ensure_future(other.acquire(Priority.BACKFILL)) for _ in range(20)
        ]
        await waiting[0]
        await fail(one, STREAK)
        started = time.monotonic()
        results = await asyncio.gather(*waiting, return_exceptions=True)

        assert time.monotonic() - started < 0.5
        assert sum(isinstance(each, SourceThrottledError) for each in results) >= 15

    async def test_html_for_everything_opens_it(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """By its share; a few spoilt bodies are told to nobody."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        html = UndecodableError("the body is HTML, not JSON", **_AT)

        assert await fail(budget, WINDOW_FAILURES - 1, error=html) == 0.0
        assert await fail(budget, error=html) > 0.0
        assert "HTML" in (await read_row())["circuit_reason"]

    async def test_a_source_that_speaks_is_there(self, make_budget: MakeBudget) -> None:
        """Films that are absent, one after the other, are answers."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        absent = AbsentAtSourceError(external_id="5", **_AT)
        for _ in range(STREAK * 2):
            assert await fail(budget) == 0.0
            assert await fail(budget, error=absent) == 0.0

    async def test_a_deleted_row_is_made_again(
        self, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """Without its row the next failure tells the outage."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await fail(budget, STREAK - 1)
        await execute("DELETE FROM request_budgets")

        assert await fail(budget) == 0.0
        assert await fail(budget) > 0.0


class TestTrial:
    """After the pause a trickle finds out."""

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_it_is_a_trickle(
        self, make_budget: MakeBudget, execute: Execute, rate: float
    ) -> None:
        """Four a second for all processes together, paced or not."""
        budgets = [make_budget(rate), make_budget(rate)]
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in budgets))
        await fail(budgets[0], STREAK)
        await end_pause(execute, *budgets)
        started = time.monotonic()
        await asyncio.gather(
            *(b.acquire(Priority.BACKFILL) for b in budgets for _ in range(3))
        )

        assert time.monotonic() - started >= 4 * rates.TRIAL_INTERVAL_SECONDS

    async def test_pauses_double_while_nothing_answers(
        self, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """Three failures of the trickle are the next pause, up to ten minutes."""
        one, other = make_budget(), make_budget()
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))
        pauses = [await fail_until_down(one)]
        for _ in range(7):
            await end_pause(execute, one, other)
            assert await fail(one) == 15.0
            assert await fail(other) == 15.0
            pauses.append(await fail(one))

        assert pauses == pytest.approx([15, 30, 60, 120, 240, 480, 600, 600], abs=0.5)

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    @pytest.mark.parametrize("is_absent", [False, True])
    async def test_one_answer_closes_it(
        self,
        make_budget: MakeBudget,
        execute: Execute,
        read_row: ReadRow,
        rate: float,
        is_absent: bool,  # noqa: FBT001 - parametrized
    ) -> None:
        """Then everyone goes on, and the rate grows from a tenth; "no such film" is an answer."""
        one, other = make_budget(rate), make_budget(rate)
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))
        await fail(one, STREAK)
        await end_pause(execute, one, other)
        await other.acquire(Priority.BACKFILL)
        if is_absent:
            absent = AbsentAtSourceError(external_id="5", **_AT)
            assert await fail(other, error=absent) == 0.0
        else:
            other.succeeded(sent_at=time.monotonic())
        await settle()
        row = await read_row()

        assert row["circuit_opened_at"] is None
        assert (row["circuit_strikes"], row["circuit_reason"]) == (0, None)
        assert row["slow_factor"] == pytest.approx(rates.SLOWEST)
        assert (row["touched_at"] - row["slowed_at"]).total_seconds() < 1
        assert not await is_refused(one)
        assert await fail(one) == 0.0, "a failure after it stands for itself"

    async def test_a_straggler_opens_it_no_more(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """Requests that hung since before the pause fail after the source is back: they tell of then."""
        one, other = make_budget(), make_budget()
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))
        await fail(one, STREAK)
        await end_pause(execute, one)
        await one.acquire(Priority.BACKFILL)
        one.succeeded(sent_at=time.monotonic())
        await settle()

        assert await fail(other, STREAK, sent_ago=5.0) == 0.0
        assert (await read_row())["circuit_opened_at"] is None
        assert await fail(other) > 0.0

    async def test_an_answer_from_before_closes_nothing(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """It says nothing about after, neither during the pause nor on trial."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        sent_at = time.monotonic()
        await fail(budget, STREAK)
        budget.succeeded(sent_at=sent_at)
        await settle()
        assert await is_refused(budget)
        await execute(_END_PAUSE)
        budget._pacer.forget(now=time.monotonic())
        budget._pacer.paused_until = time.monotonic()
        await budget.acquire(Priority.BACKFILL)
        budget.succeeded(sent_at=sent_at)
        await settle()

        assert (await read_row())["circuit_opened_at"] is not None

    async def test_spoilt_bodies_neither_close_nor_open_it(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """They are told as they are, so that a few films cannot be put off for ever."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await fail(budget, STREAK)
        await end_pause(execute, budget)
        await budget.acquire(Priority.BACKFILL)

        empty = UndecodableError("the body is empty", **_AT)
        assert await fail(budget, 10, error=empty) == 0.0
        row = await read_row()
        assert (row["circuit_opened_at"] is None, row["circuit_failures"]) == (False, 0)

    async def test_screens_show_it(
        self, pool: Pool, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """Since when, until when and why; then that it is on trial."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        await fail(budget, STREAK)
        async with pool.connection() as connection:
            [state] = await browse.list_budgets(connection)
            await end_pause(execute, budget)
            [trial] = await browse.list_budgets(connection)

        assert state.circuit_opened_at is not None
        assert state.circuit_open_until == state.paused_until is not None
        assert state.circuit_reason == "tmdb movie: HTTP 503"
        assert state.pause_reason == "circuit open: tmdb movie: HTTP 503"
        assert state.rate_now_per_second == pytest.approx(3.9)
        assert trial.circuit_opened_at == state.circuit_opened_at
        assert (trial.circuit_open_until, trial.paused_until) == (None, None)


class Meter:
    """Counts what was sent."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Count one request."""
        del source, endpoint, elapsed_seconds
        self.outcomes[outcome] += 1


class Process:
    """A process that works on films as jobs do: a failure costs an attempt, a pause none."""

    def __init__(self, pool: Pool, url: str, todo: list[int], *, rate: float) -> None:
        self.budget = RequestBudget(pool, "tmdb", RateLimit(rate), max_wait=0.05)
        self.meter = Meter()
        self.lost: Counter[int] = Counter()
        self.done: set[int] = set()
        self._http = HttpClient(TmdbSettings(base_url=url), self.budget, self.meter)
        self._todo = todo

    async def work(self) -> None:
        """Work with four hands until nothing is left."""
        try:
            async with self._http:
                await asyncio.gather(*(self._work() for _ in range(4)))
        finally:
            await self.budget.close()

    async def _work(self) -> None:
        while self._todo:
            film = self._todo.pop()
            try:
                await self._http.get(
                    f"/movie/{film}", endpoint="movie", priority=Priority.BACKFILL
                )
            except SourceThrottledError as error:
                await asyncio.sleep(min(error.retry_in_seconds or 0.1, 0.1))
                self._todo.insert(0, film)
            except SourceUnavailableError:
                self.lost[film] += 1
                self._todo.insert(0, film)
            else:
                self.done.add(film)


async def is_done(processes: list[Process], films: int) -> bool:
    """Whether so many are done."""
    return sum(len(each.done) for each in processes) >= films


_WORLD = World(2000, 5)


def _serve(port: int = 0) -> SandboxServer:
    return SandboxServer(
        _WORLD, SandboxSettings(port=port, rate=0, latency="none", films=2000)
    )


def _films(count: int) -> list[int]:
    ids = [number for page in range(1, 101) for number in _WORLD.popular_ids(page)]
    return list(dict.fromkeys(ids))[:count]


class TestOutage:
    """Two processes, a real server, and no server."""

    @pytest.mark.parametrize("rate", [300.0, 0.0])
    async def test_it_is_outlived(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch, rate: float
    ) -> None:
        """While it lasts few requests are sent; it ends by itself, and every film is done within its attempts."""
        monkeypatch.setattr(rates, "COOLDOWN_SECONDS", 0.5)
        monkeypatch.setattr(rates, "LONGEST_COOLDOWN_SECONDS", 1.0)
        monkeypatch.setattr("cinegraph.limits.budget.COOLDOWN_SECONDS", 0.5)
        monkeypatch.setattr(rates, "RECOVERY_SECONDS", 3.0)
        todo = _films(1500)
        async with (
            await open_pool(database_url, size=3, application_name="one") as one,
            await open_pool(database_url, size=3, application_name="two") as two,
        ):
            async with _serve() as server:
                port = server.port
                processes = [
                    Process(pool, server.base_url, todo, rate=rate)
                    for pool in (one, two)
                ]
                work = asyncio.gather(*(each.work() for each in processes))
                await until(lambda: is_done(processes, 300))
            await asyncio.sleep(4.0)  # this is the outage
            assert not await is_done(processes, 1400)
            sent = sum(each.meter.outcomes["unavailable"] for each in processes)
            async with _serve(port):
                await until(lambda: is_done(processes, 1500), within_seconds=40)
                await work
            async with one.connection() as connection:
                [state] = await browse.list_budgets(connection)

        lost = processes[0].lost + processes[1].lost
        # Each process may need its own streak; each of at most six trials three and those on their way.
        assert sent <= 2 * STREAK + 6 * (rates.TRIAL_FAILURES + 8)
        assert lost.total() <= 2 * STREAK
        assert max(lost.values()) < 5
        assert state.circuit_opened_at is None

    @pytest.mark.parametrize("share", [0.05, 0.2])
    async def test_random_faults_open_nothing(self, pool: Pool, share: float) -> None:
        """In bursts of ten, one request in twenty or in five."""
        todo = _films(1500)
        async with _serve() as server:
            server.change_faults({"5xx": share})
            process = Process(pool, server.base_url, todo, rate=0.0)
            await process.work()

        assert process.lost.total() >= 10
        async with pool.connection() as connection:
            [state] = await browse.list_budgets(connection)
        assert (state.circuit_opened_at, state.paused_until) == (None, None)
        assert state.rate_now_per_second == state.configured_per_second
