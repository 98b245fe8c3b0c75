"""The HTTP client against a socket that does everything wrong."""

import asyncio
import gzip
import hashlib
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import aiohttp
import pytest
from pydantic import SecretStr

from cinegraph import clock
from cinegraph.errors import (
    AbsentAtSourceError,
    ConfigError,
    PayloadError,
    RequestRefusedError,
    SourceBlockedError,
    SourceError,
    SourceExhaustedError,
    SourceHaltedError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority
from cinegraph.sources.export_files import ExportRefusedError
from cinegraph.sources.http import (
    TRANSPORT_FAILURES,
    HttpClient,
    Response,
    find_failure,
)

type Answer = Callable[..., bytes]
type Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
type MakeClient = Callable[..., HttpClient]


class Upstream(Protocol):
    """The upstream of `conftest`: what it answers, and what it was asked."""

    script: list[bytes | Act]
    requests: list[str]
    connections: int
    url: str


class Budget(Protocol):
    """The budget of `conftest` and what it was told."""

    acquired: list[Priority]
    failures: list[str]
    outage_seconds: float
    throttles: list[float | None]
    rejections: list[tuple[str, str]]
    successes: int
    refusal: Exception | None


class Meter(Protocol):
    """The meter of `conftest` and what it counted."""

    outcomes: list[str]
    endpoints: set[tuple[str, str]]


async def ask(client: HttpClient, priority: Priority = Priority.BACKFILL) -> Response:
    """Ask for a film."""
    return await client.get(
        "/movie/5",
        {"language": "de-DE"},
        endpoint="movie",
        priority=priority,
        external_id="movie 5",
    )


class TestGoodAnswers:
    """What a request sends, and what it brings home."""

    async def test_gzip_is_kept_as_received(
        self, upstream: Upstream, make_client: MakeClient, make_answer: Answer
    ) -> None:
        """The document gets the received bytes, the hash is of the decoded body."""
        body = b'{"id": 5}' * 50
        sent = gzip.compress(body, 3)
        upstream.script = [make_answer(sent, Content_Encoding="gzip", ETag='W/"abc"')]

        with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)):
            at = clock.now()
            response = await ask(make_client())

        assert response.body == body
        assert response.body_gzip == sent
        assert response.sha256 == hashlib.sha256(body).digest()
        assert response.etag == 'W/"abc"'
        assert response.fetched_at == at

    async def test_a_plain_answer_is_compressed(
        self, upstream: Upstream, make_client: MakeClient, make_answer: Answer
    ) -> None:
        """An upstream that does not compress gives the same body and hash."""
        upstream.script = [make_answer(b'{"id": 5}')]

        response = await ask(make_client())

        assert gzip.decompress(response.body_gzip) == response.body == b'{"id": 5}'
        assert response.etag is None

    async def test_the_token_is_a_header(
        self, upstream: Upstream, make_client: MakeClient, token: str
    ) -> None:
        """A v4 token goes into the header and not into the URL."""
        await ask(make_client())

        line, *headers = upstream.requests[0].split("\r\n")
        assert line == "GET /3/movie/5?language=de-DE HTTP/1.1"
        assert f"Authorization: Bearer {token}" in headers
        assert "Accept-Encoding: gzip" in headers

    async def test_a_v3_key_is_in_the_query(
        self, upstream: Upstream, make_client: MakeClient, v3_key: str
    ) -> None:
        """A v3 key goes into the query, and into no header."""
        await ask(make_client(api_key=SecretStr(v3_key)))

        line, *headers = upstream.requests[0].split("\r\n")
        assert line == f"GET /3/movie/5?language=de-DE&api_key={v3_key} HTTP/1.1"
        assert v3_key not in "".join(headers)

    async def test_budget_and_meter_know(
        self, make_client: MakeClient, budget: Budget, meter: Meter
    ) -> None:
        """Each request asks the budget and is counted."""
        client = make_client()
        await ask(client, priority=Priority.INTERACTIVE)
        await ask(client)

        assert budget.acquired == [Priority.INTERACTIVE, Priority.BACKFILL]
        assert budget.successes == 2
        assert meter.outcomes == ["ok", "ok"]
        assert meter.endpoints == {("tmdb", "movie")}

    async def test_connections_are_kept(
        self, upstream: Upstream, make_client: MakeClient
    ) -> None:
        """Requests one after the other share a connection."""
        client = make_client()
        for _ in range(5):
            await ask(client)

        assert len(upstream.requests) == 5
        assert upstream.connections == 1

    async def test_at_most_so_many_connections(
        self, upstream: Upstream, make_client: MakeClient, make_answer: Answer
    ) -> None:
        """However many ask at once, no more connections are open than allowed."""
        is_open = asyncio.Event()

        async def wait_then_answer(writer: asyncio.StreamWriter) -> None:
            """Answer when three wait."""
            if len(upstream.requests) == 3:
                is_open.set()
            await is_open.wait()
            writer.write(make_answer())

        upstream.script = [wait_then_answer]
        client = make_client(max_connections=3)
        await asyncio.gather(*(ask(client) for _ in range(9)))

        assert len(upstream.requests) == 9
        assert upstream.connections == 3

    async def test_a_closed_client_opens_again(
        self, upstream: Upstream, make_client: MakeClient
    ) -> None:
        """Closing ends the connections; a later request makes new ones."""
        client = make_client()
        async with client:
            await ask(client)
        await ask(client)
        await client.close()
        await client.close()

        assert upstream.connections == 2


async def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection with a TCP reset."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    writer.close()


async def say_nothing(writer: asyncio.StreamWriter) -> None:
    """Keep the connection and never answer."""
    await asyncio.sleep(60)
    writer.close()


def then_close(data: bytes) -> Act:
    """Send *data*, then close."""

    async def act(writer: asyncio.StreamWriter) -> None:
        """Misbehave so."""
        writer.write(data)
        await writer.drain()
        writer.close()

    return act


def then_stall(data: bytes) -> Act:
    """Send *data*, then nothing more."""

    async def act(writer: asyncio.StreamWriter) -> None:
        """Misbehave so."""
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(60)

    return act


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a body too slowly to end in time, but never stall."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(10_000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


def error(code: int, message: str = "No.") -> bytes:
    """Return TMDB's body of an error."""
    said = f'"status_code":{code},"status_message":"{message}"'
    return f'{{"success":false,{said}}}'.encode()


HTML = b"<!DOCTYPE html><title>Sorry</title>"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def misbehaviours(answer: Answer) -> dict[str, tuple[bytes | Act, type, str]]:
    """Return every misbehaviour, its error and a piece of the error's text."""
    bomb = answer(b"0" * 40_000, zipped=True)
    return {
        "absent": (answer(error(34), status=404), AbsentAtSourceError, "no movie 5"),
        "bad id": (answer(error(6), status=404), AbsentAtSourceError, "no movie 5"),
        "absent, zipped": (
            answer(error(34), status=404, zipped=True),
            AbsentAtSourceError,
            "no movie 5",
        ),
        "404 of HTML": (answer(HTML, status=404), SourceUnavailableError, "404"),
        "404 of nothing": (answer(b"", status=404), SourceUnavailableError, "404"),
        "404 cut": (
            answer(error(34)[:-9], status=404),
            SourceUnavailableError,
            "404",
        ),
        "404 falsely zipped": (
            answer(error(34), status=404, Content_Encoding="gzip"),
            SourceUnavailableError,
            "404",
        ),
        "throttled": (
            answer(error(25), status=429, Retry_After="3"),
            SourceThrottledError,
            "12.5 s",
        ),
        "throttled by HTML": (answer(HTML, status=429), SourceThrottledError, "12.5 s"),
        "bad key": (answer(error(7), status=401), SourceRejectedError, "401.*No"),
        "suspended": (answer(error(10), status=401), SourceRejectedError, "401"),
        "bad key, no success": (
            answer(b'{"status_code":7,"status_message":"No"}', status=401),
            SourceRejectedError,
            "401.*No",
        ),
        "forbidden": (answer(error(45), status=403), SourceRejectedError, "403"),
        "401 of nothing": (answer(b"", status=401), SourceUnavailableError, "401"),
        "403 of HTML": (answer(HTML, status=403), SourceUnavailableError, "403"),
        "bad page": (answer(error(22), status=400), RequestRefusedError, "400.*No"),
        "bad range": (answer(error(20), status=422), RequestRefusedError, "422"),
        "400 of HTML": (answer(HTML, status=400), SourceUnavailableError, "400"),
        "500": (answer(error(11), status=500), SourceUnavailableError, "500.*No"),
        "502": (answer(error(43), status=502), SourceUnavailableError, "502"),
        "503": (answer(error(46), status=503), SourceUnavailableError, "503"),
        "504": (answer(error(24), status=504), SourceUnavailableError, "504"),
        "522 of HTML": (answer(HTML, status=522), SourceUnavailableError, "522"),
        "202 of nothing": (answer(b"", status=202), UndecodableError, "202"),
        "empty": (answer(b""), UndecodableError, "empty"),
        "white space": (answer(b" \n"), UndecodableError, "empty"),
        "HTML": (answer(HTML), UndecodableError, "HTML"),
        "HTML, zipped": (answer(HTML, zipped=True), UndecodableError, "HTML"),
        "not zipped": (
            answer(b"{}", Content_Encoding="gzip"),
            UndecodableError,
            "not gzip",
        ),
        "falsely plain": (
            answer(gzip.compress(b"{}")),
            UndecodableError,
            "not announced",
        ),
        "brotli": (answer(b"{}", Content_Encoding="br"), UndecodableError, "'br'"),
        "cut gzip": (
            answer(gzip.compress(b"{}" * 99)[:-9], Content_Encoding="gzip"),
            UndecodableError,
            "cut",
        ),
        "cut": (
            then_close(answer(b'{"id":', length=900)),
            UndecodableError,
            "cut",
        ),
        "cut chunks": (
            then_close(CHUNKED + b'6\r\n{"id":\r\n'),
            UndecodableError,
            "cut",
        ),
        "too large": (answer(b"0" * 20_001), UndecodableError, "more than 20000"),
        "too large, unannounced": (
            then_close(CHUNKED + b"7530\r\n" + b"0" * 30_000 + b"\r\n0\r\n\r\n"),
            UndecodableError,
            "more than 20000",
        ),
        "bomb": (bomb, UndecodableError, "larger than 30000"),
        "no HTTP": (then_close(b"220 ESMTP\r\n"), SourceUnavailableError, "HTTP"),
        "hangs up": (hang_up, SourceUnavailableError, "hung up"),
        "reset": (reset, SourceUnavailableError, "broke|hung up"),
        "silent": (say_nothing, SourceUnavailableError, "stopped sending"),
        "stalls": (
            then_stall(answer(b'{"id":', length=900)),
            SourceUnavailableError,
            "stopped sending",
        ),
        "drips": (drip, SourceUnavailableError, "in time"),
        "redirect": (
            answer(b"", status=302, Location="http://127.0.0.1:1/elsewhere"),
            SourceUnavailableError,
            "redirected",
        ),
    }


NAMES = list(misbehaviours(lambda *_, **__: b""))
QUICKLY_TRIED_AGAIN = {"hangs up", "reset"}


class TestMisbehaviour:
    """Each thing an upstream can do wrong is one leaf of the error tree."""

    @pytest.mark.parametrize("name", NAMES)
    async def test_one_error_for_each(  # noqa: PLR0917 - fixtures
        self,
        name: str,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
        meter: Meter,
        v3_key: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """The error is of the right class, says what happened, and shows no key."""
        caplog.set_level(logging.DEBUG)
        act, expected, text = misbehaviours(make_answer)[name]
        upstream.script = [act]
        client = make_client(
            api_key=SecretStr(v3_key),
            read_timeout=timedelta(seconds=0.3),
            total_timeout=timedelta(seconds=0.8),
            max_received_bytes=20_000,
            max_body_bytes=30_000,
        )

        with pytest.raises(SourceError, match=text) as caught:
            await ask(client)

        assert type(caught.value) is expected
        assert meter.outcomes[-1] == caught.value.code
        tries = 2 if name in QUICKLY_TRIED_AGAIN else 1
        assert len(upstream.requests) == len(budget.acquired) == tries
        assert len(meter.outcomes) == tries
        assert v3_key not in shown_by(caught.value) + caplog.text
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None

    def test_every_leaf_is_reached(self, make_answer: Answer) -> None:
        """No error of sources is without a test: the rest is raised elsewhere."""
        here = {expected for _, expected, _ in misbehaviours(make_answer).values()}

        # Payloads are judged by the provider, lists by who reads them, halts by the budget, days by the quota;
        # firewalls stand before sources of awards: integration/jobs/test_awards_sources.py.
        assert set(leaves(SourceError)) - here == {
            ExportRefusedError,
            PayloadError,
            SourceBlockedError,
            SourceExhaustedError,
            SourceHaltedError,
        }


def leaves(root: type) -> list[type]:
    """Return the classes below *root* of our own error tree that have none below."""
    below = [kind for kind in root.__subclasses__() if "cinegraph" in kind.__module__]
    return [leaf for kind in below for leaf in leaves(kind)] if below else [root]


def shown_by(error: BaseException) -> str:
    """Return everything a talkative traceback would print: texts, chains and locals."""
    shown = [str(error), repr(error), repr(vars(error))]
    trace = error.__traceback__
    while trace is not None:
        if "/tests/" not in trace.tb_frame.f_code.co_filename:
            shown.append(repr(trace.tb_frame.f_locals))
        trace = trace.tb_next
    chain = (error.__cause__, error.__context__)
    shown.extend(shown_by(chained) for chained in chain if chained is not None)
    return "".join(shown)


class TestBudget:
    """What every other process must know of an answer."""

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("7", 7.0), ("0", 0.0), (None, None), ("soon", None), ("86400", 3600.0)],
    )
    async def test_a_429_slows_everyone(  # noqa: PLR0917 - fixtures
        self,
        header: str | None,
        seconds: float | None,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """The budget hears what was asked; the error says what it decided."""
        headers = {"Retry_After": header} if header else {}
        upstream.script = [make_answer(b"", status=429, **headers)]

        with pytest.raises(SourceThrottledError) as caught:
            await ask(make_client())

        assert budget.throttles == [seconds]
        assert caught.value.retry_in_seconds == 12.5
        assert len(upstream.requests) == 1

    @pytest.mark.parametrize("status", [401, 403])
    async def test_a_refused_key_halts(  # noqa: PLR0917 - fixtures
        self,
        status: int,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
        token: str,
    ) -> None:
        """The budget hears which key was refused, without the key."""
        upstream.script = [make_answer(error(7, "Invalid API key"), status=status)]

        with pytest.raises(SourceRejectedError):
            await ask(make_client())

        [(reason, fingerprint)] = budget.rejections
        assert "Invalid API key" in reason
        assert fingerprint == hashlib.sha256(token.encode()).hexdigest()[:12]
        assert budget.successes == 0

    @pytest.mark.parametrize("status", [401, 403])
    @pytest.mark.parametrize("body", [b"", HTML, b'{"detail": "log in first"}'])
    async def test_something_on_the_way_halts_nobody(  # noqa: PLR0917 - fixtures
        self,
        status: int,
        body: bytes,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """A proxy's refusal says nothing of the key: it is asked again, by one job alone."""
        upstream.script = [make_answer(body, status=status)]

        with pytest.raises(SourceUnavailableError):
            await ask(make_client())

        assert budget.rejections == []
        assert budget.successes == 0

    @pytest.mark.parametrize(("status", "code"), [(404, 34), (400, 22), (422, 20)])
    async def test_only_a_good_answer_proves_the_key(  # noqa: PLR0917 - fixtures
        self,
        status: int,
        code: int,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """A wrong address says 404 to any key: a refusal lifts no halt."""
        upstream.script = [make_answer(error(code), status=status), make_answer()]
        client = make_client()

        with pytest.raises((AbsentAtSourceError, RequestRefusedError)):
            await ask(client)

        assert (budget.successes, client.has_answered) == (0, False)
        await ask(client)
        assert (budget.successes, client.has_answered) == (1, True)

    async def test_an_outage_proves_nothing(
        self,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """A fault of the source says nothing about the key or the limit."""
        upstream.script = [make_answer(b"", status=503)]

        with pytest.raises(SourceUnavailableError):
            await ask(make_client())

        assert (budget.successes, budget.throttles, budget.rejections) == (0, [], [])

    @pytest.mark.parametrize("act", ["503", "HTML", "404", "429", "key"])
    async def test_what_may_be_an_outage_is_told(
        self,
        act: str,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """The breaker hears of every failure but those the budget hears of otherwise."""
        script, told = {
            "503": (make_answer(b"", status=503), ["unavailable"]),
            "HTML": (make_answer(HTML), ["undecodable"]),
            "404": (make_answer(error(34), status=404), ["absent"]),
            "429": (make_answer(b"", status=429), []),
            "key": (make_answer(error(7), status=401), []),
        }[act]
        upstream.script = [script]

        with pytest.raises(SourceError):
            await ask(make_client())

        assert budget.failures == told

    async def test_each_broken_connection_is_told(
        self, upstream: Upstream, make_client: MakeClient, budget: Budget
    ) -> None:
        """The second try is a request too."""
        upstream.script = [hang_up]

        with pytest.raises(SourceUnavailableError):
            await ask(make_client())

        assert budget.failures == ["unavailable"] * 2

    @pytest.mark.parametrize("is_broken", [False, True])
    async def test_an_outage_puts_the_job_off(
        self,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
        is_broken: bool,  # noqa: FBT001 - parametrized
    ) -> None:
        """A failure that belongs to a known outage is a wait, not an attempt; there is no second try."""
        upstream.script = [hang_up if is_broken else make_answer(b"", status=503)]
        budget.outage_seconds = 33.0

        with pytest.raises(SourceThrottledError, match="it is down") as caught:
            await ask(make_client())

        assert caught.value.retry_in_seconds == 33.0
        assert len(upstream.requests) == 1

    async def test_no_budget_no_request(
        self, upstream: Upstream, make_client: MakeClient, budget: Budget, meter: Meter
    ) -> None:
        """What the budget refuses is neither sent nor counted."""
        budget.refusal = SourceThrottledError(
            source="tmdb", endpoint="movie", retry_in_seconds=60
        )

        with pytest.raises(SourceThrottledError):
            await ask(make_client())

        assert upstream.requests == meter.outcomes == []

    async def test_no_key_no_request(
        self, make_client: MakeClient, budget: Budget
    ) -> None:
        """Without a key TMDB itself is not asked; nothing is taken from the budget."""
        client = make_client(api_key=None, base_url="https://api.themoviedb.org/3")

        with pytest.raises(ConfigError, match="TMDB_API_KEY"):
            await ask(client)

        assert budget.acquired == []


class TestSecondTry:
    """A connection that broke before an answer gets one more try, nothing else does."""

    @pytest.mark.parametrize("act", [hang_up, reset], ids=["hang up", "reset"])
    async def test_it_helps(  # noqa: PLR0917 - fixtures
        self,
        act: Act,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
        meter: Meter,
    ) -> None:
        """The second try asks the budget again and both are counted."""
        upstream.script = [act, make_answer(b'{"id": 5}')]

        assert (await ask(make_client())).body == b'{"id": 5}'
        assert len(upstream.requests) == len(budget.acquired) == 2
        assert meter.outcomes == ["unavailable", "ok"]

    async def test_there_is_no_third(
        self, upstream: Upstream, make_client: MakeClient, budget: Budget
    ) -> None:
        """Two tries, then the job waits."""
        upstream.script = [hang_up]

        with pytest.raises(SourceUnavailableError):
            await ask(make_client())

        assert len(upstream.requests) == len(budget.acquired) == 2

    async def test_a_kept_connection_hides_no_request(
        self,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
    ) -> None:
        """Aiohttp repeats by itself on a kept connection; the budget would not know."""
        upstream.script = [make_answer(), hang_up]
        client = make_client()
        await ask(client)

        with pytest.raises(SourceUnavailableError):
            await ask(client)

        assert len(upstream.requests) == len(budget.acquired) == 3

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_an_answer_is_never_asked_again(
        self,
        status: int,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
    ) -> None:
        """Retrying an answer is the job's business."""
        upstream.script = [make_answer(b"", status=status)]

        with pytest.raises(SourceError):
            await ask(make_client())

        assert len(upstream.requests) == 1


class TestConnecting:
    """No connection at all."""

    async def test_refused(
        self, make_client: MakeClient, budget: Budget, unused_tcp_port: int
    ) -> None:
        """A port where nobody listens: two quick tries, then unavailable."""
        client = make_client(base_url=f"http://127.0.0.1:{unused_tcp_port}/3")

        with pytest.raises(
            SourceUnavailableError, match="takes no connection"
        ) as caught:
            await ask(client)

        assert f" 127.0.0.1:{unused_tcp_port}: " in str(caught.value)
        assert caught.value.hint == "Check the network and TMDB_BASE_URL."
        assert len(budget.acquired) == 2

    async def test_unknown_host(self, make_client: MakeClient, v3_key: str) -> None:
        """A name that does not resolve is unavailable, not absent."""
        client = make_client(
            base_url="http://no-such-host.invalid/3", api_key=SecretStr(v3_key)
        )

        with pytest.raises(SourceUnavailableError, match="does not resolve") as caught:
            await ask(client)

        assert " no-such-host.invalid: its host name" in str(caught.value)
        assert v3_key not in shown_by(caught.value)

    async def test_no_tls(
        self, upstream: Upstream, make_client: MakeClient, v3_key: str
    ) -> None:
        """A server that speaks no TLS where we want it."""
        client = make_client(
            base_url=upstream.url.replace("http:", "https:"), api_key=SecretStr(v3_key)
        )
        upstream.script = [then_close(b"")]

        with pytest.raises(SourceUnavailableError) as caught:
            await ask(client)

        assert v3_key not in shown_by(caught.value)

    def test_every_failure_has_a_row(self) -> None:
        """Whatever aiohttp raises is told in our words; the first rows are special."""
        for kind in (
            aiohttp.ServerConnectionError,
            aiohttp.ClientResponseError,
            aiohttp.InvalidURL,
        ):
            assert issubclass(kind, aiohttp.ClientError)
        timeout = aiohttp.ConnectionTimeoutError("to host http://h/?api_key=canary")
        assert find_failure(timeout).reason == "no connection in time"
        assert find_failure(TimeoutError()).reason == "no answer in time"
        assert find_failure(aiohttp.ClientError()).reason == "it does not speak HTTP"
        assert find_failure(OSError(104, "reset")).is_quick

    def test_no_row_hides_another(self) -> None:
        """A row for a parent class never stands before that of its child."""
        seen: list[type[BaseException]] = []
        for row in TRANSPORT_FAILURES:
            assert not issubclass(row.exception, tuple(seen))
            seen.append(row.exception)


class TestSecrets:
    """The key is in the request and nowhere else."""

    async def test_an_echoed_key_is_scrubbed(
        self,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        budget: Budget,
        v3_key: str,
    ) -> None:
        """An upstream that repeats our key in its error does not spread it."""
        said = error(7, f"Invalid key {v3_key}")
        upstream.script = [make_answer(said, status=401)]

        with pytest.raises(SourceRejectedError, match=r"Invalid key \[key\]"):
            await ask(make_client(api_key=SecretStr(v3_key)))

        assert v3_key not in repr(budget.rejections)

    async def test_an_echoed_key_is_not_in_the_sample(
        self,
        upstream: Upstream,
        make_client: MakeClient,
        make_answer: Answer,
        v3_key: str,
    ) -> None:
        """Bodies kept as samples hold no key either."""
        page = b"<a href='/?api_key=" + v3_key.encode() + b"'>"
        upstream.script = [make_answer(page)]

        with pytest.raises(UndecodableError) as caught:
            await ask(make_client(api_key=SecretStr(v3_key)))

        assert caught.value.body == b"<a href='/?api_key=[key]'>"

    async def test_cancelling_shows_no_key(
        self, upstream: Upstream, make_client: MakeClient, meter: Meter, v3_key: str
    ) -> None:
        """A job out of time leaves no frame of aiohttp's, which know the URL."""
        arrived = asyncio.Event()

        async def arrive(_: asyncio.StreamWriter) -> None:
            """Tell that the request is here, and never answer."""
            arrived.set()
            await asyncio.sleep(60)

        upstream.script = [arrive]
        task = asyncio.create_task(ask(make_client(api_key=SecretStr(v3_key))))
        async with asyncio.timeout(5):
            await arrived.wait()
        task.cancel()

        with pytest.raises(asyncio.CancelledError) as caught:
            await task

        assert v3_key not in shown_by(caught.value)
        assert meter.outcomes == ["cancelled"]

    async def test_the_client_prints_no_key(
        self, make_client: MakeClient, v3_key: str
    ) -> None:
        """Neither the client nor its settings print the key."""
        client = make_client(api_key=SecretStr(v3_key))
        await ask(client)

        assert v3_key not in repr(client) + repr(vars(client))
