"""Enqueueing in bulk: one statement however many jobs, duplicates of live work skipped, one wake-up a queue."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from oban import Job
from oban.job import JobState

from cinegraph.db.sql import load

INSERT_CHANNEL = "public.oban_insert"
"""Where Oban's stager listens; the name is its wire format."""

type _Kind = tuple[str, str, int, int, tuple[str, ...]]

_encode = msgspec.json.Encoder().encode


async def insert_jobs(
    conn: psycopg.AsyncConnection[Any] | psycopg.AsyncCursor[Any], jobs: Iterable[Job]
) -> list[Job]:
    """
    Insert *jobs* in the transaction of *conn*.

    Returns:
        The same jobs in the same order, with `id`, times and state set; `id` is None for a job that was not inserted
        because the same work is live already, be it in the table or earlier among *jobs*.
    """
    listed = list(jobs)
    if not listed:
        return listed
    cursor = await conn.execute(
        load("cinegraph.jobs.engine", "insert_jobs.sql"), _parameters(listed)
    )
    found = await cursor.fetchone()
    for job in listed:
        job.id = None
    if found is not None and found[0] is not None:
        _mark_inserted(listed, *found[:3])
    return listed


def _parameters(jobs: Sequence[Job]) -> dict[str, str]:
    numbers: dict[_Kind, int] = {}
    kinds = [numbers.setdefault(_kind(job), len(numbers)) for job in jobs]
    return {
        # JSON has no raw line break, so each job is exactly one line.
        "args": b"\n".join(_encode(job.args) for job in jobs).decode(),
        "meta": b"\n".join(_encode(job.meta) for job in jobs).decode(),
        "keys": "\n".join(job.meta.get("uniq_key", "") for job in jobs),
        "kinds": "\n".join(map(str, kinds)),
        "times": "\n".join(_time(job.scheduled_at) for job in jobs),
        "kinds_of": _encode(
            [
                dict(
                    zip(
                        ("worker", "queue", "max_attempts", "priority", "tags"),
                        kind,
                        strict=True,
                    )
                )
                for kind in numbers
            ]
        ).decode(),
        "channel": INSERT_CHANNEL,
    }


def _kind(job: Job) -> _Kind:
    return (job.worker, job.queue, job.max_attempts, job.priority, tuple(job.tags))


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() if at else ""


def _mark_inserted(
    jobs: Sequence[Job], lines: list[int], ids: list[int], inserted_at: datetime
) -> None:
    at = inserted_at.replace(tzinfo=UTC)
    for line, id_ in zip(lines, ids, strict=True):
        job = jobs[line - 1]
        job.id = id_
        job.inserted_at = at
        if job.scheduled_at is None:
            job.scheduled_at = at
        else:
            job.state = JobState.SCHEDULED
        job.meta.setdefault("root_id", id_)
