"""The queue `imports`: one job a film."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.catalog.storing import Film
from cinegraph.errors import AbsentAtSourceError, PayloadError, UndecodableError
from cinegraph.jobs.outcome import Kind, Outcome, Snooze, Verdict
from cinegraph.jobs.services import request_priority, services_of
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.sources.providers.tmdb.transform import to_record
from cinegraph.sync import ledger, policy, runs

SOURCE = "tmdb"
UNCONFIRMED = "absent_unconfirmed"
"""The code of a first 404 for a film that a list names."""

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
        services = services_of(job)
        try:
            fetched = await services.tmdb.fetch_movie(
                job.args.tmdb_id, priority=request_priority(job.job.priority)
            )
        except AbsentAtSourceError as error:
            if _is_first_denial(job):
                return Snooze(
                    policy.RECHECK_ABSENCE.total_seconds(), UNCONFIRMED, str(error)
                )
            raise
        record = to_record(fetched.payload)
        await services.films.write(Film(document=fetched.document, record=record))
        return None

    async def settle(self, job: JobContext[ImportMovieArgs], verdict: Verdict) -> None:
        """Write an end without a film into ledger, quarantine and runs, in one transaction."""
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, runs.MOVIE, job.args.tmdb_id, job.run_id)
            else:
                await _settle(conn, job.args.tmdb_id, verdict)


async def cancel_item(
    conn: AsyncConnection[Any], kind: str, external_id: int, run_id: int | str | None
) -> None:
    """A person ended the job: its run does not wait for it any longer."""
    if run_id is not None:
        await runs.settle_items(
            conn,
            kind,
            [external_id],
            runs.ItemState.CANCELLED,
            now=clock.now(),
            error_code=runs.ItemState.CANCELLED.value,
            run_id=runs.RunId(int(run_id)),
        )


async def note_unreadable_body(
    conn: AsyncConnection[Any],
    verdict: Verdict,
    *,
    kind: str,
    external_id: str,
    now: datetime,
) -> bool:
    """Keep the body that an attempt could not read, if that is how it ended; return whether it is quarantined now."""
    error = verdict.error
    if not isinstance(error, PayloadError | UndecodableError) or not error.body:
        return False
    return await quarantine.note_unreadable(
        conn,
        source=SOURCE,
        kind=kind,
        external_id=external_id,
        body=error.body,
        reason=verdict.code,
        detail=verdict.message,
        is_schema_broken=isinstance(error, PayloadError),
        now=now,
    )


def _is_first_denial(job: JobContext[ImportMovieArgs]) -> bool:
    """A list of this run names the film and nobody has denied it twice in a row."""
    return bool(job.meta.get("listed")) and job.meta.get("error_code") != UNCONFIRMED


async def _settle(conn: AsyncConnection[Any], tmdb_id: int, verdict: Verdict) -> None:
    now = clock.now()
    kind = verdict.kind
    is_confirmed = await note_unreadable_body(
        conn, verdict, kind=runs.MOVIE, external_id=str(tmdb_id), now=now
    )
    if is_confirmed and verdict.final:
        kind = Kind.QUARANTINED
    if kind is Kind.ABSENT:
        await ledger.touch_absent(
            conn, tmdb_id, source=SOURCE, kind=runs.MOVIE, now=now
        )
        await runs.settle_items(
            conn, runs.MOVIE, [tmdb_id], runs.ItemState.ABSENT, now=now
        )
    elif kind is Kind.QUARANTINED:
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
    elif kind is Kind.FAILED:
        await ledger.touch_failed(
            conn,
            tmdb_id,
            source=SOURCE,
            kind=runs.MOVIE,
            error_code=verdict.code,
            error=verdict.message,
            now=now,
        )
        await runs.exhaust_item(
            conn, runs.MOVIE, tmdb_id, error_code=verdict.code, now=now
        )
