"""The sandbox's own calendar."""

import json
import math
from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.clock import ClockSetting, real_now
from cinegraph.errors import UsageError
from cinegraph.sandbox.days import SandboxClock, read_clock, tell_clock

_THEN = datetime(2026, 9, 1, 7, 30, tzinfo=UTC)


def test_it_is_real_time_until_set() -> None:
    """Nothing has to be told."""
    assert abs(SandboxClock().now() - real_now()) < timedelta(seconds=5)


def test_it_can_be_shifted_stopped_and_hurried() -> None:
    """Epoch, offset and speed, as the rest of Cinegraph reckons."""
    began = real_now() - timedelta(hours=1)
    clock = SandboxClock()
    clock.set(ClockSetting(began, _THEN - began, 0.0))
    stopped = clock.now()
    clock.set(ClockSetting(began, _THEN - began, 24.0))

    assert stopped == _THEN
    assert timedelta(0) <= clock.now() - _THEN - timedelta(days=1) < timedelta(hours=1)


@pytest.mark.parametrize(
    "setting",
    [
        ClockSetting(_THEN.replace(tzinfo=None)),
        ClockSetting(_THEN, speed=-1.0),
        ClockSetting(_THEN, speed=math.nan),
        ClockSetting(_THEN, speed=math.inf),
        ClockSetting(_THEN, speed=1e12),
        ClockSetting(_THEN, timedelta(days=999_999_999)),
    ],
)
def test_what_is_no_clock_is_refused(setting: ClockSetting) -> None:
    """A mistake is told with a hint, and the clock goes on as it did."""
    clock = SandboxClock()
    with pytest.raises(UsageError) as caught:
        clock.set(setting)

    assert caught.value.hint
    assert abs(clock.now() - real_now()) < timedelta(seconds=5)


def test_a_setting_survives_json() -> None:
    """What is told can be read back."""
    setting = ClockSetting(_THEN, timedelta(seconds=1.5), 60.0)
    told = SandboxClock().told()

    assert read_clock(json.dumps(tell_clock(setting))) == setting
    assert told["now"].endswith("+00:00")


def test_what_is_left_out_is_as_it_is() -> None:
    """Nothing at all is real time; an offset alone counts from now."""
    assert read_clock("{}") == SandboxClock().setting
    shifted = read_clock('{"offset_seconds": 86400}')

    assert shifted.offset == timedelta(days=1)
    assert abs(shifted.epoch - real_now()) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "told", ["", "[]", '{"epoch": "soon"}', '{"days": 1}', '{"offset_seconds": 1e99}']
)
def test_what_is_no_json_of_a_clock_is_refused(told: str) -> None:
    """The hint shows what it looks like."""
    with pytest.raises(UsageError) as caught:
        read_clock(told)

    assert "epoch" in (caught.value.hint or "")
