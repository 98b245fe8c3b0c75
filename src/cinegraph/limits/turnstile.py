"""Where the tasks of one process wait for their slots; asks for more slots as long as somebody waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from cinegraph.errors import DatabaseError
from cinegraph.limits.pacing import Pacer
from cinegraph.limits.rates import Priority

_log = structlog.get_logger(__name__)

type Waiter = asyncio.Future[float]
"""Gives the slot, in monotonic seconds."""


class Turnstile:
    """
    Lets waiters through when the pacer says so; belongs to one event loop.

    Args:
        pacer: Decides.
        ask: Asks the row for what the pacer demands and feeds it the answer. When it raises, everybody who waits gets
            the error.
        source: For names and logs.
    """

    def __init__(
        self, pacer: Pacer[Waiter], ask: Callable[[], Awaitable[None]], *, source: str
    ) -> None:
        self._pacer = pacer
        self._ask = ask
        self._source = source
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._is_closed = False

    async def wait(self, priority: Priority) -> None:
        """Return when it is our turn; a slot that was given to a cancelled waiter goes to the next."""
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        self._pacer.join(waiter, priority)
        self._start_asking(loop)
        self.release()
        try:
            await waiter
        except asyncio.CancelledError:
            self._withdraw(waiter, priority)
            raise

    def release(self) -> None:
        """Let through whose turn it is, and look again at when to ask: something changed."""
        for waiter, slot in self._pacer.release(time.monotonic()):
            if waiter.done():  # cancelled, and its task did not yet run to say so
                self._pacer.give_back(slot)
            else:
                waiter.set_result(slot)
        self._set_timer()
        self._wake.set()

    def call_first(self) -> bool:
        """Let the most important waiter through without a slot; False when nobody waits."""
        while (waiter := self._pacer.call_first()) is not None:
            if not waiter.done():
                waiter.set_result(time.monotonic())
                return True
        return False

    def send_away(self, make_error: Callable[[], Exception]) -> None:
        """Raise an error of its own in everybody who waits."""
        for waiter in self._pacer.dismiss():
            if not waiter.done():
                waiter.set_exception(make_error())

    async def close(self) -> None:
        """Stop asking; slots on hand are lost. Who waits still waits: send them away."""
        self._is_closed = True
        self._set_timer()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _withdraw(self, waiter: Waiter, priority: Priority) -> None:
        if waiter.cancelled():
            self._pacer.leave(waiter, priority)
        elif waiter.exception() is None:
            self._pacer.give_back(waiter.result())
        self.release()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._pacer.next_release_at()
        if due is not None and not self._is_closed:
            delay = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self.release)

    def _start_asking(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(
                self._keep_asking(), name=f"lease slots of {self._source}"
            )
            self._asking.add_done_callback(self._asking_ended)

    async def _keep_asking(self) -> None:
        while True:
            self._wake.clear()
            due = self._pacer.next_ask_at(time.monotonic())
            delay = None if due is None else due - time.monotonic()
            if delay is None or delay > 0:
                await self._sleep(delay)
                continue
            try:
                await self._ask()
            except DatabaseError as error:
                self._pacer.forget(now=time.monotonic())
                self.send_away(partial(type(error), error.message, hint=error.hint))

    async def _sleep(self, delay: float | None) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            return

    def _asking_ended(self, task: asyncio.Task[None]) -> None:
        # A mistake must not leave anybody waiting; the next waiter starts over.
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            _log.error("leasing ended", source=self._source, exc_info=error)
            self._pacer.forget(now=time.monotonic())
            self.send_away(lambda: error)
