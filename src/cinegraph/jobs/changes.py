"""
Following TMDB's feed of changes.

    FollowChanges ──► a row a day ──► ReadChanges (day) ──► ledger: due because it changed ──► the feeder … UpdateMovie
    every 15 minutes                  every page of it          ids nobody knew: wanted

A day is read whole or not at all: a job that dies half way has written nothing, and the next one reads the day again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.errors import RequestRefusedError
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sync import changes, ledger, policy, runs, windows
from cinegraph.sync.windows import WindowRead
from cinegraph.telemetry import emit

READ_TIMEOUT = timedelta(minutes=15)
"""Of a day of the feed: 118 pages were the most ever seen, and a busy budget serves one a second."""
NEW_REASON = "named by the changes feed"
_UNPROCESSABLE = 422

_log = structlog.get_logger(__name__)


class FollowChangesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class FollowChanges(
    Worker[FollowChangesArgs], queue="discovery", max_attempts=5, priority=3
):
    """
    Have every day of TMDB's feed of changes read that is not done: today's, and those missed.

    After months off it goes back as far as the feed answers.
    """

    async def run(self, job: JobContext[FollowChangesArgs]) -> Outcome | None:
        """Write the days since the last one and make a job for each that is open."""
        services = services_of(job)
        async with services.pool.connection() as conn, conn.transaction():
            days = await changes.open_days(conn, **FILMS.entry, now=clock.now())
            await job.enqueue(conn, *map(read_job, days))
        return Done(message=f"{len(days)} days to read")


class ReadChangesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which day."""

    day: date
    """UTC."""


class ReadChanges(
    Worker[ReadChangesArgs],
    queue="discovery",
    max_attempts=5,
    timeout=READ_TIMEOUT,
    priority=4,
):
    """
    Read every page of a day of TMDB's feed of changes, and let the films it names be fetched.

    What is cut, empty or implausible is unknown, and read again: never "nothing changed".
    """

    async def run(self, job: JobContext[ReadChangesArgs]) -> Outcome | None:
        """Fetch the pages, then write all of it in one transaction."""
        services, day = services_of(job), job.args.day
        async with services.pool.connection() as conn:
            window = await changes.find_window(conn, day, **FILMS.entry)
        if window is None or window.state != "open":
            return Done("not_open", "the day is done already, or lost")
        try:
            read = await _read(services, day, request_priority(job.job.priority))
        except RequestRefusedError as error:
            if error.status != _UNPROCESSABLE or not _is_old(day):
                raise
            return await _lose(services, day, f"the feed refuses it: {error.message}")
        if not read.times and windows.is_beyond_reach(day, clock.now()):
            return await _lose(services, day, "the feed does not go back so far")
        return await _apply(services, read)

    async def settle(self, job: JobContext[ReadChangesArgs], verdict: Verdict) -> None:
        """Count the failure; a day that cannot be read for long, and that the feed need not answer for, is lost."""
        if verdict.error is None or verdict.kind is Kind.SNOOZED:
            return
        day = job.args.day
        async with services_of(job).pool.connection() as conn, conn.transaction():
            await changes.note_failure(
                conn, day, **FILMS.entry, error_code=verdict.code, error=verdict.message
            )
        if verdict.final and _is_old(day):
            await _lose(services_of(job), day, verdict.message)


def read_job(day: date) -> Job:
    """Return the job that reads a day of the feed; what people look at comes before what was missed."""
    is_today = not windows.is_over(day, clock.now())
    return ReadChanges.new(ReadChangesArgs(day), priority=3 if is_today else None)


async def _read(services: Services, day: date, priority: Priority) -> WindowRead:
    """Fetch every page of a day; pages that appear while reading are read too."""
    began_at = clock.now()
    times: Counter[int] = Counter()
    adult: set[int] = set()
    page, last, empty = 0, 1, 0
    while page < last:
        page += 1
        answer = await services.tmdb.fetch_changes(
            day, day + windows.DAY, page, priority=priority
        )
        last = max(last, answer.total_pages)
        empty += not answer.things and page < last
        times.update(thing.external_id for thing in answer.things)
        adult.update(t.external_id for t in answer.things if t.is_adult)
    if services.with_adult:
        adult.clear()
    return WindowRead(
        day=day,
        began_at=began_at,
        pages=page,
        times=times,
        adult_ids=frozenset(adult),
        empty_pages=empty,
    )


async def _apply(services: Services, read: WindowRead) -> Outcome:
    now = clock.now()
    async with services.pool.connection() as conn:
        new_ids = await changes.list_new(conn, read, **FILMS.entry)
        are_wanted = await runs.follows_catalogue(conn)
        # Before the day is noted as read, or a crash would lose them; and apart, because both lock the ledger in order.
        if are_wanted:
            async with conn.transaction():
                await _want_new(conn, new_ids)
    async with services.pool.connection() as conn, conn.transaction():
        await runs.allow_long_statements(conn)
        applied = await changes.apply_read(
            conn,
            read,
            **FILMS.entry,
            new_ids=new_ids,
            are_wanted=are_wanted,
            now=now,
        )
    wanted = len(new_ids) if are_wanted else 0
    if applied is None:
        return Done("not_open", "the day is done, or was read later than this")
    emit("cinegraph.jobs.changes.read", day=str(read.day), ids=applied.ids)
    if applied.doubt is None:
        return Done(
            message=f"{read.pages} pages, {applied.ids:,} ids: {applied.marked:,} to fetch, {wanted:,} new"
        )
    _log.warning("the changes feed is doubted", day=str(read.day), why=applied.doubt)
    if windows.is_given_up(read.day, now, failures=applied.failures):
        return await _lose(services, read.day, applied.doubt)
    return Done("doubted", applied.doubt)


async def _want_new(conn: AsyncConnection[Any], ids: Sequence[int]) -> None:
    """Want films that nobody had named before; what is no film is found absent and asked for no more."""
    if ids:
        await ledger.want(
            conn,
            dict.fromkeys(ids, policy.NEW_BONUS),
            **FILMS.entry,
            reason=NEW_REASON,
            now=clock.now(),
        )


def _is_old(day: date) -> bool:
    return windows.is_beyond_reach(day, clock.now())


async def _lose(services: Services, day: date, reason: str) -> Outcome:
    async with services.pool.connection() as conn, conn.transaction():
        lost = await changes.lose(
            conn, day, **FILMS.entry, reason=reason, now=clock.now()
        )
    _log.warning(
        "days of the changes feed are lost", last=str(day), days=lost, why=reason
    )
    return Done("lost", f"{lost} days up to {day} are lost: {reason}")


SCHEDULED = {"FollowChanges": lambda: FollowChanges.new(FollowChangesArgs())}
"""By name of the schedule, what makes its job."""
