"""An open connection to a deployment, which the groups of calls share."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection

from cinegraph import clock
from cinegraph.bootstrap import App
from cinegraph.errors import ConfigError
from cinegraph.jobs.imports import SOURCE
from cinegraph.settings import Settings
from cinegraph.sync import runs


class Connection:
    """What every group of calls works with."""

    def __init__(self, app: App, *, requested_by: str = "command") -> None:
        self._app = app
        self._requested_by = requested_by

    @property
    def settings(self) -> Settings:
        """What it was opened with."""
        return self._app.settings

    @property
    def database_url(self) -> str:
        """The address of the database, with its password if it has one: for tools, not for logs."""
        return self._app.url

    async def _start_run(
        self,
        conn: AsyncConnection[Any],
        kind: str,
        arguments: Mapping[str, object],
        *,
        requested_by: str | None = None,
    ) -> runs.RunId:
        self._require_key()
        return await runs.start_run(
            conn,
            kind=kind,
            source=SOURCE,
            arguments=arguments,
            requested_by=requested_by or self._requested_by,
            now=clock.now(),
        )

    def _require_key(self) -> None:
        """Say that the key is missing (ConfigError) to the person here, not to a job later."""
        _ = self._app.settings.tmdb.credentials

    def _has_key(self) -> bool:
        """Whether TMDB can be asked."""
        try:
            self._require_key()
        except ConfigError:
            return False
        return True

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection[Any]]:
        async with self._app.pool.connection() as conn, conn.transaction():
            yield conn
