"""Who of this process goes at which slot, and when to ask for more: decisions only, the caller brings the time."""

from collections import deque

import msgspec

from cinegraph.limits.database_clock import DatabaseClock
from cinegraph.limits.rates import (
    BATCH_SECONDS,
    GATHER_SECONDS,
    HORIZON_SECONDS,
    LEAD_SECONDS,
    NOTICE_SECONDS,
    SHORTEST_ASK_SECONDS,
    SMALLEST_BATCH,
    STANDING_SECONDS,
    Priority,
)

type Demand = tuple[int, int, int]
"""Slots wanted for interactive, refresh and backfill."""


class Lease(msgspec.Struct, frozen=True):
    """What the budget row answered; instants are seconds since 1970 by the database's clock."""

    db_now: float
    slots: int
    """Slots leased, the first at `first_slot_at`, the others each `interval_seconds` later."""
    first_slot_at: float
    next_slot_at: float
    """The first instant that nobody has."""
    interval_seconds: float
    """0 when the row sets no rate."""
    burst: int
    rate_per_second: float
    generation: int
    paused_seconds: float
    """From `db_now` on; 0 when not paused."""
    pause_reason: str
    is_halted: bool
    halt_reason: str
    probe_in_seconds: float
    is_probe: bool
    """The one slot is for finding out whether the key is right again."""
    is_down: bool = False
    """The circuit is open, or, when not paused, on trial: the slots are a trickle for everyone, paced or not."""


class Pacer[W]:
    """
    The waiters of one process and the slots leased for them. All times are monotonic seconds.

    A slot is used at its instant or late by at most the burst; what is later is lost, so a stalled process never makes
    up for the stall at once. Slots of an older generation are void.
    """

    def __init__(self, *, paced: bool) -> None:
        self.clock = DatabaseClock()
        self.paused_until = 0.0
        self._paced = paced
        self._lines: dict[Priority, deque[W]] = {each: deque() for each in Priority}
        self._slots: deque[float] = deque()
        self._lease: Lease | None = None
        self._learnt_at = float("-inf")
        self._void_before = float("-inf")

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._lines.values()))

    @property
    def is_down(self) -> bool:
        """Whether the source was down when the row was last read."""
        return self._lease is not None and self._lease.is_down

    @property
    def held(self) -> int:
        """How many slots are leased and not used."""
        return len(self._slots)

    def join(self, waiter: W, priority: Priority) -> None:
        """Let *waiter* wait behind those of its priority."""
        self._lines[priority].append(waiter)

    def leave(self, waiter: W, priority: Priority) -> None:
        """Forget *waiter*; no matter whether it still waits."""
        if waiter in self._lines[priority]:
            self._lines[priority].remove(waiter)

    def dismiss(self) -> list[W]:
        """Send everyone away, in order."""
        gone = [waiter for line in self._lines.values() for waiter in line]
        for line in self._lines.values():
            line.clear()
        return gone

    def call_first(self) -> W | None:
        """Return the one whose turn is next, without a slot; None when nobody waits."""
        line = next((line for line in self._lines.values() if line), None)
        return line.popleft() if line else None

    def give_back(self, slot: float) -> None:
        """Offer *slot* to the next waiter: the one it was given to does not use it."""
        self._slots.appendleft(slot)

    def accept(self, lease: Lease, *, sent: float, received: float) -> None:
        """Take in an answer of the budget row, asked for at *sent*."""
        self.clock.observe(lease.db_now, sent=sent, received=received)
        if sent < self._void_before:
            return
        if self._lease is not None and lease.generation != self._lease.generation:
            self._slots.clear()
        if not lease.is_halted:
            first = self.clock.to_local(lease.first_slot_at)
            self._slots.extend(
                first + place * lease.interval_seconds for place in range(lease.slots)
            )
        if lease.paused_seconds:
            self.paused_until = self.clock.to_local(lease.db_now + lease.paused_seconds)
        else:
            # The end of the last pause is remembered: what was sent before it succeeded says nothing about after.
            self.paused_until = min(self.paused_until, received)
        self._lease, self._learnt_at = lease, received

    def pause(self, until: float, *, now: float) -> None:
        """Void the slots, also those of answers to come, and wait until *until*: this process saw a 429."""
        self._slots.clear()
        # An answer on its way may be from before the row knew of the pause.
        self._void_before = now
        self.paused_until = max(self.paused_until, until)

    def forget(self, *, now: float) -> None:
        """Void the slots and ask again before anything is sent: the row is gone or has changed."""
        self._slots.clear()
        self._void_before = now
        self._lease = None

    def is_free(self, now: float) -> bool:
        """Tell whether requests may go at once: nothing sets a pace, and that was read a moment ago."""
        lease = self._lease
        return (
            lease is not None
            and not lease.is_halted
            and not self._is_slotted(lease)
            and now >= self.paused_until
            and now - self._learnt_at <= NOTICE_SECONDS
        )

    def standing(self, now: float) -> Lease | None:
        """Return the last answer while it is fresh enough to refuse by."""
        return self._lease if now - self._learnt_at <= STANDING_SECONDS else None

    def release(self, now: float) -> list[tuple[W, float]]:
        """Return those whose turn has come, each with its slot."""
        if self.is_free(now):
            return [(waiter, now) for waiter in self.dismiss()]
        self._lose_late_slots(now)
        released = []
        while self._slots and self._slots[0] <= now:
            if (waiter := self.call_first()) is None:
                break
            released.append((waiter, self._slots.popleft()))
        return released

    def next_release_at(self) -> float | None:
        """Return when to call `release` again; None when there is nothing to give or nobody to give it to."""
        return self._slots[0] if self._slots and self.waiting else None

    def demand(self, now: float) -> Demand:
        """Return the slots to ask for: of the waiters without one, the first of a batch."""
        self._lose_late_slots(now)
        served, room = self.held, self._batch()
        wanted = []
        for line in self._lines.values():
            count = min(max(0, len(line) - served), room)
            served, room = max(0, served - len(line)), room - count
            wanted.append(count)
        interactive, refresh, backfill = wanted
        return interactive, refresh, backfill

    def next_ask_at(self, now: float) -> float | None:
        """Return when to ask the row; None when nobody waits."""
        if not self.waiting:
            return None
        if self._lease is None:
            return now
        if self.paused_until > now:
            due = min(self.paused_until, self._learnt_at + STANDING_SECONDS)
        elif self._is_slotted(self._lease):
            due = min(self._opening(now), self._learnt_at + NOTICE_SECONDS)
        else:
            due = now
        return max(due, self._learnt_at + SHORTEST_ASK_SECONDS)

    def _is_slotted(self, lease: Lease) -> bool:
        return bool(lease.interval_seconds) and (self._paced or lease.is_down)

    def _opening(self, now: float) -> float:
        # When the row will have slots for us that we want.
        lease = self._lease
        if lease is None:
            return now
        interval = lease.interval_seconds
        demand = self.demand(now)
        gather = max(1, min(sum(demand), int(GATHER_SECONDS / interval)))
        free_at = self.clock.to_local(lease.next_slot_at) + (gather - 1) * interval
        openings = [
            free_at - HORIZON_SECONDS[priority]
            for priority, count in zip(Priority, demand, strict=True)
            if count
        ]
        opening = min(openings, default=float("inf"))
        return max(opening, self._slots[-1] - LEAD_SECONDS) if self._slots else opening

    def _batch(self) -> int:
        if self._lease is None or not self._lease.interval_seconds:
            return SMALLEST_BATCH
        return max(SMALLEST_BATCH, int(BATCH_SECONDS / self._lease.interval_seconds))

    def _lose_late_slots(self, now: float) -> None:
        if self._lease is None:
            return
        latest = now - self._lease.burst * self._lease.interval_seconds
        while self._slots and self._slots[0] < latest:
            self._slots.popleft()
