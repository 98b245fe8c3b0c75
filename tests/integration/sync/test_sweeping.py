"""What comes due by age: films that the feed proves nothing about, and those that near the limit of the terms."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.sync import stamps, strategies, sweeping
from cinegraph.sync.looks import WHOLE_AFTER, WHOLE_SPREAD, Proof, is_look
from cinegraph.sync.sweeping import Swept
from ledger_rows import FILM, Conn

NOW = datetime(2026, 9, 10, 2, tzinfo=UTC)
FAR = NOW + timedelta(days=100)
DAY = timedelta(days=1)
COVERED = Proof(since=NOW - timedelta(days=170), until=NOW - timedelta(hours=2))
WEEK = timedelta(days=6)


async def _fetched(conn: Conn, ages: dict[int, float]) -> None:
    """Let films have been fetched so many days ago, and be due in the far future."""
    for thing, days in ages.items():
        await stamps.touch_found(
            conn,
            [thing],
            changed_ids=[thing],
            **FILM,
            now=NOW - timedelta(days=days),
        )
    await conn.execute("UPDATE sync_ledger SET due_at = %s", [FAR])


async def _sweep(conn: Conn, proof: Proof | None) -> Swept:
    async with conn.transaction():
        return await sweeping.sweep(conn, proof, **FILM, after=WEEK, now=NOW)


async def _due(conn: Conn) -> dict[int, tuple[datetime, str]]:
    cursor = await conn.execute(
        "SELECT external_id, due_at, reason FROM sync_ledger WHERE due_at < %s", [FAR]
    )
    return {thing: (due, why) for thing, due, why in await cursor.fetchall()}


async def test_what_the_feed_covers_is_left_alone(conn: Conn) -> None:
    """However old, below the limit of the terms."""
    await _fetched(conn, dict.fromkeys(range(1, 20), 110))
    swept = await _sweep(conn, COVERED)
    assert (swept.unproven, swept.old) == (0, 0)
    assert await _due(conn) == {}


@pytest.mark.parametrize(
    "proof",
    [
        None,
        Proof(since=COVERED.since, until=NOW - timedelta(days=3)),
        Proof(since=NOW - timedelta(days=3), until=COVERED.until),
    ],
    ids=["never read", "far behind", "broken lately"],
)
async def test_without_a_proof_age_decides(conn: Conn, proof: Proof | None) -> None:
    """Due within the day, spread; films fetched lately are not."""
    await _fetched(conn, dict.fromkeys(range(1, 40), 7) | dict.fromkeys((90, 91), 4))
    assert (await _sweep(conn, proof)).unproven == 39
    due = await _due(conn)
    assert sorted(due) == list(range(1, 40))
    assert {why for _, why in due.values()} == {strategies.UNPROVEN.told}
    first, last = min(due.values())[0], max(due.values())[0]
    assert first >= NOW
    assert last < NOW + DAY
    assert last - first > DAY / 2
    assert (await _sweep(conn, proof)).unproven == 0


async def test_old_films_are_fetched_whole_before_the_terms_want_it(conn: Conn) -> None:
    """All within the month before the 150th day, some each day; and whole, not with a look."""
    longest = WHOLE_AFTER / DAY
    first = (WHOLE_AFTER - WHOLE_SPREAD) / DAY
    ages = dict.fromkeys(range(1, 20), longest)
    ages |= dict.fromkeys(range(100, 140), first + 15)
    ages |= dict.fromkeys(range(200, 220), first - 2)
    await _fetched(conn, ages)
    await _sweep(conn, COVERED)
    due = await _due(conn)
    assert set(range(1, 20)) <= set(due)
    middle = len(set(due) & set(range(100, 140)))
    assert 10 <= middle <= 30
    assert not set(due) & set(range(200, 220))
    for thing, (when, why) in due.items():
        assert why == strategies.TERMS.told
        checked = NOW - timedelta(days=ages[thing])
        assert not is_look(thing, checked, None, COVERED, when)


async def test_what_is_pending_or_gone_keeps_its_time(conn: Conn) -> None:
    """A job of it is made already, or its source does not have it."""
    await _fetched(conn, {1: 170, 2: 170, 3: 170})
    await conn.execute("UPDATE sync_ledger SET state = 'queued' WHERE external_id = 1")
    await stamps.touch_absent(conn, 2, **FILM, now=NOW)
    before = await _due(conn)
    assert (await _sweep(conn, None)).unproven == 1
    after = await _due(conn)
    assert after.pop(3)[1] == strategies.UNPROVEN.told
    assert after == before


@pytest.mark.parametrize(
    ("films", "per_second", "days"),
    [(1_240_000, 39.0, 6), (1_240_000, 4.0, 30), (1_240_000, 0.0, 6), (0, 39.0, 6)],
)
def test_age_follows_the_budget(films: int, per_second: float, days: int) -> None:
    """A sweep that would take more than half of it is slower."""
    assert sweeping.unproven_after(films, per_second) == timedelta(days=days)
