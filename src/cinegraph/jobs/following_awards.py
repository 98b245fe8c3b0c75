"""
Awards without being asked: new editions and winners of festivals that are followed, and what was left to ask.

    FollowAwards ──► ImportFestival (only what changed) ──► DiscoverCeremony …
          └────────► FindMovie, ImportPerson (denied a month ago, told half a year ago, or lost)
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from oban import Job

from cinegraph import clock
from cinegraph.festivals import browse, lookups, organizations
from cinegraph.festivals.lookups import LookupKind
from cinegraph.festivals.organizations import Organization
from cinegraph.jobs.festivals import ImportFestivalArgs, ImportOptions, festival_job
from cinegraph.jobs.lookups import find_job, person_job
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.services import services_of
from cinegraph.jobs.worker import JobContext, Worker

MOST_LOOKUPS: Final = 1000
"""A day: 8,400 people were ever nominated for an Academy Award, and each is told anew within 150 days."""
_WEEKLY: Final = 0
"""On Mondays festivals are looked at that are out of season."""


class FollowAwardsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class FollowAwards(
    Worker[FollowAwardsArgs], queue="festivals", max_attempts=3, priority=5
):
    """
    Look for new editions, nominations and winners of festivals that are followed, and for people TMDB told of long ago.

    A festival is followed once something of it was imported. In its season its source is read daily, else once a week;
    only editions of which it says something new are looked at.
    """

    async def run(self, job: JobContext[FollowAwardsArgs]) -> Outcome | None:
        """Make the jobs, in one transaction."""
        now = clock.now()
        async with services_of(job).pool.connection() as conn, conn.transaction():
            is_weekly = now.weekday() == _WEEKLY
            due = [
                each
                for each in await organizations.list_followed(conn)
                if is_weekly or each.is_in_season(now.date())
            ]
            overdue = await lookups.take_overdue(conn, now=now, limit=MOST_LOOKUPS)
            idle = await browse.note_idle_stages(conn, now=now)
            jobs = [_follow(each) for each in due]
            jobs += [
                (find_job if kind is LookupKind.FILM else person_job)(id_, None)
                for id_, kind in overdue
            ]
            await job.enqueue(conn, *jobs)
        told = f"; never won: {', '.join(idle)}" if idle else ""
        return Done(
            message=f"{len(due)} sources read, {len(overdue):,} films and people asked for{told}"
        )


def _follow(organization: Organization) -> Job:
    options = ImportOptions(only_changed=True)
    args = ImportFestivalArgs(organization=organization.key, options=options)
    return festival_job(args, organization.id)


SCHEDULED: Mapping[str, Callable[[], Job]] = {
    "FollowAwards": lambda: FollowAwards.new(FollowAwardsArgs()),
}
"""By name of the schedule, what makes its job."""
