"""The importer's own client against the imitation: it learns nothing but the truth."""

from collections import Counter

import pytest

from cinegraph.errors import (
    AbsentAtSourceError,
    SourceError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority
from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from cinegraph.sandbox.faults import Fault, parse_faults
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.client import TmdbClient
from cinegraph.sources.providers.tmdb.settings import TmdbSettings
from cinegraph.sources.providers.tmdb.transform import to_record

_WORLD = World(200, seed=11)
_IDS = [tmdb_id for page in range(1, 4) for tmdb_id in _WORLD.popular_ids(page)]
_MEANT = {
    Fault.THROTTLED: SourceThrottledError,
    Fault.THROTTLED_BARE: SourceThrottledError,
    Fault.OUTAGE: SourceUnavailableError,
    Fault.CUT: UndecodableError,
    Fault.HTML: UndecodableError,
    Fault.ENCODING: UndecodableError,
    Fault.EMPTY: UndecodableError,
    Fault.NOT_FOUND: AbsentAtSourceError,
}


class FreeBudget:
    """Lets everything through."""

    async def acquire(self, priority: Priority) -> None:
        """Let it through."""

    async def throttled(
        self, *, retry_after_seconds: float | None, sent_at: float
    ) -> float:
        """Pause nobody."""
        del retry_after_seconds, sent_at
        return 0.0

    async def rejected(self, *, reason: str, key_fingerprint: str) -> None:
        """Halt nobody."""

    async def failed(self, *, error: SourceError, sent_at: float) -> float:
        """Take nothing for an outage."""
        del error, sent_at
        return 0.0

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """Note nothing."""


class NoMeter:
    """Counts nothing."""

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Count nothing."""


def _server(*faults: str) -> SandboxServer:
    """Serve the world with faults, and else undisturbed."""
    return SandboxServer(
        _WORLD,
        SandboxSettings(
            port=0,
            rate=0,
            latency="none",
            faults=parse_faults(faults),
            slow_seconds=0.01,
        ),
    )


def _client(server: SandboxServer) -> HttpClient:
    """Make the importer's HTTP client, without limits of its own."""
    settings = TmdbSettings(base_url=server.base_url)
    return HttpClient(settings, FreeBudget(), NoMeter())


async def _learn(client: TmdbClient, tmdb_id: int, seen: Counter[str]) -> MovieRecord:
    """Ask until the film comes, counting what came instead."""
    for _ in range(50):
        try:
            fetched = await client.fetch_movie(tmdb_id, priority=Priority.BACKFILL)
        except SourceError as error:
            seen[error.code] += 1
        else:
            return to_record(fetched.payload)
    pytest.fail(f"{tmdb_id} never came: {seen}")


async def test_every_film_is_learnt_as_it_is_in_spite_of_faults() -> None:
    """With every fault on, a client that asks again ends with the world's films."""
    seen: Counter[str] = Counter()
    async with _server("all=0.05", "5xx=0.2") as server, _client(server) as http:
        client = TmdbClient(http)
        learnt = {i: await _learn(client, i, seen) for i in _IDS}

    assert learnt == _WORLD.expected(_IDS)
    assert set(seen) == {"throttled", "unavailable", "undecodable", "absent"}


@pytest.mark.parametrize("fault", list(_MEANT))
async def test_a_fault_means_one_error(fault: Fault) -> None:
    """In all its forms a fault becomes the error that says what to do about it."""
    errors = []
    async with _server(f"{fault}=1") as server, _client(server) as http:
        client = TmdbClient(http)
        for tmdb_id in dict.fromkeys(_IDS):
            with pytest.raises(SourceError) as caught:
                await client.fetch_movie(tmdb_id, priority=Priority.BACKFILL)
            errors.append(caught.type)

    assert set(errors) == {_MEANT[fault]}


async def test_lists_and_find_agree_with_the_world() -> None:
    """Pages, IMDb ids and absences come through the client as the world has them."""
    movie = next(m for m in map(_WORLD.movie, _IDS) if m and m.imdb_id)
    async with _server() as server, _client(server) as http:
        client = TmdbClient(http)
        page = await client.fetch_list("popular", 2, priority=Priority.BACKFILL)
        found = await client.fetch_movie(
            movie.imdb_id or "", priority=Priority.INTERACTIVE
        )
        await client.fetch_configuration(priority=Priority.BACKFILL)
        with pytest.raises(AbsentAtSourceError):
            await client.fetch_movie(10**8, priority=Priority.BACKFILL)

    assert page.tmdb_ids == _WORLD.popular_ids(2)
    assert to_record(found.payload) == movie
