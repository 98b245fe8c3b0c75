"""
One film's ratings, one transaction: the document, the rows made from it, the ledger, the runs that wait for it.

As with films, jobs that run at the same moment share a transaction.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.titles import StoredTitle, Title, store_titles
from cinegraph.db.grouping import GroupWriter
from cinegraph.db.pool import Pool
from cinegraph.errors import SourceError
from cinegraph.jobs.refusals import REFUSALS, to_payload_error
from cinegraph.jobs.stages import TITLES
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title
from cinegraph.sync import runs, stamps, titles

DOCUMENT_KIND = "title"
"""What a body of OMDb's is called in `documents` and `quarantine`; its id is IMDb's."""


class AskedTitle(msgspec.Struct, frozen=True):
    """An answer, and the film it was asked for."""

    tmdb_id: int
    title: Title


def read_title(stored: StoredDocument) -> RatedTitleRecord | None:
    """Read a stored body of OMDb's; None where it cannot be read: its films keep the rows they have."""
    try:
        payload = decode_title(stored.unpack(), expected_id=stored.external_id)
    except SourceError:
        return None
    return to_title(payload)


class TitleWriter:
    """Stores what OMDb says, for all jobs of a node."""

    def __init__(self, pool: Pool) -> None:
        self._group: GroupWriter[AskedTitle, StoredTitle] = GroupWriter(
            pool, self._write, key=lambda asked: asked.title.document.external_id
        )

    async def write(self, asked: AskedTitle) -> StoredTitle:
        """
        Store an answer and return once it is committed.

        Raises:
            PayloadError: The database refuses a value of it: it goes to quarantine.
            psycopg.OperationalError: The database is gone; try again.
        """
        try:
            return await self._group.submit(asked)
        except REFUSALS as error:
            raise to_payload_error(
                error, asked.title.document, endpoint="title"
            ) from error

    async def _write(
        self, conn: AsyncConnection[Any], group: Sequence[AskedTitle]
    ) -> Sequence[StoredTitle]:
        now = clock.now()
        stored = await store_titles(conn, [asked.title for asked in group], now=now)
        pairs = sorted(
            zip(group, stored, strict=True), key=lambda pair: pair[0].tmdb_id
        )
        full = [(asked, one) for asked, one in pairs if not one.is_empty]
        await stamps.touch_found(
            conn,
            [asked.tmdb_id for asked, _ in full],
            changed_ids=[asked.tmdb_id for asked, one in full if one.is_changed],
            **TITLES.entry,
            now=now,
        )
        for asked, one in pairs:
            if one.is_empty:
                await stamps.touch_empty(
                    conn,
                    asked.tmdb_id,
                    is_changed=one.is_changed,
                    released_on=asked.title.record.released_on,
                    **TITLES.entry,
                    now=now,
                )
        await titles.confirm_asked(
            conn,
            {asked.tmdb_id: asked.title.document.external_id for asked in group},
            **TITLES.entry,
            now=now,
        )
        await runs.settle_items(
            conn,
            TITLES.item_kind,
            [asked.tmdb_id for asked, _ in pairs],
            runs.ItemState.DONE,
            now=now,
        )
        await quarantine.resolve(
            conn,
            [asked.title.document.external_id for asked, _ in pairs],
            source=TITLES.source,
            kind=DOCUMENT_KIND,
            now=now,
        )
        return stored
