"""News of films from elsewhere: each is taken once, and makes its films due at once."""

import asyncio
from collections.abc import Sequence

import msgspec
from psycopg import Rollback

from cinegraph import clock
from cinegraph.api.importing import Importing
from cinegraph.api.references import MovieNotFoundError
from cinegraph.catalog import browse
from cinegraph.errors import UsageError
from cinegraph.sync import deliveries

MOST_UNKNOWN = 20
"""IMDb ids of one delivery that TMDB is asked for, while whoever delivers waits."""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What news of films came to."""

    run_id: int | None
    """The run that fetches them; null: there is nothing to fetch."""
    films: int
    """That are fetched."""
    stored: int
    """Of them, those that are stored already and are made fresh; the others are imported."""
    unknown: Sequence[str] = ()
    """IMDb ids that are no film of TMDB's."""


class Hooking(Importing):
    """Taking news of films."""

    async def take_delivery(
        self,
        signature: bytes,
        *,
        tmdb_ids: Sequence[int] = (),
        imdb_ids: Sequence[str] = (),
    ) -> Delivered | None:
        """
        Fetch films at once that somebody else says are new or changed; a worker does the work.

        Args:
            signature: What makes the news the same; they are taken once.
            tmdb_ids: Films.
            imdb_ids: Films; of those that are not stored TMDB is asked for at most 20.

        Returns:
            What they came to; None: they were taken before.

        Raises:
            UsageError: No film is named, or too many that are not stored by their IMDb id alone.
            SourceError: TMDB could not be asked; nothing was taken.
        """
        if not tmdb_ids and not imdb_ids:
            raise UsageError("no film is named", hint="Give tmdb_ids or imdb_ids.")
        found, unknown = await self._resolve_all(list(dict.fromkeys(imdb_ids)))
        ids = list(dict.fromkeys([*tmdb_ids, *found]))
        taken: Delivered | None = None
        async with self._app.pool.connection() as conn, conn.transaction():
            stored = len(await browse.list_movie_ids(conn, ids))
            run_id = None
            if ids:
                run_id = await self._import_named(
                    conn, ids, reason="told by a hook", requested_by="hook"
                )
            at = clock.real_now()
            if not await deliveries.note(conn, signature, run_id=run_id, at=at):
                raise Rollback
            taken = Delivered(
                run_id=run_id, films=len(ids), stored=stored, unknown=tuple(unknown)
            )
        return taken  # noqa: RET504 - `Rollback` leaves the block before it is set

    async def _resolve_all(
        self, imdb_ids: Sequence[str]
    ) -> tuple[list[int], list[str]]:
        """Return TMDB's ids, and the IMDb ids that have none."""
        found: list[int] = []
        missing: list[str] = []
        async with self._app.pool.connection() as conn:
            for imdb_id in imdb_ids:
                tmdb_id = await browse.find_tmdb_id(conn, "imdb", imdb_id)
                if tmdb_id is None:
                    missing.append(imdb_id)
                else:
                    found.append(tmdb_id)
        if len(missing) > MOST_UNKNOWN:
            raise UsageError(
                f"{len(missing)} IMDb ids are of no stored film; TMDB is asked for at most {MOST_UNKNOWN} at once",
                hint="Give TMDB's ids, or fewer at a time.",
            )
        asked = await asyncio.gather(*map(self._find_one, missing))
        unknown = [
            imdb_id for imdb_id, one in zip(missing, asked, strict=True) if one is None
        ]
        return [*found, *(one for one in asked if one is not None)], unknown

    async def _find_one(self, imdb_id: str) -> int | None:
        try:
            return await self.resolve_tmdb_id(imdb_id)
        except MovieNotFoundError:
            return None
