"""OMDb's client against a socket: what it asks, what it makes of the answers, and how the day is kept."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from pydantic import SecretStr

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.db.pool import Pool
from cinegraph.errors import (
    AbsentAtSourceError,
    PayloadError,
    SourceError,
    SourceExhaustedError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
    UsageError,
)
from cinegraph.limits import DailyQuota, Priority, QuotaGate, RequestSlots
from cinegraph.limits.quota_state import QuotaState, read_quotas
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.omdb.client import PROBED_ID, OmdbClient
from cinegraph.sources.providers.omdb.settings import OmdbSettings
from cinegraph.sources.providers.omdb.transform import to_title

type Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
type Answer = Callable[..., bytes]

KEY = "canary77"
TITLE = json.dumps(
    {"imdbID": "tt0111161", "Title": "The Film", "Type": "movie", "imdbRating": "9.3"}
).encode()


class Upstream:
    """The upstream of `conftest`: what it answers, and what it was asked."""

    script: list[bytes | Act]
    requests: list[str]
    port: int


class Budget:
    """The budget of `conftest` and what it was told."""

    acquired: list[Priority]
    throttles: list[float | None]
    rejections: list[tuple[str, str]]
    successes: int


@pytest.fixture
async def client(
    upstream: Upstream, budget: Budget, meter: object
) -> AsyncIterator[OmdbClient]:
    """Return a client of the misbehaving upstream, without a quota."""
    settings = OmdbSettings(
        base_url=f"http://127.0.0.1:{upstream.port}", api_key=SecretStr(KEY)
    )
    async with HttpClient(settings, budget, meter) as http:
        yield OmdbClient(http)


async def test_a_title_is_one_request(
    upstream: Upstream, client: OmdbClient, make_answer: Answer
) -> None:
    """By its IMDb id, the key in the query, and the body is kept as it came."""
    sent = make_answer(TITLE, zipped=True)
    upstream.script = [sent]

    fetched = await client.fetch_title("tt0111161", priority=Priority.BACKFILL)

    [request] = upstream.requests
    parts = urlsplit(request.split(" ")[1])
    assert parts.path == "/"
    assert parse_qs(parts.query) == {"i": ["tt0111161"], "r": ["json"], "apikey": [KEY]}
    assert to_title(fetched.payload).title == "The Film"
    document = fetched.document
    assert (document.source, document.kind, document.external_id) == (
        "omdb",
        "title",
        "tt0111161",
    )
    assert sent.endswith(document.body_gzip)
    assert gzip.decompress(document.body_gzip) == TITLE


@pytest.mark.parametrize("imdb_id", ["", "603", "nm0000005", "tt", "tt1&s=x", "tt1/"])
async def test_what_is_no_title_is_not_asked(
    upstream: Upstream, client: OmdbClient, imdb_id: str
) -> None:
    """It would cost a request and answer something else."""
    with pytest.raises(UsageError):
        await client.fetch_title(imdb_id, priority=Priority.BACKFILL)

    assert upstream.requests == []


async def test_a_plot_that_is_no_json_is_read(
    upstream: Upstream, client: OmdbClient, make_answer: Answer
) -> None:
    """And kept as it was sent."""
    body = TITLE.replace(b"The Film", b"inner\\spiritual\x1f")
    upstream.script = [make_answer(body)]

    fetched = await client.fetch_title("tt0111161", priority=Priority.BACKFILL)

    assert fetched.payload.title == "inner\\spiritual\x1f"
    assert gzip.decompress(fetched.document.body_gzip) == body


def refusal(said: str) -> bytes:
    """Return OMDb's body for a refusal."""
    return json.dumps({"Response": "False", "Error": said}).encode()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, refusal("Movie not found!"), AbsentAtSourceError),
        (200, refusal("Error getting data."), AbsentAtSourceError),
        (200, refusal("Too many results."), UndecodableError),
        (200, TITLE.replace(b"0111161", b"0000001"), PayloadError),
        (200, TITLE[:-9], UndecodableError),
        (200, b"", UndecodableError),
        (200, b"<html>blocked</html>", UndecodableError),
        (401, refusal("Request limit reached!"), SourceExhaustedError),
        (401, refusal("Invalid API key!"), SourceRejectedError),
        (401, b"<html>log in</html>", SourceUnavailableError),
        (401, refusal("Something else"), SourceUnavailableError),
        (429, b"", SourceThrottledError),
        (522, b"error code: 522", SourceUnavailableError),
        (524, b"error code: 524", SourceUnavailableError),
    ],
)
async def test_refusals(
    upstream: Upstream,
    client: OmdbClient,
    budget: Budget,
    make_answer: Answer,
    *,
    status: int,
    body: bytes,
    error: type[SourceError],
) -> None:
    """Each has its own error, and only a key that OMDb itself refuses halts the source."""
    upstream.script = [make_answer(body, status=status)]

    with pytest.raises(SourceError) as caught:
        await client.fetch_title("tt0111161", priority=Priority.BACKFILL)

    assert type(caught.value) is error
    assert KEY not in f"{caught.value!r} {caught.value}"
    assert bool(budget.rejections) is (error is SourceRejectedError)
    assert bool(budget.throttles) is (error is SourceThrottledError)


MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def set_time(at: datetime) -> None:
    """Stop Cinegraph's clock at *at*."""
    epoch = clock.real_now()
    clock.set_clock(ClockSetting(epoch=epoch, offset=at - epoch, speed=0.0))


@dataclass
class Imitation:
    """An OMDb that counts days as OMDb does: by an hour of its own, and says nothing of it."""

    limit: int
    reset_hour: int = 5
    key: str = KEY
    asked: list[tuple[datetime, bool]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one title, unless the day is used up or the key is wrong."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0.002)
        self.in_flight -= 1
        if request.query["apikey"] != self.key:
            return web.Response(status=401, body=refusal("Invalid API key!"))
        now = clock.now()
        is_answered = len(self.answered(now)) < self.limit
        self.asked.append((now, is_answered))
        if not is_answered:
            return web.Response(status=401, body=refusal("Request limit reached!"))
        return web.Response(
            body=TITLE.replace(b"tt0111161", request.query["i"].encode())
        )

    def answered(self, now: datetime) -> list[datetime]:
        """Return when it answered in the day of *now*."""
        begin = now.replace(hour=self.reset_hour, minute=0, second=0, microsecond=0)
        begin -= timedelta(days=begin > now)
        return [at for at, is_answered in self.asked if is_answered and at >= begin]

    @property
    def refused(self) -> int:
        """How often it said "used up"."""
        return sum(not is_answered for _, is_answered in self.asked)


@pytest.fixture
async def imitation() -> AsyncIterator[tuple[Imitation, str]]:
    """Return an imitation of 50 requests a day, and where it is."""
    made = Imitation(limit=50)
    app = web.Application()
    app.router.add_get("/", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [address] = runner.addresses
    yield made, f"http://127.0.0.1:{address[1]}"
    await runner.cleanup()


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    """Begin each test on a morning, and give the clock back."""
    set_time(MORNING)
    yield
    clock.reset()


@pytest.fixture
async def make_client(
    imitation: tuple[Imitation, str], budget: Budget, meter: object, pool: Pool
) -> AsyncIterator[Callable[..., OmdbClient]]:
    """Return a maker of clients with the real quota; each stands for a process of its own."""
    made: list[HttpClient] = []

    def make(daily_limit: int = 50, key: str = KEY) -> OmdbClient:
        settings = OmdbSettings(
            base_url=imitation[1], api_key=SecretStr(key), daily_limit=daily_limit
        )
        quota = DailyQuota(
            pool,
            settings.source,
            daily_limit=settings.daily_limit,
            key_fingerprint=settings.key_fingerprint,
            background_share=settings.background_share,
        )
        slots = RequestSlots(pool, settings.source, settings.requests_in_flight)
        http = HttpClient(settings, budget, meter, QuotaGate(quota, slots))
        made.append(http)
        return OmdbClient(http)

    yield make
    for http in made:
        await http.close()


async def work(client: OmdbClient, count: int) -> int:
    """Ask for *count* titles as background work does; how many were answered."""
    results = await asyncio.gather(
        *(
            client.fetch_title(f"tt{number:07}", priority=Priority.BACKFILL)
            for number in range(1, count + 1)
        ),
        return_exceptions=True,
    )
    others = [
        each
        for each in results
        if isinstance(each, BaseException)
        and not isinstance(each, SourceExhaustedError)
    ]
    assert others == []
    return sum(not isinstance(each, BaseException) for each in results)


async def read(pool: Pool) -> QuotaState:
    """Return the state of the quota."""
    async with pool.connection() as connection:
        [state] = await read_quotas(connection, now=clock.now())
    return state


class TestDay:
    """The quota of the day, from the client to the database."""

    async def test_the_source_is_not_asked_beyond_its_share(
        self,
        imitation: tuple[Imitation, str],
        make_client: Callable[..., OmdbClient],
    ) -> None:
        """39 of 50 go to the background of two processes, one at a time; a person gets another; OMDb refuses none."""
        omdb, _ = imitation
        clients = [make_client(), make_client()]

        answered = await asyncio.gather(*(work(client, 30) for client in clients))
        await clients[0].fetch_title("tt0111161", priority=Priority.INTERACTIVE)

        assert sum(answered) == 39
        assert (len(omdb.asked), omdb.refused) == (40, 0)
        assert omdb.most_in_flight == 1

    async def test_what_the_key_may_ask_is_learned(
        self,
        imitation: tuple[Imitation, str],
        make_client: Callable[..., OmdbClient],
        pool: Pool,
    ) -> None:
        """
        A key of 50 a day that is believed to have 1,000, and a day that begins at 05:00 and not at midnight.

        On the first day all is used and one request in a quarter of an hour asks for more; from the first answer after
        05:00 the hour and the limit are known, and OMDb is never asked too much again.
        """
        omdb, _ = imitation
        client = make_client(1000)

        assert await work(client, 60) == 50
        assert omdb.refused == 1
        at = MORNING
        while (await read(pool)).exhausted_at is not None:
            at += timedelta(minutes=10)
            set_time(at)
            await work(client, 3)
        state = await read(pool)
        assert at <= MORNING.replace(hour=5) + timedelta(days=1, minutes=20)
        assert (state.learned_limit, state.limit) == (50, 50)
        assert (state.resets_at.hour, state.is_reset_known) == (5, True)

        refused = omdb.refused
        assert refused <= 20 * 4 + 3
        for _ in range(3):
            await work(client, 60)
            assert len(omdb.answered(clock.now())) == 39
            at += timedelta(days=1)
            set_time(at)
        assert omdb.refused == refused

    async def test_a_bad_key_uses_up_nothing(
        self,
        make_client: Callable[..., OmdbClient],
        budget: Budget,
        pool: Pool,
    ) -> None:
        """It halts the source instead, and probing costs nothing of the day."""
        client = make_client(key="wrong")

        for _ in range(3):
            with pytest.raises(SourceRejectedError, match="Invalid API key!"):
                await client.probe()

        assert len(budget.rejections) == 3
        assert (await read(pool)).used == 0

    async def test_a_probe_asks_for_a_film_that_is_there(
        self,
        imitation: tuple[Imitation, str],
        make_client: Callable[..., OmdbClient],
        pool: Pool,
    ) -> None:
        """It costs one request."""
        await make_client().probe()

        assert PROBED_ID == "tt0111161"
        assert (await read(pool)).used == len(imitation[0].asked) == 1
