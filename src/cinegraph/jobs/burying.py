"""Marking films that their source has no longer, when the evidence is complete."""

import msgspec
import structlog

from cinegraph import clock
from cinegraph.catalog import listing
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.routine import STEP_TIMEOUT
from cinegraph.jobs.services import services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.sync import gone

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

    More than half a percent of all films in a day are held back until a person has looked: `cinegraph gone`.
    """

    async def run(self, job: JobContext[BuryGoneArgs]) -> Outcome | None:
        """Look at all evidence in one transaction."""
        async with services_of(job).pool.connection() as conn, conn.transaction():
            found = await gone.bury(
                conn, **FILMS.entry, list_kind=listing.MOVIE, now=clock.now()
            )
        if found.held:
            _log.warning("films are held back from being gone", films=found.held)
        return Done(message=f"{found.buried:,} films gone, {found.held:,} held back")


SCHEDULED = {"BuryGone": lambda: BuryGone.new(BuryGoneArgs())}
"""By name of the schedule, what makes its job."""
