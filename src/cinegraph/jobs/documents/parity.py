"""
Proof that rows are what documents say: make them again, count what that writes, take it back.

A group of documents whose rows are right writes nothing. One that writes something is looked at in tenths and then one
by one, until the documents stand alone whose rows differ; which tables differ is what was counted. Shared rows (people,
companies, …) are right when no document says anything later or greater of them (ADR 0006).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.rebuilding import count_writes
from cinegraph.jobs.documents.rewriting import Rewriter

_PARTS = 10
"""A hundred documents take three looks each when all differ, where halving takes eight; hardly more when one does."""


class Difference(msgspec.Struct, frozen=True):
    """A film or title whose rows are not what its document says."""

    source: str
    external_id: str
    """TMDB's id of a film, IMDb's of a title."""
    tables: dict[str, int]
    """Rows that differ, by table; empty where the document cannot be read."""
    reason: str


class Parity:
    """Compares documents with rows on one connection; changes nothing."""

    def __init__(self, conn: AsyncConnection[Any]) -> None:
        self._conn = conn
        # Titles are looked at by themselves, or one difference would be told twice.
        self._rewriter = Rewriter(conn, attaches=False)

    async def compare(
        self, documents: Sequence[StoredDocument], *, now: datetime
    ) -> list[Difference]:
        """Return those of *documents* whose rows differ, each with its tables."""
        recent = self._rewriter.recent
        try:
            written, unreadable = await self._try_out(documents, now)
        except BaseException:
            recent.forget()
            raise
        if not written:
            # What was found right needs no second look.
            recent.commit()
            return unreadable
        recent.rollback()
        if len(documents) == 1:
            return [*unreadable, _different(documents[0], written)]
        part = -(-len(documents) // _PARTS)
        found = []
        for first in range(0, len(documents), part):
            found += await self.compare(documents[first : first + part], now=now)
        return found

    async def _try_out(
        self, documents: Sequence[StoredDocument], now: datetime
    ) -> tuple[Counter[str], list[Difference]]:
        """Make the rows of *documents* and take them back; return the rows written by table, and what is unreadable."""
        async with self._conn.transaction(force_rollback=True):
            before = await count_writes(self._conn)
            unreadable = await self._rewriter.rewrite(documents, now=now)
            written = await count_writes(self._conn) - before
        return written, [
            Difference(
                each.document.source,
                each.document.external_id,
                {},
                f"its document cannot be read: {each.error.message}",
            )
            for each in unreadable
        ]


def _different(document: StoredDocument, written: Counter[str]) -> Difference:
    tables = dict(sorted(written.items()))
    told = ", ".join(f"{count} in {table}" for table, count in tables.items())
    return Difference(
        document.source, document.external_id, tables, f"rows that differ: {told}"
    )
