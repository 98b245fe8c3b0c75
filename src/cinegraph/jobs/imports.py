"""The queue `imports`: one job a film; and the same without a job."""

from typing import Annotated, Any, Literal

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog.storing import Film, StoredFilm
from cinegraph.errors import AbsentAtSourceError, SourceError
from cinegraph.festivals import lookups
from cinegraph.jobs import settling
from cinegraph.jobs.omdb import ask_again
from cinegraph.jobs.outcome import Kind, Outcome, Snooze, Tries, Verdict, decide, judge
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import UNCONFIRMED, cancel_item, is_noteworthy
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sources.providers.tmdb.transform import to_record
from cinegraph.sync import policy, runs

SOURCE = FILMS.source
_ONE_TRY = Tries(attempt=1, max_attempts=1)

type TmdbId = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class ImportMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film, and from where."""

    tmdb_id: TmdbId
    source: Literal["tmdb", "omdb", "all"] = "tmdb"
    """`omdb` asks for the ratings of a stored film alone, `all` for the film and its ratings."""


class ImportMovie(Worker[ImportMovieArgs], queue="imports", max_attempts=5, priority=6):
    """
    Fetch one film from TMDB with everything that belongs to it and store it in one transaction.

    Running it again is harmless: the same body changes nothing but the time of the last check.
    """

    async def run(self, job: JobContext[ImportMovieArgs]) -> Outcome | None:
        """Fetch, transform, store; ask for ratings where they are wanted anew."""
        if job.args.source != "omdb":
            denied = await self._fetch(job)
            if denied is not None:
                return denied
        if job.args.source != "tmdb":
            await _ask_ratings(job)
        return None

    async def _fetch(self, job: JobContext[ImportMovieArgs]) -> Outcome | None:
        try:
            await import_film(
                services_of(job), job.args.tmdb_id, request_priority(job.job.priority)
            )
        except AbsentAtSourceError as error:
            if (denied := doubt(job, error)) is not None:
                return denied
            raise
        return None

    async def settle(self, job: JobContext[ImportMovieArgs], verdict: Verdict) -> None:
        """Write an end without a film into ledger, quarantine and runs, in one transaction."""
        if not is_noteworthy(verdict):
            return
        tmdb_id = job.args.tmdb_id
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, runs.MOVIE, tmdb_id, job.run_id, source=SOURCE)
            else:
                await settle_film(conn, tmdb_id, verdict, is_job=True)
            if verdict.kind is Kind.ABSENT:
                await lookups.note_gone(conn, tmdb_id, now=clock.now())


async def import_here(services: Services, tmdb_id: int) -> StoredFilm:
    """
    Import a film now, without a job; it ends in the same rows as one.

    Raises:
        SourceError: The film is not at the source, cannot be read or could not be asked for.
    """
    try:
        return await import_film(services, tmdb_id, Priority.INTERACTIVE)
    except SourceError as error:
        verdict = judge(decide(error, _ONE_TRY), _ONE_TRY, error=error)
        if is_noteworthy(verdict):
            async with services.pool.connection() as conn, conn.transaction():
                await settle_film(conn, tmdb_id, verdict, is_job=False)
        raise


async def import_film(
    services: Services, tmdb_id: int, priority: Priority
) -> StoredFilm:
    """
    Fetch a film whole and store it.

    Raises:
        SourceError: As `TmdbClient.fetch_movie`.
    """
    fetched = await services.tmdb.fetch_movie(tmdb_id, priority=priority)
    record = to_record(fetched.payload)
    return await services.films.write(Film(document=fetched.document, record=record))


async def _ask_ratings(job: JobContext[ImportMovieArgs]) -> None:
    """Make the job that asks OMDb for a stored film, as urgent as this one; the runs' wish for the film is met."""
    tmdb_id = job.args.tmdb_id
    async with services_of(job).pool.connection() as conn, conn.transaction():
        await ask_again(
            conn,
            [tmdb_id],
            run_id=int(job.run_id or 0),
            priority=job.job.priority,
        )
        await runs.settle_items(
            conn, runs.MOVIE, [tmdb_id], runs.ItemState.DONE, now=clock.now()
        )


async def settle_film(
    conn: AsyncConnection[Any], tmdb_id: int, verdict: Verdict, *, is_job: bool
) -> None:
    """Write down an end without a film; not cancelled."""
    await settling.settle(
        conn,
        FILMS,
        tmdb_id,
        verdict,
        document_kind="movie",
        document_id=str(tmdb_id),
        is_job=is_job,
    )


def doubt(job: JobContext[Any], error: AbsentAtSourceError) -> Snooze | None:
    """Return when to ask once more for a film that a list of this run names; None: it was denied twice in a row."""
    if not job.meta.get("listed") or job.meta.get("error_code") == UNCONFIRMED:
        return None
    return Snooze(policy.RECHECK_ABSENCE.total_seconds(), UNCONFIRMED, str(error))
