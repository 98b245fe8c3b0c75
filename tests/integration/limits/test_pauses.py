"""What a 429 or a refused key does to everyone; each budget stands for a process of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

import pytest

from cinegraph.errors import SourceHaltedError, SourceThrottledError
from cinegraph.limits import Priority, RequestBudget

type MakeBudget = Callable[..., RequestBudget]
type ReadRow = Callable[[], Awaitable[dict[str, Any]]]
type Execute = Callable[[LiteralString], Awaitable[None]]

_END_PAUSE: LiteralString = (
    "UPDATE request_budgets SET paused_at = paused_at - interval '1 hour', "
    "paused_until = clock_timestamp() - interval '1 millisecond', next_slot_at = clock_timestamp()"
)


async def refuse(
    budget: RequestBudget, *, retry_after: float | None = None, sent_ago: float = 0.0
) -> float:
    """Report a 429 to a request sent *sent_ago* seconds ago; return the pause."""
    return await budget.throttled(
        retry_after_seconds=retry_after, sent_at=time.monotonic() - sent_ago
    )


async def refused_wait(budget: RequestBudget) -> float:
    """Return for how long `acquire` sends us away."""
    with pytest.raises(SourceThrottledError) as caught:
        await budget.acquire(Priority.BACKFILL)
    assert caught.value.retry_in_seconds is not None
    return caught.value.retry_in_seconds


class TestPause:
    """A 429 pauses everyone."""

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_a_long_pause_sends_everyone_away(
        self, make_budget: MakeBudget, rate: float
    ) -> None:
        """Within half a second every process, paced or not, tells its jobs to come back when the pause ends."""
        one, other = make_budget(rate), make_budget(rate)
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))

        assert await refuse(one, retry_after=20.0) == pytest.approx(20.0, abs=0.1)
        noticed = time.monotonic() + 0.5
        while time.monotonic() < noticed:
            try:
                await other.acquire(Priority.BACKFILL)
            except SourceThrottledError:
                break
        assert await refused_wait(other) == pytest.approx(20.0, abs=1.0)
        assert await refused_wait(one) == pytest.approx(20.0, abs=1.0)

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_a_short_pause_is_waited_for(
        self, make_budget: MakeBudget, rate: float
    ) -> None:
        """A pause within max_wait only delays, in other processes too, and those already waiting."""
        one, other = make_budget(rate), make_budget(rate)
        await one.acquire(Priority.BACKFILL)
        started = time.monotonic()
        await refuse(one, retry_after=0.8)
        await asyncio.gather(*(b.acquire(Priority.BACKFILL) for b in (one, other)))

        assert 0.78 <= time.monotonic() - started < 1.2

    async def test_waiters_learn_of_a_pause(self, make_budget: MakeBudget) -> None:
        """Who already waits for a slot is sent away when a long pause begins elsewhere."""
        one, other = make_budget(rate=5.0), make_budget(rate=5.0)
        await one.acquire(Priority.BACKFILL)
        waiting = [
            asyncio.ensure_future(other.acquire(Priority.BACKFILL)) for _ in range(20)
        ]
        await waiting[0]
        await refuse(one, retry_after=30.0)
        started = time.monotonic()
        results = await asyncio.gather(*waiting, return_exceptions=True)

        assert time.monotonic() - started < 0.5
        assert sum(isinstance(each, SourceThrottledError) for each in results) >= 15

    @pytest.mark.parametrize("named", [0.0, None])
    async def test_a_pause_has_a_floor(
        self, make_budget: MakeBudget, named: float | None
    ) -> None:
        """Retry-After of 0, or none, is a pause of a quarter of a second, so that attempts are not burnt at once."""
        budget = make_budget()

        assert await refuse(budget, retry_after=named) == pytest.approx(0.25, abs=0.05)

    async def test_a_pause_has_a_cap(self, make_budget: MakeBudget) -> None:
        """A Retry-After of a day is asked again after ten minutes."""
        budget = make_budget()

        assert await refuse(budget, retry_after=86400.0) == pytest.approx(600.0, abs=1)
        assert await refused_wait(budget) == pytest.approx(600.0, abs=1)

    async def test_answers_to_one_volley_are_one_event(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """429s to requests sent before the pause neither lengthen it nor count as further strikes."""
        one, other = make_budget(), make_budget()
        for budget in (one, other):
            await budget.acquire(Priority.BACKFILL)
        await refuse(one)
        for budget in (one, other, other):
            await refuse(budget, sent_ago=0.1)
        row = await read_row()

        assert row["strikes"] == 1
        assert (row["paused_until"] - row["paused_at"]).total_seconds() == 0.25
        assert row["throttled_count"] == 4

    async def test_a_straggler_is_no_new_event(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """A 429 that arrives after the pause, to a request sent before it, starts no second one."""
        one, other = make_budget(), make_budget()
        for budget in (one, other):
            await budget.acquire(Priority.BACKFILL)
        sent_at = time.monotonic()
        await refuse(one)
        await one.acquire(Priority.BACKFILL)
        paused = await other.throttled(retry_after_seconds=None, sent_at=sent_at)

        assert paused == 0.0
        assert (await read_row())["strikes"] == 1

    async def test_a_longer_retry_after_of_the_same_event_counts(
        self, make_budget: MakeBudget
    ) -> None:
        """When one of a volley names a time, everyone keeps to it."""
        one, other = make_budget(), make_budget()
        for budget in (one, other):
            await budget.acquire(Priority.BACKFILL)
        await refuse(one)
        await refuse(other, retry_after=20.0, sent_ago=0.1)

        assert await refused_wait(other) == pytest.approx(20.0, abs=1)

    async def test_after_a_pause_there_is_no_burst(
        self, make_budget: MakeBudget
    ) -> None:
        """The first requests after a pause keep the pace."""
        budget = make_budget(rate=20.0)
        await budget.acquire(Priority.BACKFILL)
        await refuse(budget, retry_after=0.5)
        moments = []
        for _ in range(5):
            await budget.acquire(Priority.BACKFILL)
            moments.append(time.monotonic())

        assert moments[-1] - moments[0] > 0.17


class TestBackoff:
    """What many 429s do."""

    async def test_pauses_double_while_nothing_succeeds(
        self, make_budget: MakeBudget, execute: Execute
    ) -> None:
        """Refused again after each pause, the pauses double up to a minute."""
        budget = make_budget()
        pauses = []
        for _ in range(10):
            await budget.acquire(Priority.BACKFILL)
            pauses.append(await refuse(budget))
            await execute(_END_PAUSE)
            budget._pacer.paused_until = 0.0

        assert pauses == pytest.approx(
            [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60], abs=0.01
        )

    async def test_a_success_anywhere_ends_the_doubling(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """A success in another process is known with its next lease."""
        one, other = make_budget(), make_budget()
        await refuse(one)
        await execute(_END_PAUSE)
        other.succeeded()
        await other.acquire(Priority.BACKFILL)

        assert (await read_row())["strikes"] == 0

    async def test_a_success_from_before_the_pause_does_not_count(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """An answer to a request sent before the pause says nothing about after."""
        budget = make_budget()
        sent_at = time.monotonic()
        await refuse(budget)
        budget.succeeded(sent_at=sent_at)
        await execute(_END_PAUSE)
        await budget.acquire(Priority.BACKFILL)

        assert (await read_row())["strikes"] == 1

    async def test_isolated_429s_do_not_slow(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """Twenty 429s with successes between them leave the rate and the shortest pause."""
        budget = make_budget()
        for _ in range(20):
            await budget.acquire(Priority.BACKFILL)
            budget.succeeded()
            pause = await refuse(budget)
            await execute(_END_PAUSE)
            budget._pacer.paused_until = 0.0
        row = await read_row()

        assert pause == pytest.approx(0.25, abs=0.05)
        assert row["slow_factor"] == 1.0
        assert row["strikes"] == 1

    async def test_a_real_limit_slows_and_the_rate_comes_back(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """Four refusals in a row lower the rate once an event; half a minute later it is whole again."""
        budget = make_budget()
        await budget.acquire(Priority.BACKFILL)
        for _ in range(8):
            await refuse(budget, sent_ago=0.01)
        slowed = await read_row()
        await execute(
            "UPDATE request_budgets SET slowed_at = clock_timestamp() - interval '3 seconds'"
        )
        await execute(_END_PAUSE)
        budget._pacer.paused_until = 0.0
        halfway = await lease_interval(budget)
        await execute(
            "UPDATE request_budgets SET slowed_at = clock_timestamp() - interval '9 seconds'"
        )
        whole = await lease_interval(budget)

        assert slowed["slow_factor"] == pytest.approx(0.7)
        assert 1 / halfway == pytest.approx(39 * 0.8, rel=0.02)
        assert 1 / whole == pytest.approx(39)

    async def test_slowing_has_a_floor(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """However often it is refused, a tenth of the rate remains, to notice when it ends."""
        budget = make_budget()
        for _ in range(15):
            await budget.acquire(Priority.BACKFILL)
            await refuse(budget)
            await execute(_END_PAUSE)
            budget._pacer.paused_until = 0.0

        assert (await read_row())["slow_factor"] == pytest.approx(0.1, abs=0.02)


async def lease_interval(budget: RequestBudget) -> float:
    """Return the interval of a fresh lease."""
    budget._pacer.forget(now=time.monotonic())
    await budget.acquire(Priority.BACKFILL)
    assert budget._pacer._lease is not None
    return budget._pacer._lease.interval_seconds


class TestHalt:
    """A refused key stops the source."""

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_a_refused_key_halts_everyone(
        self, make_budget: MakeBudget, rate: float
    ) -> None:
        """Every process with the key is told, with the reason, and asks nothing."""
        one = make_budget(rate, key_fingerprint="a")
        other = make_budget(rate, key_fingerprint="a")
        await other.acquire(Priority.BACKFILL)
        await one.rejected(reason="Invalid API key", key_fingerprint="a")
        await asyncio.sleep(0.3)  # what was read before counts for 0.25 s

        for budget in (one, other):
            with pytest.raises(SourceHaltedError, match="Invalid API key") as caught:
                await budget.acquire(Priority.BACKFILL)
            assert 0 < caught.value.retry_in_seconds <= 60

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_one_probe_a_minute(
        self, make_budget: MakeBudget, execute: Execute, rate: float
    ) -> None:
        """A minute later one of all the waiters of two processes is let through, and no second one."""
        budgets = [make_budget(rate, key_fingerprint="a") for _ in range(2)]
        await budgets[0].rejected(reason="bad", key_fingerprint="a")
        await a_minute_later(execute)
        results = await asyncio.gather(
            *(b.acquire(Priority.BACKFILL) for b in budgets for _ in range(10)),
            return_exceptions=True,
        )

        assert results.count(None) == 1
        assert sum(isinstance(each, SourceHaltedError) for each in results) == 19

    @pytest.mark.parametrize("rate", [39.0, 0.0])
    async def test_a_successful_probe_lifts_the_halt(
        self, make_budget: MakeBudget, execute: Execute, rate: float
    ) -> None:
        """When the probe succeeds, every process goes on."""
        one = make_budget(rate, key_fingerprint="a")
        other = make_budget(rate, key_fingerprint="a")
        await one.rejected(reason="bad", key_fingerprint="a")
        await a_minute_later(execute)
        await one.acquire(Priority.BACKFILL)
        one.succeeded()

        for budget in (one, other):
            await acquire_before(budget, seconds=2)

    async def test_a_failed_probe_waits_another_minute(
        self, make_budget: MakeBudget, execute: Execute, read_row: ReadRow
    ) -> None:
        """A key refused again leaves the halt as old as it is and no probe for a minute."""
        budget = make_budget(key_fingerprint="a")
        await budget.rejected(reason="bad", key_fingerprint="a")
        before = await read_row()
        await a_minute_later(execute)
        await budget.acquire(Priority.BACKFILL)
        await budget.rejected(reason="still bad", key_fingerprint="a")
        after = await read_row()

        with pytest.raises(SourceHaltedError, match="still bad"):
            await budget.acquire(Priority.BACKFILL)
        assert after["halted_at"] == before["halted_at"]

    async def test_a_success_before_the_probe_lifts_nothing(
        self, make_budget: MakeBudget
    ) -> None:
        """An answer to a request from before the halt does not end it."""
        budget = make_budget(key_fingerprint="a")
        await budget.rejected(reason="bad", key_fingerprint="a")
        budget.succeeded()
        await asyncio.sleep(0.1)

        with pytest.raises(SourceHaltedError):
            await budget.acquire(Priority.BACKFILL)

    async def test_another_key_lifts_it_at_start(
        self, make_budget: MakeBudget, read_row: ReadRow
    ) -> None:
        """A process that starts with a new key is not halted and clears the halt."""
        old = make_budget(key_fingerprint="a")
        await old.rejected(reason="bad", key_fingerprint="a")
        new = make_budget(key_fingerprint="b")
        await new.acquire(Priority.BACKFILL)

        assert (await read_row())["halted_at"] is None

    async def test_a_refused_old_key_does_not_stop_the_new(
        self, make_budget: MakeBudget
    ) -> None:
        """A process still running with the old key halts those with the old key alone."""
        old, new = make_budget(key_fingerprint="a"), make_budget(key_fingerprint="b")
        await new.acquire(Priority.BACKFILL)
        await old.rejected(reason="bad", key_fingerprint="a")
        await asyncio.sleep(0.3)

        await new.acquire(Priority.BACKFILL)
        with pytest.raises(SourceHaltedError):
            await old.acquire(Priority.BACKFILL)


async def a_minute_later(execute: Execute) -> None:
    """Let the last probe be a minute ago."""
    await execute(
        "UPDATE request_budgets SET probed_at = probed_at - interval '61 seconds'"
    )
    await asyncio.sleep(1.05)  # a refusal is answered from memory for a second


async def acquire_before(budget: RequestBudget, *, seconds: float) -> None:
    """Acquire, again and again while the source is halted."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await budget.acquire(Priority.BACKFILL)
            except SourceHaltedError:
                await asyncio.sleep(0.02)
            else:
                return
