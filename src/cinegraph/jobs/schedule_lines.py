"""A schedule as who steers it sees it: when, what became of its last slots, what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import class_row

from cinegraph.db.sql import load
from cinegraph.sync import schedule
from cinegraph.sync.schedule import SCHEDULE, Schedule, ScheduleState

SLOTS = 24
"""Shown of each: six hours of the most frequent, a month of daily ones less a week."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One slot that was made a job. Cinegraph's time."""

    name: str
    slot_at: datetime
    missed: int
    """Slots before it that passed while nobody was there."""
    job_id: int | None
    """None: the same work was live already."""
    state: str | None
    """Of the job; None: it is pruned, or there was none."""


class ScheduleLine(msgspec.Struct, frozen=True, kw_only=True):
    """One schedule."""

    name: str
    words: str
    """When, for people; UTC."""
    reason: str
    is_on: bool
    """Whether this deployment has it: some are switched on by settings."""
    is_paused: bool
    last_at: datetime | None
    next_at: datetime | None
    """None: it is not on."""
    missed: int
    """Slots that passed while nobody was there, since ever."""
    slots: list[Slot]
    """The last ones, the oldest first."""


async def list_lines(conn: psycopg.AsyncConnection[Any]) -> list[ScheduleLine]:
    """Return every schedule, the most frequent first."""
    states = {state.name: state for state in await schedule.list_states(conn)}
    async with conn.cursor(row_factory=class_row(Slot)) as cursor:
        await cursor.execute(
            load("cinegraph.jobs", "list_slots.sql"),
            {"names": [one.name for one in SCHEDULE], "limit": SLOTS},
        )
        slots = await cursor.fetchall()
    lines = [make_line(one, states.get(one.name), slots) for one in SCHEDULE]
    every = {one.name: (one.every, one.at) for one in SCHEDULE}
    return sorted(lines, key=lambda line: every[line.name])


def make_line(
    one: Schedule, state: ScheduleState | None, slots: Sequence[Slot]
) -> ScheduleLine:
    """Return one schedule from where it stands, and the slots of all."""
    return ScheduleLine(
        name=one.name,
        words=one.words(),
        reason=one.reason,
        is_on=state is not None,
        is_paused=state is not None and state.is_paused,
        last_at=None if state is None else state.last_at,
        next_at=None if state is None else state.next_at,
        missed=0 if state is None else state.missed,
        slots=[slot for slot in slots if slot.name == one.name],
    )
