"""
Rows from stored documents, a group at a time: decode, then write whatever differs.

One body that the database refuses is found by halving and put into quarantine; its neighbours are stored.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cinegraph.catalog import documents as stored
from cinegraph.catalog import (
    identity,
    partial_documents,
    people,
    quarantine,
    titles,
)
from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.partial_documents import PartialDocument
from cinegraph.catalog.people import Person
from cinegraph.catalog.rebuilding import rewrite_films
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, compose, merge_statements, told_by
from cinegraph.catalog.titles import Title
from cinegraph.errors import PayloadError
from cinegraph.festivals import organizations, reading
from cinegraph.festivals.stating import store_stated
from cinegraph.jobs.documents.reading import (
    FILM_KIND,
    StatedAwards,
    StatedList,
    Unreadable,
    read_all,
    read_awards,
    read_film,
    read_listed,
    read_person,
    read_title,
)
from cinegraph.jobs.documents.relisting import rewrite_lists
from cinegraph.jobs.refusals import REFUSALS
from cinegraph.jobs.title_writer import read_title as find_stored
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.awards import DOCUMENT_KIND as AWARDS_KIND
from cinegraph.sources.providers.tmdb.client import USER_LIST_KIND as LIST_KIND

type Readable = Film | Title | Person | StatedAwards | StatedList
"""What a stored body says."""


class Rewriter:
    """
    Makes rows from documents in the transactions of one connection.

    Args:
        beside: Where to merge what films say about shared things, in short transactions that are committed first:
            otherwise two processes wait for each other's whole groups, because all films speak of the same people and
            companies. Merging is idempotent and its documents are stored, so nothing depends on what follows.
        attaches: Whether films fetch the rows of their titles too; not where those are looked at by themselves.
    """

    def __init__(
        self,
        conn: AsyncConnection[Any],
        *,
        beside: AsyncConnection[Any] | None = None,
        attaches: bool = True,
    ) -> None:
        self._conn = conn
        self._beside = beside
        self._attaches = attaches
        self.recent = RecentStatements()

    async def rewrite(
        self, documents: Sequence[StoredDocument], *, now: datetime
    ) -> list[Unreadable]:
        """
        Make the rows of *documents* of one source in the open transaction; return those that could not be read.

        A document that another body has replaced since it was read is left to who stored that.
        """
        if not documents:
            return []
        kind = documents[0].kind
        if kind == people.KIND:
            persons, unreadable = read_all(documents, read_person)
            await self._write(persons, unreadable, now)
        elif kind == AWARDS_KIND:
            awards, unreadable = read_all(documents, read_awards)
            await self._write(awards, unreadable, now)
        elif kind == LIST_KIND:
            lists, unreadable = read_all(documents, read_listed)
            await self._write(lists, unreadable, now)
        elif kind == FILM_KIND:
            films, unreadable = read_all(documents, read_film)
            unreadable += await self._list_unreadable_parts(documents)
            await self._write(films, unreadable, now)
        else:
            read_titles, unreadable = read_all(documents, read_title)
            await self._write(read_titles, unreadable, now)
        return unreadable

    async def _list_unreadable_parts(
        self, documents: Sequence[StoredDocument]
    ) -> list[Unreadable]:
        """Return the partial bodies of films that cannot be read; the films are made of the others."""
        newer = await _read_newer(self._conn, documents)
        parts = [part.document for each in newer.values() for part in each]
        return read_all(parts, read_film)[1]

    async def _write(
        self,
        read: Sequence[Readable],
        unreadable: list[Unreadable],
        now: datetime,
    ) -> None:
        """Write a group within a savepoint; what the database refuses is narrowed down and joins *unreadable*."""
        if not read:
            return
        try:
            async with self._conn.transaction():
                await self._write_group(read, now)
        except REFUSALS as error:
            self.recent.forget()
            if len(read) == 1:
                unreadable.append(_refused(read[0], error))
                return
            middle = len(read) // 2
            await self._write(read[:middle], unreadable, now)
            await self._write(read[middle:], unreadable, now)

    async def _write_group(self, read: Sequence[Readable], now: datetime) -> None:
        films = [each for each in read if isinstance(each, Film)]
        told = [each for each in read if isinstance(each, Title)]
        if films:
            await self._write_films(films, now)
        if told:
            await self._write_titles(told)
        if persons := [each for each in read if isinstance(each, Person)]:
            await self._write_people(persons, now)
        for each in read:
            if isinstance(each, StatedAwards):
                await self._write_awards(each, now)
            elif isinstance(each, StatedList):
                await rewrite_lists(self._conn, each, now=now)

    async def _write_people(self, persons: Sequence[Person], now: datetime) -> None:
        documents = [person.document for person in persons]
        current = await stored.lock_unchanged(self._conn, documents)
        kept = [each for each in persons if each.document.external_id in current]
        await people.write_people(self._conn, kept, now=now)

    async def _write_awards(self, told: StatedAwards, now: datetime) -> None:
        """Make the nominations of the editions that the body was read for."""
        document = told.document
        if not await stored.lock_unchanged(self._conn, [document]):
            return
        for ceremony in await organizations.list_stated(
            self._conn, document.source, document.external_id
        ):
            edition = reading.find_edition(told.awards, ceremony.year, ceremony.part)
            if edition is None:
                continue
            is_known = organizations.digest(edition) == ceremony.digest
            await store_stated(
                self._conn,
                ceremony.id,
                document,
                edition,
                now=now,
                # What an earlier body said, and this one repeats, is as old as that.
                said_at=ceremony.said_at if is_known else None,
                is_trusted=True,
            )

    async def _write_films(self, films: Sequence[Film], now: datetime) -> None:
        documents = [film.document for film in films]
        laid_over = _tell(await _read_newer(self._conn, documents))
        said = [*films, *(film for told in laid_over.values() for film, _ in told)]
        if self._beside is not None:
            async with self._beside.transaction():
                await self._merge(self._beside, said, now)
            self.recent.commit()
        await identity.lock_ids(self._conn, films)
        current = await stored.lock_unchanged(self._conn, documents)
        films = [film for film in films if film.document.external_id in current]
        if not films:
            return
        if self._beside is None:
            await self._merge(self._conn, said, now)
        # Read again under the lock: who stored a part meanwhile has merged what it says.
        laid_over = _tell(await _read_newer(self._conn, documents))
        stating = [
            identity.first_stating(film, laid_over.get(film.document.external_id, ()))
            for film in films
        ]
        films = [
            compose(film, laid_over.get(film.document.external_id, ()))
            for film in films
        ]
        await rewrite_films(self._conn, films, now=now)
        lacking = set(await identity.settle_ids(self._conn, stating, now=now))
        if self._attaches:
            lacking.update(film.record.tmdb_id for film in films)
        if lacking:
            await titles.attach_titles(
                self._conn,
                sorted(lacking),
                read=find_stored,
                now=now,
                keeps_history=False,
            )

    async def _merge(
        self, conn: AsyncConnection[Any], films: Sequence[Film], now: datetime
    ) -> None:
        await merge_statements(conn, films, now=now, recent=self.recent)

    async def _write_titles(self, told: Sequence[Title]) -> None:
        imdb_ids = [title.document.external_id for title in told]
        await titles.lock_titles(self._conn, imdb_ids)
        current = await stored.lock_unchanged(self._conn, [t.document for t in told])
        await titles.rewrite_titles(
            self._conn,
            {
                imdb_id: (title.record, title.document.fetched_at)
                for title in told
                for imdb_id in (title.document.external_id,)
                if imdb_id in current
            },
        )


async def _read_newer(
    conn: AsyncConnection[Any], documents: Sequence[StoredDocument | DocumentRecord]
) -> dict[str, list[PartialDocument]]:
    return await partial_documents.read_newer(
        conn,
        [document.external_id for document in documents],
        source=documents[0].source,
        kind=documents[0].kind,
    )


def _tell(
    newer: Mapping[str, Sequence[PartialDocument]],
) -> dict[str, list[tuple[Film, tuple[str, ...]]]]:
    return {each: told_by(parts, read_film) for each, parts in newer.items()}


async def quarantine_unreadable(
    conn: AsyncConnection[Any], unreadable: Sequence[Unreadable], *, now: datetime
) -> None:
    """Keep a sample of each body and the reason; its rows stay as they are."""
    for each in unreadable:
        await quarantine.note_unreadable(
            conn,
            source=each.document.source,
            kind=each.document.kind,
            external_id=each.document.external_id,
            body=each.body,
            reason=each.error.code,
            detail=each.error.message,
            # What is stored does not get better by asking again.
            is_schema_broken=True,
            now=now,
        )


def _refused(read: Readable, error: psycopg.Error) -> Unreadable:
    document = read.document
    told = PayloadError(
        f"the database refuses it ({type(error).__name__}: {error.diag.message_primary})",
        source=document.source,
        endpoint=f"/{document.kind}/{document.external_id}",
    )
    kept = StoredDocument(
        document.source,
        document.kind,
        document.external_id,
        document.body_gzip,
        document.sha256,
        document.fetched_at,
    )
    return Unreadable(kept, kept.unpack(), told)
