"""
Following the change log: what changed becomes due, in the order of the log, nothing twice and nothing never.

The position up to which it was followed moves in the transaction that marks. Who stands before what the log still
holds, or never followed it, has every film computed.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog import change_log
from cinegraph.db import sql
from cinegraph.enrichment.cri.formula import REGISTRY
from cinegraph.enrichment.due import passes
from cinegraph.enrichment.due.kinds import (
    FOLLOWED,
    MOST_SPREAD,
    Beside,
    Due,
    Enrichment,
    Former,
    Happened,
    Spread,
    plan_due,
)

BATCH: Final = 5000
"""Rows of the log a transaction: a second of bulk storing at most, marked in some 100 ms."""

_SPREADING = {
    Beside.SAME_DIRECTOR: "list_same_director.sql",
    Beside.CANON_DIRECTOR: "list_same_director.sql",
    Beside.NAMED: "list_named.sql",
}


type _Row = tuple[Enrichment, int, str, bool]
"""What is due, of which film, why, and whether something beside it changed."""


class Followed(msgspec.Struct, frozen=True):
    """What one turn came to."""

    changes: int
    """Rows of the log read; as many as `BATCH`: there may be more."""
    marked: int
    """Films marked, by kind each once, those beside a changed one among them."""


async def follow(conn: AsyncConnection[Any], *, now: datetime) -> Followed:
    """
    Mark what the next changes of the log make due, in the transaction that is open on *conn*.

    Locks: other followers wait until the transaction ends.
    """
    cursor = await conn.execute(_load("lock_cursor.sql"))
    [(position,)] = await cursor.fetchall()
    state = await change_log.read_state(conn)
    if position is None or not state.kept_after <= position <= state.last_position:
        # Beyond the last one: the log was restored, or begun anew, and the cursor was not.
        why = "never computed" if position is None else "changes were forgotten"
        await passes.want_all(conn, tuple(Enrichment), reason=why, now=now)
        await _take_former(conn, None)
        await _move(conn, state.last_position)
        return Followed(0, 0)
    page = await change_log.list_changes(conn, position, kind="movie", limit=BATCH)
    changes = [
        Happened(row.id, row.action, tuple(row.fields), row.other_id)
        for row in page.changes
        if row.id is not None
    ]
    # It was committed with the change, or with a later one of the film: there is none that the log does not come to.
    former = await _take_former(conn, sorted({one.movie_id for one in changes}))
    due = plan_due(changes, former)
    beside = await _list_beside(conn, due.spreads, former)
    marked = await _mark_all(conn, due, beside, now=now)
    await _move(conn, page.position)
    return Followed(len(page.changes), marked)


async def mark_beside(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    movie_ids: list[int],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Mark films that something beside them concerns; it goes no further from there."""
    rows = [(enrichment, one, reason, True) for one in sorted({*movie_ids})]
    await _store(conn, rows, now=now)


async def _take_former(
    conn: AsyncConnection[Any], movie_ids: list[int] | None
) -> list[Former]:
    """Take away and return what is no longer beside films; None: beside any."""
    cursor = await conn.execute(_load("take_former.sql"), {"movie_ids": movie_ids})
    return [Former(*row) for row in await cursor.fetchall()]


async def _list_beside(
    conn: AsyncConnection[Any], spreads: list[Spread], former: list[Former]
) -> list[tuple[Enrichment, int, str]]:
    """Return what is due beside changed films; how many films the bound left out is counted."""
    found: dict[tuple[Enrichment, int], str] = {}
    by_way: dict[tuple[Enrichment, Beside, str], list[int]] = {}
    for spread in spreads:
        way = (spread.enrichment, spread.beside, spread.reason)
        by_way.setdefault(way, []).append(spread.movie_id)
    for (enrichment, beside, reason), movie_ids in sorted(by_way.items()):
        cursor = await conn.execute(
            _load(_SPREADING[beside]),
            {
                "movie_ids": movie_ids,
                "former": msgspec.json.encode(former).decode(),
                "most": MOST_SPREAD,
                "only_canon": beside is Beside.CANON_DIRECTOR,
                "registry": REGISTRY,
            },
        )
        left_out = 0
        for movie_id, is_within in await cursor.fetchall():
            if is_within:
                found[enrichment, movie_id] = f"{reason} of a film beside it"
            else:
                left_out += 1
        if left_out:
            await conn.execute(
                _load("count_cut.sql"), {"enrichment": enrichment, "films": left_out}
            )
    return [(kind, film, why) for (kind, film), why in sorted(found.items())]


async def _mark_all(
    conn: AsyncConnection[Any],
    due: Due,
    beside: list[tuple[Enrichment, int, str]],
    *,
    now: datetime,
) -> int:
    own = {(mark.enrichment, mark.movie_id) for mark in due.marks}
    rows: list[_Row] = [
        (mark.enrichment, mark.movie_id, mark.reason, False) for mark in due.marks
    ]
    rows += [(*row, True) for row in beside if row[:2] not in own]
    # One statement: it locks rows in order of the key, as all do who lock several, or two would wait in a circle.
    return await _store(conn, rows, now=now)


async def _store(conn: AsyncConnection[Any], rows: list[_Row], *, now: datetime) -> int:
    if not rows:
        return 0
    due_at = {
        enrichment: (now + timedelta(seconds=kind.settle_seconds)).isoformat()
        for enrichment, kind in FOLLOWED.items()
    }
    given = [
        {
            "enrichment": enrichment,
            "movie_id": movie_id,
            "reason": reason,
            "is_spread": is_spread,
            "due_at": due_at[enrichment],
        }
        for enrichment, movie_id, reason, is_spread in rows
    ]
    cursor = await conn.execute(
        _load("mark_due.sql"),
        {"marks": msgspec.json.encode(given).decode(), "now": now},
    )
    return cursor.rowcount


async def _move(conn: AsyncConnection[Any], position: int) -> None:
    await conn.execute(_load("move_cursor.sql"), {"position": position})


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.due", name)
