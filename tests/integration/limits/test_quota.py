"""Quotas a day on a real database: counted before the request, shared, kept, and learned from refusals."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import pytest
from psycopg.rows import dict_row

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import (
    AbsentAtSourceError,
    ConfigError,
    DatabaseUnreachableError,
    Disposition,
    SourceExhaustedError,
    SourceRejectedError,
    SourceUnavailableError,
)
from cinegraph.limits import DailyQuota, Priority, QuotaGate, RequestSlots
from cinegraph.limits.quota import Grant
from cinegraph.limits.quota_days import DAY
from cinegraph.limits.quota_state import (
    QuotaState,
    list_quota_days,
    prune_quota_days,
    read_quotas,
)

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
KEY = "0123456789ab"


def set_time(at: datetime) -> None:
    """Stop Cinegraph's clock at *at*."""
    epoch = clock.real_now()
    clock.set_clock(ClockSetting(epoch=epoch, offset=at - epoch, speed=0.0))


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    """Begin each test on a morning, and give the clock back."""
    set_time(MORNING)
    yield
    clock.reset()


@pytest.fixture
def make_quota(pool: Pool) -> Callable[..., DailyQuota]:
    """Return a maker of quotas of one key; each stands for a process of its own."""

    def make(daily_limit: int = 100, **options: Any) -> DailyQuota:
        return DailyQuota(
            pool,
            "omdb",
            daily_limit=daily_limit,
            **({"key_fingerprint": KEY} | options),
        )

    return make


@pytest.fixture
def read_state(pool: Pool) -> Callable[[], Awaitable[QuotaState]]:
    """Return a reader of the state of the only quota."""

    async def read() -> QuotaState:
        async with pool.connection() as connection:
            [state] = await read_quotas(connection, now=clock.now())
        return state

    return read


async def use(
    quota: DailyQuota, count: int, priority: Priority = Priority.BACKFILL
) -> Grant:
    """Reserve *count* requests, one after the other; the last grant."""
    grants = [await quota.reserve(priority) for _ in range(count)]
    return grants[-1]


async def use_up(quota: DailyQuota, priority: Priority = Priority.BACKFILL) -> int:
    """Reserve until refused; how many were granted."""
    for count in range(10_000):
        try:
            await quota.reserve(priority)
        except SourceExhaustedError:
            return count
    raise AssertionError


async def test_background_uses_its_share_and_people_the_rest(
    make_quota: Callable[..., DailyQuota],
) -> None:
    """Of 100 requests 79 go to work nobody waits for; people get the other 21, and no more."""
    quota = make_quota()

    assert await use_up(quota, Priority.BACKFILL) == 79
    assert await use_up(quota, Priority.REFRESH) == 0
    assert await use_up(quota, Priority.INTERACTIVE) == 21


async def test_a_refusal_says_when_to_come_back(
    make_quota: Callable[..., DailyQuota],
) -> None:
    """At midnight by hearsay; the work is deferred, not failed."""
    quota = make_quota()
    await use_up(quota)

    with pytest.raises(SourceExhaustedError, match="all 79 requests") as caught:
        await quota.reserve(Priority.BACKFILL)

    assert caught.value.resets_at == MIDNIGHT
    assert caught.value.disposition is Disposition.DEFER


async def test_processes_share_the_day(
    make_quota: Callable[..., DailyQuota],
    read_state: Callable[[], Awaitable[QuotaState]],
) -> None:
    """Many at once get exactly as many as there are."""
    quotas = [make_quota() for _ in range(4)]

    counts = await asyncio.gather(
        *(use_up(quota) for quota in quotas for _ in range(3))
    )

    assert sum(counts) == 79
    state = await read_state()
    assert (state.used, state.background_used) == (79, 79)
    assert (state.left, state.background_left) == (21, 0)


async def test_a_count_is_kept_before_the_request_goes(
    make_quota: Callable[..., DailyQuota], database_url: str
) -> None:
    """A process that is killed right after has used what it reserved."""
    await make_quota().reserve(Priority.BACKFILL)

    async with (
        await open_pool(database_url, size=1, application_name="after") as other,
        other.connection() as connection,
    ):
        [state] = await read_quotas(connection, now=MORNING)

    assert state.used == 1


async def test_the_next_day_begins_anew(
    make_quota: Callable[..., DailyQuota],
    read_state: Callable[[], Awaitable[QuotaState]],
    pool: Pool,
) -> None:
    """At midnight by Cinegraph's clock; the day that is over is kept."""
    quota = make_quota()
    await use_up(quota)
    set_time(MIDNIGHT)

    before_asking = await read_state()
    await use(quota, 2)

    assert (before_asking.used, before_asking.background_left) == (0, 79)
    assert (await read_state()).used == 2
    assert (await read_state()).resets_at == MIDNIGHT + DAY
    async with pool.connection() as connection:
        [day] = await list_quota_days(connection, MORNING)
        assert (day.used, day.background_used, day.day_ended_at) == (79, 79, MIDNIGHT)
        assert await prune_quota_days(connection, before=MIDNIGHT) == 0
        assert await prune_quota_days(connection, before=MIDNIGHT + DAY) == 1


async def test_a_clock_that_jumps_back_gives_no_second_day(
    make_quota: Callable[..., DailyQuota],
) -> None:
    """An hour back over midnight, and forward again: one day's quota in all."""
    quota = make_quota()
    await use_up(quota)
    set_time(MIDNIGHT + timedelta(minutes=10))
    assert await use_up(quota) == 79

    set_time(MIDNIGHT - timedelta(minutes=50))
    assert await use_up(quota) == 0
    set_time(MIDNIGHT + timedelta(minutes=20))
    assert await use_up(quota) == 0


async def test_an_imitated_clock_that_is_taken_back_leaves_the_days_as_they_were(
    make_quota: Callable[..., DailyQuota],
) -> None:
    """After a month was played the real day goes on with what was asked in it."""
    quota = make_quota()
    await use(quota, 50)
    set_time(MORNING + 30 * DAY)
    assert await use_up(quota) == 79

    set_time(MORNING)

    # The first day of all was counted from the morning on, so it is no whole day to be found again.
    assert await use_up(quota) == 79
    set_time(MORNING + 30 * DAY)
    assert await use_up(quota) == 0


async def test_a_row_that_somebody_deletes_is_made_again(
    make_quota: Callable[..., DailyQuota],
    execute: Callable[[LiteralString], Awaitable[None]],
) -> None:
    """Nothing stops, and what is asked is counted from then on."""
    quota = make_quota()
    await use(quota, 10)
    await execute("DELETE FROM daily_quotas")

    assert await use_up(quota) == 79


async def test_a_refusal_is_noted_also_where_the_row_is_gone(
    make_quota: Callable[..., DailyQuota],
    read_state: Callable[[], Awaitable[QuotaState]],
    execute: Callable[[LiteralString], Awaitable[None]],
) -> None:
    """The row is made again with it."""
    quota = make_quota()
    await use(quota, 10)
    await execute("DELETE FROM daily_quotas")

    assert (await quota.exhausted("used up")).resets_at == MIDNIGHT
    assert (await read_state()).exhausted_at == MORNING


async def test_the_row_is_there_before_the_first_request(
    make_quota: Callable[..., DailyQuota],
    read_state: Callable[[], Awaitable[QuotaState]],
) -> None:
    """Whoever plans sees what is left from the start."""
    await make_quota().configure()

    assert ((await read_state()).left, (await read_state()).background_left) == (
        100,
        79,
    )


async def test_another_key_has_a_day_of_its_own(
    make_quota: Callable[..., DailyQuota],
    read_state: Callable[[], Awaitable[QuotaState]],
) -> None:
    """And what is shown is that of the key in use."""
    await use_up(make_quota())

    assert await use_up(make_quota(key_fingerprint="ba9876543210")) == 79
    await make_quota(200).reserve(Priority.INTERACTIVE)
    assert (await read_state()).key_fingerprint == KEY
    assert (await read_state()).limit == 200


async def test_the_database_decides(
    make_quota: Callable[..., DailyQuota], pool: Pool
) -> None:
    """Without it nothing is asked."""
    quota = make_quota()
    grant = await use(quota, 1)
    await pool.close()

    with pytest.raises(DatabaseUnreachableError, match="the quota of omdb"):
        await quota.reserve(Priority.BACKFILL)
    assert (await quota.exhausted("used up")).resets_at is None
    await quota.give_back(grant)
    await quota.succeeded(Grant(MORNING, is_background=True, is_probe=True))


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_that_lets_none_through_is_refused(
    make_quota: Callable[..., DailyQuota], limit: int
) -> None:
    """It says so at once, not by a queue that never moves."""
    with pytest.raises(ConfigError):
        make_quota(limit)


class TestExhaustion:
    """The source says that the day is used up."""

    async def test_everybody_stops(
        self,
        make_quota: Callable[..., DailyQuota],
        read_state: Callable[[], Awaitable[QuotaState]],
    ) -> None:
        """Other processes too, and people too."""
        await use(make_quota(), 30)
        error = await make_quota().exhausted("Request limit reached!")

        assert (error.reason, error.resets_at) == ("Request limit reached!", MIDNIGHT)
        assert await use_up(make_quota(), Priority.INTERACTIVE) == 0
        state = await read_state()
        assert (state.left, state.background_left) == (0, 0)
        assert state.exhausted_at == MORNING
        assert state.next_probe_at == MORNING + timedelta(minutes=15)

    async def test_one_probe_goes_every_quarter_of_an_hour(
        self,
        make_quota: Callable[..., DailyQuota],
        read_state: Callable[[], Awaitable[QuotaState]],
        pool: Pool,
    ) -> None:
        """Of all processes together, and of imitated time."""
        quotas = [make_quota() for _ in range(4)]
        await asyncio.gather(*(quota.configure() for quota in quotas))
        await quotas[0].exhausted("used up")
        set_time(MORNING + timedelta(minutes=15))
        assert (await read_state()).background_left == 1

        async with pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT FROM daily_quotas FOR UPDATE")
            asking = [asyncio.create_task(use_up(quota)) for quota in quotas]
            await asyncio.sleep(0.2)  # they all look at the row at once
        counts = await asyncio.gather(*asking)

        assert sum(counts) == 1
        assert (await read_state()).background_left == 0

    async def test_the_hour_and_the_limit_are_learned(
        self,
        make_quota: Callable[..., DailyQuota],
        read_state: Callable[[], Awaitable[QuotaState]],
        pool: Pool,
    ) -> None:
        """40 of 100 were answered, and the new day began at 18:00: both hold from then on."""
        quota = make_quota()
        await use(quota, 41)
        await quota.exhausted("used up")
        at = MORNING
        while at < MORNING + timedelta(hours=9):
            at += timedelta(minutes=16)
            set_time(at)
            grant = await quota.reserve(Priority.BACKFILL)
            assert grant.is_probe
            if at < MORNING + timedelta(hours=9):
                await quota.exhausted("used up")
        await quota.succeeded(grant)

        state = await read_state()
        evening = MORNING.replace(hour=18)
        assert (state.learned_limit, state.limit) == (40, 40)
        assert (state.day_started_at, state.resets_at) == (evening, evening + DAY)
        assert state.is_reset_known
        assert (state.used, state.exhausted_at) == (1, None)
        assert await use_up(quota) == 31 - 1
        assert await use_up(quota, Priority.INTERACTIVE) == 40 - 31
        async with pool.connection() as connection:
            [day] = await list_quota_days(connection, MORNING)
        assert (day.day_started_at, day.day_ended_at) == (MORNING, evening)
        assert day.exhausted_at == MORNING

    async def test_it_goes_on_by_itself_after_the_reset(
        self, make_quota: Callable[..., DailyQuota]
    ) -> None:
        """At midnight one probe goes first; once it was answered, all the others."""
        quota = make_quota()
        await use(quota, 79)
        await quota.exhausted("used up")
        set_time(MIDNIGHT + timedelta(seconds=1))

        grant = await quota.reserve(Priority.BACKFILL)
        assert await use_up(quota) == 0
        await quota.succeeded(grant)

        assert await use_up(quota) == 78

    async def test_a_new_configured_limit_forgets_the_learned_one(
        self,
        make_quota: Callable[..., DailyQuota],
        read_state: Callable[[], Awaitable[QuotaState]],
        execute: Callable[[LiteralString], Awaitable[None]],
    ) -> None:
        """A key that was paid for since; a mere restart forgets nothing."""
        await use(make_quota(), 1)
        await execute(
            "UPDATE daily_quotas SET learned_limit = 40, learned_at = '2026-03-01'"
        )

        await use(make_quota(), 1)
        assert (await read_state()).limit == 40
        await use(make_quota(200), 1)
        assert (await read_state()).limit == 200


class TestGate:
    """What the HTTP client goes through."""

    @pytest.fixture
    def gate(self, pool: Pool, make_quota: Callable[..., DailyQuota]) -> QuotaGate:
        """Return a gate with one place in flight."""
        return QuotaGate(make_quota(), RequestSlots(pool, "omdb", 1))

    @pytest.fixture
    def read_slots(self, pool: Pool) -> Callable[[], Awaitable[int]]:
        """Return a reader of how many places are taken."""

        async def read() -> int:
            async with (
                pool.connection() as connection,
                connection.cursor(row_factory=dict_row) as cursor,
            ):
                await cursor.execute(
                    "SELECT count(*) AS taken FROM request_slots"
                    " WHERE leased_until > clock_timestamp()"
                )
                row = await cursor.fetchone()
            assert row is not None
            return int(row["taken"])

        return read

    async def test_a_request_is_counted_and_in_flight(
        self,
        gate: QuotaGate,
        read_state: Callable[[], Awaitable[QuotaState]],
        read_slots: Callable[[], Awaitable[int]],
    ) -> None:
        """Within the block, counted before and in flight until its end."""
        async with gate.request(Priority.BACKFILL):
            assert (await read_state()).used == 1
            assert await read_slots() == 1

        assert await read_slots() == 0

    async def test_used_up_is_noted(
        self, gate: QuotaGate, read_state: Callable[[], Awaitable[QuotaState]]
    ) -> None:
        """The error comes back with the time when the day ends."""
        with pytest.raises(SourceExhaustedError, match="so it said") as caught:
            async with gate.request(Priority.BACKFILL):
                raise SourceExhaustedError("so it said", source="omdb", endpoint="t")

        assert caught.value.resets_at == MIDNIGHT
        assert (await read_state()).exhausted_at == MORNING

    async def test_a_refused_key_costs_nothing(
        self, gate: QuotaGate, read_state: Callable[[], Awaitable[QuotaState]]
    ) -> None:
        """One probe a minute with a bad key would use up the day of a good one."""
        with pytest.raises(SourceRejectedError):
            async with gate.request(Priority.BACKFILL):
                raise SourceRejectedError(
                    "bad", source="omdb", endpoint="t", status=401
                )

        state = await read_state()
        assert (state.used, state.background_used) == (0, 0)

    @pytest.mark.parametrize("is_absent", [True, False])
    async def test_any_answer_ends_the_standstill(
        self,
        gate: QuotaGate,
        read_state: Callable[[], Awaitable[QuotaState]],
        *,
        is_absent: bool,
    ) -> None:
        """Also "there is no such title"."""
        await self._exhaust(gate)
        set_time(MORNING + timedelta(minutes=20))

        with suppress(AbsentAtSourceError):
            async with gate.request(Priority.BACKFILL):
                if is_absent:
                    raise AbsentAtSourceError(
                        source="omdb", endpoint="t", external_id="tt1"
                    )

        assert (await read_state()).exhausted_at is None

    async def test_no_answer_ends_no_standstill(
        self, gate: QuotaGate, read_state: Callable[[], Awaitable[QuotaState]]
    ) -> None:
        """A probe that met an outage tells nothing of the day; the next one asks again."""
        await self._exhaust(gate)
        set_time(MORNING + timedelta(minutes=20))

        with pytest.raises(SourceUnavailableError):
            async with gate.request(Priority.BACKFILL):
                raise SourceUnavailableError("down", source="omdb", endpoint="t")

        state = await read_state()
        assert state.exhausted_at == MORNING
        assert state.next_probe_at == MORNING + timedelta(minutes=35)

    @staticmethod
    async def _exhaust(gate: QuotaGate) -> None:
        with pytest.raises(SourceExhaustedError):
            async with gate.request(Priority.BACKFILL):
                raise SourceExhaustedError("used up", source="omdb", endpoint="t")
