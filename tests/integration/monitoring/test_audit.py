"""What has to be true of the whole database: each look finds its own trouble, and nothing where there is none."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import pytest

from cinegraph.db.pool import Pool
from cinegraph.monitoring import audit
from cinegraph.monitoring.audit import AUDITS, Finding
from cinegraph.sync import stamps
from ledger_rows import FILM, add_movies

NOW = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)

TROUBLES: Mapping[str, tuple[LiteralString, str]] = {
    "unrefreshed": (
        """
        INSERT INTO documents (source, kind, external_id, body_gzip, sha256, size_bytes, fetched_at, checked_at)
        VALUES
            ('tmdb', 'movie', '603', '', '', 0, '2026-01-01', '2026-03-01'),
            ('tmdb', 'movie', '604', '', '', 0, '2026-01-01', '2026-03-06')
        """,
        "TMDB 603, last received 2026-03-01",
    ),
    "ledger_counts": (
        "INSERT INTO sync_ledger_deltas VALUES ('tmdb', 'movie', 'fresh', '2026-08-31', 1)",
        "tmdb movie fresh of 2026-08-31: 0 rows, counted 1",
    ),
    "catalog_counts": (
        "INSERT INTO catalog_deltas VALUES ('people', 5)",
        "people: 0 rows, counted 5",
    ),
    "unknown_to_ledger": (
        "DELETE FROM sync_ledger WHERE external_id = 11",
        "TMDB 11",
    ),
    "never_due": (
        "UPDATE sync_ledger SET due_at = NULL WHERE external_id = 11",
        "tmdb 11",
    ),
    "uncomputed": (
        """
        WITH old AS (UPDATE movies SET created_at = '2026-08-01' WHERE tmdb_id = 11 RETURNING id)
        UPDATE enrichment_states SET finished_at = '2026-08-30', wanted_at = NULL
        WHERE enrichment = 'cri_score' AND EXISTS (SELECT FROM old)
        """,
        "cri_score of TMDB 11",
    ),
}


async def _prepare(pool: Pool) -> None:
    """Store two films that are as they should be."""
    async with pool.connection() as conn:
        await add_movies(conn, {11: None, 12: None})
        await stamps.touch_found(
            conn, [11, 12], changed_ids=[11], **FILM, now=NOW - timedelta(days=9)
        )


async def _look(pool: Pool, now: datetime = NOW) -> dict[str, Finding]:
    async with pool.connection() as conn, conn.transaction():
        return {found.name: found for found in await audit.audit(conn, now=now)}


def test_every_audit_has_a_trouble() -> None:
    """A new one comes with its trouble."""
    assert [one.name for one in AUDITS] == list(TROUBLES)


async def test_nothing_is_found_where_nothing_is_wrong(pool: Pool) -> None:
    """And the look is on record."""
    await _prepare(pool)
    found = await _look(pool)
    assert {name: one.offenders for name, one in found.items()} == dict.fromkeys(
        found, 0
    )
    assert {one.good_at for one in found.values()} == {NOW}


@pytest.mark.parametrize("name", TROUBLES)
async def test_each_finds_its_own_trouble(pool: Pool, name: str) -> None:
    """And no other finds anything in it; when it was last true is remembered."""
    await _prepare(pool)
    await _look(pool, NOW - timedelta(days=1))
    trouble, example = TROUBLES[name]
    async with pool.connection() as conn:
        await conn.execute(trouble)
    found = await _look(pool)
    assert {one.name for one in found.values() if one.offenders} == {name}
    assert (found[name].offenders, found[name].example) == (1, example)
    assert found[name].good_at == NOW - timedelta(days=1)
