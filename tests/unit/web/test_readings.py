"""What is read is read once, kept for its seconds, and an error is not kept."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from cinegraph.web import readings as module
from cinegraph.web.readings import Reading, Readings

if TYPE_CHECKING:
    from cinegraph.api import Cinegraph


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, which a test moves."""
    time = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: time[0])
    return time


def _readings() -> Readings:
    return Readings(cast("Cinegraph", None))


async def test_a_hundred_viewers_are_one_reading(now: list[float]) -> None:
    """However many ask at once, and until its seconds are over."""
    made: list[int] = []

    async def read(_: Any) -> int:  # noqa: ANN401 - no deployment here
        made.append(1)
        await asyncio.sleep(0)
        return len(made)

    reading, readings = Reading("numbers", 2.0, read), _readings()
    assert set(await asyncio.gather(*(readings.get(reading) for _ in range(100)))) == {
        1
    }
    now[0] = 1.9
    assert await readings.get(reading) == 1
    now[0] = 2.1
    assert await readings.get(reading) == 2
    other = Reading("numbers", 2.0, read, arguments=7)
    assert await readings.get(other) == 3


async def test_an_error_is_told_and_tried_again(now: list[float]) -> None:
    """Who waits is told; the next who asks has it read anew."""
    del now
    fails = [True, False]

    async def read(_: Any) -> str:  # noqa: ANN401 - no deployment here
        if fails.pop(0):
            raise ValueError("down")
        return "up"

    reading, readings = Reading("state", 60.0, read), _readings()
    with pytest.raises(ValueError, match="down"):
        await readings.get(reading)
    assert await readings.get(reading) == "up"


async def test_who_leaves_does_not_end_it_for_others(now: list[float]) -> None:
    """A viewer closes the page while it is read."""
    del now
    gate = asyncio.Event()

    async def read(_: Any) -> str:  # noqa: ANN401 - no deployment here
        await gate.wait()
        return "done"

    reading, readings = Reading("slow", 60.0, read), _readings()
    leaves = asyncio.create_task(readings.get(reading))
    stays = asyncio.create_task(readings.get(reading))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await stays == "done"


async def test_after_somebody_did_something_it_is_read_anew(now: list[float]) -> None:
    """Who pauses a queue sees it paused, also where the page was read a moment ago."""
    made: list[int] = []

    async def read(_: Any) -> int:  # noqa: ANN401 - no deployment here
        made.append(1)
        return len(made)

    reading, readings = Reading("numbers", 60.0, read), _readings()
    assert await readings.get(reading) == 1
    now[0] = 1.0
    readings.note_change()
    now[0] = 1.1
    assert [await readings.get(reading) for _ in range(3)] == [2, 2, 2]
