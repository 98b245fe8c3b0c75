"""What the feeder feeds on a node: the stages whose source is switched on, and how their jobs are made."""

from collections.abc import Sequence
from typing import Any

from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import browse
from cinegraph.jobs.feeding import (
    AGAIN_PRIORITY,
    CHANGED_PRIORITY,
    FEED_PRIORITY,
    Feed,
)
from cinegraph.jobs.imports import ImportMovie, ImportMovieArgs
from cinegraph.jobs.omdb import title_jobs
from cinegraph.jobs.stages import FILMS, QUEUES, TITLES
from cinegraph.jobs.updates import update_job
from cinegraph.limits.quota_state import read_quotas
from cinegraph.records.fields import LOOK
from cinegraph.sync import ledger, looks, runs, titles
from cinegraph.sync.ledger import Taken


def film_feed(requests_per_second: float) -> Feed:
    """Return how films become jobs."""
    return Feed(
        FILMS,
        QUEUES[FILMS.item_kind],
        _film_jobs,
        configured_per_second=requests_per_second,
    )


def title_feed(
    requests_per_second: float, *, daily_limit: int, background_share: float
) -> Feed:
    """Return how films become jobs at OMDb, within what is left of the day."""

    async def allowance(conn: AsyncConnection[Any]) -> int:
        listed = await read_quotas(
            conn, now=clock.now(), background_share=background_share
        )
        quota = {one.source: one for one in listed}.get(TITLES.source)
        if quota is None:
            # Never asked: the whole day is left.
            return int(daily_limit * background_share)
        return quota.background_left

    return Feed(
        TITLES,
        QUEUES[TITLES.item_kind],
        _title_jobs,
        allowance=allowance,
        configured_per_second=requests_per_second,
        backfill=_want_unasked,
    )


async def _film_jobs(conn: AsyncConnection[Any], taken: Sequence[Taken]) -> list[Job]:
    """Fetch films whole; only look at the votes of those that the changes feed proves otherwise unchanged."""
    proof = await looks.find_proof(conn, **FILMS.entry)
    now = clock.now()
    looked = [
        thing.external_id
        for thing in taken
        if not thing.run_id
        and looks.is_look(
            thing.external_id, thing.checked_at, thing.changed_upstream_at, proof, now
        )
    ]
    ours = await browse.list_movie_ids(conn, looked) if looked else {}
    return [_film_job(thing, ours.get(thing.external_id)) for thing in taken]


def _film_job(thing: Taken, movie_id: int | None) -> Job:
    """Return the job of one film; *movie_id* is given where a look is enough."""
    if movie_id is not None:
        job = update_job(
            movie_id,
            thing.external_id,
            LOOK,
            priority=AGAIN_PRIORITY,
            is_listed=thing.is_listed,
        )
        job.meta["reason"] = thing.reason
        return job
    job = ImportMovie.new(
        ImportMovieArgs(tmdb_id=thing.external_id),
        run=thing.run_id or None,
        priority=_priority(thing),
    )
    job.meta["reason"] = thing.reason
    if thing.is_listed:
        # A first 404 for a film that an export names is not believed.
        job.meta["listed"] = True
    return job


def _priority(thing: Taken) -> int:
    if not thing.is_again:
        return FEED_PRIORITY
    return AGAIN_PRIORITY if thing.changed_upstream_at is None else CHANGED_PRIORITY


async def _title_jobs(conn: AsyncConnection[Any], taken: Sequence[Taken]) -> list[Job]:
    films = await titles.find_films(conn, [thing.external_id for thing in taken])
    run_ids = {thing.external_id: thing.run_id for thing in taken}
    nameless = sorted(set(run_ids) - {film.tmdb_id for film in films})
    if nameless:
        # Their IMDb id was taken away, or the film: nobody asks until one appears.
        await runs.settle_items(
            conn, TITLES.item_kind, nameless, runs.ItemState.ABSENT, now=clock.now()
        )
        await ledger.want_again(
            conn, nameless, **TITLES.entry, item_kind=TITLES.item_kind
        )
    return title_jobs(films, run_ids=run_ids)


async def _want_unasked(conn: AsyncConnection[Any], after: int, limit: int) -> int:
    """
    Want what OMDb says of films that were stored before it was switched on.

    Args:
        after: TMDB's id to go on from.

    Returns:
        The last id looked at; 0 when there are no more.
    """
    now = clock.now()
    films = await titles.list_unasked(conn, **TITLES.entry, after=after, limit=limit)
    if not films:
        return 0
    await titles.plan(conn, films, **TITLES.entry, item_kind=TITLES.item_kind, now=now)
    return films[-1].tmdb_id
