"""An upstream on a real socket that misbehaves as told, and a client that asks it."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from cinegraph.errors import SourceError
from cinegraph.limits import Priority
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.settings import TmdbSettings

type Act = Callable[[asyncio.StreamWriter], Awaitable[None]]

TOKEN = "eyJ.canary-token.sig"
V3_KEY = "ca4a57ca4a57ca4a57ca4a57ca4a57ff"


def answer(
    body: bytes = b"{}",
    *,
    status: int = 200,
    zipped: bool = False,
    length: int | None = None,
    **headers: str,
) -> bytes:
    """Return the bytes of an answer; *length* may lie about the body."""
    sent = gzip.compress(body) if zipped else body
    fields = {
        "Content-Type": "application/json",
        "Content-Length": str(len(sent) if length is None else length),
        **({"Content-Encoding": "gzip"} if zipped else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Word\r\n{head}\r\n".encode() + sent


@dataclass
class Upstream:
    """Answers requests in turn from a script, whose last entry repeats."""

    script: list[bytes | Act] = field(default_factory=lambda: [answer()])
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it is, with a path before the endpoints as TMDB has."""
        return f"http://127.0.0.1:{self.port}/3"

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one connection until either side ends it."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while head := await self._read_head(reader):
                self.requests.append(head)
                act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                if isinstance(act, bytes):
                    writer.write(act)
                else:
                    await act(writer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """End every connection."""
        for writer in self._writers:
            writer.close()

    @staticmethod
    async def _read_head(reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            return ""


@dataclass
class RecordingBudget:
    """Permits everything and remembers what it was told."""

    acquired: list[Priority] = field(default_factory=list)
    throttles: list[float | None] = field(default_factory=list)
    rejections: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    outage_seconds: float = 0.0
    successes: int = 0
    refusal: Exception | None = None
    pause_seconds: float = 12.5

    async def acquire(self, priority: Priority) -> None:
        """Permit one request, or refuse as told."""
        if self.refusal:
            raise self.refusal
        self.acquired.append(priority)

    async def throttled(
        self, *, retry_after_seconds: float | None, sent_at: float
    ) -> float:
        """Remember a 429."""
        assert sent_at > 0
        self.throttles.append(retry_after_seconds)
        return self.pause_seconds

    async def rejected(self, *, reason: str, key_fingerprint: str) -> None:
        """Remember a refused key."""
        self.rejections.append((reason, key_fingerprint))

    async def failed(self, *, error: SourceError, sent_at: float) -> float:
        """Remember any other failure, and take it for an outage as told."""
        assert sent_at > 0
        self.failures.append(error.code)
        return self.outage_seconds

    def succeeded(self, *, sent_at: float | None = None) -> None:
        """Remember an answer that took the key."""
        assert sent_at is not None
        self.successes += 1


@dataclass
class RecordingMeter:
    """Remembers what was counted."""

    outcomes: list[str] = field(default_factory=list)
    endpoints: set[tuple[str, str]] = field(default_factory=set)

    def record(
        self, source: str, endpoint: str, outcome: str, elapsed_seconds: float
    ) -> None:
        """Remember one request."""
        assert elapsed_seconds >= 0
        self.outcomes.append(outcome)
        self.endpoints.add((source, endpoint))


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """Return an upstream that answers `{}` until it is told otherwise."""
    made = Upstream()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    made.hang_up()
    server.close()
    await server.wait_closed()


@pytest.fixture
def budget() -> RecordingBudget:
    """Return a budget that permits everything."""
    return RecordingBudget()


@pytest.fixture
def meter() -> RecordingMeter:
    """Return a meter that remembers."""
    return RecordingMeter()


type MakeClient = Callable[..., HttpClient]


@pytest.fixture
async def make_client(
    upstream: Upstream, budget: RecordingBudget, meter: RecordingMeter
) -> AsyncIterator[MakeClient]:
    """Return a maker of clients of the upstream, with settings as given."""
    made: list[HttpClient] = []

    def make(**settings: object) -> HttpClient:
        """Return a client, closed after the test."""
        given = {"base_url": upstream.url, "api_key": SecretStr(TOKEN)} | settings
        made.append(HttpClient(TmdbSettings(**given), budget, meter))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def make_answer() -> Callable[..., bytes]:
    """Return the maker of answers."""
    return answer


@pytest.fixture
def token() -> str:
    """Return the v4 token that clients use unless told otherwise."""
    return TOKEN


@pytest.fixture
def v3_key() -> str:
    """Return a v3 key."""
    return V3_KEY
