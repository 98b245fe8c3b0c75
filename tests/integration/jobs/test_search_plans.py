"""Searching jobs reads them in order from an index, however many there are."""

from typing import Any

import pytest

from cinegraph.db.pool import Pool
from cinegraph.db.sql import load
from cinegraph.jobs import browse
from cinegraph.jobs.filters import JobFilter, Times

_FILL = """
    INSERT INTO oban_jobs (state, queue, worker, args, meta)
    SELECT (enum_range(NULL::oban_job_state))[1 + id %% 8], 'imports', 'x.Y', jsonb_build_object('tmdb_id', id %% 500),
        jsonb_build_object('run_id', id %% 3)
    FROM generate_series(1, %s) AS id
"""


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (JobFilter(), "oban_jobs_pkey"),
        (JobFilter(state=("discarded",)), "oban_jobs_state_id_index"),
        (JobFilter(state=("discarded", "cancelled")), "oban_jobs_state_id_index"),
        (JobFilter(run=2), "oban_jobs_run_index"),
        (JobFilter(run=2, state=("executing",)), "oban_jobs_run_index"),
        (JobFilter(film="7"), "oban_jobs_film_index"),
        (JobFilter(run=2, worker="Z", error="x"), "oban_jobs_run_index"),
    ],
    ids=str,
)
async def test_the_plan(pool: Pool, filters: JobFilter, index: str) -> None:
    """Nothing is sorted and no table read from end to end; of several states each is read in order, and merged."""
    film = None if filters.film is None else int(filters.film)
    async with pool.connection() as conn, conn.transaction():
        await conn.execute(_FILL, (4000,))
        await conn.execute("ANALYZE oban_jobs")
        await conn.execute(load("cinegraph.jobs", "read_in_order.sql"))
        values: dict[str, Any] = await browse._values(
            conn, filters, Times(None, None), film=film, before=None
        )
        values["page_size"] = 50
        source = browse._source(filters, film)
        statement = browse._compose("search_jobs.sql", source, browse._COLUMNS)
        cursor = await conn.execute(b"EXPLAIN " + statement.as_bytes(conn), values)
        plan = "\n".join(row[0] for row in await cursor.fetchall())

    assert index in plan, plan
    assert "Sort  " not in plan, plan
    assert "Seq Scan" not in plan, plan
