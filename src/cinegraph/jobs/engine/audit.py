"""
Finding zombies: jobs that the database believes this node runs, and that it does not.

They come from an answer lost while the server restarted. A row is given back when two looks in a row find it, because
one look may fall between a fetch and its first step.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
import structlog
from oban._producer import Producer

from cinegraph import telemetry
from cinegraph.db.sql import load
from cinegraph.jobs.engine.inserts import INSERT_CHANNEL
from cinegraph.jobs.engine.line import Rows, Statement

type Attempt = tuple[int, datetime]
"""A job's id and when its attempt began, naive UTC as stored."""

_log = structlog.get_logger(__name__)


class Audit:
    """Compares the rows of a node's producers with what its memory holds."""

    def __init__(self) -> None:
        self._suspects: set[Attempt] = set()

    def question(self, producers: Iterable[Producer]) -> Statement:
        """Return the statement that lists what these producers should run."""
        listed = list(producers)
        return load("cinegraph.jobs.engine", "list_executing.sql"), {
            "queues": [producer._queue for producer in listed],
            "uuids": [producer._uuid for producer in listed],
        }

    def review(self, producers: Iterable[Producer], rows: Rows) -> list[Attempt]:
        """Pass on cancellations, hurry acknowledgements that wait, and return the zombies."""
        held = self._held(producers, {row[0] for row in rows if row[2]})
        missing = {(id_, at) for id_, at, _cancelled in rows if id_ not in held}
        zombies = sorted(missing & self._suspects)
        self._suspects = missing
        return zombies

    def _held(self, producers: Iterable[Producer], cancelled: set[int]) -> set[int]:
        held: set[int] = set()
        for producer in producers:
            held.update(producer._running_jobs)
            for id_ in cancelled & producer._running_jobs.keys():
                job, _task = producer._running_jobs[id_]
                producer._dispatcher.cancel(producer, job)
            if producer._pending_acks:
                held.update(ack.id for ack in producer._pending_acks)
                # A failed acknowledgement waits for the next wake-up, which a quiet queue never gets.
                producer.notify()
        return held


def giving_back(attempts: Iterable[Attempt]) -> Statement:
    """Return the statement that makes these attempts' jobs available again."""
    rows = [{"id": id_, "attempted_at": at} for id_, at in attempts]
    return load("cinegraph.jobs.engine", "give_back.sql"), {
        "jobs": msgspec.json.encode(rows).decode(),
        "channel": INSERT_CHANNEL,
    }


def report(given_back: Rows, *, reason: str) -> None:
    """Tell what was given back."""
    if given_back:
        ids = [id_ for id_, _queue in given_back]
        _log.warning(
            "jobs are given back", jobs=ids[:20], count=len(ids), reason=reason
        )
        telemetry.emit("cinegraph.jobs.job.given_back", jobs=ids, reason=reason)
