"""What a source's key may ask in a day: counted in all processes together, before the request goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import structlog

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.errors import (
    AbsentAtSourceError,
    ConfigError,
    DatabaseUnreachableError,
    SourceExhaustedError,
    SourceRejectedError,
)
from cinegraph.limits.quota_days import (
    BACKGROUND_SHARE,
    Leave,
    Quota,
    ask_leave,
    begin_day,
    day_start,
    end_day,
    is_over,
    new_quota,
    note_answer,
    note_refusal,
    resumes_at,
)
from cinegraph.limits.quota_store import LockedQuota, QuotaStore
from cinegraph.limits.rates import Priority
from cinegraph.limits.slots import RequestSlots
from cinegraph.telemetry import emit

_ENDPOINT = "quota of the day"
_log = structlog.get_logger(__name__)


class Grant(msgspec.Struct, frozen=True):
    """A request that was counted and may go."""

    asked_at: datetime
    """Cinegraph's time."""
    is_background: bool
    is_probe: bool
    """The source said that the day is used up; this one finds out whether it is so still."""


class DailyQuota:
    """
    Requests a day of one key, shared by every process of the deployment and kept over restarts.

    `reserve` before each request; say `exhausted` when the source says that the day is used up, `succeeded` when a
    probe was answered, `give_back` when the key was refused. Days are Cinegraph's: they follow an imitated clock.

    What the source lets through and when its day begins is learned from what it says; `quota_days` has the rules.

    Args:
        pool: Where the shared row lives.
        source: Name of the upstream.
        daily_limit: As configured; the row keeps that of the process that started last.
        key_fingerprint: Of the key we send, never the key itself.
        background_share: Of the limit, for requests that nobody waits for.
    """

    def __init__(
        self,
        pool: Pool,
        source: str,
        *,
        daily_limit: int,
        key_fingerprint: str = "",
        background_share: float = BACKGROUND_SHARE,
    ) -> None:
        if daily_limit < 1:
            raise ConfigError(
                f"a limit of {daily_limit} requests a day lets none through",
                hint="Give a whole number from 1 upwards.",
            )
        self._source = source
        self._daily_limit = daily_limit
        self._share = background_share
        self._store = QuotaStore(pool, source, key_fingerprint=key_fingerprint)
        self._is_configured = False

    async def configure(self) -> None:
        """Make the row, so that it is seen before the first request, or give it our limit. Idempotent."""
        await self._store.configure(new_quota(self._daily_limit, now=clock.now()))
        self._is_configured = True

    async def reserve(self, priority: Priority) -> Grant:
        """
        Count one request, for good, and give leave to send it.

        Raises:
            SourceExhaustedError: Nothing is left of the day for *priority*; `resets_at` says when there is again.
            DatabaseUnreachableError: The quota cannot be read, and nothing is asked without it.
        """
        if not self._is_configured:
            await self.configure()
        now = clock.now()
        is_background = priority is not Priority.INTERACTIVE
        if await self._store.take(now, is_background=is_background, share=self._share):
            return Grant(now, is_background, is_probe=False)
        leave = await self._look(now, is_background=is_background)
        if leave is None:  # somebody deleted the row
            await self.configure()
            leave = await self._look(now, is_background=is_background)
        if leave is None:
            raise DatabaseUnreachableError(f"the quota of {self._source} vanishes")
        if not leave.is_granted:
            raise self._refusal(leave.reason, resumes_at(leave.quota, now=now))
        return Grant(now, is_background, leave.is_probe)

    async def exhausted(self, reason: str) -> SourceExhaustedError:
        """
        Note that the source said, in its words *reason*, that the day is used up: nobody asks, but for the probes.

        Returns:
            The error to raise. Without a database nobody else hears of it, and it does not know when to go on.
        """
        try:
            quota = await self._note_refusal(reason)
            if quota is None:  # somebody deleted the row
                await self.configure()
                quota = await self._note_refusal(reason)
        except DatabaseUnreachableError as error:
            _log.warning("refusal is not shared", source=self._source, error=str(error))
            quota = None
        now = clock.now()
        return self._refusal(reason, resumes_at(quota, now=now) if quota else None)

    async def succeeded(self, grant: Grant) -> None:
        """Note that the request of *grant* was answered: if it was a probe, everybody goes on."""
        if not grant.is_probe:
            return
        now = clock.now()
        try:
            async with self._store.locked() as locked:
                if locked is None or locked.quota.exhausted_at is None:
                    return
                quota, ended = note_answer(
                    locked.quota, now=now, is_background=grant.is_background
                )
                await locked.write(quota)
                if ended is not None:
                    await locked.add_day(ended)
        except DatabaseUnreachableError as error:
            # The next probe tells it.
            _log.warning("answer is not shared", source=self._source, error=str(error))
            return
        emit("cinegraph.limits.quota.resumed", source=self._source)

    async def give_back(self, grant: Grant) -> None:
        """Take the request of *grant* back: the source refused the key and counts nothing for it."""
        try:
            await self._store.give_back(
                grant.asked_at, is_background=grant.is_background
            )
        except DatabaseUnreachableError as error:
            _log.warning("request stays counted", source=self._source, error=str(error))

    async def _look(self, now: datetime, *, is_background: bool) -> Leave | None:
        """Decide with the row locked: a new day, a probe, or a refusal; None when there is no row."""
        async with self._store.locked() as locked:
            if locked is None:
                return None
            quota = locked.quota
            if is_over(quota, now=now):
                quota = await self._begin_day(locked, now)
            leave = ask_leave(
                quota, now=now, is_background=is_background, share=self._share
            )
            if leave.quota != locked.quota:
                await locked.write(leave.quota)
            return leave

    async def _note_refusal(self, reason: str) -> Quota | None:
        """The row with the refusal in it; None when there is no row."""
        async with self._store.locked() as locked:
            if locked is None:
                return None
            before = await locked.find_day_before(locked.quota.day_started_at)
            noted = note_refusal(
                locked.quota,
                now=clock.now(),
                used_before=before.used if before else None,
            )
            await locked.write(noted)
        if locked.quota.exhausted_at is None:
            emit("cinegraph.limits.quota.exhausted", source=self._source, reason=reason)
        return noted

    async def _begin_day(self, locked: LockedQuota, now: datetime) -> Quota:
        old = locked.quota
        if old.used:
            await locked.add_day(end_day(old))
        known = await locked.find_day(day_start(now, old.reset_seconds))
        return begin_day(old, now=now, known=known)

    def _refusal(self, reason: str, resets_at: datetime | None) -> SourceExhaustedError:
        return SourceExhaustedError(
            reason, source=self._source, endpoint=_ENDPOINT, resets_at=resets_at
        )


class QuotaGate:
    """
    What the HTTP client asks: a place in flight and a place in the day, for each request.

    Args:
        quota: Of the day.
        slots: Places in flight; a place is waited for before the request is counted.
    """

    def __init__(self, quota: DailyQuota, slots: RequestSlots) -> None:
        self._quota = quota
        self._slots = slots

    @asynccontextmanager
    async def request(self, priority: Priority) -> AsyncIterator[None]:
        """
        Leave to send one request in the block; how it ends is taken in.

        Raises:
            SourceExhaustedError: Nothing is left of the day for *priority*; or the source said so in the block.
            DatabaseUnreachableError: The limits cannot be read, and nothing is asked without them.
        """
        async with self._slots.hold(priority):
            grant = await self._quota.reserve(priority)
            try:
                yield
            except SourceExhaustedError as error:
                refusal = error
            except SourceRejectedError:
                await self._quota.give_back(grant)
                raise
            except AbsentAtSourceError:
                await self._quota.succeeded(grant)
                raise
            else:
                await self._quota.succeeded(grant)
                return
            raise await self._quota.exhausted(refusal.reason) from refusal
