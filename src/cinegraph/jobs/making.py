"""Which job does what an item of a run stands for."""

from collections.abc import Sequence
from typing import Any

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph.catalog import browse
from cinegraph.jobs import cultural_lists
from cinegraph.jobs.catalogue import export_job
from cinegraph.jobs.discovery import (
    import_jobs,
    list_of_page_kind,
    page_job,
    range_job,
)
from cinegraph.jobs.enrichment import enrichment_jobs, pass_job_of
from cinegraph.jobs.festivals import ImportFestivalArgs, ceremony_job, festival_job
from cinegraph.jobs.lookups import find_job, person_job
from cinegraph.jobs.omdb import title_jobs
from cinegraph.jobs.updates import update_job
from cinegraph.sync import runs, titles
from cinegraph.sync.runs import RunItem

_OF_STORED_FILMS = (runs.OMDB, runs.COLLABORATIONS)


async def make_jobs(
    conn: AsyncConnection[Any], items: Sequence[RunItem]
) -> dict[RunItem, Job]:
    """
    Return the job of each item, not yet enqueued.

    An item that no job can do is left out: a film that is not stored cannot be updated, and not be asked for at OMDb,
    as one that has lost its IMDb id.
    """
    rated = [item for item in items if item.kind == runs.OMDB]
    jobs = await _title_jobs(conn, rated)
    jobs |= await _update_jobs(conn, [item for item in items if item.is_update])
    computed = [item for item in items if item.kind == runs.COLLABORATIONS]
    jobs |= await _enrichment_jobs(conn, computed)
    for item in items:
        if item.kind == runs.ID_RANGE:
            jobs[item] = await _range_job(conn, item)
        elif item.kind == runs.ENRICHMENT:
            jobs[item] = pass_job_of(item.external_id, item.run_id)
        elif item.kind in {runs.FESTIVAL, runs.EDITION}:
            jobs[item] = await _awards_job(conn, item)
        elif item.kind == cultural_lists.ITEM:
            jobs[item] = await _list_job(conn, item)
        elif item.kind not in _OF_STORED_FILMS and not item.is_update:
            jobs[item] = _job(item)
    return jobs


def _job(item: RunItem) -> Job:
    if item.kind == runs.EXPORT:
        return export_job(item.run_id)
    if item.kind == runs.FIND:
        return find_job(item.external_id, item.run_id)
    if item.kind == runs.PERSON:
        return person_job(item.external_id, item.run_id)
    if item.kind != runs.MOVIE:
        source = list_of_page_kind(item.kind)
        return page_job(item.run_id, source, item.external_id)
    is_listed = not item.is_named
    [job] = import_jobs([item.external_id], run_id=item.run_id, is_listed=is_listed)
    return job


async def _range_job(conn: AsyncConnection[Any], item: RunItem) -> Job:
    arguments = await runs.find_arguments(conn, item.run_id) or {}
    last = int(arguments.get("end_id", item.external_id))
    return range_job(item.run_id, item.external_id, last)


async def _awards_job(conn: AsyncConnection[Any], item: RunItem) -> Job:
    arguments = await runs.find_arguments(conn, item.run_id) or {}
    if item.kind == runs.EDITION:
        source = arguments.get("options", {}).get("source")
        return ceremony_job(item.external_id, source, item.run_id)
    args = msgspec.convert({**arguments, "run_id": item.run_id}, ImportFestivalArgs)
    return festival_job(args, item.external_id)


async def _list_job(conn: AsyncConnection[Any], item: RunItem) -> Job:
    arguments = await runs.find_arguments(conn, item.run_id) or {}
    return cultural_lists.list_job(
        item.external_id,
        item.run_id,
        accepts_shrunk=bool(arguments.get("accepts_shrunk")),
    )


async def _update_jobs(
    conn: AsyncConnection[Any], items: Sequence[RunItem]
) -> dict[RunItem, Job]:
    if not items:
        return {}
    movie_ids = await browse.list_movie_ids(conn, [item.external_id for item in items])
    fields = {}
    for run_id in {item.run_id for item in items}:
        arguments = await runs.find_arguments(conn, run_id) or {}
        fields[run_id] = tuple(arguments["fields"])
    return {
        item: update_job(
            movie_ids[item.external_id],
            item.external_id,
            fields[item.run_id],
            run=item.run_id,
        )
        for item in items
        if item.external_id in movie_ids
    }


async def _enrichment_jobs(
    conn: AsyncConnection[Any], items: Sequence[RunItem]
) -> dict[RunItem, Job]:
    if not items:
        return {}
    movie_ids = await browse.list_movie_ids(conn, [item.external_id for item in items])
    jobs = {}
    for item in items:
        if (movie_id := movie_ids.get(item.external_id)) is not None:
            [jobs[item]] = enrichment_jobs(
                {item.external_id: movie_id}, {item.external_id: item.run_id}
            )
    return jobs


async def _title_jobs(
    conn: AsyncConnection[Any], items: Sequence[RunItem]
) -> dict[RunItem, Job]:
    if not items:
        return {}
    films = await titles.find_films(conn, [item.external_id for item in items])
    by_id = {film.tmdb_id: film for film in films}
    jobs = {}
    for item in items:
        if (film := by_id.get(item.external_id)) is not None:
            [jobs[item]] = title_jobs([film], run_ids={film.tmdb_id: item.run_id})
    return jobs
