"""
What happens by itself, and when: data with reasons; and the table that remembers which slot was done last.

A slot is made a job once, whichever node leads: the row is locked, moved to its next slot and the job inserted in one
transaction. Slots that passed while nobody was there are caught up by one job, and counted. Times are Cinegraph's, UTC.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happens by itself."""

    name: str
    """Of the worker whose job is made."""
    every: timedelta
    """Between two slots; a whole part of a day, or a day."""
    at: timedelta
    """Of the first slot, since midnight UTC."""
    reason: str

    def words(self) -> str:
        """Say when, for people."""
        if self.every == timedelta(days=1):
            minutes = int(self.at.total_seconds()) // 60
            return f"daily at {minutes // 60:02d}:{minutes % 60:02d} UTC"
        minutes = int(self.every.total_seconds()) // 60
        if minutes % 60:
            return f"every {minutes} minutes"
        return "every hour" if minutes == 60 else f"every {minutes // 60} hours"  # noqa: PLR2004 - an hour


SCHEDULE: tuple[Schedule, ...] = (
    Schedule(
        name="FollowChanges",
        every=timedelta(minutes=15),
        at=timedelta(0),
        reason="popular films are updated within the hour of a change, and the feed is the only one to tell of it",
    ),
    Schedule(
        name="NewReleases",
        every=timedelta(minutes=15),
        at=timedelta(minutes=7),
        reason="a film that starts in cinemas is looked up the same hour; beside the feed, each covers the other",
    ),
    Schedule(
        name="HourlyUpdates",
        every=timedelta(hours=1),
        at=timedelta(minutes=35),
        reason="votes of popular and trending films, which no feed reports: a page of a list tells those of twenty",
    ),
    Schedule(
        name="DailySync",
        every=timedelta(days=1),
        at=timedelta(hours=2),
        reason="yesterday of the feed is whole by 01:00 UTC: what it cannot prove is looked at by age during the day",
    ),
    Schedule(
        name="Retention",
        every=timedelta(days=1),
        at=timedelta(hours=3, minutes=30),
        reason="old positions, closed alerts and days of the feed leave in the quiet hours",
    ),
    Schedule(
        name="SelfAudit",
        every=timedelta(days=1),
        at=timedelta(hours=4, minutes=30),
        reason="counts are held against rows, and nothing of TMDB's may be older than 180 days: once a day, unasked",
    ),
    Schedule(
        name="RefreshEnrichments",
        every=timedelta(days=1),
        at=timedelta(hours=5, minutes=30),
        reason="what films are held against moves slowly: the votes of a decade, how rare a theme is; in quiet hours",
    ),
    Schedule(
        name="MergeExport",
        every=timedelta(days=1),
        at=timedelta(hours=8, minutes=15),
        reason="TMDB's list of all films is complete by 08:00 UTC: new films, and today's popularity of all",
    ),
    Schedule(
        name="BuryGone",
        every=timedelta(hours=3),
        at=timedelta(minutes=50),
        reason="evidence that a film is gone is complete hours after a list missed it, at any time of the day",
    ),
    Schedule(
        name="FollowAwards",
        every=timedelta(days=1),
        at=timedelta(hours=10),
        reason="nominations and winners are in the sources a day after they are announced; out of season once a week",
    ),
    Schedule(
        name="RefreshLists",
        every=timedelta(days=1),
        at=timedelta(hours=11),
        reason="an hour after the awards, whose films some lists are; any other list is read when its days have passed",
    ),
    Schedule(
        name="MergeRatings",
        every=timedelta(days=1),
        at=timedelta(hours=9),
        reason="IMDb's ratings of all films in one file, where the operator has switched it on",
    ),
)
KEEP_SLOTS = timedelta(days=35)
"""What screens show of daily ones, and some more."""
BY_NAME = {schedule.name: schedule for schedule in SCHEDULE}


class ScheduleState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a schedule stands."""

    name: str
    next_at: datetime
    last_at: datetime | None
    """The slot that was last made a job."""
    last_job_id: int | None
    missed: int
    """Slots that passed while nobody was there, since ever."""
    is_paused: bool
    updated_at: datetime


def next_slot(schedule: Schedule, after: datetime) -> datetime:
    """Return the first slot later than *after*."""
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + schedule.at % schedule.every - schedule.every
    passed = (after - first) // schedule.every + 1
    return first + passed * schedule.every


def slots_between(schedule: Schedule, first: datetime, now: datetime) -> int:
    """Return how many slots there are from *first*, a slot, to *now*; 0 when *first* is still to come."""
    return 0 if first > now else int((now - first) // schedule.every) + 1


async def ensure(
    conn: AsyncConnection[Any], names: Sequence[str], *, now: datetime
) -> None:
    """Write a row for each of *names* that has none, due at its next slot; so is one that is days too far ahead."""
    await conn.execute(
        sql.load("cinegraph.sync", "ensure_schedules.sql"),
        {
            "names": list(names),
            "next_ats": [next_slot(BY_NAME[name], now) for name in names],
            "now": now,
        },
    )


async def keep_only(
    conn: AsyncConnection[Any], names: Sequence[str], *, now: datetime
) -> None:
    """Have a row for each of *names*, and none for a schedule that is switched off."""
    off = sorted(set(BY_NAME) - set(names))
    await conn.execute(
        sql.load("cinegraph.sync", "forget_schedules.sql"), {"names": off}
    )
    await ensure(conn, names, now=now)


async def take_due(
    conn: AsyncConnection[Any], names: Sequence[str], *, now: datetime
) -> list[ScheduleState]:
    """Lock and return what is due of *names* and not paused; the caller makes the jobs and moves the schedules on."""
    async with conn.cursor(row_factory=class_row(ScheduleState)) as cursor:
        await cursor.execute(
            sql.load("cinegraph.sync", "take_due_schedules.sql"),
            {"names": list(names), "now": now},
        )
        return await cursor.fetchall()


async def move_on(
    conn: AsyncConnection[Any],
    state: ScheduleState,
    *,
    job_id: int | None,
    now: datetime,
) -> None:
    """Note that a due schedule was made a job, and when its next slot is."""
    schedule = BY_NAME[state.name]
    passed = slots_between(schedule, state.next_at, now)
    await conn.execute(
        sql.load("cinegraph.sync", "move_schedule.sql"),
        {
            "name": state.name,
            "last_at": state.next_at + (max(passed, 1) - 1) * schedule.every,
            "next_at": next_slot(schedule, now),
            "job_id": job_id,
            "missed": max(passed - 1, 0),
            "now": now,
        },
    )


async def set_paused(
    conn: AsyncConnection[Any], name: str, *, is_paused: bool, now: datetime
) -> None:
    """Let a schedule rest, or go on with its next slot: what passed while it rested is not caught up."""
    await conn.execute(
        sql.load("cinegraph.sync", "pause_schedule.sql"),
        {
            "name": name,
            "is_paused": is_paused,
            "next_at": next_slot(BY_NAME[name], now),
            "now": now,
        },
    )


async def forget_slots(conn: AsyncConnection[Any], *, before: datetime) -> None:
    """Delete the slots that were made a job before *before*."""
    await conn.execute(
        sql.load("cinegraph.sync", "forget_slots.sql"), {"before": before}
    )


async def list_states(conn: AsyncConnection[Any]) -> list[ScheduleState]:
    """Return where every schedule stands that a node has ever known, by name."""
    async with conn.cursor(row_factory=class_row(ScheduleState)) as cursor:
        await cursor.execute(sql.load("cinegraph.sync", "list_schedules.sql"))
        return await cursor.fetchall()
