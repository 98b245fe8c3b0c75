"""
Bodies that tell only some fields of a film, kept beside the whole body until a newer whole one comes.

What a film is, is the whole body with the newer partial ones laid over it in the order in which they came: storing and
rebuilding compose it in the same way, so rows made either way are equal. Of one film there is at most one body a set
of fields; one whose fields a newer body tells too is removed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog.documents import StoredDocument
from cinegraph.db import sql
from cinegraph.records.document import DocumentRecord


class PartialDocument(msgspec.Struct, frozen=True, gc=False):
    """A partial body as it is stored."""

    document: StoredDocument
    checked_at: datetime
    fields: tuple[str, ...]
    """The appended fields that it tells, beside what every answer does."""


class WholeDocument(msgspec.Struct, frozen=True, gc=False):
    """The whole body that partial ones are laid over."""

    document: StoredDocument
    checked_at: datetime


async def lock_wholes(
    conn: AsyncConnection[Any], external_ids: Sequence[str], *, source: str, kind: str
) -> dict[str, WholeDocument]:
    """Return the whole bodies of films by external id, and keep them as they are; those without one are left out."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "lock_whole_documents.sql"),
        {"source": source, "kind": kind, "external_ids": list(external_ids)},
    )
    return {
        row[0]: WholeDocument(StoredDocument(source, kind, *row), checked_at)
        for *row, checked_at in await cursor.fetchall()
    }


async def read_newer(
    conn: AsyncConnection[Any], external_ids: Sequence[str], *, source: str, kind: str
) -> dict[str, list[PartialDocument]]:
    """Return by external id what came since the whole bodies did, oldest first; films without are left out."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "read_partial_documents.sql"),
        {"source": source, "kind": kind, "external_ids": list(external_ids)},
    )
    found: dict[str, list[PartialDocument]] = {}
    for *row, checked_at, fields in await cursor.fetchall():
        part = PartialDocument(
            StoredDocument(source, kind, *row), checked_at, tuple(fields)
        )
        found.setdefault(part.document.external_id, []).append(part)
    return found


async def keep(
    conn: AsyncConnection[Any],
    documents: Sequence[DocumentRecord],
    fields: Sequence[tuple[str, ...]],
) -> None:
    """Keep partial bodies, each of another film of one source; *fields* says of each what it tells."""
    await conn.execute(
        sql.load("cinegraph.catalog", "upsert_partial_documents.sql"),
        {
            "source": documents[0].source,
            "kind": documents[0].kind,
            "external_ids": [document.external_id for document in documents],
            "fields_lists": [",".join(names) for names in fields],
            "bodies": [document.body_gzip for document in documents],
            "hashes": [document.sha256 for document in documents],
            "sizes": [document.size_bytes for document in documents],
            "etags": [document.etag for document in documents],
            "fetched_ats": [document.fetched_at for document in documents],
        },
    )


async def drop_stale(
    conn: AsyncConnection[Any], external_ids: Sequence[str], *, source: str, kind: str
) -> set[str]:
    """Remove partial bodies that tell nothing any longer; return the films whose whole body took the place of one."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "drop_partial_documents.sql"),
        {"source": source, "kind": kind, "external_ids": list(external_ids)},
    )
    return {row[0] for row in await cursor.fetchall()}
