"""Places for requests in flight, shared by real processes that die."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from uuid import uuid4

import pytest

from cinegraph.db.pool import Pool, open_pool
from cinegraph.db.sql import load
from cinegraph.errors import ConfigError, DatabaseUnreachableError
from cinegraph.limits import Priority, RequestSlots
from polling import eventually

from .processes import Printing, killed_afterwards


class Flight:
    """Counts who is in flight, and how many at most."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.done: list[Priority] = []

    async def fly(
        self, slots: RequestSlots, priority: Priority, seconds: float
    ) -> None:
        """Hold a place for a while."""
        async with slots.hold(priority):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(seconds)
            self.now -= 1
        self.done.append(priority)


@pytest.mark.parametrize("places", [1, 3])
async def test_never_more_than_there_are_places(
    pool: Pool, database_url: str, places: int
) -> None:
    """Two pools with many tasks each: all get their turn, and never one too many."""
    flight = Flight()
    async with await open_pool(
        database_url, size=4, application_name="other"
    ) as second:
        slots = [RequestSlots(each, "omdb", places) for each in (pool, second)]
        await asyncio.gather(
            *(
                flight.fly(slots[turn % 2], Priority(turn % 3), 0.005)
                for turn in range(36)
            )
        )

    assert flight.most == places
    assert len(flight.done) == 36


async def test_who_waits_for_a_person_goes_first(pool: Pool) -> None:
    """A request that came last passes a row of background requests."""
    slots, flight = RequestSlots(pool, "omdb", 1), Flight()
    crowd = [
        asyncio.create_task(flight.fly(slots, Priority.BACKFILL, 0.1)) for _ in range(8)
    ]
    await asyncio.sleep(0.05)  # they have their places in the line

    await flight.fly(slots, Priority.INTERACTIVE, 0.0)

    assert flight.done.index(Priority.INTERACTIVE) <= 4
    await asyncio.gather(*crowd)


async def test_sources_have_places_of_their_own(pool: Pool) -> None:
    """One that is busy holds up no other."""
    async with (
        RequestSlots(pool, "omdb", 1).hold(),
        asyncio.timeout(5),
        RequestSlots(pool, "other", 1).hold(),
    ):
        pass


async def test_an_error_gives_the_place_back(pool: Pool) -> None:
    """So does giving up."""
    slots = RequestSlots(pool, "omdb", 1)
    with pytest.raises(ZeroDivisionError):
        async with slots.hold():
            raise ZeroDivisionError
    holding = asyncio.create_task(Flight().fly(slots, Priority.BACKFILL, 60))
    await asyncio.sleep(0.1)  # it holds the place
    waiting = asyncio.create_task(Flight().fly(slots, Priority.BACKFILL, 60))
    await asyncio.sleep(0.1)  # it looks for one
    for task in (holding, waiting):
        task.cancel()
    await asyncio.gather(holding, waiting, return_exceptions=True)

    async with asyncio.timeout(5), slots.hold():
        pass


async def test_the_place_of_one_who_never_comes_back_is_free_after_the_lease(
    pool: Pool,
) -> None:
    """Not before; and its late return takes nothing from the next holder."""
    gone = {"source": "omdb", "holder": uuid4()}
    slots = RequestSlots(pool, "omdb", 1)
    async with pool.connection() as conn:
        taking = load("cinegraph.limits", "take_request_slot.sql")
        await conn.execute(taking, gone | {"slots": 1, "lease_seconds": 0.4})
    began = time.monotonic()
    async with slots.hold():
        assert time.monotonic() - began >= 0.35
        async with pool.connection() as conn:
            await conn.execute(load("cinegraph.limits", "free_request_slot.sql"), gone)
            renewing = load("cinegraph.limits", "renew_request_slot.sql")
            await conn.execute(renewing, gone | {"lease_seconds": 60.0})
        waiting = asyncio.create_task(Flight().fly(slots, Priority.BACKFILL, 0))
        await asyncio.sleep(0.2)  # long enough to find a free place
        assert not waiting.done()
    await waiting


async def test_a_long_request_keeps_its_place(pool: Pool) -> None:
    """A living holder renews its lease, three times here."""
    long = RequestSlots(pool, "omdb", 1, lease_seconds=0.4)
    slots = RequestSlots(pool, "omdb", 1)
    async with long.hold():
        waiting = asyncio.create_task(Flight().fly(slots, Priority.BACKFILL, 0))
        await asyncio.sleep(1.2)  # three leases
        assert not waiting.done()
    await waiting


async def test_without_a_database_nothing_flies(pool: Pool) -> None:
    """And who was in flight is not disturbed."""
    slots = RequestSlots(pool, "omdb", 1)
    async with slots.hold():
        await pool.close()
    with pytest.raises(DatabaseUnreachableError, match="in flight"):
        async with slots.hold():
            pass


async def test_no_place_at_all_is_refused(pool: Pool) -> None:
    """At once, instead of waiting for ever."""
    with pytest.raises(ConfigError):
        RequestSlots(pool, "omdb", 0)


type Holder = Printing[tuple[float, float]]
"""Takes places as fast as it may; `seen` is when it had them."""


def _span(line: str) -> tuple[float, float]:
    began, ended = map(float, line.split())
    return began, ended


@pytest.fixture
def start(database_url: str) -> Iterator[Callable[[], Holder]]:
    """Return a starter of processes that are killed afterwards."""
    with killed_afterwards(
        lambda: Printing("holding.py", database_url, "2", read=_span)
    ) as begin:
        yield begin


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """Return how many of *spans* overlap at most."""
    steps = sorted([(began, 1) for began, _ in spans] + [(end, -1) for _, end in spans])
    return max(accumulate(step for _, step in steps), default=0)


def test_processes_share_the_places_and_a_killed_one_leaves_them(
    start: Callable[[], Holder],
) -> None:
    """Never more than two in flight; when a holder is killed its place is in use again after its lease of 1 s."""
    first, second = start(), start()
    eventually(lambda: len(first.seen) > 20 and len(second.seen) > 20)
    killed_at = time.monotonic()
    first.kill()
    time.sleep(2.5)  # its lease, and what comes after it
    spans = list(second.seen)
    after = [span for span in spans if span[0] > killed_at + 1.2]

    assert most_at_once([*first.seen, *spans]) == 2
    assert most_at_once(after) == 2
