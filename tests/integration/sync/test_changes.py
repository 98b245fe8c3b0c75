"""The changes feed in tables: the chain of days, what they mark, and what they prove."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cinegraph.sync import changes, ledger, stamps
from cinegraph.sync.changes import Applied
from cinegraph.sync.windows import WindowRead
from ledger_rows import FILM, Conn, add_movies

DAY = date(2026, 9, 10)
MORNING = datetime(2026, 9, 10, 6, tzinfo=UTC)
NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 9, 11, 1, tzinfo=UTC)


async def _open(conn: Conn, now: datetime) -> list[date]:
    async with conn.transaction():
        return await changes.open_days(conn, **FILM, now=now)


async def _apply(
    conn: Conn, began_at: datetime, times: Mapping[int, int], *, day: date = DAY
) -> Applied | None:
    read = WindowRead(day=day, began_at=began_at, pages=1, times=times)
    async with conn.transaction():
        return await changes.apply_read(conn, read, **FILM, now=began_at)


async def _applied(
    conn: Conn, began_at: datetime, times: Mapping[int, int], *, day: date = DAY
) -> Applied:
    applied = await _apply(conn, began_at, times, day=day)
    assert applied is not None
    return applied


async def _fetched(conn: Conn, ids: list[int], at: datetime) -> None:
    await stamps.touch_found(conn, ids, changed_ids=ids, **FILM, now=at)


async def _pending(conn: Conn) -> dict[int, tuple[datetime, datetime, str]]:
    cursor = await conn.execute(
        "SELECT external_id, changed_upstream_at, due_at, reason FROM sync_ledger"
        " WHERE changed_upstream_at IS NOT NULL ORDER BY 1"
    )
    return {thing: (at, due, why) for thing, at, due, why in await cursor.fetchall()}


async def _feed(conn: Conn) -> Any:  # noqa: ANN401 - a row
    cursor = await conn.execute("SELECT unbroken_from, watermark FROM change_feed")
    return await cursor.fetchone()


async def _state(conn: Conn, day: date = DAY) -> str:
    window = await changes.find_window(conn, day, **FILM)
    assert window is not None
    return window.state


async def test_the_first_days_begin_with_the_oldest_film(conn: Conn) -> None:
    """And the watermark is the oldest day that is not done."""
    await _fetched(conn, [1, 2], MORNING - timedelta(days=2))
    days = await _open(conn, NOON)
    assert days == [DAY, DAY - timedelta(days=1), DAY - timedelta(days=2)]
    assert await _feed(conn) == (days[2], days[2])
    assert await _open(conn, NOON) == days


async def test_a_named_film_is_due(conn: Conn) -> None:
    """One that people watch at once, others after the day; with the reason."""
    await add_movies(conn, {1: None}, popularity=50)
    await add_movies(conn, {2: None}, popularity=1)
    await _fetched(conn, [1, 2, 3], MORNING)
    await _open(conn, NOON)
    applied = await _applied(conn, NOON, {1: 1, 2: 1, 99: 1})
    pending = await _pending(conn)
    assert (applied.ids, applied.marked) == (3, 2)
    assert pending[1] == (NOON, NOON, changes.REASON)
    assert pending[2][0] == NOON
    assert AFTER <= pending[2][1] <= AFTER + timedelta(hours=12)
    assert set(pending) == {1, 2}
    assert await _state(conn) == "open"


async def test_what_was_fetched_since_is_marked_no_more(conn: Conn) -> None:
    """A later reading of the same day names it again and changes nothing; named once more, it changed again."""
    await add_movies(conn, {1: None}, popularity=50)
    await _fetched(conn, [1], MORNING)
    await _open(conn, NOON)
    await _applied(conn, NOON, {1: 1})
    await _fetched(conn, [1], NOON + timedelta(minutes=2))
    assert await _pending(conn) == {}
    later = NOON + timedelta(minutes=15)
    assert (await _applied(conn, later, {1: 1})).marked == 0
    again = NOON + timedelta(minutes=30)
    assert (await _applied(conn, again, {1: 2})).marked == 1
    assert (await _pending(conn))[1][0] == again


async def test_a_fetch_that_began_before_the_naming_is_not_enough(conn: Conn) -> None:
    """The answer may be older than the change."""
    await _fetched(conn, [1], MORNING)
    await _open(conn, NOON)
    await _applied(conn, NOON, {1: 1})
    await stamps.touch_found(
        conn,
        [1],
        changed_ids=[1],
        **FILM,
        now=NOON + timedelta(minutes=1),
        checked_at=NOON - timedelta(minutes=1),
    )
    pending = await _pending(conn)
    assert set(pending) == {1}
    _, due_at, why = pending[1]
    assert due_at <= AFTER + timedelta(hours=12), "as the feed let it be due"
    assert why == changes.REASON


async def test_a_film_whose_job_was_cancelled_hears_the_feed(conn: Conn) -> None:
    """What was fetched once is never among what nobody wants, whoever gave it back."""
    await _fetched(conn, [1, 2, 3], MORNING)
    await _open(conn, NOON)
    await conn.execute("UPDATE sync_ledger SET state = 'queued'")
    await ledger.put_back(conn, [1], **FILM, reason="cancelled", due_at=AFTER)
    await ledger.want_again(conn, [2], **FILM, again_at=AFTER)
    await conn.execute(
        "UPDATE sync_ledger SET state = 'wanted', due_at = NULL WHERE external_id = 3"
    )
    cursor = await conn.execute(
        "SELECT state, due_at FROM sync_ledger WHERE external_id IN (1, 2)"
    )
    assert await cursor.fetchall() == [("fresh", AFTER), ("fresh", AFTER)]
    assert (await _applied(conn, NOON, {1: 1, 2: 1, 3: 1})).marked == 3
    assert all(due_at is not None for _, due_at, _ in (await _pending(conn)).values())


async def test_a_day_is_done_once_it_is_over(conn: Conn) -> None:
    """Films that were fetched during it are fetched once more, and the watermark moves."""
    await _fetched(conn, [1, 2], MORNING)
    await _open(conn, NOON)
    await _applied(conn, NOON, {1: 1})
    await _fetched(conn, [1], NOON + timedelta(minutes=5))
    await _open(conn, AFTER)
    assert await _feed(conn) == (DAY, DAY)
    applied = await _applied(conn, AFTER, {1: 1})
    assert applied.marked == 1
    assert await _state(conn) == "done"
    assert await _feed(conn) == (DAY, DAY + timedelta(days=1))
    cursor = await conn.execute("SELECT count(*) FROM change_window_ids")
    assert await cursor.fetchone() == (0,)


async def test_an_empty_day_is_not_believed(conn: Conn) -> None:
    """It stays open, with the reason, and nothing is proven by it."""
    await _fetched(conn, [1], MORNING)
    await _open(conn, AFTER)
    applied = await _applied(conn, AFTER, {})
    assert applied.doubt == "the feed named nothing all day"
    window = await changes.find_window(conn, DAY, **FILM)
    assert window is not None
    assert (window.state, window.failures, window.error) == ("open", 1, applied.doubt)
    await _applied(conn, AFTER + timedelta(minutes=15), {1: 1})
    assert await _state(conn) == "done"


async def test_a_day_that_falls_silent_is_not_believed(conn: Conn) -> None:
    """While it lasts, too: what such a reading does not show may have changed long before the next good one."""
    await add_movies(conn, {1: None}, popularity=50)
    await _fetched(conn, [1], MORNING - timedelta(days=2))
    before = AFTER - timedelta(days=1)
    await _open(conn, before)
    await _applied(
        conn, before, dict.fromkeys(range(100, 200), 1), day=DAY - timedelta(days=1)
    )
    await _open(conn, NOON)
    await _applied(conn, MORNING, dict.fromkeys(range(100, 150), 1))
    silent = await _applied(conn, NOON, {})
    assert silent.doubt == "the feed named nothing so far"
    await _applied(
        conn, NOON + timedelta(hours=1), dict.fromkeys([1, *range(100, 150)], 1)
    )
    cursor = await conn.execute(
        "SELECT unchanged_until FROM sync_ledger WHERE external_id = 1"
    )
    assert await cursor.fetchone() == (MORNING,)


async def test_a_reading_that_is_overtaken_writes_nothing(conn: Conn) -> None:
    """Two nodes that read the same day end with what was read last."""
    await _open(conn, NOON)
    await _applied(conn, NOON + timedelta(minutes=1), {1: 2})
    assert await _apply(conn, NOON, {1: 1, 2: 1}) is None
    window = await changes.find_window(conn, DAY, **FILM)
    assert window is not None
    assert (window.ids, window.reads) == (1, 1)


async def test_months_off_break_the_proof(conn: Conn) -> None:
    """What is too long ago to be asked for is lost, and so is the proof for films fetched before."""
    await _fetched(conn, [1], MORNING)
    await _open(conn, AFTER)
    await _applied(conn, AFTER, {1: 1})
    much_later = NOON + timedelta(days=200)
    days = await _open(conn, much_later)
    assert len(days) == 92 - 1 + 1  # 90 days back, today, and the day after the last
    unbroken_from, watermark = await _feed(conn)
    assert unbroken_from > DAY + timedelta(days=100)
    assert watermark <= days[-1] + timedelta(days=1)


async def test_lost_days_take_those_before_them(conn: Conn) -> None:
    """Where the feed does not reach, it reaches no further back; the proof begins anew after them."""
    await _fetched(conn, [1], MORNING - timedelta(days=5))
    await _open(conn, NOON)
    lost_on = DAY - timedelta(days=3)
    async with conn.transaction():
        lost = await changes.lose(conn, lost_on, **FILM, reason="gone", now=NOON)
    assert lost == 3
    assert await _feed(conn) == (lost_on + timedelta(days=1),) * 2


async def test_failures_are_counted(conn: Conn) -> None:
    """Until a reading comes to its end."""
    await _open(conn, NOON)
    for _ in range(2):
        await changes.note_failure(
            conn, DAY, **FILM, error_code="unavailable", error="HTTP 503"
        )
    [window] = await changes.list_windows(conn, **FILM, limit=5)
    assert (window.failures, window.error_code) == (2, "unavailable")
    await _applied(conn, NOON, {1: 1})
    [window] = await changes.list_windows(conn, **FILM, limit=5)
    assert (window.failures, window.error) == (0, None)


async def test_old_days_are_forgotten(conn: Conn) -> None:
    """But for those that are still to be read."""
    await _fetched(conn, [1], MORNING - timedelta(days=5))
    await _open(conn, AFTER)
    done = DAY - timedelta(days=4)
    await _applied(conn, AFTER, {1: 1}, day=done)
    assert await changes.forget_old(conn, **FILM, before=DAY) == 1
    assert await changes.find_window(conn, done, **FILM) is None
