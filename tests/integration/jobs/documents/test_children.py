"""Processes beside each other: ended from outside, none is left before it has ended itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cinegraph.jobs.documents import children
from cinegraph.jobs.documents.children import Order
from polling import until

_OBEDIENT = """
import json, pathlib, sys, time
folder, number = pathlib.Path({folder!r}), json.loads(sys.stdin.readline())["run_id"]
(folder / f"begun-{{number}}").touch()
sys.stdin.read()
while not (folder / f"may-end-{{number}}").exists():
    time.sleep(0.01)
(folder / f"ended-{{number}}").touch()
"""
_LONG_ENOUGH_SECONDS = 0.3
"""The mistake this looks for shows within one turn of the event loop."""


async def test_the_first_to_end_does_not_end_the_wait_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process is done at once, one still writes what it has: both are waited for."""
    program = _OBEDIENT.format(folder=str(tmp_path))
    monkeypatch.setattr(children, "_PROGRAM", program)
    orders = [Order("", "", 0.0, run_id=number) for number in (1, 2)]
    running = asyncio.create_task(children.run_orders(orders, lambda _: None))
    await until(_are_there(tmp_path / "begun-1", tmp_path / "begun-2"))

    running.cancel()
    (tmp_path / "may-end-1").touch()
    await until(_are_there(tmp_path / "ended-1"))
    await asyncio.wait({running}, timeout=_LONG_ENOUGH_SECONDS)
    assert not running.done()

    (tmp_path / "may-end-2").touch()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "ended-2").exists()


def _are_there(*paths: Path) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return all(path.exists() for path in paths)

    return look
