"""Marking films that their source has no longer, and finding which film they are now."""

import msgspec
import structlog

from cinegraph import clock
from cinegraph.catalog import listing, redirects
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.routine import STEP_TIMEOUT
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sync import gone, ledger, policy

MOST_ASKED = 200
"""Films whose heir is asked for by one job, a request each; more than go in a day."""

_log = structlog.get_logger(__name__)


class BuryGoneArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class BuryGone(
    Worker[BuryGoneArgs],
    queue="maintenance",
    max_attempts=3,
    timeout=STEP_TIMEOUT,
    priority=4,
):
    """
    Mark films as gone that were denied hours apart and that two daily lists do not name; nothing is deleted.

    More than half a percent of all films in a day are held back until a person has looked: `cinegraph gone`. A film
    that went because it was there twice is redirected to the one that stays: `cinegraph merges`.
    """

    async def run(self, job: JobContext[BuryGoneArgs]) -> Outcome | None:
        """Look at all evidence in one transaction, then ask where the films went that nobody else explains."""
        services = services_of(job)
        async with services.pool.connection() as conn, conn.transaction():
            found = await gone.bury(
                conn, **FILMS.entry, list_kind=listing.MOVIE, now=clock.now()
            )
            merged = len(await redirects.find_merges(conn, now=clock.now()))
        if found.held:
            _log.warning("films are held back from being gone", films=found.held)
        merged += await _ask_for_heirs(services, request_priority(job.job.priority))
        return Done(
            message=f"{found.buried:,} films gone, {found.held:,} held back, {merged:,} merged"
        )


async def _ask_for_heirs(services: Services, priority: Priority) -> int:
    """Ask the source which film has the IMDb id of each film that went; return how many redirects were made."""
    async with services.pool.connection() as conn:
        films = await redirects.list_findable(conn, limit=MOST_ASKED, now=clock.now())
    merged = 0
    for film in films:
        answer = await services.tmdb.find(film.imdb_id, priority=priority)
        heir = next((i for i in answer.movie_tmdb_ids if i != film.tmdb_id), None)
        async with services.pool.connection() as conn, conn.transaction():
            made = await redirects.note_found(conn, film, heir, now=clock.now())
            if heir is not None and made is None:
                # It is not stored yet; when it is, it states the id itself.
                await ledger.want(
                    conn,
                    {heir: policy.NEW_BONUS},
                    **FILMS.entry,
                    reason=f"a film that went is this one, by {film.imdb_id}",
                    now=clock.now(),
                )
        merged += made is not None
    return merged


SCHEDULED = {"BuryGone": lambda: BuryGone.new(BuryGoneArgs())}
"""By name of the schedule, what makes its job."""
