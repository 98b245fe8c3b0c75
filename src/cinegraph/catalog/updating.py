"""
Store answers that tell only some fields of films that are stored already.

The answer's body is laid over what was there before; rows are written where the two differ. The caller owns the
transaction; what is locked, and in which order, is as in `storing`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from psycopg import AsyncConnection

from cinegraph.catalog import partial_documents
from cinegraph.catalog.partial_documents import PartialDocument, WholeDocument
from cinegraph.catalog.rebuilding import rewrite_films
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import (
    Film,
    ReadFilm,
    compose,
    merge_statements,
    told_by,
)
from cinegraph.errors import SourceError
from cinegraph.records.differences import Difference, list_differences


class Update(msgspec.Struct, frozen=True):
    """What one source sent about some fields of a film."""

    film: Film
    fields: tuple[str, ...]
    """The appended fields that were asked for (`records.fields`), what every answer tells comes beside; or `LISTED`."""


class Fate(StrEnum):
    """What became of an update."""

    STORED = "stored"
    OUTDATED = "outdated"
    """A whole body is stored that is newer."""
    BASELESS = "baseless"
    """No whole body is stored that can be read: the film has to be fetched whole."""


class UpdatedFilm(msgspec.Struct, frozen=True):
    """What storing an update came to."""

    tmdb_id: int
    fate: Fate
    differences: tuple[Difference, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether it told anything new."""
        return bool(self.differences)


class _Step(msgspec.Struct, frozen=True):
    """A film before and after its update."""

    update: Update
    before: Film
    after: Film


async def store_updates(
    conn: AsyncConnection[Any],
    updates: Sequence[Update],
    *,
    read: ReadFilm,
    now: datetime,
    recent: RecentStatements | None = None,
) -> list[UpdatedFilm]:
    """
    Store *updates* in the transaction that is open on *conn*.

    Args:
        updates: From one source, each film at most once.
        read: Reads a stored body.
        now: The time to write into `updated_at`.
        recent: As in `storing.store_films`.

    Returns:
        One result a film, in the order given.

    Locks: the films' documents, then as `storing.store_films`.
    """
    documents = [update.film.document for update in updates]
    named = {"source": documents[0].source, "kind": documents[0].kind}
    external_ids = [document.external_id for document in documents]
    wholes = await partial_documents.lock_wholes(conn, external_ids, **named)
    newer = await partial_documents.read_newer(conn, external_ids, **named)
    ends = [_lay_over(update, wholes, newer, read) for update in updates]
    if steps := [end for end in ends if isinstance(end, _Step)]:
        await _write(conn, steps, now=now, recent=recent)
    return [
        _result(update.film.record.tmdb_id, end)
        for update, end in zip(updates, ends, strict=True)
    ]


def _result(tmdb_id: int, end: _Step | Fate) -> UpdatedFilm:
    if isinstance(end, Fate):
        return UpdatedFilm(tmdb_id, end)
    differences = list_differences(end.before.record, end.after.record)
    return UpdatedFilm(tmdb_id, Fate.STORED, differences)


def _lay_over(
    update: Update,
    wholes: dict[str, WholeDocument],
    newer: dict[str, list[PartialDocument]],
    read: ReadFilm,
) -> _Step | Fate:
    """Return the film before and after *update*, or why it cannot be laid over."""
    document = update.film.document
    whole = wholes.get(document.external_id)
    if whole is None:
        return Fate.BASELESS
    if whole.checked_at >= document.fetched_at:
        return Fate.OUTDATED
    try:
        film = read(whole.document)
    except SourceError:
        return Fate.BASELESS
    parts = newer.get(document.external_id, [])
    came_later = [part for part in parts if part.checked_at > document.fetched_at]
    came_earlier = [part for part in parts if part not in came_later]
    earlier, later = told_by(came_earlier, read), told_by(came_later, read)
    return _Step(
        update,
        before=compose(film, [*earlier, *later]),
        after=compose(film, [*earlier, (update.film, update.fields), *later]),
    )


async def _write(
    conn: AsyncConnection[Any],
    steps: Sequence[_Step],
    *,
    now: datetime,
    recent: RecentStatements | None,
) -> None:
    documents = [step.update.film.document for step in steps]
    await partial_documents.keep(conn, documents, [s.update.fields for s in steps])
    await partial_documents.drop_stale(
        conn,
        [document.external_id for document in documents],
        source=documents[0].source,
        kind=documents[0].kind,
    )
    await merge_statements(
        conn, [step.update.film for step in steps], now=now, recent=recent
    )
    await rewrite_films(
        conn,
        [step.after for step in steps],
        before={step.before.record.tmdb_id: step.before for step in steps},
        now=now,
    )
