"""Films that are gone, those that are held back from being so, and those that are another film now."""

from collections.abc import Sequence

from cinegraph import clock
from cinegraph.api.connection import Connection
from cinegraph.catalog import browse, redirects, tombstones
from cinegraph.catalog.redirects import Redirect
from cinegraph.catalog.tombstones import Tombstone
from cinegraph.jobs.stages import FILMS
from cinegraph.sync import gone
from cinegraph.sync.gone import Held


class Burying(Connection):
    """What counts as gone, and a person's say in it."""

    async def list_gone(
        self, *, limit: int = 50, before: int | None = None
    ) -> list[Tombstone]:
        """
        Return the newest tombstones with their evidence, also of films that came back.

        *before* is the id of the last one of the page before.
        """
        async with self._app.pool.connection() as conn:
            return await tombstones.list_tombstones(conn, limit=limit, before=before)

    async def list_held(self, *, limit: int = 50) -> list[Held]:
        """Return films that are held back from being gone, the most popular first."""
        async with self._app.pool.connection() as conn:
            return await gone.list_held(conn, limit=limit)

    async def allow_gone(self) -> int:
        """Let everything count as gone that is held back; return how many films."""
        async with self._app.pool.connection() as conn, conn.transaction():
            return await gone.allow(conn, who=self._requested_by, now=clock.now())

    async def refuse_gone(self) -> int:
        """Believe no denial of the films that are held back, and ask for them again; return how many."""
        async with self._app.pool.connection() as conn, conn.transaction():
            return await gone.refuse(conn, **FILMS.entry, now=clock.now())

    async def restore_gone(self, tmdb_ids: Sequence[int]) -> list[int]:
        """Let films live again and ask for them; return TMDB's ids of those that were gone."""
        async with self._app.pool.connection() as conn, conn.transaction():
            ids = await browse.list_movie_ids(conn, tmdb_ids)
            return await gone.restore(
                conn,
                list(ids.values()),
                list(ids),
                who=self._requested_by,
                **FILMS.entry,
                now=clock.now(),
            )

    async def list_merges(
        self, *, limit: int = 50, before: int | None = None
    ) -> list[Redirect]:
        """
        Return films that are another one now, the newest first, also those that a person has undone.

        *before* is the id of the last one of the page before.
        """
        async with self._app.pool.connection() as conn:
            return await redirects.list_redirects(conn, limit=limit, before=before)

    async def undo_merges(self, tmdb_ids: Sequence[int]) -> list[int]:
        """Say that films are no other ones, for good; return TMDB's ids of those that were redirected."""
        async with self._app.pool.connection() as conn, conn.transaction():
            return await redirects.undo(
                conn, tmdb_ids, who=self._requested_by, now=clock.now()
            )

    async def redo_merges(self, tmdb_ids: Sequence[int]) -> list[int]:
        """Let redirects stand again that were undone; return TMDB's ids of those that had one."""
        async with self._app.pool.connection() as conn, conn.transaction():
            return await redirects.redo(conn, tmdb_ids, who=self._requested_by)
