"""
A backtest in a process of its own: it takes a core for seconds to minutes, and memory, which a server has not to give.

The child gets its order, with the database's address, on standard input, and ends when that closes: it cannot outlive
its parent.
"""

import asyncio
import os
import sys
import threading
from contextlib import suppress
from datetime import timedelta

import msgspec
import uvloop

from cinegraph import clock, scrubbing
from cinegraph.db import address
from cinegraph.db.pool import open_pool
from cinegraph.enrichment.cri.backtest import (
    Backtest,
    EmptyListError,
    UnknownListError,
    run_backtest,
)
from cinegraph.errors import CinegraphError, DatabaseError

_PROGRAM = "from cinegraph.enrichment.cri.apart import main; main()"
_STATEMENT_TIMEOUT = timedelta(minutes=10)


class BacktestFailedError(DatabaseError):
    """The process of a backtest ended early; nothing was written, and it can be asked for again."""

    code = "backtest_failed"


class _Order(msgspec.Struct, frozen=True):
    """What the process is to do."""

    url: str
    list_key: str
    offset_seconds: float
    """Cinegraph's time less real time."""


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it found, or why it found nothing."""

    found: Backtest | None = None
    code: str = ""
    message: str = ""
    known: tuple[str, ...] = ()


async def backtest_apart(url: str, list_key: str) -> Backtest:
    """
    Hold out a list and look for its films, in a process of its own; ended with whoever waits for it.

    Raises:
        UnknownListError: There is no such list.
        EmptyListError: None of its films is stored.
        BacktestFailedError: The process ended early.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None  # noqa: S101 - for the type checker
    assert stdout is not None  # noqa: S101 - for the type checker
    offset = (clock.now() - clock.real_now()).total_seconds()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(msgspec.json.encode(_Order(url, list_key, offset)) + b"\n")
            await stdin.drain()
        body = await stdout.read()
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        stdin.close()
    if not body:
        raise BacktestFailedError(
            f"the process of the backtest ended with status {code}",
            hint="Ask again; `cinegraph enrich cri --backtest` says more.",
        )
    return _take(msgspec.json.decode(body, type=_Answer), list_key)


def _take(answer: _Answer, list_key: str) -> Backtest:
    if answer.found is not None:
        return answer.found
    if answer.code == UnknownListError.code:
        raise UnknownListError(list_key, answer.known)
    if answer.code == EmptyListError.code:
        raise EmptyListError(list_key)
    raise BacktestFailedError(
        f"the backtest failed: {answer.message}", hint="Ask again."
    )


def main() -> None:
    """Carry out the order on standard input."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Order)
    scrubbing.register(address.parse(order.url).get("password"))
    offset = timedelta(seconds=order.offset_seconds)
    clock.set_clock(clock.ClockSetting(epoch=clock.real_now(), offset=offset))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answer = runner.run(_carry_out(order))
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    sys.stdout.buffer.flush()


def _end_with_parent() -> None:
    # Nothing is written, so nothing is to be ended in good order.
    sys.stdin.buffer.read()
    os._exit(1)


async def _carry_out(order: _Order) -> _Answer:
    pool = await open_pool(
        order.url,
        size=2,
        application_name="cinegraph backtest",
        statement_timeout=_STATEMENT_TIMEOUT,
    )
    try:
        async with pool:
            found = await run_backtest(pool, order.list_key, now=clock.now())
    except UnknownListError as error:
        return _Answer(code=error.code, known=tuple(error.known))
    except CinegraphError as error:
        return _Answer(code=error.code, message=scrubbing.scrub(error.message))
    return _Answer(found=found)
