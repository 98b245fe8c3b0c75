"""The queue `updates`: some fields of one stored film, asked for and updated by themselves."""

from typing import Annotated

import msgspec
from oban import Job

from cinegraph.catalog import browse
from cinegraph.catalog.storing import Film
from cinegraph.catalog.updating import Fate, Update
from cinegraph.errors import AbsentAtSourceError
from cinegraph.jobs.imports import SOURCE, doubt, import_film, settle_film
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item, is_noteworthy
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.records.differences import describe
from cinegraph.records.fields import ALL, appended_of, to_fields
from cinegraph.sources.providers.tmdb.parts import parts_of
from cinegraph.sources.providers.tmdb.transform import to_record
from cinegraph.sync import runs

NOT_STORED = "not_stored"
"""The code of a job whose film is not stored any more."""
UNCHANGED = "unchanged"
"""What a job says that found nothing new."""


class UpdateMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film, and what of it."""

    movie_id: Annotated[int, msgspec.Meta(ge=1)]
    """Ours, not TMDB's: `movies.id`."""
    fields: tuple[str, ...]
    """Names of `records.fields.FIELDS`, or `all`; in any order, they are put into one."""

    def __post_init__(self) -> None:
        """
        Put the fields into one order, so that the same work is known as such.

        Raises:
            UnknownFieldError: A film has no such field.
        """
        msgspec.structs.force_setattr(self, "fields", to_fields(self.fields))


class UpdateMovie(Worker[UpdateMovieArgs], queue="updates", max_attempts=3, priority=5):
    """
    Ask TMDB for some fields of a stored film, update them and say what changed.

    Costs one request, whatever the fields; the fewer they are the shorter is its answer. Facts that every answer has
    (ratings, revenue, status, …) are always updated; videos, credits and other sets only where they were asked for.
    `all` fetches the film whole, as ImportMovie does.
    """

    async def run(self, job: JobContext[UpdateMovieArgs]) -> Outcome | None:
        """Fetch, transform, lay over what is stored; fetch the film whole where there is nothing to lay it over."""
        services = services_of(job)
        tmdb_id = await _find_tmdb_id(services, job.args.movie_id)
        if tmdb_id is None:
            return Done(NOT_STORED, "the film is not stored any more")
        priority = request_priority(job.job.priority)
        try:
            told = await _update(services, tmdb_id, job.args.fields, priority)
        except AbsentAtSourceError as error:
            if (denied := doubt(job, error)) is not None:
                return denied
            raise
        return Done(message=told or UNCHANGED)

    async def settle(self, job: JobContext[UpdateMovieArgs], verdict: Verdict) -> None:
        """Write an end without an answer into ledger, quarantine and runs, in one transaction."""
        if not is_noteworthy(verdict) or verdict.code == NOT_STORED:
            return
        services = services_of(job)
        tmdb_id = await _find_tmdb_id(services, job.args.movie_id)
        if tmdb_id is None:
            return
        async with services.pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, runs.MOVIE, tmdb_id, job.run_id, source=SOURCE)
            elif verdict.kind is not Kind.DONE:
                await settle_film(conn, tmdb_id, verdict, is_job=True)


def update_job(
    movie_id: int,
    tmdb_id: int,
    fields: tuple[str, ...],
    *,
    run: int | None = None,
    priority: int | None = None,
    is_listed: bool = False,
) -> Job:
    """
    Return the job that updates *fields* of a film, not yet enqueued.

    Args:
        movie_id: Ours.
        tmdb_id: TMDB's id of the same film: the ledger and the runs know films by it.
        run: The run it is asked for.
        priority: 0 (a person waits) to 9; by default the worker's.
        is_listed: Whether an upstream list names it, so a first 404 is not believed.

    Raises:
        UnknownFieldError: A film has no such field.
    """
    args = UpdateMovieArgs(movie_id=movie_id, fields=fields)
    job = UpdateMovie.new(args, run=run, priority=priority)
    job.meta["tmdb_id"] = tmdb_id
    if is_listed:
        job.meta["listed"] = True
    return job


async def _update(
    services: Services, tmdb_id: int, fields: tuple[str, ...], priority: Priority
) -> str:
    """Update *fields* of a film; return what changed in words, empty where nothing did."""
    if ALL in fields:
        return await _import_whole(services, tmdb_id, priority)
    appended = appended_of(fields)
    fetched = await services.tmdb.fetch_movie(
        tmdb_id, priority=priority, parts=parts_of(appended)
    )
    film = Film(document=fetched.document, record=to_record(fetched.payload))
    done = await services.updates.write(Update(film, appended))
    if done.fate is Fate.BASELESS:
        return await _import_whole(services, tmdb_id, priority)
    if done.fate is Fate.OUTDATED:
        return "a newer answer is stored already"
    return describe(done.differences)


async def _import_whole(services: Services, tmdb_id: int, priority: Priority) -> str:
    stored = await import_film(services, tmdb_id, priority)
    return "fetched whole, changed" if stored.is_changed else "fetched whole, unchanged"


async def _find_tmdb_id(services: Services, movie_id: int) -> int | None:
    async with services.pool.connection() as conn:
        film = await browse.find_ids(conn, movie_id)
    return None if film is None else film.tmdb_id
