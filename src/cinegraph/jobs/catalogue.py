"""
The daily lists of everything there is: TMDB's export of all films, IMDb's ratings of all titles.

    MergeExport ──► listed_movies, movies (popularity, flags) ──► sync_ledger (new films) ──► items of the run
                                                                         │ the feeder, most valuable first
                                                                         ▼
                                                                    ImportMovie …

One download tells which films exist and how popular each is today. A file is merged whole, in one transaction, or
refused whole with the reason; then the list before stays, and an older file is tried where there is none.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import structlog
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import external_ratings, listing
from cinegraph.errors import SourceUnavailableError
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.records.export import ExportRecord
from cinegraph.sources import export_files
from cinegraph.sources.downloads import ExportFile, discard
from cinegraph.sources.export_files import ExportRefusedError
from cinegraph.sources.providers.imdb.rating_lines import read_ratings
from cinegraph.sources.providers.tmdb.export_lines import read_movies
from cinegraph.sources.providers.tmdb.exports import ExportKind
from cinegraph.sync import gone, ledger, planning, runs

MERGE_TIMEOUT = timedelta(minutes=30)
"""Of a job: 28 MB over a slow line, and a minute of merging."""
FALL_BACKS = 3
"""Older exports that are tried after a refused one, while none was ever merged."""
_BACKOFF_SECONDS = 60.0
_LONGEST_BACKOFF_SECONDS = 3600.0

_log = structlog.get_logger(__name__)


class MergeExportArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom."""

    run_id: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """The run that plans its films by it; None: routine."""


class MergeExport(
    Worker[MergeExportArgs],
    queue="maintenance",
    max_attempts=5,
    timeout=MERGE_TIMEOUT,
    priority=3,
):
    """
    Merge TMDB's newest daily list of all films: new films, and today's popularity of every film.

    A file that is cut, foreign or implausible is refused whole and yesterday's list stays. New films are fetched when
    the whole catalogue was asked for once; else they are only known.
    """

    async def run(self, job: JobContext[MergeExportArgs]) -> Outcome | None:
        """Download and merge what is newer than what is there, then plan the films of the run."""
        services = services_of(job)
        priority = request_priority(job.job.priority)
        told = [await _merge_newest(services, "movie", job.args.run_id, priority)]
        if await _wants_adult(services, job.args.run_id):
            told.append(
                await _merge_newest(services, "adult_movie", job.args.run_id, priority)
            )
        if job.args.run_id is not None:
            told.append(await _plan(services, runs.RunId(job.args.run_id)))
        return Done(message="; ".join(told))

    async def settle(self, job: JobContext[MergeExportArgs], verdict: Verdict) -> None:
        """Give the run's export a further round, or write it off."""
        if job.args.run_id is None or not verdict.final:
            return
        run_id = runs.RunId(job.args.run_id)
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, runs.EXPORT, 1, run_id, source=FILMS.source)
                return
            await runs.exhaust_item(
                conn,
                runs.EXPORT,
                1,
                run_id=run_id,
                error_code=verdict.code,
                is_hopeless=verdict.is_hopeless,
                now=clock.now(),
            )

    def backoff(self, attempt: int) -> float:
        """Return seconds until the next attempt: a broken file is mended within the hour, not the minute."""
        return _backoff_seconds(attempt)


class MergeRatingsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class MergeRatings(
    Worker[MergeRatingsArgs],
    queue="maintenance",
    max_attempts=5,
    timeout=MERGE_TIMEOUT,
    priority=4,
):
    """
    Merge IMDb's daily file of all ratings, where the operator has switched it on.

    For personal and non-commercial use alone. It rates every stored film with an IMDb id by one download, and leaves
    OMDb's quota for what only OMDb has.
    """

    async def run(self, job: JobContext[MergeRatingsArgs]) -> Outcome | None:
        """Download and merge."""
        services = services_of(job)
        if services.imdb is None:
            return Done("switched_off", "CINEGRAPH_IMDB_RATINGS is not set")
        file = await services.imdb.find_ratings(clock.now())
        path = await services.imdb.download(file, services.downloads)
        export = await _describe(path, file)
        try:
            async with services.pool.connection() as conn, conn.transaction():
                merged = await external_ratings.merge_ratings(
                    conn, partial(read_ratings, path), export=export, now=clock.now()
                )
        except ExportRefusedError as error:
            await _note_refused(services, external_ratings.KIND, export, error)
            raise
        finally:
            await asyncio.to_thread(discard, path)
        if merged is None:
            return Done(message=f"the list of {export.listed_on} is merged already")
        return Done(message=f"{merged.lines:,} ratings, {merged.films:,} films")

    def backoff(self, attempt: int) -> float:
        """Return seconds until the next attempt, as for the export."""
        return _backoff_seconds(attempt)


def _backoff_seconds(attempt: int) -> float:
    return min(_BACKOFF_SECONDS * 4.0 ** (attempt - 1), _LONGEST_BACKOFF_SECONDS)


def export_job(run_id: runs.RunId) -> Job:
    """Return the job that merges the newest export and plans the films of a run by it."""
    return MergeExport.new(MergeExportArgs(run_id=run_id), run=run_id)


SCHEDULED: Mapping[str, Callable[[], Job]] = {
    "MergeExport": lambda: MergeExport.new(MergeExportArgs()),
    "MergeRatings": lambda: MergeRatings.new(MergeRatingsArgs()),
}
"""By name of the schedule, what makes its job."""


async def _merge_newest(
    services: Services, kind: ExportKind, run_id: int | None, priority: Priority
) -> str:
    """Merge the newest list that can be believed, if it is newer than the one there is; say what came of it."""
    looked_at = clock.now()
    for older in range(FALL_BACKS + 1):
        async with services.pool.connection() as conn:
            newest = await listing.find_newest_export(conn, kind=kind)
        try:
            file = await services.exports.find_newest(
                looked_at, kind=kind, priority=priority
            )
        except SourceUnavailableError:
            if newest is None:
                raise
            return await _keep(services, newest, run_id, "today's list cannot be had")
        if newest is not None and file.day <= newest.listed_on:
            return f"the list of {newest.listed_on} is the newest"
        try:
            return await _merge(services, file, kind, run_id, priority)
        except ExportRefusedError as error:
            if newest is not None:
                return await _keep(services, newest, run_id, error.reason)
            if older == FALL_BACKS:
                raise
            # None was ever merged: the list of the day before is better than none.
            looked_at = datetime.combine(file.day, time(0), UTC)
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def _merge(
    services: Services,
    file: ExportFile,
    kind: ExportKind,
    run_id: int | None,
    priority: Priority,
) -> str:
    path = await services.exports.download(file, services.downloads, priority=priority)
    export = await _describe(path, file)
    try:
        async with services.pool.connection() as conn, conn.transaction():
            merged = await listing.merge_export(
                conn,
                partial(read_movies, path),
                kind=kind,
                export=export,
                now=clock.now(),
            )
            new = 0
            if merged is not None:
                with_adult = await _wants_adult(services, run_id)
                new = await _enter(conn, export, run_id, with_adult=with_adult)
                await gone.hasten_doubtful(
                    conn,
                    export.listed_on,
                    **FILMS.entry,
                    list_kind=kind,
                    now=clock.now(),
                )
    except ExportRefusedError as error:
        await _note_refused(services, kind, export, error)
        raise
    finally:
        await asyncio.to_thread(discard, path)
    if merged is None:
        return f"the list of {export.listed_on} is merged already"
    return (
        f"list of {export.listed_on}: {merged.lines:,} films, {new:,} new,"
        f" {merged.changed:,} changed, {merged.missing:,} missing"
    )


async def _enter(
    conn: AsyncConnection[Any],
    export: ExportRecord,
    run_id: int | None,
    *,
    with_adult: bool,
) -> int:
    """Let the ledger know the films of the list that was merged in this transaction; return how many are new to it."""
    now = clock.now()
    sponsor, is_new_run = await _sponsor(conn, export, run_id)
    new = await ledger.want_listed(
        conn,
        **FILMS.entry,
        reason=f"in the export of {export.listed_on}",
        run_id=sponsor or 0,
        due_at=None if sponsor is None else now,
        with_adult=with_adult,
        now=now,
    )
    if sponsor is not None and is_new_run:
        await planning.plan_sponsored(
            conn, sponsor, **FILMS.entry, item_kind=FILMS.item_kind
        )
    return new


async def _sponsor(
    conn: AsyncConnection[Any], export: ExportRecord, run_id: int | None
) -> tuple[runs.RunId | None, bool]:
    """Return the run that new films are wanted for, and whether it is one of its own; None: they are only known."""
    if run_id is not None:
        # With a limit the run takes its films itself.
        arguments = await runs.find_arguments(conn, runs.RunId(run_id)) or {}
        return (None if "limit" in arguments else runs.RunId(run_id)), False
    if not await runs.follows_catalogue(conn):
        return None, False
    started = await runs.start_run(
        conn,
        kind=runs.NEW_FILMS,
        source=FILMS.source,
        arguments={"listed_on": str(export.listed_on)},
        requested_by="schedule",
        now=clock.now(),
    )
    return started, True


async def _plan(services: Services, run_id: runs.RunId) -> str:
    """Plan the films of the run by the newest list, and settle its export."""
    now = clock.now()
    async with services.pool.connection() as conn, conn.transaction():
        await runs.allow_long_statements(conn)
        arguments = await runs.find_arguments(conn, run_id) or {}
        planned = await planning.plan_films(
            conn,
            run_id,
            source=FILMS.source,
            reason=f"whole catalogue, run {run_id}",
            with_adult=bool(arguments.get("include_adult")),
            limit=arguments.get("limit"),
            now=now,
        )
    # In a transaction of its own: who reads list pages shares the run's row and waits for the films planned above, so
    # that writing the row here too would be a deadlock. Until the export is settled, the run cannot end.
    async with services.pool.connection() as conn, conn.transaction():
        if planned.fresh:
            await runs.add_note(
                conn, run_id, f"{planned.fresh:,} films were there already"
            )
        await runs.settle_items(
            conn, runs.EXPORT, [1], runs.ItemState.DONE, run_id=run_id, now=now
        )
    return f"{planned.planned:,} films planned"


async def _keep(
    services: Services, newest: listing.NewestExport, run_id: int | None, why: str
) -> str:
    """Say that an older list stays in force."""
    told = f"the list of {newest.listed_on} stays: {why}"
    _log.warning(
        "the newest export was not merged", kept=str(newest.listed_on), why=why
    )
    if run_id is not None:
        async with services.pool.connection() as conn, conn.transaction():
            await runs.add_note(conn, runs.RunId(run_id), told)
    return told


async def _wants_adult(services: Services, run_id: int | None) -> bool:
    if run_id is None:
        return services.with_adult
    async with services.pool.connection() as conn:
        arguments = await runs.find_arguments(conn, runs.RunId(run_id)) or {}
    return bool(arguments.get("include_adult"))


async def _describe(path: Path, file: ExportFile) -> ExportRecord:
    return await asyncio.to_thread(
        export_files.describe, path, file, fetched_at=clock.now()
    )


async def _note_refused(
    services: Services, kind: str, export: ExportRecord, error: ExportRefusedError
) -> None:
    source = external_ratings.SOURCE if kind == external_ratings.KIND else FILMS.source
    async with services.pool.connection() as conn, conn.transaction():
        await listing.note_refused(
            conn, kind=kind, export=export, reason=error.reason, source=source
        )
