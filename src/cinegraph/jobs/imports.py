"""The queue `imports`: one job a film; and the same without a job."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.catalog.storing import Film, StoredFilm
from cinegraph.errors import (
    AbsentAtSourceError,
    PayloadError,
    SourceError,
    UndecodableError,
)
from cinegraph.jobs.outcome import Kind, Outcome, Snooze, Tries, Verdict, decide, judge
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sources.providers.tmdb.transform import to_record
from cinegraph.sync import ledger, policy, runs

SOURCE = "tmdb"
UNCONFIRMED = "absent_unconfirmed"
"""The code of a first 404 for a film that a list names."""
_ONE_TRY = Tries(attempt=1, max_attempts=1)

type TmdbId = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class ImportMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film, and from where."""

    tmdb_id: TmdbId
    source: Literal["tmdb"] = "tmdb"


class ImportMovie(Worker[ImportMovieArgs], queue="imports", max_attempts=5, priority=6):
    """
    Fetch one film from TMDB with everything that belongs to it and store it in one transaction.

    Running it again is harmless: the same body changes nothing but the time of the last check.
    """

    async def run(self, job: JobContext[ImportMovieArgs]) -> Outcome | None:
        """Fetch, transform, store."""
        try:
            await _import(
                services_of(job), job.args.tmdb_id, request_priority(job.job.priority)
            )
        except AbsentAtSourceError as error:
            if _is_first_denial(job):
                return Snooze(
                    policy.RECHECK_ABSENCE.total_seconds(), UNCONFIRMED, str(error)
                )
            raise
        return None

    async def settle(self, job: JobContext[ImportMovieArgs], verdict: Verdict) -> None:
        """Write an end without a film into ledger, quarantine and runs, in one transaction."""
        if not is_noteworthy(verdict):
            return
        tmdb_id = job.args.tmdb_id
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, runs.MOVIE, tmdb_id, job.run_id)
            else:
                await _settle(conn, tmdb_id, verdict, is_job=True)


async def import_here(services: Services, tmdb_id: int) -> StoredFilm:
    """
    Import a film now, without a job; it ends in the same rows as one.

    Raises:
        SourceError: The film is not at the source, cannot be read or could not be asked for.
    """
    try:
        return await _import(services, tmdb_id, Priority.INTERACTIVE)
    except SourceError as error:
        verdict = judge(decide(error, _ONE_TRY), _ONE_TRY, error=error)
        if is_noteworthy(verdict):
            async with services.pool.connection() as conn, conn.transaction():
                await _settle(conn, tmdb_id, verdict, is_job=False)
        raise


async def exhaust_movie(
    conn: AsyncConnection[Any],
    tmdb_id: int,
    *,
    error_code: str,
    error: str,
    now: datetime,
    run_id: runs.RunId | None = None,
    is_hopeless: bool = False,
) -> None:
    """End the round of a film whose attempts are used up; it has failed when no run gives it another."""
    await ledger.lock(conn, [tmdb_id], source=SOURCE, kind=runs.MOVIE)
    await runs.exhaust_item(
        conn,
        runs.MOVIE,
        tmdb_id,
        run_id=run_id,
        error_code=error_code,
        is_hopeless=is_hopeless,
        now=now,
    )
    await _fail_unless_awaited(
        conn, tmdb_id, error_code=error_code, error=error, now=now
    )


async def cancel_item(
    conn: AsyncConnection[Any], kind: str, external_id: int, run_id: int | str | None
) -> None:
    """A person ended the job: its run does not wait for it any longer."""
    if run_id is not None:
        await runs.cancel_items(
            conn,
            runs.RunId(int(run_id)),
            kind,
            [external_id],
            source=SOURCE,
            now=clock.now(),
        )


def is_noteworthy(verdict: Verdict) -> bool:
    """Whether an end leaves something to write beside the job's own row."""
    return verdict.final or _unreadable_body(verdict) is not None


async def note_unreadable_body(
    conn: AsyncConnection[Any],
    verdict: Verdict,
    *,
    kind: str,
    external_id: str,
    now: datetime,
) -> bool:
    """Keep the body that an attempt could not read, if that is how it ended; return whether it is quarantined now."""
    body = _unreadable_body(verdict)
    if body is None:
        return False
    return await quarantine.note_unreadable(
        conn,
        source=SOURCE,
        kind=kind,
        external_id=external_id,
        body=body,
        reason=verdict.code,
        detail=verdict.message,
        is_schema_broken=isinstance(verdict.error, PayloadError),
        now=now,
    )


async def _import(services: Services, tmdb_id: int, priority: Priority) -> StoredFilm:
    fetched = await services.tmdb.fetch_movie(tmdb_id, priority=priority)
    record = to_record(fetched.payload)
    return await services.films.write(Film(document=fetched.document, record=record))


def _is_first_denial(job: JobContext[ImportMovieArgs]) -> bool:
    """A list of this run names the film and nobody has denied it twice in a row."""
    return bool(job.meta.get("listed")) and job.meta.get("error_code") != UNCONFIRMED


def _unreadable_body(verdict: Verdict) -> bytes | None:
    error = verdict.error
    if isinstance(error, PayloadError | UndecodableError) and error.body:
        return error.body
    return None


async def _settle(
    conn: AsyncConnection[Any], tmdb_id: int, verdict: Verdict, *, is_job: bool
) -> None:
    now = clock.now()
    is_confirmed = await note_unreadable_body(
        conn, verdict, kind=runs.MOVIE, external_id=str(tmdb_id), now=now
    )
    kind = verdict.kind
    if is_confirmed and verdict.final:
        kind = Kind.QUARANTINED
    if kind is Kind.ABSENT:
        await _write_absent(conn, tmdb_id, now)
    elif kind is Kind.QUARANTINED:
        await _write_quarantined(conn, tmdb_id, verdict, now)
    elif kind is Kind.FAILED and is_job:
        await exhaust_movie(
            conn,
            tmdb_id,
            error_code=verdict.code,
            error=verdict.message,
            is_hopeless=verdict.is_hopeless,
            now=now,
        )
    elif kind is Kind.FAILED:
        # Beside the runs: whose job is at it goes on.
        await _fail_unless_awaited(
            conn, tmdb_id, error_code=verdict.code, error=verdict.message, now=now
        )


async def _write_absent(
    conn: AsyncConnection[Any], tmdb_id: int, now: datetime
) -> None:
    await ledger.touch_absent(conn, tmdb_id, source=SOURCE, kind=runs.MOVIE, now=now)
    await runs.settle_items(conn, runs.MOVIE, [tmdb_id], runs.ItemState.ABSENT, now=now)


async def _write_quarantined(
    conn: AsyncConnection[Any], tmdb_id: int, verdict: Verdict, now: datetime
) -> None:
    await ledger.touch_quarantined(
        conn,
        tmdb_id,
        source=SOURCE,
        kind=runs.MOVIE,
        error_code=verdict.code,
        error=verdict.message,
        now=now,
    )
    await runs.settle_items(
        conn,
        runs.MOVIE,
        [tmdb_id],
        runs.ItemState.QUARANTINED,
        now=now,
        error_code=verdict.code,
    )


async def _fail_unless_awaited(
    conn: AsyncConnection[Any],
    tmdb_id: int,
    *,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    if await runs.is_awaited(conn, runs.MOVIE, tmdb_id):
        return
    await ledger.touch_failed(
        conn,
        tmdb_id,
        source=SOURCE,
        kind=runs.MOVIE,
        error_code=error_code,
        error=error,
        now=now,
    )
