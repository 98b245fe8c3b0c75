"""
One film, one transaction: its document, every row made from it, the ledger, the runs that wait for it.

Films of jobs that run at the same moment share a transaction (`db.grouping`), which is where the speed comes from; a
job ends when the group that holds its film is committed.
"""

import gzip
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import Film, StoredFilm, store_films
from cinegraph.db.grouping import GroupWriter
from cinegraph.db.pool import Pool
from cinegraph.errors import PayloadError
from cinegraph.sync import ledger, runs

_REFUSALS = (
    psycopg.DataError,
    psycopg.IntegrityError,
    # A text too large for an index row.
    psycopg.errors.ProgramLimitExceeded,
)
GROUP_SIZE = 50
"""Films a transaction: 6 % cheaper a film than 20 (benchmarks/README.md); more was not tried, it makes them longer."""


class FilmWriter:
    """Stores the films of all jobs of a node."""

    def __init__(self, pool: Pool, *, group_size: int = GROUP_SIZE) -> None:
        self._recent = RecentStatements()
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
        except _REFUSALS as error:
            raise PayloadError(
                f"the database refuses it ({type(error).__name__}: {error.diag.message_primary})",
                source=film.document.source,
                endpoint=f"/movie/{film.document.external_id}",
                body=gzip.decompress(film.document.body_gzip),
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
        stored = await store_films(conn, films, now=now, recent=self._recent)
        ids = sorted(film.tmdb_id for film in stored)
        source = films[0].document.source
        async with conn.pipeline():
            await ledger.touch_found(
                conn,
                ids,
                changed_ids=[film.tmdb_id for film in stored if film.is_changed],
                source=source,
                kind=runs.MOVIE,
                now=now,
            )
            await runs.settle_items(conn, runs.MOVIE, ids, runs.ItemState.DONE, now=now)
            await quarantine.resolve(
                conn, list(map(str, ids)), source=source, kind=runs.MOVIE, now=now
            )
        return stored
