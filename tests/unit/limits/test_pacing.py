"""Who of a process goes when: decisions with a time of our own."""

import heapq
from collections.abc import Iterator
from itertools import count as numbering
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinegraph.limits.pacing import Demand, Lease, Pacer
from cinegraph.limits.rates import HORIZON_SECONDS, Priority

_EPOCH = 1_700_000_000.0
_RATE = 39.0
_INTERVAL = 1 / _RATE
_BURST = 4
_SECONDS = 6.0
_START = 100.0


class Row:
    """The budget row without a database: the arithmetic of lease_slots.sql for one configured rate."""

    def __init__(self) -> None:
        self.next_slot_at = 0.0

    def lease(self, demand: Demand, now: float) -> Lease:
        """Lease up to *demand* slots at *now*."""
        first = max(self.next_slot_at, now - (_BURST - 1) * _INTERVAL)
        slots, wanted = 0, 0
        for priority, count in zip(Priority, demand, strict=True):
            wanted += count
            reach = int((now - first + HORIZON_SECONDS[priority]) / _INTERVAL) + 1
            slots = max(slots, min(wanted, max(0, reach)))
        self.next_slot_at = first + slots * _INTERVAL
        return make_lease(
            now, slots=slots, first_slot_at=first, next_slot_at=self.next_slot_at
        )


def make_lease(now: float, **overrides: object) -> Lease:
    """Return an answer of the row at *now*, monotonic; the database's clock is _EPOCH ahead."""
    fields: dict[str, object] = {
        "slots": 0,
        "first_slot_at": now,
        "next_slot_at": now,
        "interval_seconds": _INTERVAL,
        "burst": _BURST,
        "rate_per_second": _RATE,
        "generation": 0,
        "paused_seconds": 0.0,
        "pause_reason": "",
        "is_halted": False,
        "halt_reason": "",
        "probe_in_seconds": 0.0,
        "is_probe": False,
    } | overrides
    for name in ("first_slot_at", "next_slot_at"):
        fields[name] = float(str(fields[name])) + _EPOCH
    return Lease(db_now=now + _EPOCH, **fields)  # type: ignore[arg-type]


def make_pacer(
    now: float, *, slots: int = 0, ahead: float = 0.0, waiters: int = 0
) -> Pacer[str]:
    """Return a pacer that leased *slots* from *now* + *ahead* on, with *waiters* backfill waiters."""
    pacer: Pacer[str] = Pacer(paced=True)
    for number in range(waiters):
        pacer.join(f"backfill {number}", Priority.BACKFILL)
    first = now + ahead
    lease = make_lease(
        now,
        slots=slots,
        first_slot_at=first,
        next_slot_at=first + slots * _INTERVAL,
    )
    pacer.accept(lease, sent=now, received=now)
    return pacer


def names(released: list[tuple[str, float]]) -> list[str]:
    """Return who was released."""
    return [waiter for waiter, _ in released]


class TestRelease:
    """Slots are used at their instants, by the most important waiter."""

    def test_nobody_goes_before_the_slot(self) -> None:
        """A slot ahead is not used, and the pacer says when it will be."""
        pacer = make_pacer(100.0, slots=1, ahead=0.2, waiters=1)

        assert pacer.release(100.19) == []
        assert pacer.next_release_at() == pytest.approx(100.2, abs=1e-5)
        assert names(pacer.release(100.21)) == ["backfill 0"]

    def test_the_more_important_goes_first_then_who_came_first(self) -> None:
        """A person who came last overtakes; within a priority the order of arrival holds."""
        pacer = make_pacer(100.0, slots=3, waiters=2)
        pacer.join("refresh", Priority.REFRESH)
        pacer.join("person", Priority.INTERACTIVE)

        assert names(pacer.release(100.0 + 2.5 * _INTERVAL)) == [
            "person",
            "refresh",
            "backfill 0",
        ]

    def test_after_a_stall_only_the_burst_is_made_up_for(self) -> None:
        """Of eight slots that passed while the process stood still, those within the burst are used."""
        pacer = make_pacer(100.0, slots=8, waiters=20)

        assert len(pacer.release(100.0 + 7.5 * _INTERVAL)) == _BURST
        assert pacer.held == 0

    def test_a_late_answer_does_not_fire_at_once(self) -> None:
        """Slots of an answer that took two seconds are in the past: those beyond the burst are lost."""
        pacer = make_pacer(100.0, waiters=20)
        lease = make_lease(101.0, slots=8, first_slot_at=101.0)
        pacer.accept(lease, sent=101.0, received=103.0)

        assert pacer.release(103.0) == []

    def test_a_slot_given_back_goes_to_the_next(self) -> None:
        """Who was cancelled after being called loses no slot for the others."""
        pacer = make_pacer(100.0, slots=1, waiters=2)
        [(_, slot)] = pacer.release(100.001)
        pacer.give_back(slot)

        assert names(pacer.release(100.002)) == ["backfill 1"]

    def test_who_left_is_not_called(self) -> None:
        """A waiter that gave up takes no slot."""
        pacer = make_pacer(100.0, slots=1, waiters=2)
        pacer.leave("backfill 0", Priority.BACKFILL)

        assert names(pacer.release(100.001)) == ["backfill 1"]

    def test_leaving_twice_is_harmless(self) -> None:
        """Somebody already called or gone can still be taken off the line."""
        pacer = make_pacer(100.0, waiters=1)
        pacer.leave("backfill 0", Priority.BACKFILL)
        pacer.leave("backfill 0", Priority.BACKFILL)

        assert pacer.waiting == 0


class TestVoid:
    """A pause makes void what was leased before it."""

    def test_slots_of_an_older_generation_are_void(self) -> None:
        """When another process saw a 429, the next answer says so and the slots on hand are dropped."""
        pacer = make_pacer(100.0, slots=8, waiters=8)
        pacer.accept(make_lease(100.01, generation=1), sent=100.0, received=100.01)

        assert pacer.held == 0

    def test_our_own_429_drops_the_slots_at_once(self) -> None:
        """The process that saw the 429 sends nothing it had leased."""
        pacer = make_pacer(100.0, slots=8, waiters=8)
        pacer.pause(101.0, now=100.0)

        assert pacer.release(100.05) == []
        assert pacer.next_ask_at(100.05) == pytest.approx(101.0)

    def test_an_answer_on_its_way_does_not_end_the_pause(self) -> None:
        """A lease asked for before the 429 and answered after it brings no slots."""
        pacer = make_pacer(100.0, waiters=8)
        pacer.pause(101.0, now=100.05)
        late = make_lease(100.04, slots=8, first_slot_at=100.04)
        pacer.accept(late, sent=100.03, received=100.06)

        assert pacer.held == 0
        assert pacer.paused_until == pytest.approx(101.0)

    def test_forgetting_asks_again(self) -> None:
        """After the row went away nothing is sent before it was read again."""
        pacer = make_pacer(100.0, slots=8, waiters=8)
        pacer.forget(now=100.01)

        assert pacer.release(100.02) == []
        assert pacer.next_ask_at(100.02) == pytest.approx(100.02)


class TestAsking:
    """When the row is asked, and for how much."""

    def test_nobody_waiting_asks_nothing(self) -> None:
        """An idle process does not read the row."""
        assert make_pacer(100.0).next_ask_at(200.0) is None

    def test_only_for_waiters_without_a_slot(self) -> None:
        """Three waiters of whom two have a slot ask for one."""
        pacer = make_pacer(100.0, slots=2, ahead=0.1, waiters=3)

        assert pacer.demand(100.0) == (0, 0, 1)

    def test_a_batch_is_small(self) -> None:
        """However many wait, one lease is a fifth of a second of the rate, the important ones first."""
        pacer = make_pacer(100.0, waiters=500)
        for number in range(5):
            pacer.join(f"person {number}", Priority.INTERACTIVE)

        assert pacer.demand(100.0) == (5, 0, 3)

    def test_state_is_read_again_soon_while_somebody_waits(self) -> None:
        """A pause anywhere is known after a quarter of a second, also when no slot is needed."""
        pacer = make_pacer(100.0, slots=1, ahead=5.0, waiters=1)

        due = pacer.next_ask_at(100.1)
        assert due is not None
        assert due <= 100.25

    def test_a_person_does_not_wait_for_the_horizon_of_backfill(self) -> None:
        """Where backfill has to wait until slots are near, a person asks at once."""
        pacer = make_pacer(100.0, waiters=8)
        far = make_lease(100.0, next_slot_at=100.4)
        pacer.accept(far, sent=100.0, received=100.0)
        later = pacer.next_ask_at(100.01)
        pacer.join("person", Priority.INTERACTIVE)
        soon = pacer.next_ask_at(100.01)

        assert later is not None
        assert later > 100.15
        assert soon is not None
        assert soon < 100.01

    def test_a_slow_rate_is_asked_for_one_at_a_time(self) -> None:
        """At a request in ten seconds the next is asked for when its horizon comes, not never."""
        pacer: Pacer[str] = Pacer(paced=True)
        pacer.join("backfill", Priority.BACKFILL)
        lease = make_lease(100.0, interval_seconds=10.0, next_slot_at=100.3)
        pacer.accept(lease, sent=100.0, received=100.0)

        assert pacer.next_ask_at(100.0) == pytest.approx(100.05, abs=1e-4)


class TestUnpaced:
    """A rate of 0: no slots, but pauses and halts."""

    def test_everybody_goes_while_the_state_is_fresh(self) -> None:
        """Within a quarter of a second of the last reading nobody waits, afterwards it is read again."""
        pacer: Pacer[str] = Pacer(paced=False)
        pacer.join("backfill", Priority.BACKFILL)
        pacer.accept(make_lease(100.0), sent=100.0, received=100.0)

        assert names(pacer.release(100.0)) == ["backfill"]
        assert pacer.is_free(100.25)
        assert not pacer.is_free(100.26)

    def test_a_pause_holds_them(self) -> None:
        """During a pause nobody goes, and the row is asked when it ends."""
        pacer: Pacer[str] = Pacer(paced=False)
        pacer.join("backfill", Priority.BACKFILL)
        paused = make_lease(100.0, paused_seconds=0.2)
        pacer.accept(paused, sent=100.0, received=100.0)

        assert pacer.release(100.19) == []
        assert pacer.next_ask_at(100.0) == pytest.approx(100.2)

    def test_a_halt_holds_them(self) -> None:
        """A halted source is not free, whatever the rate."""
        pacer: Pacer[str] = Pacer(paced=False)
        pacer.accept(make_lease(100.0, is_halted=True), sent=100.0, received=100.0)

        assert not pacer.is_free(100.0)

    def test_a_row_without_a_rate_frees_a_paced_process(self) -> None:
        """When no rate is set in the row there is nothing to wait for."""
        pacer: Pacer[str] = Pacer(paced=True)
        pacer.accept(
            make_lease(100.0, interval_seconds=0.0), sent=100.0, received=100.0
        )

        assert pacer.is_free(100.1)


def simulate(
    *, processes: int, leases: Iterator[float], lateness: Iterator[float]
) -> list[float]:
    """
    Return when requests are sent in six seconds by processes with always enough waiters.

    *leases* gives how long the next question to the row, or its answer, is under way; *lateness* by how much the next
    timer of an event loop is late.
    """
    row, sent, start = Row(), [], _START
    pacers = [make_pacer(start, waiters=1000) for _ in range(processes)]
    asking = [False] * processes
    # (when, process, number of the event, the answer, when it was asked for); a timer has no answer.
    numbers = numbering()
    events: list[tuple[float, int, int, Lease | None, float]] = [
        (start, process, next(numbers), None, start) for process in range(processes)
    ]
    while events[0][0] < start + _SECONDS:
        now, process, _, lease, asked = heapq.heappop(events)
        pacer = pacers[process]
        if lease is not None:
            pacer.accept(lease, sent=asked, received=now)
            asking[process] = False
        sent += [now for _ in pacer.release(now)]
        due = pacer.next_ask_at(now)
        assert due is not None
        if due <= now and not asking[process]:
            answered = now + next(leases)
            answer = row.lease(pacer.demand(now), answered)
            answered += next(leases)
            heapq.heappush(events, (answered, process, next(numbers), answer, now))
            asking[process] = True
        if lease is None:
            timers = [now + 0.25] if asking[process] else [max(due, now)]
            timers += [max(now, at) for at in [pacer.next_release_at()] if at]
            ringing = min(timers) + next(lateness)
            heapq.heappush(events, (ringing, process, next(numbers), None, now))
        elif (at := pacer.next_release_at()) is not None:
            # An answer sets its own timer; the one set before rings as well and finds nothing to do.
            heapq.heappush(
                events,
                (max(now, at) + next(lateness), process, next(numbers), None, now),
            )
    return sorted(sent)


def worst_second(stamps: list[float]) -> int:
    """Return the most stamps within any second."""
    first, worst = 0, 0
    for last, stamp in enumerate(stamps):
        while stamps[first] <= stamp - 1.0:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


_QUICK = st.floats(0.0001, 0.002)


@settings(deadline=None)
@given(
    processes=st.integers(1, 5),
    leases=st.lists(st.one_of(_QUICK, st.floats(0.0001, 2.0)), min_size=7, max_size=60),
    lateness=st.lists(
        st.one_of(_QUICK, st.floats(0.0001, 0.3)), min_size=7, max_size=60
    ),
)
def test_no_slowness_makes_a_second_exceed_the_limit(
    processes: int, leases: list[float], lateness: list[float]
) -> None:
    """Whatever leases and event loops take, no second holds more than TMDB's 50 requests."""
    sent = simulate(processes=processes, leases=cycle(leases), lateness=cycle(lateness))

    assert worst_second(sent) <= 50


@settings(deadline=None)
@given(
    processes=st.integers(1, 5),
    leases=st.lists(st.floats(0.0005, 0.1), min_size=7, max_size=60),
    lateness=st.lists(_QUICK, min_size=7, max_size=60),
)
def test_the_whole_budget_is_used_with_a_slow_database(
    processes: int, leases: list[float], lateness: list[float]
) -> None:
    """With leases of up to 0.2 s nothing is lost once the first has come, and no second exceeds rate and burst."""
    sent = simulate(processes=processes, leases=cycle(leases), lateness=cycle(lateness))

    # Nobody can send before the row has answered once; that wait is the database's, not the pacer's.
    paced_seconds = _START + _SECONDS - sent[0]
    assert len(sent) >= 0.98 * _RATE * paced_seconds
    assert worst_second(sent) <= _RATE + _BURST + 1
