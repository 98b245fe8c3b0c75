"""
Following TMDB's short lists: films that are new, films that people look up now, and the votes of twenty films a page.

    NewReleases, HourlyUpdates ──► pages of lists ──► ledger: unknown films wanted
                                          └─────────► votes and popularity of known ones stored

A page tells the votes of its twenty films. Where the whole catalogue is kept `HourlyUpdates` passes through all that
the list of popular films shows, some 10,000, and a look at one of them alone is seldom needed. No run is made of it:
nobody waits, and what is found stands in the ledger.
"""

import asyncio
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from cinegraph import clock
from cinegraph.catalog.storing import Film
from cinegraph.catalog.updating import Fate, Update
from cinegraph.jobs.outcome import Done, Outcome
from cinegraph.jobs.services import Services, request_priority, services_of
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.worker import JobContext, Worker
from cinegraph.limits import Priority
from cinegraph.records.fields import LISTED
from cinegraph.records.listing import ListedMovie
from cinegraph.sources.providers.tmdb.client import LAST_PAGE
from cinegraph.sync import ledger, policy, runs

NEW_LISTS: Mapping[str, int] = {"now_playing": 2, "upcoming": 2}
"""
Pages of each list that are read for new films: 40 films of each, more than come in a day.

All of them once an hour; between, the first, and the next when it names a film that is not there.
"""
DEEP_MINUTES = 15
"""Of an hour in which all pages are read: the schedule runs once in them."""
WATCHED_LISTS: Mapping[str, int] = {"popular": 2, "trending": 2}
"""Pages of each list that are read every hour for films in demand."""
PASSED_LIST: Final = "popular"
"""The list that is passed through for its votes."""
PASS_SHARE: Final = 0.75
"""Of `update_interval_days` that a pass takes: the next is sure to come before its films are due by themselves."""
LISTED_AGAIN: Final = timedelta(hours=12)
"""The votes of a film that was looked at so lately are not taken from a list: it stands on several, every hour."""

_HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def pages_an_hour(update_interval_days: float) -> int:
    """Return how many pages of `PASSED_LIST` an hour takes, so that a pass ends in time; at least one."""
    return max(1, math.ceil(LAST_PAGE * _HOUR / _pass_time(update_interval_days)))


def passed_pages(
    now: datetime, update_interval_days: float, total_pages: int
) -> list[int]:
    """
    Return which pages the pass reads in the hour of *now*; pure.

    The hour alone tells it, so nothing is kept: what a day offline leaves out comes with the next pass.

    Args:
        total_pages: Of the list, as the source says now.
    """
    size = pages_an_hour(update_interval_days)
    last = min(total_pages, LAST_PAGE)
    turns = math.ceil(last / size)
    if turns < 1:
        return []
    first = (now - _EPOCH) // _HOUR % turns * size + 1
    return list(range(first, min(first + size, last + 1)))


def _pass_time(update_interval_days: float) -> timedelta:
    return timedelta(days=update_interval_days) * PASS_SHARE


def pages_a_day(update_interval_days: float, *, is_whole: bool) -> float:
    """
    Return how many pages both schedules read: `NewReleases` comes four times an hour, once to the last page.

    Args:
        is_whole: Whether the whole catalogue is kept, and the list of popular films passed through.
    """
    new = sum(NEW_LISTS.values()) + 3 * len(NEW_LISTS)
    passed = pages_an_hour(update_interval_days) if is_whole else 0
    return 24.0 * (new + sum(WATCHED_LISTS.values()) + passed)


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
    Read what is popular and trending this hour, and some pages on: the votes of 10,000 films come round in time.

    Only lists that were imported once; all, and the pages on, where the whole catalogue is kept.
    """

    async def run(self, job: JobContext[HourlyUpdatesArgs]) -> Outcome | None:
        """Read the first pages of both lists, and those of this hour."""
        services = services_of(job)
        priority = request_priority(job.job.priority)
        return await _follow(services, WATCHED_LISTS, priority, passes=PASSED_LIST)


class _Found(msgspec.Struct):
    """What the pages of a list came to."""

    new: int = 0
    is_news: bool = False
    """Whether the last page named a film that is not there."""
    votes: int = 0
    moved: int = 0


async def _follow(
    services: Services,
    lists: Mapping[str, int],
    priority: Priority,
    *,
    is_deep: bool = True,
    passes: str | None = None,
) -> Outcome:
    """
    Read lists, each to its last page here.

    Args:
        is_deep: If not, only as far as a page names what is not there.
        passes: The list of which the pages of this hour are read beside, where the whole catalogue is kept.
    """
    async with services.pool.connection() as conn:
        followed = [name for name in lists if await runs.follows_list(conn, name)]
        is_whole = await runs.follows_catalogue(conn)
    if not followed:
        return Done("nothing_followed", "none of these lists was ever imported")
    told = []
    for name in followed:
        found = _Found()
        total = 0
        for number in range(1, lists[name] + 1):
            total = await _read(services, name, number, priority, found)
            # A list may have fewer pages.
            if number >= total or not (is_deep or found.is_news):
                break
        if name == passes and is_whole:
            days = services.update_interval_days
            for number in passed_pages(clock.now(), days, total):
                if number > lists[name]:
                    await _read(services, name, number, priority, found)
        told.append(
            f"{name}: {found.new} new; votes of {found.votes}, {found.moved} moved"
        )
    return Done(message="; ".join(told))


async def _read(
    services: Services, name: str, number: int, priority: Priority, found: _Found
) -> int:
    """Read a page: want what was never answered for, store the votes of what was; return how many pages there are."""
    page = await services.tmdb.fetch_list(name, number, priority=priority)
    now = clock.now()
    ids = page.tmdb_ids
    async with services.pool.connection() as conn, conn.transaction():
        unanswered = await ledger.list_unanswered(conn, ids, **FILMS.entry)
        if unanswered:
            await ledger.want(
                conn,
                dict.fromkeys(unanswered, policy.NEW_BONUS),
                **FILMS.entry,
                reason=f"on the list {name}",
                now=now,
            )
    async with services.pool.connection() as conn:
        listable = await ledger.list_listable(
            conn, ids, **FILMS.entry, unless_after=now - LISTED_AGAIN
        )
    movies = [movie for movie in page.movies if movie.record.tmdb_id in listable]
    found.new += len(unanswered)
    found.is_news = bool(unanswered)
    found.votes += len(movies)
    found.moved += await _store(services, movies)
    return page.total_pages


async def _store(services: Services, movies: Iterable[ListedMovie]) -> int:
    """Store what rows tell of films; return how many it was news of."""
    ends = await asyncio.gather(
        *(
            services.updates.write(Update(Film(movie.document, movie.record), LISTED))
            for movie in movies
        )
    )
    return sum(end.fate is Fate.STORED and end.is_changed for end in ends)


SCHEDULED = {
    "NewReleases": lambda: NewReleases.new(NewReleasesArgs()),
    "HourlyUpdates": lambda: HourlyUpdates.new(HourlyUpdatesArgs()),
}
"""By name of the schedule, what makes its job."""
