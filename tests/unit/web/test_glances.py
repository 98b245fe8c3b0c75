"""What pages read: once for all who wait, kept for a moment; what takes long is read beside."""

import asyncio
from typing import cast

import pytest

from cinegraph.api import Cinegraph
from cinegraph.web import readings as module
from cinegraph.web.readings import Reading, Readings


class _Source:
    """Gives 1, 2, …, when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()

    async def read(self, c: Cinegraph) -> int:
        """Wait for the gate."""
        del c
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.gate.wait()
        self.at_once -= 1
        return self.asked


def _readings() -> Readings:
    return Readings(cast("Cinegraph", None))


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing."""
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(module, "_KEPT_FOR", 0)


async def test_a_glance_waits_for_nobody() -> None:
    """First there is nothing, then what was read; what is old is shown while it is read anew."""
    source, readings = _Source(), _readings()
    reading = Reading("it", 0.0, source.read)
    assert await readings.glance(reading) == (None, None)
    source.gate.set()
    await _settle()
    source.gate.clear()

    first = await readings.glance(reading)
    await _settle()
    assert (first.value, source.asked) == (1, 2)
    source.gate.set()
    await _settle()
    assert (await readings.glance(reading)).value == 2
    await readings.stop()


async def test_what_is_new_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what took long, for fifty times as long."""
    source, readings = _Source(), _readings()
    source.gate.set()
    kept = Reading("kept", 60.0, source.read)
    assert [(await readings.glance(kept)).value for _ in range(3)] == [1, 1, 1]
    monkeypatch.setattr(module, "_KEPT_FOR", 1e9)
    costly = Reading("costly", 0.0, source.read)
    assert [(await readings.glance(costly)).value for _ in range(3)] == [2, 2, 2]


async def test_an_error_is_told_once_and_not_kept() -> None:
    """The next one who looks has it read again."""
    asked = 0

    async def fail(c: Cinegraph) -> int:
        nonlocal asked
        del c
        asked += 1
        if asked == 1:
            raise ValueError("no")
        return 5

    readings = _readings()
    reading = Reading("it", 60.0, fail)
    with pytest.raises(ValueError, match="no"):
        await readings.glance(reading)
    assert (await readings.glance(reading)).value == 5


async def test_readings_of_one_turn_wait_for_each_other() -> None:
    """Others do not."""
    source, readings = _Source(), _readings()
    for name in ("a", "b", "c"):
        await readings.glance(Reading(name, 60.0, source.read, turn="costly"))
    assert source.asked == 1
    await readings.glance(Reading("free", 60.0, source.read))
    assert source.asked == 2
    source.gate.set()
    await _settle()
    assert source.asked == 4
    await readings.stop()


async def test_who_stops_leaves_nothing_behind() -> None:
    """What is being read ends."""
    source, readings = _Source(), _readings()
    await readings.glance(Reading("it", 60.0, source.read))
    await readings.stop()
    assert len(asyncio.all_tasks()) == 1
