"""What a person may do to jobs and queues: hurry, retry, cancel, pause, resume, scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from oban import Job

from cinegraph import clock
from cinegraph.db.sql import load
from cinegraph.errors import (
    SourceHaltedError,
    SourceRejectedError,
    SourceThrottledError,
    UsageError,
)
from cinegraph.jobs.browse import QueueSetting
from cinegraph.jobs.engine.control import SETTINGS_CHANNEL
from cinegraph.jobs.engine.inserts import INSERT_CHANNEL, insert_jobs
from cinegraph.jobs.queues import BY_NAME
from cinegraph.jobs.settling import UNCONFIRMED

PEOPLE_WAIT = 0
"""Job priority of what a person asked for by name: before everything else."""
PUT_OFF_CODES = (
    SourceThrottledError.code,
    SourceRejectedError.code,
    SourceHaltedError.code,
)
"""What a job was put off for when the source, not the film, was the reason."""
_OWNER = "cinegraph.jobs"
_SIGNAL_CHANNEL = "public.oban_signal"


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of a request to retry."""

    retried: tuple[int, ...]
    refused: Mapping[int, str]
    """By job id, why not."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What became of a request to cancel."""

    ended: tuple[int, ...]
    """Waiting jobs, cancelled now."""
    asked: tuple[int, ...]
    """Running jobs, which end at their next look."""


async def enqueue_first(
    conn: psycopg.AsyncConnection[Any], jobs: Sequence[Job]
) -> list[Job]:
    """
    Insert *jobs* that a person waits for; where the same work is live already, that goes first instead.

    A job that waits for its next try runs at once. One that its source put off, or that looks a second time at a film
    the source denied, keeps its time: sooner, the answer would be the same. One that runs already is left.
    """
    for job in jobs:
        job.priority = PEOPLE_WAIT
    made = await insert_jobs(conn, jobs)
    live = [job.meta["uniq_key"] for job in made if job.id is None]
    if live:
        await conn.execute(
            load(_OWNER, "hurry_jobs.sql"),
            {
                "keys": live,
                "patient": [*PUT_OFF_CODES, UNCONFIRMED],
                "channel": INSERT_CHANNEL,
            },
        )
    return made


async def retry_jobs(conn: psycopg.AsyncConnection[Any], ids: Sequence[int]) -> Retried:
    """Run ended or waiting jobs again at once, with at least one attempt left; those whose work is live are refused."""
    values = {"ids": sorted(set(ids)), "channel": INSERT_CHANNEL}
    try:
        async with conn.transaction():
            cursor = await conn.execute(load(_OWNER, "retry_jobs.sql"), values)
            rows = await cursor.fetchall()
    except psycopg.errors.UniqueViolation:
        return Retried((), dict.fromkeys(ids, "its work was enqueued again just now"))
    refused = {
        id_: _why_not(state, live) for id_, state, done, live in rows if not done
    }
    return Retried(tuple(id_ for id_, _, done, _ in rows if done), refused)


async def cancel_jobs(
    conn: psycopg.AsyncConnection[Any], ids: Sequence[int]
) -> Cancelled:
    """End waiting jobs and ask running ones to end; jobs that have ended stay as they are."""
    return await _cancel(conn, ids=list(ids), run=None)


async def cancel_jobs_of(conn: psycopg.AsyncConnection[Any], run_id: int) -> Cancelled:
    """End the waiting jobs of a run and ask its running ones to end."""
    return await _cancel(conn, ids=None, run=str(run_id))


async def _cancel(
    conn: psycopg.AsyncConnection[Any], *, ids: list[int] | None, run: str | None
) -> Cancelled:
    cursor = await conn.execute(
        load(_OWNER, "cancel_jobs.sql"),
        {"ids": ids, "run": run, "channel": _SIGNAL_CHANNEL},
    )
    rows = await cursor.fetchall()
    return Cancelled(
        ended=tuple(id_ for id_, state in rows if state != "executing"),
        asked=tuple(id_ for id_, state in rows if state == "executing"),
    )


async def pause_queue(conn: psycopg.AsyncConnection[Any], queue: str) -> QueueSetting:
    """Start no more jobs of *queue* on any node until it is resumed; running ones finish."""
    return await _set(conn, queue, paused=True)


async def resume_queue(conn: psycopg.AsyncConnection[Any], queue: str) -> QueueSetting:
    """Start jobs of *queue* again."""
    return await _set(conn, queue, paused=False)


async def scale_queue(
    conn: psycopg.AsyncConnection[Any], queue: str, node_limit: int
) -> QueueSetting:
    """
    Run *node_limit* jobs of *queue* at once on each node.

    Raises:
        UsageError: The limit is below 1; a queue is stopped by pausing it.
    """
    if node_limit < 1:
        raise UsageError(
            f"a queue cannot run {node_limit} jobs at once",
            hint=f"To stop it: cinegraph queues pause {queue}",
        )
    return await _set(conn, queue, node_limit=node_limit)


async def _set(
    conn: psycopg.AsyncConnection[Any],
    queue: str,
    *,
    paused: bool | None = None,
    node_limit: int | None = None,
) -> QueueSetting:
    if queue not in BY_NAME:
        raise UsageError(
            f"there is no queue {queue!r}", hint=f"Queues: {', '.join(BY_NAME)}."
        )
    cursor = await conn.execute(
        load(_OWNER, "set_queue.sql"),
        {
            "queue": queue,
            "paused": paused,
            "node_limit": node_limit,
            "at": clock.now(),
            "channel": f"public.oban_{SETTINGS_CHANNEL}",
        },
    )
    (row,) = await cursor.fetchall()
    return QueueSetting(queue, row[0], row[1])


def _why_not(state: str | None, live_id: int | None) -> str:
    if state is None:
        return "there is no such job"
    if live_id is not None:
        return f"the same work is live in job {live_id}"
    if state in {"available", "executing"}:
        return f"it is {state} already"
    return "a newer job of this request does the same work"
