"""Real processes that share one budget, and die."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Thread

import pytest

_ASKING = Path(__file__).with_name("asking.py")


class Asker:
    """A process that asks as fast as it may, and when it did: the monotonic clock is one for the machine."""

    def __init__(self, url: str) -> None:
        self.moments: list[float] = []
        self.process = Popen(  # noqa: S603 - our own script
            [sys.executable, str(_ASKING), url, "39"], stdout=PIPE, text=True
        )
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.moments.append(float(line))

    def kill(self) -> None:
        """End it like `kill -9`, and wait for what it had printed."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start(database_url: str) -> Iterator[Callable[[], Asker]]:
    """Return a starter of processes that are killed afterwards."""
    askers: list[Asker] = []

    def begin() -> Asker:
        askers.append(Asker(database_url))
        return askers[-1]

    yield begin
    for asker in askers:
        asker.kill()


def wait_until(is_true: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Poll until *is_true*."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def between(moments: list[float], start: float, end: float) -> int:
    """Return how many lie in [start, end)."""
    return sum(start <= moment < end for moment in moments)


def test_processes_use_the_whole_budget_and_no_more(
    start: Callable[[], Asker],
) -> None:
    """Three processes use 98 % of 39 a second together, and no second holds more than rate and burst."""
    askers = [start() for _ in range(3)]
    wait_until(lambda: all(asker.moments for asker in askers))
    begin = time.monotonic()
    time.sleep(3.0)  # this is the measurement
    moments = sorted(moment for asker in askers for moment in list(asker.moments))

    assert between(moments, begin, begin + 2.9) >= 0.98 * 39 * 2.9 - 1
    worst = max(between(moments, moment, moment + 1.0) for moment in moments)
    assert worst <= 43


def test_a_killed_process_loses_little(start: Callable[[], Asker]) -> None:
    """When two of three are killed, the third goes on with the whole budget: at most 0.3 s of it are lost."""
    askers = [start() for _ in range(3)]
    wait_until(lambda: all(len(asker.moments) > 5 for asker in askers))
    killed = time.monotonic()
    for asker in askers[1:]:
        asker.kill()
    time.sleep(2.5)  # this is the measurement
    moments = [moment for asker in askers for moment in list(asker.moments)]

    assert between(moments, killed, killed + 2.4) >= (2.4 - 0.3) * 39 - 1
