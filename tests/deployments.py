"""A whole deployment in a test: database, imitation upstream, node, and the API before it."""

import gzip
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from oban import Job

import cinegraph
from cinegraph import clock
from cinegraph.api import Cinegraph
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.engine.node import JobEngine
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sandbox import (
    Body,
    Content,
    InventedContent,
    SandboxServer,
    SandboxSettings,
    World,
)
from cinegraph.sandbox.content import pack, pack_json
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS
from hurry import open_quick_node
from polling import until

POLL = timedelta(seconds=0.05)


class Script:
    """The invented world, except for what a test tells of single films and pages."""

    def __init__(self, world: World) -> None:
        self._invented = InventedContent(world)
        # OMDb, the exports and IMDb's file tell the truth.
        self.title = self._invented.title
        self.export_rows = self._invented.export_rows
        self.imdb_ratings = self._invented.imdb_ratings
        self.films: dict[int, list[Body | None]] = {}
        """Answers in turn, the last for ever."""
        self.pages: dict[tuple[str, int], tuple[int, ...]] = {}
        self.rows: dict[int, dict[str, object]] = {}
        """What told pages say of a film beside its id."""
        self.total_pages: int | None = None
        self.asked: list[int] = []
        self.parts_asked: list[tuple[str, ...]] = []
        """Of each film asked for, what was asked for beside it."""

    def tell(self, tmdb_id: int, *bodies: bytes | None) -> None:
        """Answer for a film with *bodies* in turn, then with the truth; None is a 404."""
        told = [None if body is None else pack(body) for body in bodies]
        self.films[tmdb_id] = [*told, self._invented.movie(tmdb_id, MOVIE_PARTS)]

    def tell_for_ever(self, tmdb_id: int, body: bytes | None) -> None:
        """Answer for a film with *body* whenever it is asked for."""
        self.films[tmdb_id] = [None if body is None else pack(body)]

    def body(self, tmdb_id: int, **changes: object) -> bytes:
        """Return the true body of a film with *changes* at its top."""
        body = self._invented.movie(tmdb_id, MOVIE_PARTS)
        assert body is not None
        told = msgspec.json.decode(body.plain(), type=dict[str, Any])
        return msgspec.json.encode(told | changes)

    def short_body(self, tmdb_id: int, **changes: object) -> bytes:
        """Return the true body of a film without any part, with *changes* at its top."""
        body = self._invented.movie(tmdb_id, ())
        assert body is not None
        told = msgspec.json.decode(body.plain(), type=dict[str, Any])
        return msgspec.json.encode(told | changes)

    def list_row(self, tmdb_id: int, **changes: object) -> None:
        """Let told pages say of a film what is true, with *changes*."""
        told = msgspec.json.decode(self.short_body(tmdb_id), type=dict[str, Any])
        names = ("title", "popularity", "vote_average", "vote_count", "adult", "video")
        self.rows[tmdb_id] = {name: told[name] for name in names} | changes

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the next answer for a film."""
        self.asked.append(tmdb_id)
        self.parts_asked.append(parts)
        told = self.films.get(tmdb_id)
        if told is None:
            return self._invented.movie(tmdb_id, parts)
        return told.pop(0) if len(told) > 1 else told[0]

    def page(self, name: str, page: int) -> Body | None:
        """Give a page as told, else the world's."""
        if not self.pages:
            return self._invented.page(name, page)
        ids = self.pages.get((name, page), ())
        return pack_json(
            {
                "page": page,
                "results": [{"id": i, **self.rows.get(i, {})} for i in ids],
                "total_pages": self.total_pages or len(self.pages),
                "total_results": 20 * len(self.pages),
            }
        )

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Give the film of an IMDb id."""
        return self._invented.tmdb_id_of(imdb_id)

    def find(self, external_id: str) -> Body | None:
        """Give what `/find` answers."""
        return self._invented.find(external_id)

    def other(self, path: str) -> Body | None:
        """Give any other path."""
        return self._invented.other(path)


@dataclass
class Deployment:
    """What a test of an import works with."""

    c: Cinegraph
    world: World
    script: Script
    sandbox: SandboxServer
    database_url: str
    open_other: Callable[..., AbstractAsyncContextManager[Cinegraph]]
    """Opens the same deployment with other settings, as another process would."""

    @asynccontextmanager
    async def work(
        self, c: Cinegraph | None = None, *, queues: Mapping[str, int] | None = None
    ) -> AsyncIterator[JobEngine]:
        """Run jobs within the block."""
        options = {} if queues is None else {"queues": queues}
        async with open_quick_node((c or self.c)._app, **options) as engine:
            yield engine

    async def finish(self, run_id: int) -> RunProgress:
        """Work until the run has ended."""
        async with self.work():
            return await self.c.wait_for_run(run_id, every=POLL)

    async def catch_up(self, now: datetime, *jobs: Job) -> None:
        """Do *jobs* at *now*, fetch what is due then, and wait until no job is left."""
        with clock.frozen(now):
            async with self.c._app.pool.connection() as conn:
                await insert_jobs(conn, jobs)
            async with self.work():
                await self.until(
                    "SELECT count(*) FROM oban_jobs WHERE state NOT IN ('completed', 'discarded', 'cancelled')",
                    0,
                )
                # What is due becomes jobs, and those end.
                await self.until(
                    "SELECT count(*) FROM sync_ledger WHERE state IN ('queued', 'wanted') OR due_at <= %s",
                    0,
                    [now],
                )

    async def fetch(self, query: Any, parameters: Any = None) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a query; rows of one column come as values."""
        async with self.c._app.pool.connection() as conn:
            cursor = await conn.execute(query, parameters)
            rows = await cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    async def until(
        self, query: str, expected: object, parameters: Sequence[object] | None = None
    ) -> None:
        """Wait until the query's only value is as expected."""

        async def is_reached() -> bool:
            return await self.fetch(query, parameters) == [expected]

        await until(is_reached)

    async def table(self) -> bytes:
        """Return the nominations table that was read last."""
        [body] = await self.fetch(
            "SELECT body_gzip FROM documents WHERE source = 'oscars_table'"
        )
        return gzip.decompress(body)

    async def ledger(self) -> dict[int, str]:
        """Return the state of every film at TMDB."""
        return dict(
            await self.fetch(
                "SELECT external_id, state FROM sync_ledger WHERE source = 'tmdb'"
            )
        )


type Deploy = Callable[..., AbstractAsyncContextManager[Deployment]]
"""Opens a deployment as `deploy` does, with what a test has given already."""


@asynccontextmanager
async def deploy(
    world: World,
    script: Script,
    settings: SandboxSettings,
    *,
    content: Content | None = None,
    database_url: str,
    home: Path,
    awards_of_sandbox: bool = False,
    **own: Any,
) -> AsyncIterator[Deployment]:
    """
    Open a deployment against an imitation within the block.

    Args:
        content: What the imitation serves, where that is not *script*.
        awards_of_sandbox: Whether awards are read there, too.
        own: Settings of the deployment, beside the addresses of the imitation.
    """
    async with SandboxServer(content or script, settings) as sandbox:

        def open_deployment(**changes: Any) -> AbstractAsyncContextManager[Cinegraph]:
            given = {
                "database_url": database_url,
                "home": home,
                "tmdb_base_url": sandbox.base_url,
                "tmdb_exports_url": sandbox.exports_url,
                "tmdb_requests_per_second": 0,
                "profile": "prod",
            }
            if awards_of_sandbox:
                given |= {
                    "oscars_url": sandbox.oscars_url,
                    "award_events_url": sandbox.award_events_url,
                }
            return cinegraph.open(**(given | own | changes))

        async with open_deployment() as c:
            yield Deployment(c, world, script, sandbox, database_url, open_deployment)
