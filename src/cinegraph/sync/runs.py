"""
Runs: every import that a person or a schedule started, and how far it is.

A run's progress is a count of its items, one row a thing, written in the transaction that settles the thing: exact
after any crash, and counted once however often a job ran. An item is settled for every run that waits for it.

```
planned ──(its job is made)──► open ──► done | absent | quarantined | cancelled
   │ the source's day is used up │ attempts used up
   ▼                             ▼
deferred                      waiting ──(due)──► open          after the last round ──► failed
```
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from cinegraph.db import sql
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.sync import ledger, policy

RunId = NewType("RunId", int)
"""Ours: `sync_runs.id`."""

MOVIE = "movie"
"""The kind of an item that is a film at TMDB; its id is TMDB's."""
OMDB = "omdb"
"""The kind of an item that is a film at OMDb; its id is TMDB's, as in the ledger."""
COLLABORATIONS: Final = Enrichment.COLLABORATIONS
"""The kind of an item that is a film whose collaborations are computed; its id is TMDB's, and no ledger knows it."""
ENRICHMENT = "enrichment"
"""The kind of an item that is a pass over many films; its id says of what, and of which."""
EXPORT = "export"
"""The kind of an item that is the daily export; its id is 1."""
ID_RANGE = "id_range"
"""The kind of an item that is a batch of ids to try; its id is the first of them."""

FESTIVAL = "festival"
"""The kind of an item that is the reading of a festival's source; its id is ours, of the festival."""
EDITION = "edition"
"""The kind of an item that is an edition of a festival; its id is ours."""
FIND = "find"
"""The kind of an item that is the search for a nominated film; its id is ours, of the lookup."""
PERSON = "person"
"""The kind of an item that is the search for a nominated person; its id is ours, of the lookup."""

CATALOG = "import_catalog"
"""The kind of a run of the whole catalogue, or of a range of ids."""

NEW_FILMS = "import_new"
"""The kind of a run of the films that a daily export names for the first time; the schedule starts it."""

ENRICH = "enrich"
"""The kind of a run that computes one thing of many films."""

AWARDS = "import_festival"
"""The kind of a run of a festival's editions, with their films and people."""

BY_NAME = "import_movies"
"""The kind of a run whose films a person named; those of any other kind come from a list."""


UPDATES = ("update_recent", "update_popular", "update_stale")
"""The kinds of runs that update stored films; their argument `fields` says what of them."""


class ItemState(StrEnum):
    """Equal to the stored text."""

    PLANNED = "planned"
    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    ABSENT = "absent"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"
    DEFERRED = "deferred"


class RunItem(msgspec.Struct, frozen=True):
    """One thing a run has to do."""

    run_id: RunId
    kind: str
    external_id: int
    round: int
    run_kind: str

    @property
    def is_named(self) -> bool:
        """Whether a person named the thing and waits for it; else a list of the source did."""
        return self.run_kind == BY_NAME

    @property
    def is_update(self) -> bool:
        """Whether it is a stored film of which some fields are asked for."""
        return self.kind == MOVIE and self.run_kind in UPDATES


async def start_run(
    conn: AsyncConnection[Any],
    *,
    kind: str,
    source: str,
    arguments: Mapping[str, object],
    requested_by: str,
    now: datetime,
) -> RunId:
    """
    Write a run that has nothing to do yet; add its first items in the same transaction, or it ends at once.

    Args:
        kind: What is done, such as `import_popular`.
        requested_by: `command`, `schedule` or `demo`.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "start_run.sql"),
        {
            "kind": kind,
            "source": source,
            "arguments": Jsonb(dict(arguments)),
            "requested_by": requested_by,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - INSERT … RETURNING gives a row or raises
    return RunId(row[0])


async def find_arguments(
    conn: AsyncConnection[Any], run_id: RunId
) -> dict[str, Any] | None:
    """Return what the run was asked to do, or `None` when there is no such run."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "find_run_request.sql"), {"run_id": run_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[1]


async def add_items(
    conn: AsyncConnection[Any], run_id: RunId, kind: str, ids: Sequence[int]
) -> list[int]:
    """
    Give a run things to do; what it has already is left alone, and a run that has ended takes none.

    Returns:
        The ids that are new to the run, ascending.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "add_run_items.sql"),
        {"run_id": run_id, "kind": kind, "ids": sorted(set(ids))},
    )
    return sorted(row[0] for row in await cursor.fetchall())


async def hold(conn: AsyncConnection[Any], run_id: RunId) -> bool:
    """
    Keep a run from being paused, cancelled or ended until the transaction is over; return whether it goes on.

    For who locks rows of the ledger before giving the run items: whoever cancels it locks the run first.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "hold_run.sql"), {"run_id": run_id}
    )
    return await cursor.fetchone() is not None


async def allow_long_statements(conn: AsyncConnection[Any]) -> None:
    """Give the statements of this transaction time: a million films take longer than any statement of a job may."""
    await conn.execute(sql.load("cinegraph.sync", "allow_long_statements.sql"))


async def follows_catalogue(conn: AsyncConnection[Any]) -> bool:
    """Whether the deployment keeps the whole catalogue: then new films of an export are wanted at once."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "follows_catalogue.sql"), {"kind": CATALOG}
    )
    [(follows,)] = await cursor.fetchall()
    return bool(follows)


async def follows_list(conn: AsyncConnection[Any], name: str) -> bool:
    """Whether the deployment keeps a list of the source: it was imported once, or the whole catalogue is kept."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "follows_list.sql"),
        {"kind": f"import_{name}", "catalogue": CATALOG},
    )
    [(follows,)] = await cursor.fetchall()
    return bool(follows)


async def add_note(conn: AsyncConnection[Any], run_id: RunId, note: str) -> None:
    """Add a remark to a run, once."""
    await conn.execute(
        sql.load("cinegraph.sync", "note_run.sql"), {"run_id": run_id, "note": note}
    )


async def pause_run(conn: AsyncConnection[Any], run_id: RunId) -> bool:
    """Queue nothing more of a running run until it is resumed; return whether it was running."""
    return await _change_state(conn, run_id, before="running", after="paused")


async def resume_run(conn: AsyncConnection[Any], run_id: RunId) -> bool:
    """Let a paused run go on; return whether it was paused."""
    return await _change_state(conn, run_id, before="paused", after="running")


class Reopened(msgspec.Struct, frozen=True):
    """What of a run is tried again."""

    run_kind: str
    planned: dict[str, list[int]]
    """By kind of item, what the feeder makes jobs for once the ledger offers it."""
    opened: dict[str, list[int]]
    """By kind of item, what the caller makes jobs for in this transaction."""

    @property
    def things(self) -> int:
        """How many there are."""
        return sum(map(len, [*self.planned.values(), *self.opened.values()]))


async def reopen_failed(
    conn: AsyncConnection[Any], run_id: RunId, *, fed_kinds: Collection[str]
) -> Reopened | None:
    """
    Try again what failed or was quarantined in a run, ended or not.

    Args:
        fed_kinds: Kinds of items that the feeder makes jobs for; not of a run whose things a person named.

    Returns:
        None when nothing failed, or the run was cancelled.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "reopen_run.sql"), {"run_id": run_id}
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    [run_kind] = row
    fed = [] if run_kind == BY_NAME else list(fed_kinds)
    await allow_long_statements(conn)
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "retry_items.sql"),
        {"run_id": run_id, "fed_kinds": fed},
    )
    reopened: dict[str, list[int]] = {
        kind: list(ids) for kind, ids in await cursor.fetchall()
    }
    return Reopened(
        run_kind,
        planned={kind: ids for kind, ids in reopened.items() if kind in fed},
        opened={kind: ids for kind, ids in reopened.items() if kind not in fed},
    )


async def settle_items(
    conn: AsyncConnection[Any],
    kind: str,
    ids: Sequence[int],
    state: ItemState,
    *,
    now: datetime,
    error_code: str | None = None,
    run_id: RunId | None = None,
) -> None:
    """
    End the items of *ids*, in every run that waits for them or in *run_id* alone.

    A page of a list belongs to one run; a film that was fetched is fetched for all.
    """
    await conn.execute(
        sql.load("cinegraph.sync", "settle_run_items.sql"),
        {
            "run_id": run_id,
            "kind": kind,
            "ids": sorted(ids),
            "state": state.value,
            "error_code": error_code,
            "now": now,
        },
    )


async def settle_updated(
    conn: AsyncConnection[Any],
    ids: Sequence[int],
    fields: Collection[str],
    *,
    now: datetime,
) -> None:
    """End the items of films whose *fields* were updated, in the runs that ask for no others: these are done."""
    await conn.execute(
        sql.load("cinegraph.sync", "settle_updated_items.sql"),
        {
            "kind": MOVIE,
            "ids": sorted(ids),
            "state": ItemState.DONE.value,
            "fields": list(fields),
            "now": now,
        },
    )


async def exhaust_item(
    conn: AsyncConnection[Any],
    kind: str,
    external_id: int,
    *,
    error_code: str,
    now: datetime,
    run_id: RunId | None = None,
    is_hopeless: bool = False,
) -> list[ItemState]:
    """
    Plan a further round for a thing whose attempts are used up, or fail it after the last.

    Args:
        run_id: In this run alone; in every run that waits for a job when it is None.
        is_hopeless: No round can help: it has failed.

    Returns:
        For each of these runs what became of it: waiting or failed.
    """
    delays = [] if is_hopeless else _round_delays(now)
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "exhaust_run_item.sql"),
        {
            "run_id": run_id,
            "kind": kind,
            "external_id": external_id,
            "error_code": error_code,
            "delays_seconds": delays,
            "now": now,
        },
    )
    return [ItemState(row[0]) for row in await cursor.fetchall()]


async def is_awaited(conn: AsyncConnection[Any], kind: str, external_id: int) -> bool:
    """Whether a run waits for a thing, be it for a job or for a further round."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "is_awaited.sql"),
        {"kind": kind, "external_id": external_id},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def list_awaiting(
    conn: AsyncConnection[Any], kind: str, ids: Sequence[int], *, run_kind: str
) -> list[tuple[int, RunId]]:
    """Return which runs of a kind wait for things of *ids*, as pairs of thing and run, ascending."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_awaiting.sql"),
        {"kind": kind, "ids": list(ids), "run_kind": run_kind},
    )
    return [(thing, RunId(run_id)) for thing, run_id in await cursor.fetchall()]


async def reopen_due(
    conn: AsyncConnection[Any], *, now: datetime, limit: int
) -> list[RunItem]:
    """Open the items whose further round is due and return them; the caller makes their jobs in this transaction."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "reopen_due_items.sql"), {"now": now, "limit": limit}
    )
    return [RunItem(*row) for row in await cursor.fetchall()]


async def finish_runs(conn: AsyncConnection[Any], *, now: datetime) -> list[RunId]:
    """End the runs that have nothing left to do, with their sums; what is still wanted for them is for no run then."""
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "finish_runs.sql"), {"now": now}
    )
    finished = [RunId(row[0]) for row in await cursor.fetchall()]
    for run_id in finished:
        await _release_wanted(conn, run_id, is_cancelled=False, now=now)
    return finished


async def cancel_items(
    conn: AsyncConnection[Any],
    run_id: RunId,
    kind: str,
    ids: Sequence[int],
    *,
    source: str,
    now: datetime,
) -> None:
    """
    Give up things of one run; those that no run waits for any longer are wanted again.

    Locks: their rows of the ledger, then the items, as storing a film does.
    """
    # The films of a run stand in the ledger under one kind, whichever source is asked.
    is_title = kind == OMDB
    entry = {
        "source": OMDB if is_title else source,
        "kind": MOVIE if is_title else kind,
    }
    await ledger.lock(conn, ids, **entry)
    await settle_items(
        conn,
        kind,
        ids,
        ItemState.CANCELLED,
        now=now,
        error_code=ItemState.CANCELLED.value,
        run_id=run_id,
    )
    await ledger.want_again(
        conn,
        ids,
        **entry,
        item_kind=kind,
        again_at=policy.due_after_cancelled(now),
    )


async def cancel_run(
    conn: AsyncConnection[Any], run_id: RunId, *, now: datetime
) -> bool:
    """
    End a running run: what is not settled counts as cancelled. Returns whether it was running.

    One statement each for run, items and sums: what others settle meanwhile is waited for, and then seen.
    """
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "cancel_run.sql"), {"run_id": run_id, "now": now}
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    await allow_long_statements(conn)
    await _give_up(conn, run_id, source=row[0], is_cancelled=True, now=now)
    return True


async def cancel_left_over(conn: AsyncConnection[Any], *, now: datetime) -> int:
    """
    Give up what runs were given after they ended; return how many runs.

    Who stores a film plans its title for the runs that wait for the film. One that is cancelled before this is
    committed looks as if it were running, and does not see the title.
    """
    cursor = await conn.execute(sql.load("cinegraph.sync", "list_left_over.sql"))
    ended = await cursor.fetchall()
    for run_id, source, is_cancelled in ended:
        await _give_up(
            conn, RunId(run_id), source=source, is_cancelled=is_cancelled, now=now
        )
    return len(ended)


async def _give_up(
    conn: AsyncConnection[Any],
    run_id: RunId,
    *,
    source: str,
    is_cancelled: bool,
    now: datetime,
) -> None:
    """Cancel what a run has not settled; the run is locked."""
    # The ledger before the items, as storing a film does.
    await _release_wanted(conn, run_id, is_cancelled=is_cancelled, now=now)
    await conn.execute(
        sql.load("cinegraph.sync", "cancel_planned.sql"), {"run_id": run_id, "now": now}
    )
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "list_unsettled.sql"), {"run_id": run_id}
    )
    for kind, ids in await cursor.fetchall():
        await cancel_items(conn, run_id, kind, ids, source=source, now=now)
    await conn.execute(sql.load("cinegraph.sync", "sum_run.sql"), {"run_id": run_id})


async def _release_wanted(
    conn: AsyncConnection[Any], run_id: RunId, *, is_cancelled: bool, now: datetime
) -> None:
    await conn.execute(
        sql.load("cinegraph.sync", "release_wanted.sql"),
        {
            "run_id": run_id,
            "is_cancelled": is_cancelled,
            "again_at": policy.due_after_cancelled(now),
            "now": now,
        },
    )


def _round_delays(now: datetime) -> list[float]:
    """Return the seconds until the next round, by finished round."""
    return [
        (delay_at - now).total_seconds()
        for round_number in range(1, len(policy.ROUND_DELAYS) + 1)
        if (delay_at := policy.next_round_at(now, round_number)) is not None
    ]


async def _change_state(
    conn: AsyncConnection[Any], run_id: RunId, *, before: str, after: str
) -> bool:
    cursor = await conn.execute(
        sql.load("cinegraph.sync", "pause_run.sql"),
        {"run_id": run_id, "before": before, "after": after},
    )
    return await cursor.fetchone() is not None
