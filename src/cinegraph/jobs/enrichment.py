"""The queue `enrichment`: what is computed of a film from what is stored; asks no upstream."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from oban import Job

from cinegraph import clock
from cinegraph.catalog import browse
from cinegraph.enrichment.collaborations.storing import rebuild
from cinegraph.jobs.outcome import Done, Kind, Outcome, Verdict
from cinegraph.jobs.services import services_of
from cinegraph.jobs.settling import cancel_item
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.sync import runs

NO_FILM = "no_film"
"""The code of a job whose film is not stored."""


class EnrichMovieArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which film, and what of it."""

    movie_id: Annotated[int, msgspec.Meta(ge=1)]
    """Ours, not TMDB's: `movies.id`."""
    enrichment: Literal["collaborations"]
    """What is computed; in runs, the kind of the item."""


class EnrichMovie(Worker[EnrichMovieArgs], queue="enrichment", priority=7):
    """
    Compute who worked with whom in one stored film, and move the totals of these pairs.

    Asks no upstream. Nothing changes where the credits are what they were; a film that is gone counts for nobody.
    """

    async def run(self, job: JobContext[EnrichMovieArgs]) -> Outcome | None:
        """Compute, and tell the runs that wait for it, in one transaction."""
        now = clock.now()
        async with services_of(job).pool.connection() as conn, conn.transaction():
            film = await browse.find_ids(conn, job.args.movie_id)
            if film is None:
                return Done(NO_FILM, "the film is not stored")
            await rebuild(conn, [job.args.movie_id], now=now)
            # What is computed is computed for all.
            await runs.settle_items(
                conn,
                job.args.enrichment,
                [film.tmdb_id],
                runs.ItemState.DONE,
                now=now,
            )
        return None

    async def settle(self, job: JobContext[EnrichMovieArgs], verdict: Verdict) -> None:
        """Give the runs that wait a further round, or give up for them; nothing stands in the ledger."""
        tmdb_id = job.meta.get("tmdb_id")
        if not verdict.final or tmdb_id is None:
            return
        kind = job.args.enrichment
        async with services_of(job).pool.connection() as conn, conn.transaction():
            if verdict.kind is Kind.CANCELLED:
                await cancel_item(conn, kind, tmdb_id, job.run_id, source=FILMS.source)
            elif verdict.code == NO_FILM:
                await runs.settle_items(
                    conn, kind, [tmdb_id], runs.ItemState.ABSENT, now=clock.now()
                )
            else:
                # There is one job a film: all runs that wait, wait for this one.
                await runs.exhaust_item(
                    conn,
                    kind,
                    tmdb_id,
                    error_code=verdict.code,
                    is_hopeless=verdict.is_hopeless,
                    now=clock.now(),
                )


def enrichment_jobs(
    movie_ids: Mapping[int, int], run_ids: Mapping[int, int] | None = None
) -> list[Job]:
    """
    Return one job a film, in order of TMDB's ids.

    Args:
        movie_ids: Our ids by TMDB's.
        run_ids: By TMDB's id, the run it is computed for; 0 or missing: for none.
    """
    jobs = []
    for tmdb_id, movie_id in sorted(movie_ids.items()):
        job = EnrichMovie.new(
            EnrichMovieArgs(movie_id=movie_id, enrichment=runs.COLLABORATIONS),
            run=(run_ids or {}).get(tmdb_id) or None,
        )
        # The runs know films by TMDB's id.
        job.meta["tmdb_id"] = tmdb_id
        jobs.append(job)
    return jobs
