"""Documents: bodies from files, rows from bodies, and proof that they agree."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cinegraph.api.connection import Connection
from cinegraph.jobs import omdb
from cinegraph.jobs.documents import loading, rebuilding


class Keeping(Connection):
    """What is kept of the sources' answers."""

    async def load_documents(
        self,
        place: str | Path,
        *,
        source: str | None = None,
        fetched_at: datetime | None = None,
        on_progress: Callable[[loading.LoadReport], None] = lambda _: None,
    ) -> loading.LoadReport:
        """
        Store the films and titles of JSON files, without asking anybody; a second time changes nothing.

        Args:
            place: A folder, or a file: one JSON object, one a line, or an array of them; also gzipped.
            source: `tmdb` or `omdb`; None: both.
            fetched_at: When they were fetched; None: when each file was last written.

        Raises:
            UsageError: There is nothing to read, no such source, or a time that has not come yet.
        """
        request = loading.LoadRequest(
            place=Path(place), source=source, fetched_at=fetched_at
        )
        asks_omdb = self._app.settings.omdb is not None
        return await loading.load(
            self._app.pool,
            request,
            stored=omdb.ask_titles if asks_omdb else None,
            on_progress=on_progress,
        )

    async def rebuild(
        self,
        *,
        source: str | None = None,
        where: str | None = None,
        processes: int | None = None,
        restarts: bool = False,
        on_progress: Callable[[rebuilding.RebuildProgress], None] = lambda _: None,
    ) -> rebuilding.RebuildProgress:
        """
        Make all rows again from stored documents, going on with a rebuild of the same documents that was stopped.

        Args:
            source: `tmdb`, `omdb`, or one of awards, such as `oscars_table`; None: all.
            where: SQL over the columns of `documents`; None: all.
            processes: As many as there are cores unless given.
            restarts: Begin anew.

        Raises:
            UsageError: *where* is no condition, or there is no such source.
        """
        return await rebuilding.rebuild(
            self._app.pool,
            self._app.url,
            rebuilding.RebuildRequest(source=source, condition=where),
            processes=processes,
            restarts=restarts,
            requested_by=self._requested_by,
            on_progress=on_progress,
        )

    async def check_parity(
        self,
        *,
        source: str | None = None,
        where: str | None = None,
        processes: int | None = None,
        on_progress: Callable[[rebuilding.ParityReport], None] = lambda _: None,
    ) -> rebuilding.ParityReport:
        """
        Compare all rows with what stored documents say, changing nothing; arguments are those of `rebuild`.

        Raises:
            UsageError: *where* is no condition, or there is no such source.
        """
        return await rebuilding.check_parity(
            self._app.pool,
            self._app.url,
            rebuilding.RebuildRequest(source=source, condition=where),
            processes=processes,
            on_progress=on_progress,
        )
