"""A whole deployment in a test: database, imitation upstream, node, and the API before it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sandbox import (
    Body,
    InventedContent,
    SandboxServer,
    SandboxSettings,
    World,
)
from cinegraph.sandbox.content import pack, pack_json
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS
from hurry import open_quick_node, shorten_delays

POLL = timedelta(seconds=0.05)


class Script:
    """The invented world, except for what a test tells of single films and pages."""

    def __init__(self, world: World) -> None:
        self._invented = InventedContent(world)
        self.films: dict[int, list[Body | None]] = {}
        """Answers in turn, the last for ever."""
        self.pages: dict[tuple[str, int], tuple[int, ...]] = {}
        self.total_pages: int | None = None
        self.asked: list[int] = []

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

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the next answer for a film."""
        self.asked.append(tmdb_id)
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
                "results": [{"id": tmdb_id} for tmdb_id in ids],
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
    extras: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def work(
        self, c: Cinegraph | None = None, **options: Any
    ) -> AsyncIterator[Any]:
        """Run jobs within the block."""
        async with open_quick_node((c or self.c)._app, **options) as engine:
            yield engine

    async def finish(self, run_id: int, **options: Any) -> RunProgress:
        """Work until the run has ended."""
        async with self.work(**options):
            return await self.c.wait_for_run(run_id, every=POLL)

    async def fetch(self, query: Any, parameters: Any = None) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a query; rows of one column come as values."""
        async with self.c._app.pool.connection() as conn:
            cursor = await conn.execute(query, parameters)
            rows = await cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    async def ledger(self) -> dict[int, str]:
        """Return the state of every film at TMDB."""
        return dict(await self.fetch("SELECT external_id, state FROM sync_ledger"))


@pytest.fixture
def world() -> World:
    """Return a small invented world."""
    return World(films=90, seed=3)


@pytest.fixture
def sandbox_settings() -> SandboxSettings:
    """Return how the imitation behaves: no limit, no latency, no faults."""
    return SandboxSettings(port=0, rate=0, latency="none", slow_seconds=0.2)


@pytest.fixture
async def deployment(
    database_url: str,
    world: World,
    sandbox_settings: SandboxSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    """Return an open deployment against the imitation; its delays are short."""
    shorten_delays(monkeypatch.setattr)
    script = Script(world)
    async with SandboxServer(script, sandbox_settings) as sandbox:

        def open_deployment(**changes: Any) -> AbstractAsyncContextManager[Cinegraph]:
            given = {
                "database_url": database_url,
                "home": tmp_path,
                "tmdb_base_url": sandbox.base_url,
                "tmdb_requests_per_second": 0,
                "profile": "prod",
            }
            return cinegraph.open(**(given | changes))

        async with open_deployment() as c:
            yield Deployment(c, world, script, sandbox, database_url, open_deployment)
