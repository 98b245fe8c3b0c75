"""Rows of jobs as a test wants them."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

_INSERT = """
    INSERT INTO oban_jobs (
        state, queue, worker, attempt, max_attempts, args, meta, errors, attempted_by, inserted_at, scheduled_at,
        attempted_at, completed_at, cancelled_at, discarded_at
    )
    SELECT
        %(state)s::oban_job_state, %(queue)s, %(worker)s, %(attempt)s, 5, %(args)s, %(meta)s, %(errors)s, '{node.1}',
        moment.at, moment.at, CASE WHEN %(attempt)s > 0 THEN moment.at END,
        CASE %(state)s WHEN 'completed' THEN moment.at END, CASE %(state)s WHEN 'cancelled' THEN moment.at END,
        CASE %(state)s WHEN 'discarded' THEN moment.at END
    FROM (SELECT timezone('UTC', clock_timestamp()) - %(hours)s * interval '1 hour' AS at) AS moment
    CROSS JOIN generate_series(1, %(times)s)
    RETURNING id
"""


async def add_jobs(url: str, times: int = 1, **given: Any) -> list[int]:
    """Insert the same job *times* times and return the ids, in order."""
    values = {
        "state": "completed",
        "queue": "imports",
        "worker": "cinegraph.jobs.imports.ImportMovie",
        "attempt": 1,
        "hours": 0,
        **given,
        "times": times,
        "args": Jsonb(given.get("args", {})),
        "meta": Jsonb(given.get("meta", {})),
        "errors": Jsonb(given.get("errors", [])),
    }
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        cursor = await conn.execute(_INSERT, values)
        return [row[0] for row in await cursor.fetchall()]
