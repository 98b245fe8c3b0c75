"""
What changed becomes due, and what is due becomes jobs: a turn of the leading node.

Bounded as all queues are: of each kind at most `MOST_JOBS` films have jobs of their own, more are one pass.
"""

from typing import Any, Final

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import counting
from cinegraph.db import sql
from cinegraph.db.pool import Pool
from cinegraph.enrichment.due import passes, taking
from cinegraph.enrichment.due.kinds import FOLLOWED, Enrichment
from cinegraph.enrichment.due.passes import PassState
from cinegraph.enrichment.due.taking import How
from cinegraph.jobs.computing import COMPUTED
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.enrichment import (
    CANCELLED_PAUSE,
    EnrichMovie,
    Scope,
    enrichment_jobs,
    notice_changes,
    pass_job,
)

ENRICH_SECONDS: Final = 1.0
"""Between two turns; one with nothing to do costs a dozen short queries."""
MOST_JOBS: Final = 500
"""Jobs of films that wait or run, of all kinds."""
_SCOPES = {How.DUE: Scope.DUE, How.ALL: Scope.ALL}


async def enrich(pool: Pool) -> int:
    """Follow the change log and make jobs of what is due; return how many."""
    await notice_changes(pool)
    async with pool.connection() as conn, conn.transaction():
        await taking.bring_back(conn, longest=CANCELLED_PAUSE, now=clock.now())
    made = 0
    for enrichment in COMPUTED:
        async with pool.connection() as conn, conn.transaction():
            made += await _feed(conn, enrichment)
    return made


async def _feed(conn: AsyncConnection[Any], enrichment: Enrichment) -> int:
    now, kind = clock.now(), FOLLOWED[enrichment]
    state = (await passes.list_states(conn))[enrichment]
    if taking.is_outdated(kind, state):
        why = f"version {kind.version} of how it is computed"
        await passes.want_all(conn, [enrichment], reason=why, now=now)
        state = (await passes.list_states(conn))[enrichment]
    films = await counting.count_movies(conn)
    due = await taking.count_due(
        conn, enrichment, limit=taking.most_matter(kind, films) + 1, now=now
    )
    how = taking.choose(kind, state, due, films=films, now=now)
    if how in _SCOPES:
        [job] = await insert_jobs(conn, [pass_job(enrichment, _SCOPES[how])])
        made = int(job.id is not None)
    else:
        made = 0
    return made + await _feed_films(conn, state, only_failed=how is not How.ALONE)


async def _feed_films(
    conn: AsyncConnection[Any], state: PassState, *, only_failed: bool
) -> int:
    """Make jobs of single films; while a pass is to come, of those alone that failed."""
    enrichment, now = state.enrichment, clock.now()
    room = await _find_room(conn)
    if not room:
        return 0
    films = await taking.list_due(
        conn, enrichment, only_failed=only_failed, limit=room, now=now
    )
    if not films:
        return 0
    reasons = {film.tmdb_id: film.reason for film in films}
    ids = {film.tmdb_id: film.movie_id for film in films}
    jobs = enrichment_jobs(ids, enrichment=enrichment)
    for job in jobs:
        job.meta["reason"] = reasons[job.meta["tmdb_id"]]
        job.meta["fed"] = True
    made = [job for job in await insert_jobs(conn, jobs) if job.id is not None]
    # Whoever has a live job already may have changed after that one read it: it is looked at again next turn.
    queued = [job.args["movie_id"] for job in made]
    await taking.note_queued(conn, enrichment, queued, now=now)
    return len(made)


async def _find_room(conn: AsyncConnection[Any]) -> int:
    cursor = await conn.execute(
        sql.load("cinegraph.jobs", "count_live_jobs.sql"),
        {"queues": [EnrichMovie.queue], "limit": MOST_JOBS, "of_runs": False},
    )
    [(live,)] = await cursor.fetchall()
    return MOST_JOBS - int(live)
