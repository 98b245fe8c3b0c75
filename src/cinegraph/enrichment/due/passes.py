"""Passes over all films: wanted, under way, done; what was due when one began is computed by it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from cinegraph.db import sql
from cinegraph.enrichment.due.kinds import FOLLOWED, Enrichment


class PassState(msgspec.Struct, frozen=True, kw_only=True):
    """Where computing all films stands, of one kind."""

    enrichment: Enrichment
    wanted_at: datetime | None
    """From when on all films are to be computed; None: only those that are due."""
    wanted_for: str | None
    began_at: datetime | None
    """Of the pass under way; None: none is."""
    films_done: int
    """Of the pass under way, or of the last one."""
    finished_at: datetime | None
    """When the last pass was complete."""
    finished_in: timedelta | None
    spread_cut: int
    """Films that a change beside them would have made due since the last pass, were there no bound."""
    version: str | None
    """By which the last pass computed; None: there was none."""


async def want_all(
    conn: AsyncConnection[Any],
    enrichments: Sequence[Enrichment],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Have all films computed; where that is wanted already it keeps its time."""
    await conn.execute(
        _load("want_all.sql"),
        {"enrichments": sorted(enrichments), "reason": reason, "now": now},
    )


async def begin(
    conn: AsyncConnection[Any], enrichment: Enrichment, *, now: datetime
) -> None:
    """
    Note that a pass over all films begins, and that it computes what is due; what is marked later is due after it.

    Commit before the first film is read. Until `finish` the pass is wanted, so a pass that dies is begun anew.
    """
    await conn.execute(_load("begin_pass.sql"), {"enrichment": enrichment, "now": now})
    await conn.execute(_load("enter_pass.sql"), {"enrichment": enrichment})


async def count(
    conn: AsyncConnection[Any], enrichment: Enrichment, films_done: int
) -> None:
    """Note how far the pass under way is."""
    await conn.execute(
        _load("count_pass.sql"), {"enrichment": enrichment, "films": films_done}
    )


async def finish(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    *,
    films: int,
    now: datetime,
) -> None:
    """Note that this code has computed so many films, all there are, and take away what was due when it began."""
    await conn.execute(
        _load("finish_pass.sql"),
        {
            "enrichment": enrichment,
            "films": films,
            "version": FOLLOWED[enrichment].version,
            "now": now,
        },
    )
    await conn.execute(_load("clear_passed.sql"), {"enrichment": enrichment})


async def put_off(
    conn: AsyncConnection[Any], enrichment: Enrichment, *, until: datetime
) -> None:
    """Let a pass wait that failed, or that a person cancelled; it is wanted still, and what was due is due."""
    await conn.execute(
        _load("put_off_pass.sql"), {"enrichment": enrichment, "until": until}
    )
    await conn.execute(_load("leave_pass.sql"), {"enrichment": enrichment})


async def list_states(conn: AsyncConnection[Any]) -> dict[Enrichment, PassState]:
    """Return where each kind stands."""
    async with conn.cursor(row_factory=class_row(PassState)) as cursor:
        await cursor.execute(_load("list_states.sql"))
        return {Enrichment(row.enrichment): row for row in await cursor.fetchall()}


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.enrichment.due", name)
