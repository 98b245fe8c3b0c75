"""
Following TMDB's short lists: films that are new, and films that people look up now.

    NewReleases, HourlyUpdates ──► pages of lists ──► ledger: unknown films wanted, known ones looked at sooner

No run is made of it: nobody waits, and what is found stands in the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from cinegraph import clock
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.sync import ledger, policy, runs

NEW_LISTS: Mapping[str, int] = {"now_playing": 2, "upcoming": 2}
"""
Pages of each list that are read for new films: 40 films of each, more than come in a day.

All of them once an hour; between, the first, and the next when it names a film that is not there.
"""
DEEP_MINUTES = 15
"""Of an hour in which all pages are read: the schedule runs once in them."""
WATCHED_LISTS: Mapping[str, int] = {"popular": 2, "trending": 2}
"""Pages of each list that are read for films in demand; the whole 2,000 come due by the export's popularity."""


def pages_a_day() -> float:
    """Return how many pages both schedules read: `NewReleases` comes four times an hour, once to the last page."""
    new = sum(NEW_LISTS.values()) + 3 * len(NEW_LISTS)
    return 24.0 * (new + sum(WATCHED_LISTS.values()))


class NewReleasesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class NewReleases(
    Worker[NewReleasesArgs], queue="discovery", max_attempts=3, priority=3
):
    """
    Read what plays and what is about to, and have films fetched that are not there yet.

    Only lists that were imported once, or all where the whole catalogue is kept.
    """

    async def run(self, job: JobContext[NewReleasesArgs]) -> Outcome | None:
        """Read the first pages of both lists."""
        priority = request_priority(job.job.priority)
        is_deep = clock.now().minute < DEEP_MINUTES
        return await _follow(services_of(job), NEW_LISTS, priority, is_deep=is_deep)


class HourlyUpdatesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class HourlyUpdates(
    Worker[HourlyUpdatesArgs], queue="discovery", max_attempts=3, priority=3
):
    """
    Read what is popular and trending this hour, and look at the votes of films there that were not looked at lately.

    Only lists that were imported once, or all where the whole catalogue is kept.
    """

    async def run(self, job: JobContext[HourlyUpdatesArgs]) -> Outcome | None:
        """Read the first pages of both lists."""
        priority = request_priority(job.job.priority)
        return await _follow(services_of(job), WATCHED_LISTS, priority)


async def _follow(
    services: Services,
    lists: Mapping[str, int],
    priority: Priority,
    *,
    is_deep: bool = True,
) -> Outcome:
    """Read lists, each to its last page here; if not *is_deep*, only as far as a page names what is not there."""
    async with services.pool.connection() as conn:
        followed = [name for name in lists if await runs.follows_list(conn, name)]
    if not followed:
        return Done("nothing_followed", "none of these lists was ever imported")
    told = []
    for name in followed:
        new = hastened = 0
        for number in range(1, lists[name] + 1):
            page = await services.tmdb.fetch_list(name, number, priority=priority)
            found = await _enter(services, name, list(dict.fromkeys(page.tmdb_ids)))
            new, hastened = new + found[0], hastened + found[1]
            # A list may have fewer pages.
            if number >= page.total_pages or not (is_deep or found[0]):
                break
        told.append(f"{name}: {new} new, {hastened} looked at sooner")
    return Done(message="; ".join(told))


async def _enter(services: Services, name: str, ids: Sequence[int]) -> tuple[int, int]:
    """Want what was never answered for, hasten what was; return how many of each."""
    now = clock.now()
    reason = f"on the list {name}"
    async with services.pool.connection() as conn, conn.transaction():
        unanswered = await ledger.list_unanswered(conn, ids, **FILMS.entry)
        if unanswered:
            await ledger.want(
                conn,
                dict.fromkeys(unanswered, policy.NEW_BONUS),
                **FILMS.entry,
                reason=reason,
                now=now,
            )
    # Apart, because both lock the ledger in order of id.
    async with services.pool.connection() as conn, conn.transaction():
        hastened = await ledger.hasten(
            conn,
            ids,
            **FILMS.entry,
            reason=reason,
            unless_after=now - timedelta(days=services.update_interval_days),
            now=now,
        )
    return len(unanswered), hastened


SCHEDULED = {
    "NewReleases": lambda: NewReleases.new(NewReleasesArgs()),
    "HourlyUpdates": lambda: HourlyUpdates.new(HourlyUpdatesArgs()),
}
"""By name of the schedule, what makes its job."""
