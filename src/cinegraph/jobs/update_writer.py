"""
Some fields of one film, one transaction: the body, the rows that differ, the ledger, the runs that wait for it.

As with whole films, jobs that run at the same moment share a transaction.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import tombstones
from cinegraph.catalog.identity import lock_ids, settle_ids
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.titles import attach_titles
from cinegraph.catalog.updating import Fate, Update, UpdatedFilm, store_updates
from cinegraph.db.grouping import GroupWriter
from cinegraph.db.pool import Pool
from cinegraph.enrichment.lists.linking import link_stored
from cinegraph.festivals.linking import link_films
from cinegraph.jobs.documents.reading import read_film
from cinegraph.jobs.film_writer import GROUP_SIZE, OnStored, find_rhythm
from cinegraph.jobs.refusals import REFUSALS, to_payload_error
from cinegraph.jobs.stages import FILMS
from cinegraph.jobs.title_writer import read_title
from cinegraph.records.fields import LISTED, told_by
from cinegraph.sync import policy, runs, stamps

type Touch = Callable[..., Awaitable[None]]
"""`stamps.touch_looked` or `stamps.touch_listed`."""


class UpdateWriter:
    """
    Stores updates of all jobs of a node.

    Args:
        stored: Called in the transaction that gave films another IMDb id.
        update_interval: How soon popular films are looked at again, and recent ones at the soonest.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        stored: OnStored | None = None,
        update_interval: timedelta = policy.RECHECK_POPULAR,
    ) -> None:
        self._update_interval = update_interval
        self._stored = stored
        self._recent = RecentStatements()
        self._group: GroupWriter[Update, UpdatedFilm] = GroupWriter(
            pool,
            self._write,
            key=lambda update: update.film.document.external_id,
            max_items=GROUP_SIZE,
            committed=self._recent.commit,
            failed=self._recent.forget,
        )

    async def write(self, update: Update) -> UpdatedFilm:
        """
        Store *update* and return once it is committed.

        Raises:
            PayloadError: The database refuses a value of it: it goes to quarantine.
            psycopg.OperationalError: The database is gone; try again.
        """
        try:
            return await self._submit(update)
        except REFUSALS as error:
            document = update.film.document
            raise to_payload_error(
                error, document, endpoint=f"/movie/{document.external_id}"
            ) from error

    async def _submit(self, update: Update) -> UpdatedFilm:
        try:
            return await self._group.submit(update)
        except psycopg.IntegrityError:
            # A row taken for stored may have gone, as after a restore; the failure made us forget it.
            return await self._group.submit(update)

    async def _write(
        self, conn: AsyncConnection[Any], updates: Sequence[Update]
    ) -> Sequence[UpdatedFilm]:
        now = clock.now()
        await lock_ids(conn, [update.film for update in updates])
        done = await store_updates(
            conn, updates, read=read_film, now=now, recent=self._recent
        )
        pairs = [
            (update, film)
            for update, film in zip(updates, done, strict=True)
            if film.fate is not Fate.BASELESS
        ]
        await self._follow_imdb_ids(conn, pairs, now)
        # A list proves nothing but what it tells: it revives no film, and ends no run's waiting.
        asked = [pair for pair in pairs if pair[0].fields != LISTED]
        listed = [pair for pair in pairs if pair[0].fields == LISTED]
        if asked:
            await tombstones.revive(conn, [film.tmdb_id for _, film in asked], now=now)
        await self._stamp(conn, stamps.touch_looked, asked, now)
        await self._stamp(conn, stamps.touch_listed, listed, now)
        await _settle(conn, asked, now)
        return done

    async def _follow_imdb_ids(
        self,
        conn: AsyncConnection[Any],
        pairs: Sequence[tuple[Update, UpdatedFilm]],
        now: datetime,
    ) -> None:
        """Give films that have another IMDb id now the ratings of that title."""
        moved = [
            update.film
            for update, film in pairs
            if any(one.field == "external_ids" for one in film.differences)
        ]
        if not moved:
            return
        contested = await settle_ids(conn, moved, now=now)
        ids = sorted({*(film.record.tmdb_id for film in moved), *contested})
        await attach_titles(conn, ids, read=read_title, now=now)
        await link_films(conn, ids, now=now)
        await link_stored(conn, ids, now=now)
        if self._stored is not None:
            await self._stored(conn, moved, now)

    async def _stamp(
        self,
        conn: AsyncConnection[Any],
        touch: Touch,
        pairs: Sequence[tuple[Update, UpdatedFilm]],
        now: datetime,
    ) -> None:
        """Let the ledger know whose votes were seen."""
        if not pairs:
            return
        await touch(
            conn,
            [film.tmdb_id for _, film in pairs],
            changed_ids=[film.tmdb_id for _, film in pairs if film.differences],
            **FILMS.entry,
            now=now,
            rhythm=await find_rhythm(conn, self._update_interval),
        )


async def _settle(
    conn: AsyncConnection[Any],
    pairs: Sequence[tuple[Update, UpdatedFilm]],
    now: datetime,
) -> None:
    """Let the runs know what was looked at."""
    by_fields = sorted((update.fields, film.tmdb_id) for update, film in pairs)
    for fields, group in groupby(by_fields, key=lambda pair: pair[0]):
        ids = [tmdb_id for _, tmdb_id in group]
        await runs.settle_updated(conn, ids, told_by(fields), now=now)
