"""
One film, one transaction: its document, every row made from it, the ledger, the runs that wait for it.

Films of jobs that run at the same moment share a transaction (`db.grouping`), which is where the speed comes from; a
job ends when the group that holds its film is committed.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine, tombstones
from cinegraph.catalog.identity import lock_ids, settle_ids
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, StoredFilm, store_films
from cinegraph.catalog.titles import attach_titles
from cinegraph.db.grouping import GroupWriter
from cinegraph.db.pool import Pool
from cinegraph.enrichment.lists.linking import link_stored
from cinegraph.festivals.linking import Linked, link_films
from cinegraph.jobs.documents.reading import read_film
from cinegraph.jobs.refusals import REFUSALS, to_payload_error
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.title_writer import read_title
from cinegraph.sync import changes, policy, runs, stamps

GROUP_SIZE = 50
"""Films a transaction: 6 % cheaper a film than 20 (benchmarks/README.md); more was not tried, it makes them longer."""

type OnStored = Callable[
    [AsyncConnection[Any], Sequence[Film], datetime], Awaitable[None]
]

type OnLinked = Callable[
    [AsyncConnection[Any], Sequence[int], Linked, datetime], Awaitable[None]
]


def _aged(films: Sequence[Film], now: datetime) -> list[stamps.Aged]:
    """Return which of *films* came from a cache."""
    return [
        stamps.Aged(
            film.record.tmdb_id,
            document.fetched_at,
            max(document.cached_until, now + policy.RECHECK_CACHED),
        )
        for film in films
        if (document := film.document).cached_until is not None
    ]


async def find_rhythm(
    conn: AsyncConnection[Any], update_interval: timedelta
) -> stamps.Rhythm:
    """Return when films are due again by today's list of popular ones."""
    popular_from = await changes.find_popular_from(conn, **FILMS.entry)
    return stamps.Rhythm(popular_from, update_interval)


class FilmWriter:
    """
    Stores the films of all jobs of a node.

    Args:
        pool: A connection is taken for each group.
        group_size: Films a transaction, at most.
        stored: Called in the transaction that has stored films, before the runs that wait for them are told.
        linked: The same, with the nominations that these films completed.
        update_interval: How soon popular films are looked at again, and recent ones at the soonest.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        group_size: int = GROUP_SIZE,
        stored: OnStored | None = None,
        linked: OnLinked | None = None,
        update_interval: timedelta = policy.RECHECK_POPULAR,
    ) -> None:
        self._update_interval = update_interval
        self._recent = RecentStatements()
        self._stored = stored
        self._linked = linked
        self._group: GroupWriter[Film, StoredFilm] = GroupWriter(
            pool,
            self._write,
            key=lambda film: film.document.external_id,
            max_items=group_size,
            committed=self._recent.commit,
            # After a failure nothing is taken for stored: the rows may have gone, as after a restore.
            failed=self._recent.forget,
        )

    async def write(self, film: Film) -> StoredFilm:
        """
        Store *film* and return once it is committed.

        Raises:
            PayloadError: The database refuses a value of it: it goes to quarantine.
            psycopg.OperationalError: The database is gone; try again.
        """
        try:
            return await self._submit(film)
        except REFUSALS as error:
            raise to_payload_error(
                error,
                film.document,
                endpoint=f"/movie/{film.document.external_id}",
            ) from error

    async def _submit(self, film: Film) -> StoredFilm:
        try:
            return await self._group.submit(film)
        except psycopg.IntegrityError:
            # A row taken for stored may have gone, as after a restore; the failure made us forget it.
            return await self._group.submit(film)

    async def _write(
        self, conn: AsyncConnection[Any], films: Sequence[Film]
    ) -> Sequence[StoredFilm]:
        now = clock.now()
        await lock_ids(conn, films)
        stored = await store_films(
            conn, films, now=now, recent=self._recent, read=read_film
        )
        ids = sorted(film.tmdb_id for film in stored)
        source = films[0].document.source
        changed = [film.tmdb_id for film in stored if film.is_changed]
        new = [film for film, end in zip(films, stored, strict=True) if end.is_changed]
        moved = await settle_ids(conn, new, now=now)
        if changed or moved:
            ids_of_titles = sorted({*changed, *moved})
            await attach_titles(conn, ids_of_titles, read=read_title, now=now)
        linked = await link_films(conn, sorted({*ids, *moved}), now=now)
        await link_stored(conn, sorted({*changed, *moved}), now=now)
        if self._stored is not None:
            await self._stored(conn, films, now)
        if self._linked is not None:
            await self._linked(conn, ids, linked, now)
        await tombstones.revive(conn, ids, now=now)
        rhythm = await find_rhythm(conn, self._update_interval)
        async with conn.pipeline():
            await stamps.touch_found(
                conn,
                ids,
                changed_ids=changed,
                source=source,
                kind=runs.MOVIE,
                now=now,
                aged=_aged(films, now),
                rhythm=rhythm,
            )
            await runs.settle_items(conn, runs.MOVIE, ids, runs.ItemState.DONE, now=now)
            await quarantine.resolve(
                conn, list(map(str, ids)), source=source, kind=runs.MOVIE, now=now
            )
        return stored
