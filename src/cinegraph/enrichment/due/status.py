"""How many films are computed, due, failing or impossible, of each kind, and why: read from the rows, not kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.enrichment.due import passes
from cinegraph.enrichment.due.kinds import Enrichment
from cinegraph.enrichment.due.passes import PassState


class Reason(msgspec.Struct, frozen=True):
    """So many films for one reason."""

    why: str
    films: int


class EnrichmentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where one kind stands; films that are gone are not counted."""

    enrichment: Enrichment
    current: int
    """Computed, and nothing that it follows from has changed since."""
    due: int
    """Something has changed; computed within seconds while a worker runs."""
    missing: int
    """Never computed; a pass over all films is to come."""
    failing: int
    """Could not be computed; tried again after a pause."""
    impossible: int
    """Computed, and there is nothing to compute from."""
    due_for: Sequence[Reason]
    """What changed, the most frequent first."""
    failing_for: Sequence[Reason]
    """Codes of errors."""
    impossible_for: Sequence[Reason]
    whole: PassState
    """Where computing all films stands."""


class EnrichmentReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where all kinds stand."""

    kinds: Sequence[EnrichmentStatus]
    changes_waiting: int
    """Of the change log, not looked at yet: what they make due is not counted as due. Some while a worker runs."""
    read_at: datetime

    @property
    def is_current(self) -> bool:
        """Whether everything is computed that can be, and nothing has changed since."""
        return not self.changes_waiting and all(
            not one.due
            and not one.missing
            and one.whole.wanted_at is None
            and one.whole.began_at is None
            for one in self.kinds
        )


async def read_status(conn: AsyncConnection[Any], *, now: datetime) -> EnrichmentReport:
    """Return where each kind stands; a second or two for the largest catalogue."""
    states = await passes.list_states(conn)
    kinds = [
        await _read(conn, enrichment, states[enrichment]) for enrichment in Enrichment
    ]
    cursor = await conn.execute(
        sql.load("cinegraph.enrichment.due", "count_waiting.sql")
    )
    [(waiting,)] = await cursor.fetchall()
    return EnrichmentReport(kinds=kinds, changes_waiting=waiting, read_at=now)


async def _read(
    conn: AsyncConnection[Any],
    enrichment: Enrichment,
    whole: PassState,
) -> EnrichmentStatus:
    cursor = await conn.execute(
        sql.load("cinegraph.enrichment.due", "count_states.sql"),
        {"enrichment": enrichment},
    )
    rows = await cursor.fetchall()

    def total(state: str) -> int:
        return sum(films for name, _, films in rows if name == state)

    def reasons(state: str) -> list[Reason]:
        return [
            Reason(why or "unknown", films)
            for name, why, films in rows
            if name == state
        ]

    return EnrichmentStatus(
        enrichment=enrichment,
        current=total("current"),
        due=total("due"),
        missing=total("missing"),
        failing=total("failing"),
        impossible=total("impossible"),
        due_for=reasons("due"),
        failing_for=reasons("failing"),
        impossible_for=reasons("impossible"),
        whole=whole,
    )
