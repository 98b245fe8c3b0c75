"""
Bodies that nobody fetched for us into the catalogue: rows, and a ledger that knows how old they are.

The transactions are those of the writers of jobs, but for the time: a film is known as of when its body was fetched,
and due again as if it had been fetched by us then.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import documents as stored
from cinegraph.catalog import identity, quarantine, titles
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, StoredFilm, store_films
from cinegraph.catalog.titles import Title
from cinegraph.db.grouping import GroupWriter
from cinegraph.db.pool import Pool
from cinegraph.enrichment.lists.linking import link_stored
from cinegraph.festivals.linking import link_films
from cinegraph.jobs.documents.reading import read_film
from cinegraph.jobs.documents.shapes import Outline
from cinegraph.jobs.film_writer import GROUP_SIZE, OnStored
from cinegraph.jobs.stages import FILMS, TITLES, Stage
from cinegraph.jobs.title_writer import read_title
from cinegraph.sync import ledger, policy, stamps

INCOMPLETE = "loaded incomplete"
"""Why the ledger wants a film that came without some of its parts."""


class Fate(StrEnum):
    """What became of a body."""

    FILM_STORED = "film_stored"
    FILM_PARTIAL = "film_partial"
    FILM_WANTED = "film_wanted"
    TITLE_STORED = "title_stored"
    UNCHANGED = "unchanged"
    PASSED_OVER = "passed_over"
    BAD = "bad"


class GivenFilm(msgspec.Struct, frozen=True):
    """A film from a file, and which parts it lacks."""

    film: Film
    missing: tuple[str, ...]


type _Item = GivenFilm | Outline


class Taker:
    """
    Stores bodies from files, in groups.

    Args:
        stored: Called in each transaction that has stored films, as by the writer of jobs.
    """

    def __init__(self, pool: Pool, *, stored: OnStored | None = None) -> None:
        self._stored = stored
        self._recent = RecentStatements()
        self._films: GroupWriter[_Item, Fate] = GroupWriter(
            pool,
            self._write_films,
            key=_tmdb_id,
            max_items=GROUP_SIZE,
            committed=self._recent.commit,
            failed=self._recent.forget,
        )
        self._titles: GroupWriter[Title, Fate] = GroupWriter(
            pool, _write_titles, key=lambda title: title.document.external_id
        )

    async def take(self, given: GivenFilm | Outline | Title) -> Fate:
        """
        Store what a body says and return once it is committed.

        Raises:
            psycopg.Error: The database refuses it, or is gone.
        """
        if isinstance(given, Title):
            return await self._titles.submit(given)
        try:
            return await self._films.submit(given)
        except psycopg.IntegrityError:
            # A row taken for stored may have gone; the failure made us forget it.
            return await self._films.submit(given)

    async def _write_films(
        self, conn: AsyncConnection[Any], given: Sequence[_Item]
    ) -> Sequence[Fate]:
        now = clock.now()
        await identity.lock_ids(
            conn, [g.film for g in given if isinstance(g, GivenFilm)]
        )
        known = await stored.find_known(
            conn, [str(_tmdb_id(each)) for each in given], **_FILM_DOCUMENTS
        )
        usable = [
            each
            for each in given
            if isinstance(each, GivenFilm)
            and not (each.missing and each.film.document.external_id in known)
        ]
        changed = await self._store(conn, usable, now)
        whole = {_tmdb_id(g) for g in usable if not g.missing} & changed
        await _stamp_films(conn, [g.film for g in usable if _tmdb_id(g) in whole], now)
        await _want_films(conn, given, {int(each) for each in known} | whole, now)
        return [_fate_of(each, known, changed) for each in given]

    async def _store(
        self, conn: AsyncConnection[Any], given: Sequence[GivenFilm], now: datetime
    ) -> set[int]:
        """Store films and give them the rows of their titles; return TMDB's ids of those that changed."""
        if not given:
            return set()
        films = [each.film for each in given]
        done: list[StoredFilm] = await store_films(
            conn, films, now=now, recent=self._recent, read=read_film
        )
        changed = {film.tmdb_id for film in done if film.is_changed}
        if changed:
            fresh = [film for film in films if film.record.tmdb_id in changed]
            moved = await identity.settle_ids(conn, fresh, now=now)
            attached = await titles.attach_titles(
                conn, sorted({*changed, *moved}), read=read_title, now=now
            )
            if self._stored is not None:
                await self._stored(conn, fresh, now)
            await link_films(conn, sorted({*changed, *moved}), now=now)
            await link_stored(conn, sorted({*changed, *moved}), now=now)
            full = {a.tmdb_id: a.fetched_at for a in attached if not a.is_empty}
            await _stamp(conn, TITLES, full, now)
        return changed


_FILM_DOCUMENTS = {"source": FILMS.source, "kind": FILMS.kind}


async def _write_titles(
    conn: AsyncConnection[Any], given: Sequence[Title]
) -> Sequence[Fate]:
    now = clock.now()
    done = await titles.store_titles(conn, given, now=now)
    fetched = {title.document.external_id: title.document.fetched_at for title in given}
    full = {
        tmdb_id: fetched[one.imdb_id]
        for one in done
        if one.is_changed and not one.is_empty
        for tmdb_id in one.tmdb_ids
    }
    await _stamp(conn, TITLES, full, now)
    return [Fate.TITLE_STORED if one.is_changed else Fate.UNCHANGED for one in done]


async def _stamp_films(
    conn: AsyncConnection[Any], films: Sequence[Film], now: datetime
) -> None:
    fetched = {film.record.tmdb_id: film.document.fetched_at for film in films}
    await _stamp(conn, FILMS, fetched, now)
    await quarantine.resolve(
        conn, [film.document.external_id for film in films], **_FILM_DOCUMENTS, now=now
    )


async def _stamp(
    conn: AsyncConnection[Any],
    stage: Stage,
    fetched: Mapping[int, datetime],
    now: datetime,
) -> None:
    """Let the ledger know what was fetched when; what it knows to be checked later stays."""
    by_time = sorted(fetched.items(), key=itemgetter(1, 0))
    for checked_at, pairs in groupby(by_time, key=itemgetter(1)):
        ids = [tmdb_id for tmdb_id, _ in pairs]
        await stamps.touch_found(
            conn, ids, changed_ids=ids, **stage.entry, now=now, checked_at=checked_at
        )


async def _want_films(
    conn: AsyncConnection[Any], given: Iterable[_Item], known: set[int], now: datetime
) -> None:
    """Want films of which something is missing and nothing better is stored."""
    worth = {
        _tmdb_id(each): _value(each) for each in given if _tmdb_id(each) not in known
    }
    if worth:
        await ledger.want(conn, worth, **FILMS.entry, reason=INCOMPLETE, now=now)


def _value(given: _Item) -> float:
    if isinstance(given, Outline):
        return policy.film_value(None)
    record = given.film.record
    return policy.film_value(record.popularity, is_video=record.is_video)


def _fate_of(given: _Item, known: set[str], changed: set[int]) -> Fate:
    tmdb_id = _tmdb_id(given)
    if isinstance(given, Outline):
        return Fate.UNCHANGED if str(tmdb_id) in known else Fate.FILM_WANTED
    if tmdb_id not in changed:
        return Fate.UNCHANGED
    return Fate.FILM_PARTIAL if given.missing else Fate.FILM_STORED


def _tmdb_id(given: _Item) -> int:
    return given.tmdb_id if isinstance(given, Outline) else given.film.record.tmdb_id
