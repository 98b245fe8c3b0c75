"""
Bodies as received: what is stored of them, read in ranges and in order.

A body is kept so that every row can be made again from it; nothing here knows what is in one.
"""

import gzip
import zlib
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed

from cinegraph.db import sql
from cinegraph.errors import UndecodableError, UsageError
from cinegraph.records.document import DocumentRecord

EVERYTHING = "true"
"""The condition that every document meets."""

COLUMNS = ("source", "kind", "external_id", "fetched_at", "checked_at", "size_bytes")
"""What a person's condition may speak of."""

_WRONG_CONDITION = (
    psycopg.ProgrammingError,
    psycopg.DataError,
    psycopg.NotSupportedError,
    # Writing where only reading is allowed, and running for too long.
    psycopg.InternalError,
    psycopg.errors.QueryCanceled,
)


class StoredDocument(msgspec.Struct, frozen=True, gc=False):
    """A body as it is stored."""

    source: str
    kind: str
    external_id: str
    body_gzip: bytes
    sha256: bytes
    fetched_at: datetime

    def unpack(self) -> bytes:
        """
        Return the body as the source sent it.

        Raises:
            UndecodableError: The stored bytes are damaged.
        """
        try:
            return gzip.decompress(self.body_gzip)
        except (OSError, EOFError, zlib.error) as error:
            raise UndecodableError(
                f"the stored body is damaged ({error})",
                source=self.source,
                endpoint=f"/{self.kind}/{self.external_id}",
                body=self.body_gzip,
            ) from error

    def as_received(self, body: bytes) -> DocumentRecord:
        """Return what came then, for what makes rows from it."""
        return DocumentRecord(
            source=self.source,
            kind=self.kind,
            external_id=self.external_id,
            body_gzip=self.body_gzip,
            sha256=self.sha256,
            size_bytes=len(body),
            fetched_at=self.fetched_at,
        )


class DocumentRange(msgspec.Struct, frozen=True):
    """Documents of one source and kind that follow each other; none of its ends depends on what is stored meanwhile."""

    source: str
    kind: str
    first_id: str
    end_id: str | None
    """The first one beyond it; None: it has no end."""
    documents: int
    """How many are wanted in it, when it was made."""


async def touch_or_replace(
    conn: AsyncConnection[Any], documents: Sequence[DocumentRecord]
) -> set[str]:
    """
    Keep *documents* of one source and kind; return the external ids of those whose body is now the stored one.

    A body that is stored already moves only the time of the last check; one that is older than the stored one nothing.

    Locks: the documents, in order of external id.
    """
    if not documents:
        return set()
    identity = _identity(documents) | {
        "fetched_ats": [document.fetched_at for document in documents]
    }
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "upsert_documents.sql"),
        {
            **identity,
            "bodies": [document.body_gzip for document in documents],
            "sizes": [document.size_bytes for document in documents],
            "etags": [document.etag for document in documents],
        },
    )
    changed = {row[0] for row in await cursor.fetchall()}
    if len(changed) < len(documents):
        await conn.execute(
            sql.load("cinegraph.catalog", "touch_documents.sql"), identity
        )
    return changed


async def find(
    conn: AsyncConnection[Any], external_id: str, *, source: str, kind: str
) -> StoredDocument | None:
    """Return one body as it is stored; None: there is none."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_document.sql"),
        {"source": source, "kind": kind, "external_id": external_id},
    )
    row = await cursor.fetchone()
    return None if row is None else StoredDocument(source, kind, *row)


async def find_known(
    conn: AsyncConnection[Any], external_ids: Sequence[str], *, source: str, kind: str
) -> set[str]:
    """Return those of *external_ids* of which a body is stored."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "find_documents.sql"),
        {"source": source, "kind": kind, "external_ids": list(external_ids)},
    )
    return {row[0] for row in await cursor.fetchall()}


async def split(
    conn: AsyncConnection[Any],
    source: str,
    kind: str,
    *,
    size: int,
    condition: str = EVERYTHING,
) -> list[DocumentRange]:
    """
    Split the documents of one source and kind that meet *condition* into ranges of *size*.

    Args:
        condition: SQL over `COLUMNS`; use a read-only transaction.

    Raises:
        UsageError: The condition is none.
    """
    try:
        cursor = await conn.execute(
            _compose("split_documents.sql", condition),
            {"source": source, "kind": kind, "size": size},
        )
    except _WRONG_CONDITION as error:
        raise UsageError(
            f"the condition {condition!r} cannot be used: {error.diag.message_primary or error}",
            hint=f"It is SQL over documents, with the columns {', '.join(COLUMNS)}:"
            " \"size_bytes > 100000 AND fetched_at < '2026-01-01'\".",
        ) from error
    found = await cursor.fetchall()
    ends = [first_id for first_id, _ in found]
    return [
        DocumentRange(source, kind, first_id, end_id, count)
        for (first_id, count), end_id in zip_longest(found, ends[1:])
    ]


async def read(
    conn: AsyncConnection[Any],
    within: DocumentRange,
    *,
    after_id: str | None,
    limit: int,
    condition: str = EVERYTHING,
) -> list[StoredDocument]:
    """Return the next documents of a range, in order of external id; fewer than *limit* are its last ones."""
    cursor = await conn.execute(
        _compose("read_documents.sql", condition),
        {
            "source": within.source,
            "kind": within.kind,
            "from_id": within.first_id,
            "after_id": after_id,
            "end_id": within.end_id,
            "limit": limit,
        },
    )
    return [
        StoredDocument(within.source, within.kind, *row)
        for row in await cursor.fetchall()
    ]


async def lock_unchanged(
    conn: AsyncConnection[Any], documents: Sequence[StoredDocument | DocumentRecord]
) -> set[str]:
    """Keep *documents* as they were read until the transaction ends; return the external ids of those that are so."""
    cursor = await conn.execute(
        sql.load("cinegraph.catalog", "lock_documents.sql"), _identity(documents)
    )
    return {row[0] for row in await cursor.fetchall()}


async def drop(
    conn: AsyncConnection[Any],
    external_id: str,
    *,
    source: str,
    kind: str,
    keeps: Sequence[str] = (),
) -> None:
    """Forget a body and its further pages (`<id>/…`), but for those of *keeps*: what they told of is kept no longer."""
    await conn.execute(
        sql.load("cinegraph.catalog", "drop_documents.sql"),
        {
            "source": source,
            "kind": kind,
            "external_id": external_id,
            "keeps": list(keeps),
        },
    )


async def resolve_bodies(
    conn: AsyncConnection[Any], documents: Sequence[StoredDocument], *, now: datetime
) -> None:
    """Note that these very bodies could be read, where they were in quarantine."""
    if documents:
        await conn.execute(
            sql.load("cinegraph.catalog", "resolve_bodies.sql"),
            {
                "source": documents[0].source,
                "kind": documents[0].kind,
                "hashes": [document.sha256 for document in documents],
                "now": now,
            },
        )


def _identity(
    documents: Sequence[StoredDocument | DocumentRecord],
) -> dict[str, Any]:
    return {
        "source": documents[0].source,
        "kind": documents[0].kind,
        "external_ids": [document.external_id for document in documents],
        "hashes": [document.sha256 for document in documents],
    }


def _compose(name: str, condition: str) -> Composed:
    """
    Return a statement with the person's condition in it.

    It stands where it can see nothing but `COLUMNS` and can widen no range; it is run by the person's own role.
    """
    given = SQL(condition.replace("%", "%%"))
    return SQL(sql.load("cinegraph.catalog", name)).format(condition=given)
