"""The sandbox's own calendar: what day it is decides quotas and exports, and may be set while it runs."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError

_REAL = ClockSetting(epoch=datetime(1970, 1, 1, tzinfo=UTC))
_FORMAT_HINT = 'Write {"epoch": "2026-09-01T07:30:00Z", "offset_seconds": 0, "speed": 1}, or {} for real time.'


class _Told(msgspec.Struct, forbid_unknown_fields=True):
    """A clock as JSON tells it; without an epoch it is set from this moment on."""

    epoch: datetime | None = None
    offset_seconds: float = 0.0
    speed: float = 1.0


class SandboxClock:
    """Real time, unless set to a (epoch, offset, speed) of its own."""

    def __init__(self) -> None:
        self.setting = _REAL

    def now(self) -> datetime:
        """Give the sandbox's time, aware, UTC."""
        at = self.setting
        return at.epoch + at.offset + (clock.real_now() - at.epoch) * at.speed

    def set(self, setting: ClockSetting) -> None:
        """
        Follow *setting* from now on.

        Raises:
            UsageError: It has no zone, runs backwards, or leaves the calendar.
        """
        before = self.setting
        if setting.epoch.tzinfo is None:
            raise UsageError("the clock's epoch has no zone", hint=_FORMAT_HINT)
        if not 0 <= setting.speed < math.inf:
            raise UsageError(
                f"a clock cannot run at {setting.speed}", hint=_FORMAT_HINT
            )
        self.setting = setting
        try:
            self.now()
        except OverflowError as error:
            self.setting = before
            raise UsageError(
                "that clock leaves the calendar", hint=_FORMAT_HINT
            ) from error

    def told(self) -> dict[str, Any]:
        """Give setting and time as JSON's types."""
        return {
            **tell_clock(self.setting),
            "now": self.now().astimezone(UTC).isoformat(),
        }


def tell_clock(setting: ClockSetting) -> dict[str, Any]:
    """Write a setting as JSON's types."""
    return {
        "epoch": setting.epoch.isoformat(),
        "offset_seconds": setting.offset.total_seconds(),
        "speed": setting.speed,
    }


def read_clock(told: bytes | str) -> ClockSetting:
    """
    Read a setting from JSON: epoch (now unless told), offset in seconds, speed.

    Raises:
        UsageError: It is no such JSON.
    """
    try:
        read = msgspec.json.decode(told, type=_Told)
        offset = timedelta(seconds=read.offset_seconds)
    except (msgspec.MsgspecError, OverflowError, ValueError) as error:
        raise UsageError(f"no clock: {error}", hint=_FORMAT_HINT) from error
    if read.epoch is None and not offset and read.speed == 1:
        return _REAL
    return ClockSetting(read.epoch or clock.real_now(), offset, read.speed)
