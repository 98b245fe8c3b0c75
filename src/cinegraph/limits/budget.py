"""Asking for leave to send a request, in any of the processes that share a source."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from cinegraph.db.pool import Pool
from cinegraph.errors import (
    DatabaseUnreachableError,
    SourceError,
    SourceHaltedError,
    SourceThrottledError,
)
from cinegraph.limits.breaker import Answer, Breaker, judge
from cinegraph.limits.pacing import Lease, Pacer
from cinegraph.limits.rates import (
    COOLDOWN_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PROBE_INTERVAL_SECONDS,
    PROBE_PATIENCE_SECONDS,
    SHORTEST_PAUSE_SECONDS,
    Priority,
    RateLimit,
)
from cinegraph.limits.store import BudgetStore, Outage, Pause
from cinegraph.limits.turnstile import Turnstile, Waiter
from cinegraph.telemetry import emit

_ENDPOINT = "request budget"
_log = structlog.get_logger(__name__)


class RequestBudget:
    """
    Leave to send requests to one source, shared by every process of the deployment.

    Await `acquire` before each request, then say how it ended: `succeeded` (a good answer, 2xx; a 404 may come
    from a wrong address and proves no key), `throttled` (429), `rejected` (the key is refused) or `failed` (anything
    else). Belongs to one event loop. Waiting holds no database connection; a lease holds one for a millisecond.

    The row keeps the rate of the process that started last, so that a changed setting takes hold with the first
    restarted process. A rate of 0 counts for the process that has it alone; it still obeys pauses and halts.

    The circuit breaker is part of it: when failures show an outage, everyone pauses; then a trickle of requests finds
    out whether the source is back, and one answer lets the rate grow again.

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
        self._pacer: Pacer[Waiter] = Pacer(paced=limit.rate_per_second > 0)
        self._is_configured = False
        self._has_succeeded = False
        self._probed_at = float("-inf")
        self._turnstile = Turnstile(self._pacer, self._ask, source=source)
        self._breaker = Breaker()
        self._why_paused = ""
        self._mending: asyncio.Task[None] | None = None
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
            raise refusal()
        if self._is_closed:
            raise self._stopping()
        await self._turnstile.wait(priority)

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """
        Note that a request was answered well, which ends the doubling of pauses, lifts a halt and closes the circuit.

        Args:
            sent_at: `time.monotonic()` when it was sent. Without it the answer counts as one to a request of now.
        """
        now = time.monotonic()
        sent_at = now if sent_at is None else sent_at
        if sent_at >= self._pacer.paused_until:
            self._has_succeeded = True
        if self._is_probing(now):
            self._mend(self._lift)
        self._hear(sent_at)

    async def failed(self, *, error: SourceError, sent_at: float) -> float:
        """
        Note that a request ended in an error other than a 429 or a refused key, which may be an outage.

        Args:
            error: Its message, which holds no secret, is what people are shown if so.
            sent_at: `time.monotonic()` when it was sent.

        Returns:
            Come back in so many seconds, for the source is known to be down and this failure belongs to that; 0: it
            counts as any. What is undecodable belongs to an outage only where it shows one: a trickle may bring the
            spoilt bodies of a few films again and again, and those shall come to an end.
        """
        answer = judge(error)
        if answer is Answer.ALIVE:
            self._hear(sent_at)
            return 0.0
        is_enough = self._breaker.note(answer, at=time.monotonic())
        if answer is Answer.BAD and not is_enough:
            return 0.0
        try:
            outage = await self._share_failure(
                error.message, sent_at, is_enough=is_enough, answer=answer
            )
        except DatabaseUnreachableError as problem:
            # Nothing is asked without the database either; the next failure tells it.
            _log.warning("failure is not shared", source=self._source, error=problem)
            return 0.0
        if not outage.is_down:
            return 0.0
        self._breaker.reset()
        if outage.is_new:
            self._open(outage, error.message)
        return max(outage.paused_seconds, COOLDOWN_SECONDS)

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
        self._why_paused = "a 429 a moment ago"
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
        self._turnstile.release()
        emit("cinegraph.limits.source.halted", source=self._source, reason=reason)

    async def close(self) -> None:
        """Stop leasing; who still waits is sent away with SourceThrottledError. Slots on hand are lost."""
        self._is_closed = True
        await self._turnstile.close()
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)
        self._turnstile.send_away(self._stopping)

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
        if lease.is_probe and self._turnstile.call_first():
            self._probed_at = now
        refusal = self._refusal(now, lease)
        if refusal is not None:
            self._turnstile.send_away(refusal)
        self._turnstile.release()

    def _is_probing(self, now: float) -> bool:
        # What was sent before the halt has ended by the time the first probe goes: a success is the probe's.
        return now - self._probed_at < PROBE_INTERVAL_SECONDS

    def _hear(self, sent_at: float) -> None:
        # The source spoke for itself, whatever it said.
        self._breaker.note(Answer.ALIVE, at=time.monotonic())
        if self._pacer.is_down and sent_at >= self._pacer.paused_until:
            self._mend(partial(self._close_circuit, sent_at))

    def _mend(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._mending is None:
            self._mending = asyncio.get_running_loop().create_task(
                self._do(work), name=f"mend {self._source}"
            )

    async def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except DatabaseUnreachableError as error:
            # The next success tries again.
            _log.warning("not resumed", source=self._source, error=str(error))
        finally:
            self._mending = None
            self._turnstile.release()

    async def _lift(self) -> None:
        await self._store.lift()
        self._probed_at = float("-inf")
        self._pacer.forget(now=time.monotonic())
        emit("cinegraph.limits.source.resumed", source=self._source)

    async def _close_circuit(self, sent_at: float) -> None:
        is_closed = await self._store.close_circuit(sent_at=self._to_database(sent_at))
        self._pacer.forget(now=time.monotonic())
        if is_closed:
            _log.info("the source answers again", source=self._source)
            emit("cinegraph.limits.circuit.closed", source=self._source)

    def _open(self, outage: Outage, reason: str) -> None:
        seconds = outage.paused_seconds
        self._why_paused = f"circuit open: {reason}"
        self._pause(seconds)
        _log.warning(
            "the source is down", source=self._source, paused=seconds, reason=reason
        )
        emit(
            "cinegraph.limits.circuit.opened",
            source=self._source,
            paused_seconds=seconds,
            reason=reason,
        )

    async def _share_failure(
        self, reason: str, sent_at: float, *, is_enough: bool, answer: Answer
    ) -> Outage:
        await self._configure()
        outage = await self._store.note_failure(
            reason,
            sent_at=self._to_database(sent_at),
            is_enough=is_enough,
            counts=answer is Answer.NONE,
        )
        if outage is None:
            self._forget()
            return Outage(paused_seconds=0.0, is_down=False, is_new=False)
        return outage

    def _to_database(self, moment: float) -> float | None:
        clock = self._pacer.clock
        return clock.to_database(moment) if clock.is_known else None

    async def _share_pause(
        self, retry_after_seconds: float | None, sent_at: float
    ) -> Pause | None:
        has_succeeded, self._has_succeeded = self._has_succeeded, False
        await self._configure()
        pause = await self._store.pause(
            retry_after_seconds=retry_after_seconds,
            sent_at=self._to_database(sent_at),
            has_succeeded=has_succeeded,
        )
        if pause is None:
            self._forget()
        return pause

    def _pause(self, seconds: float) -> None:
        now = time.monotonic()
        self._pacer.pause(now + seconds, now=now)
        self._turnstile.release()

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
    ) -> Callable[[], SourceHaltedError | SourceThrottledError] | None:
        # Makes an error for each who is refused: one error object must not be raised in many tasks.
        if lease is None:
            return None
        if lease.is_halted:
            return partial(self._halted, lease)
        remaining = self._pacer.paused_until - now
        if remaining <= self._max_wait:
            return None
        return partial(self._paused, lease, remaining)

    def _paused(self, lease: Lease, remaining_seconds: float) -> SourceThrottledError:
        return SourceThrottledError(
            source=self._source,
            endpoint=_ENDPOINT,
            retry_in_seconds=remaining_seconds,
            reason=f"paused ({lease.pause_reason if lease.paused_seconds else self._why_paused})",
            is_outage=lease.is_down or self._pacer.is_down,
        )

    def _halted(self, lease: Lease) -> SourceHaltedError:
        since_probe = PROBE_INTERVAL_SECONDS - lease.probe_in_seconds
        is_asking = since_probe < PROBE_PATIENCE_SECONDS
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
