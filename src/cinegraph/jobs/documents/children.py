"""
Processes that go through documents side by side: Python decodes on one core each.

A child gets its order, with the database's address, on standard input and ends when that closes, so it cannot outlive
its parent, however that one dies; what it has committed stays.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
import uvloop

from cinegraph import clock, scrubbing
from cinegraph.catalog.documents import DocumentRange
from cinegraph.db import address
from cinegraph.db.pool import open_pool
from cinegraph.errors import CinegraphError, DatabaseError
from cinegraph.jobs.documents.working import Compared, compare_ranges, rebuild_shards
from cinegraph.sync.runs import RunId

_PROGRAM = "from cinegraph.jobs.documents.children import main; main()"
_LINE_LIMIT = 16 * 2**20
"""Bytes of one line between parent and child: a hundred differences are some 100 kB."""


class Order(msgspec.Struct, frozen=True):
    """What a process is to do: a run's ranges that are free, or the ranges given, compared."""

    url: str
    condition: str
    offset_seconds: float
    """Cinegraph's time less real time."""
    run_id: int | None = None
    ranges: Sequence[DocumentRange] = ()


class ChildFailedError(DatabaseError):
    """A process that went through documents ended before its work did; the rest goes on where it was."""

    code = "documents_child"


class _Line(msgspec.Struct, omit_defaults=True):
    """What a child says: what it compared, or why it ends."""

    compared: Compared | None = None
    error: str | None = None


_to_line = msgspec.json.Encoder().encode
_from_line = msgspec.json.Decoder(_Line).decode


async def run_orders(
    orders: Sequence[Order], report: Callable[[Compared], None]
) -> list[str]:
    """
    Carry out *orders*, each in a process of its own; return why those that failed did.

    Ended from outside, it lets every child finish its group first.
    """
    # Not gather: it ends with the first child that was cancelled, while the others still wait for their processes.
    async with asyncio.TaskGroup() as group:
        children = [group.create_task(_run_child(order, report)) for order in orders]
    ends = [child.result() for child in children]
    return [end for end in ends if end is not None]


async def _run_child(order: Order, report: Callable[[Compared], None]) -> str | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        # Ctrl-C goes to a whole session: the parent decides when its children end.
        start_new_session=True,
    )
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None  # noqa: S101 - for the type checker
    assert stdout is not None  # noqa: S101 - for the type checker
    error = None
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(_to_line(order) + b"\n")
            await stdin.drain()
        async for line in stdout:
            told = _from_line(line)
            if told.compared is not None:
                report(told.compared)
            error = told.error or error
    finally:
        stdin.close()
        # What it says meanwhile must not keep it from ending.
        await stdout.read()
        code = await process.wait()
    return error or (f"a process ended with status {code}" if code else None)


def main() -> None:
    """Carry out the order on standard input."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    scrubbing.register(address.parse(order.url).get("password"))
    offset = timedelta(seconds=order.offset_seconds)
    clock.set_clock(clock.ClockSetting(epoch=clock.real_now(), offset=offset))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_carry_out(order))
    except Exception as error:  # noqa: BLE001 - the parent tells it; here nobody reads
        text = error.message if isinstance(error, CinegraphError) else repr(error)
        _say(_Line(error=scrubbing.scrub(text)))
        sys.exit(1)


async def _carry_out(order: Order) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.remove_reader(sys.stdin)
        stop.set()

    loop.add_reader(sys.stdin, end)
    pool = await open_pool(order.url, size=2, application_name="cinegraph documents")
    async with pool:
        if order.run_id is not None:
            await rebuild_shards(
                pool,
                RunId(order.run_id),
                condition=order.condition,
                is_stopped=stop.is_set,
            )
        else:
            await compare_ranges(
                pool,
                order.ranges,
                condition=order.condition,
                is_stopped=stop.is_set,
                report=lambda compared: _say(_Line(compared=compared)),
            )


def _say(line: _Line) -> None:
    sys.stdout.buffer.write(_to_line(line) + b"\n")
    sys.stdout.buffer.flush()
