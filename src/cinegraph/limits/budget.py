"""Asking for leave to send a request, in any of the processes that share a source."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import structlog

from cinegraph.db.pool import Pool
from cinegraph.errors import (
    DatabaseError,
    DatabaseUnreachableError,
    SourceHaltedError,
    SourceThrottledError,
)
from cinegraph.limits.pacing import Lease, Pacer
from cinegraph.limits.rates import (
    LONGEST_PAUSE_SECONDS,
    PROBE_INTERVAL_SECONDS,
    PROBE_PATIENCE_SECONDS,
    SHORTEST_PAUSE_SECONDS,
    Priority,
    RateLimit,
)
from cinegraph.limits.store import BudgetStore, Pause
from cinegraph.telemetry import emit

_ENDPOINT = "request budget"
_log = structlog.get_logger(__name__)

type _Waiter = asyncio.Future[float]
"""Gives the slot, in monotonic seconds."""


class RequestBudget:
    """
    Leave to send requests to one source, shared by every process of the deployment.

    Await `acquire` before each request, then say how it ended: `succeeded` (any answer that shows the key is accepted
    and we are not refused, also a 404), `throttled` (429) or `rejected` (the key is refused); other failures need no
    word. Belongs to one event loop. Waiting holds no database connection; a lease holds one for a millisecond.

    The row keeps the rate of the process that started last, so that a changed setting takes hold with the first
    restarted process. A rate of 0 counts for the process that has it alone; it still obeys pauses and halts.

    Args:
        pool: Where the shared row lives.
        source: Name of the upstream, the key of the row.
        limit: How fast the whole deployment may ask.
        key_fingerprint: Of the key we send, never the key itself. A halt counts for those with the refused key only,
            and starting with another key lifts it.
        max_wait: The longest pause (seconds) that `acquire` waits for; a longer one raises.
    """

    def __init__(
        self,
        pool: Pool,
        source: str,
        limit: RateLimit,
        *,
        key_fingerprint: str = "",
        max_wait: float = 5.0,
    ) -> None:
        self._source = source
        self._limit = limit
        self._max_wait = max_wait
        self._store = BudgetStore(pool, source, key_fingerprint=key_fingerprint)
        self._pacer: Pacer[_Waiter] = Pacer(paced=limit.rate_per_second > 0)
        self._is_configured = False
        self._has_succeeded = False
        self._probed_at = float("-inf")
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._leasing: asyncio.Task[None] | None = None
        self._lifting: asyncio.Task[None] | None = None
        self._is_closed = False

    async def acquire(self, priority: Priority) -> None:
        """
        Wait until one request may be sent; send it at once.

        Raises:
            SourceThrottledError: The source is paused for longer than `max_wait`; come back in `retry_in_seconds`.
            SourceHaltedError: The source refuses our key; come back in `retry_in_seconds`.
            DatabaseUnreachableError: The budget cannot be read, and nothing is asked without it.
        """
        now = time.monotonic()
        if self._pacer.is_free(now):
            return
        refusal = self._refusal(now, self._pacer.standing(now))
        if refusal is not None:
            raise refusal
        await self._wait(priority)

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """
        Note that a request was answered, which ends the doubling of pauses and lifts a halt.

        Args:
            sent_at: `time.monotonic()` when it was sent. Without it the answer counts as one to a request of now.
        """
        now = time.monotonic()
        if (now if sent_at is None else sent_at) >= self._pacer.paused_until:
            self._has_succeeded = True
        if self._is_probing(now) and self._lifting is None:
            self._lifting = asyncio.get_running_loop().create_task(
                self._lift(), name=f"lift halt of {self._source}"
            )

    async def throttled(
        self, *, retry_after_seconds: float | None, sent_at: float
    ) -> float:
        """
        Pause the source everywhere: it answered 429.

        Args:
            retry_after_seconds: What the upstream named; 0 is lifted to a quarter of a second; None: it named nothing,
                and the pause doubles from a quarter of a second while nothing succeeds, up to a minute.
            sent_at: `time.monotonic()` when the refused request was sent; one sent before the last pause ended is the
                same event.

        Returns:
            For how many seconds the source is paused now. Without a database only this process pauses.
        """
        wanted = max(SHORTEST_PAUSE_SECONDS, retry_after_seconds or 0.0)
        self._pause(min(wanted, LONGEST_PAUSE_SECONDS))
        try:
            pause = await self._share_pause(retry_after_seconds, sent_at)
        except DatabaseUnreachableError as error:
            _log.warning("pause is not shared", source=self._source, error=str(error))
            pause = None
        if pause is None:
            return wanted
        self._pause(pause.paused_seconds)
        emit(
            "cinegraph.limits.source.paused",
            source=self._source,
            paused_seconds=pause.paused_seconds,
            is_new=pause.is_new,
        )
        return pause.paused_seconds

    async def rejected(self, *, reason: str, key_fingerprint: str) -> None:
        """
        Halt the source for everyone with this key; one request a minute is let through to see whether it is right.

        Args:
            reason: What the upstream said, without any secret; shown to people.
            key_fingerprint: Of the refused key.
        """
        self._store.key_fingerprint = key_fingerprint
        self._probed_at = float("-inf")
        try:
            await self._configure()
            await self._store.halt(reason)
        except DatabaseUnreachableError as error:
            # Nothing is asked without the database either; the next refusal halts again.
            _log.warning("halt is not shared", source=self._source, error=str(error))
        self._pacer.forget(now=time.monotonic())
        self._wake.set()
        emit("cinegraph.limits.source.halted", source=self._source, reason=reason)

    async def close(self) -> None:
        """Stop leasing; who still waits is sent away with SourceThrottledError. Slots on hand are lost."""
        self._is_closed = True
        tasks = [task for task in (self._leasing, self._lifting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        self._send_away(self._stopping)

    async def _wait(self, priority: Priority) -> None:
        if self._is_closed:
            raise self._stopping()
        loop = asyncio.get_running_loop()
        waiter: _Waiter = loop.create_future()
        self._pacer.join(waiter, priority)
        self._start_leasing(loop)
        self._wake.set()
        self._release()
        try:
            await waiter
        except asyncio.CancelledError:
            self._withdraw(waiter, priority)
            raise

    def _withdraw(self, waiter: _Waiter, priority: Priority) -> None:
        granted = waiter.done() and not waiter.cancelled() and not waiter.exception()
        if granted:
            self._pacer.give_back(waiter.result())
            self._release()
        else:
            self._pacer.leave(waiter, priority)

    def _release(self) -> None:
        for waiter, slot in self._pacer.release(time.monotonic()):
            if waiter.done():  # cancelled, and its task did not yet run to say so
                self._pacer.give_back(slot)
            else:
                waiter.set_result(slot)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._pacer.next_release_at()
        if due is not None and not self._is_closed:
            delay = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._release)

    def _start_leasing(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._leasing is None or self._leasing.done():
            self._leasing = loop.create_task(
                self._keep_leasing(), name=f"lease slots of {self._source}"
            )
            self._leasing.add_done_callback(self._leasing_ended)

    async def _keep_leasing(self) -> None:
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
                self._send_away(partial(type(error), error.message, hint=error.hint))

    async def _sleep(self, delay: float | None) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _ask(self) -> None:
        await self._configure()
        sent = time.monotonic()
        has_succeeded, self._has_succeeded = self._has_succeeded, False
        lease = await self._store.lease(
            self._pacer.demand(sent),
            paced=self._limit.rate_per_second > 0,
            has_succeeded=has_succeeded,
        )
        if lease is None:
            self._forget()
        else:
            self._take(lease, sent=sent)

    def _take(self, lease: Lease, *, sent: float) -> None:
        now = time.monotonic()
        self._pacer.accept(lease, sent=sent, received=now)
        if lease.is_probe:
            self._send_probe(now)
        if self._refusal(now, lease) is not None:
            self._send_away(partial(self._refusal, now, lease))
        self._release()

    def _send_probe(self, now: float) -> None:
        waiter = self._pacer.call_first()
        while waiter is not None and waiter.done():
            waiter = self._pacer.call_first()
        if waiter is not None:
            self._probed_at = now
            waiter.set_result(now)

    def _is_probing(self, now: float) -> bool:
        # What was sent before the halt has ended by the time the first probe goes: a success is the probe's.
        return now - self._probed_at < PROBE_INTERVAL_SECONDS

    async def _lift(self) -> None:
        try:
            await self._store.lift()
            self._probed_at = float("-inf")
            self._pacer.forget(now=time.monotonic())
            emit("cinegraph.limits.source.resumed", source=self._source)
        except DatabaseUnreachableError as error:
            _log.warning("halt is not lifted", source=self._source, error=str(error))
        finally:
            self._lifting = None
            self._wake.set()

    async def _share_pause(
        self, retry_after_seconds: float | None, sent_at: float
    ) -> Pause | None:
        has_succeeded, self._has_succeeded = self._has_succeeded, False
        clock = self._pacer.clock
        await self._configure()
        pause = await self._store.pause(
            retry_after_seconds=retry_after_seconds,
            sent_at=clock.to_database(sent_at) if clock.is_known else None,
            has_succeeded=has_succeeded,
        )
        if pause is None:
            self._forget()
        return pause

    def _pause(self, seconds: float) -> None:
        now = time.monotonic()
        self._pacer.pause(now + seconds, now=now)
        self._set_timer()
        self._wake.set()

    async def _configure(self) -> None:
        if not self._is_configured:
            sent = time.monotonic()
            db_now = await self._store.configure(self._limit)
            self._pacer.clock.observe(db_now, sent=sent, received=time.monotonic())
            self._is_configured = True

    def _forget(self) -> None:
        # Somebody deleted the row: make it again with our rate.
        _log.warning("request budget was missing", source=self._source)
        self._is_configured = False
        self._pacer.forget(now=time.monotonic())

    def _refusal(
        self, now: float, lease: Lease | None
    ) -> SourceHaltedError | SourceThrottledError | None:
        if lease is not None and lease.is_halted:
            return self._halted(lease)
        remaining = self._pacer.paused_until - now
        if lease is None or remaining <= self._max_wait:
            return None
        return SourceThrottledError(
            source=self._source,
            endpoint=_ENDPOINT,
            retry_in_seconds=remaining,
            reason=f"paused ({lease.pause_reason or 'a 429 a moment ago'})",
        )

    def _halted(self, lease: Lease) -> SourceHaltedError:
        is_asking = (
            PROBE_INTERVAL_SECONDS - lease.probe_in_seconds < PROBE_PATIENCE_SECONDS
        )
        return SourceHaltedError(
            lease.halt_reason,
            source=self._source,
            endpoint=_ENDPOINT,
            retry_in_seconds=PROBE_PATIENCE_SECONDS
            if is_asking
            else max(1.0, lease.probe_in_seconds),
        )

    def _stopping(self) -> SourceThrottledError:
        return SourceThrottledError(
            source=self._source,
            endpoint=_ENDPOINT,
            retry_in_seconds=1.0,
            reason="this process is stopping",
        )

    def _send_away(self, reason: Callable[[], Exception | None]) -> None:
        for waiter in self._pacer.dismiss():
            error = reason()
            if error is not None and not waiter.done():
                waiter.set_exception(error)

    def _leasing_ended(self, task: asyncio.Task[None]) -> None:
        # A mistake must not leave anybody waiting; the next `acquire` starts over.
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            _log.error("leasing ended", source=self._source, exc_info=error)
            self._pacer.forget(now=time.monotonic())
            self._send_away(lambda: error)
