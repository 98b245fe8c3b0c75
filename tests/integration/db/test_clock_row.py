"""The row that says which time a deployment lives in."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.db import clock_row
from cinegraph.db.clock_row import ClockFollower
from cinegraph.db.pool import Pool
from polling import until

YEAR = timedelta(days=365)
IMITATED = ClockSetting(
    epoch=datetime(2026, 9, 1, 12, 30, 0, 123456, tzinfo=UTC), offset=YEAR, speed=60.0
)

type Conn = psycopg.AsyncConnection


@pytest.fixture(autouse=True)
def _real_time() -> Iterator[None]:
    yield
    clock.reset()


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_row, "FOLLOW_SECONDS", 0.02)


async def _follows(setting: ClockSetting | None) -> bool:
    return clock.setting() == setting


async def test_without_a_row_it_is_real_time(conn: Conn) -> None:
    """Reading finds nothing, and following changes nothing."""
    assert await clock_row.read(conn) is None
    await clock_row.follow(conn)
    assert clock.setting() is None


async def test_a_setting_is_read_as_it_was_written(conn: Conn) -> None:
    """To the microsecond, or two processes would live in different times; one row, however often it is written."""
    await clock_row.write(conn, ClockSetting(epoch=IMITATED.epoch))
    await clock_row.write(conn, IMITATED)
    assert await clock_row.read(conn) == IMITATED
    await clock_row.write(conn, None)
    assert await clock_row.read(conn) is None


async def test_following_moves_and_scales_the_time(conn: Conn) -> None:
    """A year on, and a minute passes in a second."""
    epoch = clock.real_now()
    await clock_row.write(conn, ClockSetting(epoch, offset=YEAR, speed=60.0))
    await clock_row.follow(conn)
    before = clock.real_now()
    now = clock.now()
    after = clock.real_now()
    assert (
        epoch + YEAR + (before - epoch) * 60
        <= now
        <= epoch + YEAR + (after - epoch) * 60
    )
    assert clock.speed() == 60.0
    await clock_row.write(conn, None)
    await clock_row.follow(conn)
    assert clock.setting() is None


async def test_time_can_stand_still(conn: Conn) -> None:
    """For tests of days; it goes neither forward nor back."""
    epoch = clock.real_now()
    await clock_row.write(conn, ClockSetting(epoch, offset=YEAR, speed=0.0))
    await clock_row.follow(conn)
    assert clock.now() == clock.now() == epoch + YEAR


async def test_time_does_not_run_backwards(conn: Conn) -> None:
    """The table refuses it."""
    with pytest.raises(psycopg.errors.CheckViolation):
        await clock_row.write(conn, ClockSetting(clock.real_now(), speed=-1.0))


@pytest.mark.usefixtures("_quick")
class TestFollower:
    """The task of every process."""

    async def test_it_follows_every_change_of_the_row(
        self, pool: Pool, conn: Conn
    ) -> None:
        """Set, set otherwise, and taken away: within its interval, and no more once it is stopped."""
        follower = ClockFollower(pool)
        await follower.start()
        other = ClockSetting(IMITATED.epoch, offset=2 * YEAR)
        for setting in (IMITATED, other, None, IMITATED):
            await clock_row.write(conn, setting)
            await until(partial(_follows, setting))
        await follower.stop()
        await clock_row.write(conn, None)
        assert clock.setting() == IMITATED

    async def test_it_has_read_the_row_when_it_has_started(
        self, pool: Pool, conn: Conn
    ) -> None:
        """Nothing of a process happens in the wrong time."""
        await clock_row.write(conn, IMITATED)
        follower = ClockFollower(pool)
        await follower.start()
        assert clock.setting() == IMITATED
        await follower.stop()

    async def test_without_a_row_a_time_set_by_hand_stays(self, pool: Pool) -> None:
        """Only a row that was there and went brings real time back."""
        follower = ClockFollower(pool)
        with clock.frozen(IMITATED.epoch):
            await follower.start()
            seen = _Looks(follower)
            await until(lambda: seen.at_least(3))
            assert clock.now() == IMITATED.epoch
            await follower.stop()

    async def test_a_database_that_is_away_stops_no_clock(
        self, pool: Pool, conn: Conn
    ) -> None:
        """The time goes on as it did, and follows again when the database is back."""
        await clock_row.write(conn, IMITATED)
        follower = ClockFollower(pool)
        await follower.start()
        seen = _Looks(follower, failures=3)
        await until(lambda: seen.at_least(3))
        assert clock.setting() == IMITATED
        await clock_row.write(conn, None)
        await until(lambda: _follows(None))
        await follower.stop()


class _Looks:
    """Counts the looks of a follower, and lets the first ones fail as without a database."""

    def __init__(self, follower: ClockFollower, failures: int = 0) -> None:
        self._looks = 0
        self._failures = failures
        self._look = follower._look
        follower._look = self.look  # type: ignore[method-assign]

    async def look(self, conn: Conn) -> None:
        """Look once."""
        self._looks += 1
        if self._looks <= self._failures:
            raise psycopg.OperationalError("the database is gone")
        await self._look(conn)

    async def at_least(self, number: int) -> bool:
        """Whether it has looked so often."""
        return self._looks >= number
