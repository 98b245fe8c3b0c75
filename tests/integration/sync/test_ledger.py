"""The ledger: states, times and when to look again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.sync import ledger, policy, stamps

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MOVIE: dict[str, Any] = {"source": "tmdb", "kind": "movie"}


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Return a connection."""
    async with pool.connection() as connection:
        yield connection


async def _entry(
    conn: psycopg.AsyncConnection[Any], tmdb_id: int
) -> ledger.LedgerEntry:
    (entry,) = await ledger.find_entries(conn, "movie", tmdb_id)
    return entry


async def _fail(
    conn: psycopg.AsyncConnection[Any], tmdb_id: int, now: datetime = NOW
) -> ledger.LedgerEntry:
    await stamps.touch_failed(
        conn, tmdb_id, **MOVIE, error_code="unavailable", error="HTTP 503", now=now
    )
    return await _entry(conn, tmdb_id)


async def test_a_new_thing_is_queued_with_its_reason(
    conn: psycopg.AsyncConnection[Any],
) -> None:
    """Queued says why, and nothing was checked yet."""
    await ledger.queue(conn, [7], **MOVIE, reason="on popular page 1", now=NOW)
    entry = await _entry(conn, 7)
    assert (entry.state, entry.reason) == ("queued", "on popular page 1")
    assert (entry.checked_at, entry.changed_at, entry.due_at) == (None, None, None)


async def test_queueing_takes_no_state_away(conn: psycopg.AsyncConnection[Any]) -> None:
    """What is fresh or absent stays so until its job has ended."""
    await stamps.touch_found(conn, [1], changed_ids=[1], **MOVIE, now=NOW)
    await stamps.touch_absent(conn, 2, **MOVIE, now=NOW)
    await _fail(conn, 3)
    await ledger.queue(conn, [3, 1, 2], **MOVIE, reason="again", now=LATER)
    states = [(await _entry(conn, number)).state for number in (1, 2, 3)]
    assert states == ["fresh", "absent", "queued"]


async def test_checked_and_changed_are_different_times(
    conn: psycopg.AsyncConnection[Any],
) -> None:
    """The same body again moves only when it was checked, and when it is due."""
    await stamps.touch_found(conn, [1, 2], changed_ids=[1, 2], **MOVIE, now=NOW)
    await stamps.touch_found(conn, [1, 2], changed_ids=[2], **MOVIE, now=LATER)
    same, changed = await _entry(conn, 1), await _entry(conn, 2)
    assert (same.checked_at, same.changed_at) == (LATER, NOW)
    assert (changed.checked_at, changed.changed_at) == (LATER, LATER)
    assert same.due_at == policy.due_after_found(LATER)


async def test_failures_back_off_and_an_answer_ends_them(
    conn: psycopg.AsyncConnection[Any],
) -> None:
    """Each failure in a row waits longer; one answer begins anew."""
    waits = []
    for _ in range(5):
        entry = await _fail(conn, 1)
        assert entry.due_at is not None
        waits.append(entry.due_at - NOW)
    assert waits == [*policy.RETRY_FAILED, policy.RETRY_FAILED[-1]]
    assert (entry.state, entry.error_code, entry.attempts) == (
        "failed",
        "unavailable",
        5,
    )
    await stamps.touch_found(conn, [1], changed_ids=[], **MOVIE, now=LATER)
    entry = await _entry(conn, 1)
    assert (entry.state, entry.attempts, entry.error) == ("fresh", 0, None)
    entry = await _fail(conn, 1)
    assert entry.due_at == NOW + policy.RETRY_FAILED[0]


async def test_a_failure_keeps_what_was_known(
    conn: psycopg.AsyncConnection[Any],
) -> None:
    """An outage is no check: the last one stays the last one."""
    await stamps.touch_found(conn, [1], changed_ids=[1], **MOVIE, now=NOW)
    entry = await _fail(conn, 1, LATER)
    assert (entry.checked_at, entry.changed_at) == (NOW, NOW)


async def test_absence_is_a_check(conn: psycopg.AsyncConnection[Any]) -> None:
    """A definitive no was an answer, and changed nothing."""
    await stamps.touch_found(conn, [1], changed_ids=[1], **MOVIE, now=NOW)
    await stamps.touch_absent(conn, 1, **MOVIE, now=LATER)
    entry = await _entry(conn, 1)
    assert (entry.state, entry.checked_at) == ("absent", LATER)
    assert entry.changed_at == NOW
    assert entry.due_at == policy.due_after_absent(LATER)


async def test_quarantine_says_why(conn: psycopg.AsyncConnection[Any]) -> None:
    """The row tells a person what was wrong; it was not a check."""
    await stamps.touch_quarantined(
        conn, 1, **MOVIE, error_code="payload", error="at credits.cast", now=NOW
    )
    entry = await _entry(conn, 1)
    assert (entry.state, entry.error_code) == ("quarantined", "payload")
    assert entry.error == "at credits.cast"
    assert entry.checked_at is None
    assert entry.due_at == policy.due_after_quarantined(NOW)


async def test_sources_do_not_share_rows(conn: psycopg.AsyncConnection[Any]) -> None:
    """The same film at two sources is two rows."""
    await stamps.touch_absent(conn, 1, **MOVIE, now=NOW)
    await stamps.touch_found(
        conn, [1], changed_ids=[1], source="omdb", kind="movie", now=NOW
    )
    entries = await ledger.find_entries(conn, "movie", 1)
    assert [(entry.source, entry.state) for entry in entries] == [
        ("omdb", "fresh"),
        ("tmdb", "absent"),
    ]


def test_every_state_is_one_the_table_takes() -> None:
    """The enumeration and the column's check name the same states (see the DDL)."""
    assert {state.value for state in ledger.LedgerState} == {
        "wanted",
        "queued",
        "fresh",
        "empty",
        "absent",
        "failed",
        "quarantined",
    }
