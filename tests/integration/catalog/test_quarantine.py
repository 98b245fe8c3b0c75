"""Bodies that could not become rows: suspected, then quarantined, never lost."""

from datetime import timedelta
from typing import Any

import pytest

from cinegraph.catalog.quarantine import (
    PASSING_SPAN,
    SAMPLE_BYTES,
    note_unreadable,
    resolve,
)
from cinegraph.db.pool import Pool
from factories import NOON

HTML = b"<html>down for maintenance</html>"


async def _note(pool: Pool, body: bytes = HTML, **changes: Any) -> bool:
    given: dict[str, Any] = {
        "source": "tmdb",
        "kind": "movie",
        "external_id": "603",
        "reason": "undecodable",
        "detail": "the body is HTML",
        "is_schema_broken": False,
        "now": NOON,
    }
    async with pool.connection() as conn:
        return await note_unreadable(conn, body=body, **(given | changes))


async def test_a_broken_schema_is_quarantined_at_once(pool: Pool) -> None:
    """Valid JSON of another shape is no passing fault."""
    assert await _note(pool, b'{"id": 603}', is_schema_broken=True)


async def test_nonsense_is_quarantined_the_third_time_over_hours(pool: Pool) -> None:
    """Three times, and the last hours after the first."""
    assert not await _note(pool)
    assert not await _note(pool, now=NOON + PASSING_SPAN)
    assert await _note(pool, now=NOON + 2 * PASSING_SPAN)


@pytest.mark.parametrize("times", [3, 20])
async def test_nonsense_within_minutes_is_one_outage(pool: Pool, times: int) -> None:
    """However often it comes within the span."""
    for number in range(times):
        assert not await _note(pool, now=NOON + timedelta(minutes=number))


async def test_other_nonsense_is_counted_for_itself(pool: Pool) -> None:
    """Only the very same body speaks against the film; nor does another film's."""
    for hour in range(6):
        body = HTML + str(hour).encode()
        assert not await _note(pool, body, now=NOON + timedelta(hours=hour))
        assert not await _note(pool, external_id=str(hour), now=NOON)


async def test_the_sample_is_bounded(pool: Pool) -> None:
    """A huge body leaves its beginning and its hash."""
    body = b"x" * (SAMPLE_BYTES + 1)
    await _note(pool, body)
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT sample, length(sha256) FROM quarantine")
        assert await cursor.fetchall() == [(body[:SAMPLE_BYTES], 32)]


async def test_what_can_be_read_again_is_resolved(pool: Pool) -> None:
    """The sample stays, the trouble is over; until the same body comes once more."""
    await _note(pool, is_schema_broken=True)
    await _note(pool, external_id="604", is_schema_broken=True)
    async with pool.connection() as conn:
        await resolve(conn, ["603"], source="tmdb", kind="movie", now=NOON)
    assert await _unresolved(pool) == ["604"]

    await _note(pool, is_schema_broken=True)
    assert await _unresolved(pool) == ["603", "604"]


async def test_after_a_recovery_the_count_begins_anew(pool: Pool) -> None:
    """Faults that passed say nothing about the next one, however many there were."""
    for week in range(4):
        for hours in (0, 3):
            at = NOON + timedelta(weeks=week, hours=hours)
            assert not await _note(pool, now=at)
        async with pool.connection() as conn:
            await resolve(conn, ["603"], source="tmdb", kind="movie", now=at)
    back = NOON + timedelta(weeks=4)
    assert not await _note(pool, now=back)
    assert await _counted(pool) == (1, back, back)
    assert not await _note(pool, now=back + PASSING_SPAN)
    assert await _note(pool, now=back + 2 * PASSING_SPAN)


async def test_what_was_confirmed_before_a_recovery_is_a_suspicion_again(
    pool: Pool,
) -> None:
    """Until the same body has come often enough once more, or breaks the schema."""
    assert await _note(pool, is_schema_broken=True)
    assert await _note(pool)
    async with pool.connection() as conn:
        await resolve(conn, ["603"], source="tmdb", kind="movie", now=NOON)
    assert not await _note(pool)
    assert await _note(pool, is_schema_broken=True)


async def _counted(pool: Pool) -> Any:  # noqa: ANN401 - a row
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT seen_count, first_seen_at, last_seen_at FROM quarantine"
        )
        return await cursor.fetchone()


async def _unresolved(pool: Pool) -> list[str]:
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT external_id FROM quarantine WHERE resolved_at IS NULL ORDER BY 1"
        )
        return [row[0] for row in await cursor.fetchall()]
