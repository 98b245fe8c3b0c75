"""An edition as a stored body says it: the nominations, and that the body was read for it."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from cinegraph.catalog.documents import StoredDocument
from cinegraph.festivals import organizations
from cinegraph.festivals.storing import StoredEdition, store_edition
from cinegraph.records.awards import EditionStatement
from cinegraph.records.document import DocumentRecord


async def store_stated(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    document: StoredDocument | DocumentRecord,
    edition: EditionStatement,
    *,
    now: datetime,
    said_at: datetime | None = None,
    is_trusted: bool = False,
) -> StoredEdition:
    """
    Store what a body says of an edition; raises as `store_edition`.

    Args:
        said_at: When the source first said so, where an earlier body did; None: with this one.
    """
    said_at = said_at or document.fetched_at
    stored = await store_edition(
        conn,
        ceremony_id,
        document.source,
        edition,
        said_at=said_at,
        now=now,
        is_trusted=is_trusted,
    )
    await organizations.note_edition_source(
        conn,
        ceremony_id,
        document.source,
        edition,
        document_id=document.external_id,
        said_at=said_at,
    )
    return stored
