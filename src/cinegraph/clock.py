"""
The only place that asks what time it is.

Cinegraph's time is real time, unless the database's row `imitated_clock` says otherwise (epoch, offset, speed): real
time shifted and scaled, the same in every process, so that days can be played in minutes against an imitation
(`cinegraph sandbox play`). `db.clock_row` reads and writes the row. SQL of ours takes the time as a parameter from
here. Oban, leases, heartbeats and the refill of request tokens stay on real time and ask the database, whose clock all
machines share.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec


class ClockSetting(msgspec.Struct, frozen=True):
    """Cinegraph time at real time `t` is `epoch + offset + (t - epoch) * speed`."""

    epoch: datetime
    offset: timedelta = timedelta(0)
    speed: float = 1.0


_REAL = ClockSetting(epoch=datetime(1970, 1, 1, tzinfo=UTC))
_setting = _REAL


def real_now() -> datetime:
    """Real time, aware, UTC: for measuring and for what must not be played faster."""
    return datetime.now(UTC)


def now() -> datetime:
    """Cinegraph's time, aware, UTC."""
    setting = _setting
    real = datetime.now(UTC)
    if setting is _REAL:
        return real
    return setting.epoch + setting.offset + (real - setting.epoch) * setting.speed


def speed() -> float:
    """How many seconds of Cinegraph's time pass in a real one; 1.0 also where time stands still."""
    return _setting.speed or 1.0


def real_seconds(seconds: float) -> float:
    """How long *seconds* of Cinegraph's time really take."""
    return seconds / speed()


def setting() -> ClockSetting | None:
    """What this process follows; None: real time."""
    return None if _setting is _REAL else _setting


def set_clock(setting: ClockSetting) -> None:
    """Follow *setting* from now on, in this process."""
    global _setting  # noqa: PLW0603 - one clock a process is the point of this module
    _setting = setting


def reset() -> None:
    """Follow real time again."""
    set_clock(_REAL)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold Cinegraph's time at *at* within the block; for tests."""
    before = _setting
    epoch = real_now()
    set_clock(ClockSetting(epoch=epoch, offset=at - epoch, speed=0.0))
    try:
        yield
    finally:
        set_clock(before)
