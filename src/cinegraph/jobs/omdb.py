"""The queue `omdb`: one job a film, within the quota of the day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from oban import Job
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import browse
from cinegraph.catalog.storing import Film
from cinegraph.catalog.titles import Title
from cinegraph.jobs import operations
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.outcome import Done, Kind, Outcome, Snooze, Verdict
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.settling import cancel_item, is_noteworthy, settle
from cinegraph.jobs.stages import FILMS, TITLES
from cinegraph.jobs.title_writer import DOCUMENT_KIND, AskedTitle
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.sources.providers.omdb.transform import to_title
from cinegraph.sync import ledger, runs, titles
from cinegraph.sync.titles import Asked

NO_IMDB_ID = "no_imdb_id"
"""The code of a job whose film has lost its IMDb id since it was made."""

ELSEWHERE_SECONDS = 60.0
"""How long a node that may not ask OMDb leaves a job to the others."""


class EnrichFromOmdbArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film."""

    movie_id: Annotated[int, msgspec.Meta(ge=1)]
    """Ours, not TMDB's: `movies.id`."""


class EnrichFromOmdb(
    Worker[EnrichFromOmdbArgs], queue="omdb", max_attempts=5, priority=7
):
    """
    Ask OMDb for the ratings, awards and box office of one stored film.

    Costs one request of the day's quota, counted before it is sent. When the day is used up the film goes back to the
    ledger and is asked for after the reset; nothing is lost and no attempt is spent.
    """

    async def run(self, job: JobContext[EnrichFromOmdbArgs]) -> Outcome | None:
        """Ask, transform, store."""
        services = services_of(job)
        if services.omdb is None:
            return Snooze(
                ELSEWHERE_SECONDS,
                "switched_off",
                "this node has no OMDB_API_KEY; another may have one",
                is_capped=False,
            )
        film = await _find(services, job.args.movie_id)
        if film is None or film.imdb_id is None:
            await _forget(services, film)
            return Done(NO_IMDB_ID, "the film has no IMDb id to ask by")
        fetched = await services.omdb.fetch_title(
            film.imdb_id, priority=request_priority(job.job.priority)
        )
        title = Title(document=fetched.document, record=to_title(fetched.payload))
        await services.titles.write(AskedTitle(film.tmdb_id, title))
        return None

    async def settle(
        self, job: JobContext[EnrichFromOmdbArgs], verdict: Verdict
    ) -> None:
        """Write an end without ratings into ledger, quarantine and runs, in one transaction."""
        if not is_noteworthy(verdict) or verdict.code == NO_IMDB_ID:
            return
        services = services_of(job)
        film = await _find(services, job.args.movie_id)
        if film is None:
            return
        async with services.pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(
                    conn,
                    TITLES.item_kind,
                    film.tmdb_id,
                    job.run_id,
                    source=FILMS.source,
                )
            else:
                await settle(
                    conn,
                    TITLES,
                    film.tmdb_id,
                    verdict,
                    document_kind=DOCUMENT_KIND,
                    document_id=film.imdb_id or "",
                )


def title_jobs(
    films: Sequence[Asked],
    *,
    run_ids: Mapping[int, int] | None = None,
    priority: int | None = None,
) -> list[Job]:
    """
    Return one job a film.

    Args:
        run_ids: By TMDB's id, the run it is asked for; 0 or missing: for none.
        priority: 0 (a person waits) to 9; by default the worker's.
    """
    jobs = []
    for film in films:
        job = EnrichFromOmdb.new(
            EnrichFromOmdbArgs(movie_id=film.movie_id),
            run=(run_ids or {}).get(film.tmdb_id) or None,
            priority=priority,
        )
        # The ledger and the runs know films by TMDB's id.
        job.meta["tmdb_id"] = film.tmdb_id
        jobs.append(job)
    return jobs


async def ask_titles(
    conn: AsyncConnection[Any], films: Sequence[Film], now: datetime
) -> None:
    """Want what OMDb says of films that were just stored; one that a person waits for gets its job at once."""
    named = await titles.plan(
        conn,
        [
            titles.Candidate(
                film.record.tmdb_id, film.record.popularity, film.record.released_on
            )
            for film in films
        ],
        **TITLES.entry,
        item_kind=TITLES.item_kind,
        now=now,
    )
    if named:
        # One that waits already is hurried.
        run_ids = {film.tmdb_id: film.run_id for film in named}
        await operations.enqueue_first(conn, title_jobs(named, run_ids=run_ids))


async def ask_titles_of(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], now: datetime
) -> None:
    """Want what OMDb says of stored films that were never asked for; the runs that wait for them wait for this too."""
    found = await titles.find_candidates(conn, tmdb_ids)
    await titles.plan(conn, found, **TITLES.entry, item_kind=TITLES.item_kind, now=now)


async def ask_again(
    conn: AsyncConnection[Any], tmdb_ids: Sequence[int], *, run_id: int, priority: int
) -> list[Job]:
    """Make the jobs of stored films, in the transaction of *conn*; films without an IMDb id get none."""
    films = await titles.find_films(conn, tmdb_ids)
    ids = [film.tmdb_id for film in films]
    await ledger.queue(conn, ids, **TITLES.entry, reason="asked for", now=clock.now())
    await titles.note_asked(conn, ids, **TITLES.entry)
    run_ids = dict.fromkeys(ids, run_id)
    return await insert_jobs(
        conn, title_jobs(films, run_ids=run_ids, priority=priority)
    )


async def _find(services: Services, movie_id: int) -> browse.MovieIds | None:
    async with services.pool.connection() as conn:
        return await browse.find_ids(conn, movie_id)


async def _forget(services: Services, film: browse.MovieIds | None) -> None:
    """Ask for the film no more, until an IMDb id appears."""
    if film is None:
        return
    now = clock.now()
    async with services.pool.connection() as conn, conn.transaction():
        await ledger.lock(conn, [film.tmdb_id], **TITLES.entry)
        await runs.settle_items(
            conn, TITLES.item_kind, [film.tmdb_id], runs.ItemState.ABSENT, now=now
        )
        await ledger.want_again(
            conn, [film.tmdb_id], **TITLES.entry, item_kind=TITLES.item_kind
        )
