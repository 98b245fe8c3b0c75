"""One row per source and thing: what we know of its state there and when to look again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.sync import policy, strategies

MANY = 10_000
"""Rows entered at once from which the planner has to be told: it takes a minute until it notices by itself."""


class LedgerState(StrEnum):
    """What is known; equal to the stored text."""

    WANTED = "wanted"
    QUEUED = "queued"
    FRESH = "fresh"
    EMPTY = "empty"
    ABSENT = "absent"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class LedgerEntry(msgspec.Struct, frozen=True):
    """A row of the ledger."""

    source: str
    kind: str
    external_id: int
    state: str
    reason: str
    due_at: datetime | None
    checked_at: datetime | None
    changed_at: datetime | None
    attempts: int
    error_code: str | None
    error: str | None
    priority: float = 0.0
    """What asking is worth; see `policy`."""
    queued_at: datetime | None = None
    asked_for: str | None = None
    """The id that the source knows it by, where that is another one."""


class Taken(msgspec.Struct, frozen=True):
    """A thing whose job is to be made now."""

    external_id: int
    run_id: int
    """The run it is taken for; 0: for none."""
    is_again: bool
    """Whether it was answered or tried before."""
    is_listed: bool
    """Whether the newest export names it: then a first 404 is not believed."""
    checked_at: datetime | None = None
    """When it was last fetched whole."""
    changed_upstream_at: datetime | None = None
    """When the changes feed named it, if it was not fetched since."""
    reason: str = ""
    """Why it is asked for; see `strategies`."""


class Rhythm(msgspec.Struct, frozen=True):
    """When popular films are due again; others are by how often their votes move."""

    popular_from: float = policy.POPULAR
    """The popularity from which a film is among the 2,000 most popular ones today."""
    update_interval: timedelta = policy.RECHECK_POPULAR

    @property
    def parameters(self) -> dict[str, float]:
        """As the statements that stamp take it."""
        return {
            "popular_from": self.popular_from,
            "update_days": self.update_interval / timedelta(days=1),
        }


USUAL = Rhythm()


class Count(msgspec.Struct, frozen=True):
    """How many things of one kind are in one state at one source."""

    source: str
    kind: str
    state: str
    things: int


async def queue(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    reason: str,
    now: datetime,
) -> None:
    """
    Note that jobs are being made for *ids*; what is fresh keeps its state until the job ends.

    Locks: the rows, in order of id.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "queue_ledger.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": sorted(ids),
            "reason": reason,
            "now": now,
        },
    )


async def lock(
    conn: AsyncConnection[Any], ids: Sequence[int], *, source: str, kind: str
) -> None:
    """
    Keep the rows of *ids* as they are until the end of the transaction.

    For who settles items of runs first: storing a film locks its ledger row and then its items.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "lock_ledger.sql"),
        {"source": source, "kind": kind, "ids": list(ids)},
    )


async def want(
    conn: AsyncConnection[Any],
    worth: Mapping[int, float],
    *,
    source: str,
    kind: str,
    reason: str,
    now: datetime,
    run_id: int = 0,
) -> None:
    """
    Note that things are wanted at once; what was answered or is queued keeps its state.

    Args:
        worth: By id, what asking is worth; see `policy`.
        run_id: The run they are wanted for; 0: for none.

    Locks: the rows, in order of id.
    """
    ids = sorted(worth)
    await conn.execute(
        sql.load("cinegraph.sync", "want.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": ids,
            "priorities": [worth[thing] for thing in ids],
            "reason": reason,
            "run_id": run_id,
            "due_at": now,
            "now": now,
        },
    )


async def want_listed(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    reason: str,
    run_id: int,
    due_at: datetime | None,
    with_adult: bool,
    now: datetime,
) -> int:
    """
    Let the ledger know every film of the export that is merged in this transaction; return how many are new to it.

    Args:
        run_id: The run that new films are wanted for; 0: for none.
        due_at: When new films are wanted; None: they are only known.
        with_adult: Whether adult ones are too.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "want_listed.sql"),
        {
            "source": source,
            "kind": kind,
            "reason": reason,
            "run_id": run_id,
            "due_at": due_at,
            "video_share": policy.VIDEO_SHARE,
            "with_adult": with_adult,
            "now": now,
        },
    )
    [(new_count,)] = await cursor.fetchall()
    if new_count >= MANY:
        await conn.execute(sql.load("cinegraph.sync", "analyze_ledger.sql"))
    return int(new_count)


async def list_unanswered(
    conn: AsyncConnection[Any], ids: Sequence[int], *, source: str, kind: str
) -> list[int]:
    """Return which of *ids* the source has not answered for yet, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_unanswered.sql"),
        {"source": source, "kind": kind, "ids": list(ids)},
    )
    return [row[0] for row in await cursor.fetchall()]


async def take_due(
    conn: AsyncConnection[Any],
    *,
    source: str,
    kind: str,
    run_ids: Sequence[int],
    limit: int,
    others_limit: int | None = None,
    now: datetime,
) -> list[Taken]:
    """
    Take the most valuable things that are due; the caller makes their jobs in this transaction.

    Args:
        run_ids: For which runs beside the routine.
        others_limit: How many of them may be others than those that changed upstream; None: all.

    Locks: the rows taken, in order of id; those that somebody else is at are left.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "take_due.sql"),
        {
            "source": source,
            "kind": kind,
            "run_ids": [0, *run_ids],
            "again_share": 1 / policy.NEVER_ASKED_FACTOR,
            "limit": limit,
            "others_limit": limit if others_limit is None else others_limit,
            "now": now,
            **strategies.parameters(),
        },
    )
    return [Taken(*row) for row in await cursor.fetchall()]


async def list_listable(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    unless_after: datetime,
) -> list[int]:
    """Return which of *ids* are fresh, stored and undoubted, and were not looked at after *unless_after*; ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_listable.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "unless_after": unless_after,
        },
    )
    return [row[0] for row in await cursor.fetchall()]


async def put_back(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    reason: str,
    due_at: datetime,
) -> None:
    """Put things back that could not be asked for now: as they were, for no run, due later, no attempt counted."""
    await conn.execute(
        sql.load("cinegraph.sync", "put_back.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "reason": reason,
            "due_at": due_at,
        },
    )


async def read_counts(conn: AsyncConnection[Any]) -> list[Count]:
    """Return how many things are in each state at each source; exact, whatever the size of the ledger."""
    cursor = await conn.execute(sql.load("cinegraph.sync", "read_ledger_counts.sql"))
    return [Count(*row) for row in await cursor.fetchall()]


async def sum_up(conn: AsyncConnection[Any]) -> None:
    """Add up what transactions have appended to the counts of ledger and runs; the leader's business."""
    for name in ("sum_ledger_deltas.sql", "sum_run_deltas.sql"):
        await conn.execute(sql.load("cinegraph.sync", name))


async def want_again(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    source: str,
    kind: str,
    item_kind: str | None = None,
    again_at: datetime | None = None,
) -> None:
    """
    Note that the jobs of *ids* were cancelled: queued things that no run waits for are known, and wanted by nobody.

    Args:
        item_kind: What the runs' items of these things are called; *kind* unless given.
        again_at: When what was answered once is asked for again; None: nothing can be asked for it.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "want_again.sql"),
        {
            "source": source,
            "kind": kind,
            "item_kind": item_kind or kind,
            "ids": list(ids),
            "again_at": again_at,
        },
    )


class Aged(msgspec.Struct, frozen=True):
    """A thing whose answer came from a cache."""

    external_id: int
    made_at: datetime
    """When the source made it."""
    again_at: datetime
    """When the cache lets go of it: asked before, the same would come again."""


async def touch_found(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    checked_at: datetime | None = None,
    aged: Sequence[Aged] = (),
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp things that the source answered for: all checked now, those in *changed_ids* changed now too.

    Args:
        rhythm: Which films are popular, and when those are due again.
        checked_at: When the source answered, where that is not now: a later check that is known stays.
        aged: Those whose answer came from a cache: checked as of when it was made. What changed since then stays due,
            and is asked for again when the cache lets go of the answer.

    Locks: the rows, in order of id.
    """
    checked = now if checked_at is None else checked_at
    await conn.execute(
        sql.load("cinegraph.sync", "touch_found.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "changed_ids": list(changed_ids),
            "state": LedgerState.FRESH.value,
            "checked_at": checked,
            "aged_ids": [each.external_id for each in aged],
            "made_ats": [each.made_at for each in aged],
            "again_ats": [each.again_at for each in aged],
            "now": now,
            "due_at": policy.due_after_found(checked),
            **rhythm.parameters,
        },
    )


async def touch_looked(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp films whose votes were looked at, without the rest: that is no check, and settles no change upstream.

    What is wanted whole stays wanted.

    Args:
        changed_ids: Those of which something was stored that is new.
        rhythm: Which films are popular, and when those are due again.

    Locks: the rows, in order of id.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "touch_looked.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "changed_ids": list(changed_ids),
            "now": now,
            "due_at": policy.due_after_found(now),
            **rhythm.parameters,
        },
    )


async def touch_listed(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    *,
    changed_ids: Sequence[int],
    source: str,
    kind: str,
    now: datetime,
    rhythm: Rhythm = USUAL,
) -> None:
    """
    Stamp stored films whose votes a list told: less than a look, for it does not prove that the film is there.

    Args:
        changed_ids: Those of which something was stored that is new.
        rhythm: Which films are popular, and when those are due again.

    Locks: the rows, in order of id.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "touch_listed.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": list(ids),
            "changed_ids": list(changed_ids),
            "now": now,
            **rhythm.parameters,
        },
    )


async def touch_empty(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    is_changed: bool,
    released_on: date | None,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a thing that the source answered for and holds nothing of yet: asked again sooner while it is young."""
    await conn.execute(
        sql.load("cinegraph.sync", "touch_found.sql"),
        {
            "source": source,
            "kind": kind,
            "ids": [external_id],
            "changed_ids": [external_id] if is_changed else [],
            "state": LedgerState.EMPTY.value,
            "checked_at": now,
            "aged_ids": [],
            "made_ats": [],
            "again_ats": [],
            "now": now,
            "due_at": policy.due_after_empty(now, released_on),
            **USUAL.parameters,
        },
    )


async def touch_absent(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a thing that the source definitively does not have."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.ABSENT,
        due_at=policy.due_after_absent(now),
        source=source,
        kind=kind,
        now=now,
    )


async def touch_denied(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    now: datetime,
) -> None:
    """Stamp a film that the source says it does not have; one that ought to be there is asked for again soon."""
    await conn.execute(
        sql.load("cinegraph.sync", "touch_denied.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "apart": policy.DENIALS_APART,
            "enough": policy.ENOUGH_DENIALS,
            "soon_at": policy.due_after_denied(now, is_again=False),
            "later_at": policy.due_after_denied(now, is_again=True),
            "absent_at": policy.due_after_absent(now),
            "now": now,
        },
    )


async def touch_quarantined(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """Stamp a thing whose body was put into quarantine."""
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.QUARANTINED,
        due_at=policy.due_after_quarantined(now),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        now=now,
    )


async def touch_failed(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    source: str,
    kind: str,
    error_code: str,
    error: str,
    now: datetime,
) -> None:
    """
    Stamp a thing that could not be fetched and that no run gives a further round.

    It comes due again, later each time, and keeps what it had.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "count_failures.sql"),
        {"source": source, "kind": kind, "external_id": external_id},
    )
    row = await cursor.fetchone()
    failures = (row[0] if row else 0) + 1
    await _touch_ended(
        conn,
        external_id,
        state=LedgerState.FAILED,
        due_at=policy.due_after_failed(now, failures),
        source=source,
        kind=kind,
        error_code=error_code,
        error=error,
        attempts=failures,
        now=now,
    )


async def find_entries(
    conn: AsyncConnection[Any], kind: str, external_id: int
) -> list[LedgerEntry]:
    """Return what every source knows of a thing, by source."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_ledger_entries.sql"),
        {"kind": kind, "external_id": external_id},
    )
    return [LedgerEntry(*row) for row in await cursor.fetchall()]


async def _touch_ended(
    conn: AsyncConnection[Any],
    external_id: int,
    *,
    state: LedgerState,
    due_at: datetime,
    source: str,
    kind: str,
    now: datetime,
    error_code: str | None = None,
    error: str | None = None,
    attempts: int = 0,
) -> None:
    await conn.execute(
        sql.load("cinegraph.sync", "touch_ended.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "state": state.value,
            "due_at": due_at,
            # Only a definitive answer is a check.
            "checked_at": now if state is LedgerState.ABSENT else None,
            "error_code": error_code,
            "error": error,
            "attempts": attempts,
            "now": now,
        },
    )
