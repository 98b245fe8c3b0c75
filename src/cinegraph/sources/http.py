"""
The only place that opens connections to upstreams: one GET, judged.

`get` brings a body home; `download` hands on, as it comes, what is too large for memory.

Every request asks the budget first, then the quota of the day where there is one, and
is counted by the meter with its outcome and latency. What comes back is a body in hand
or one leaf of the error tree. Retrying is the job's business, with one exception: a
connection that broke before an answer came gets one quick second try, which asks the
budget again.

Errors of aiohttp carry the whole URL and so a key that travels in the query. They are
never chained: what happened is told in our own words, outside the `except` block.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Final, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
from multidict import CIMultiDictProxy
from yarl import URL

from cinegraph import __version__, clock
from cinegraph.errors import (
    SourceError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)
from cinegraph.limits import Priority
from cinegraph.sources.answers import (
    find_rule,
    parse_error_body,
    parse_retry_after,
    to_error,
)
from cinegraph.sources.bodies import BodyError, decode_body
from cinegraph.sources.credentials import Credentials
from cinegraph.sources.ports import Budget, Meter, Quota, Sink
from cinegraph.sources.settings import UpstreamSettings

_OK: Final = 200
_DOWNLOADS: Final = frozenset({_OK, 206, 416})
"""Whole, a part, no such part: what a download hands to its sink."""
_LONGEST_QUOTE: Final = 200
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"cinegraph/{__version__}",
}


class TransportFailure(NamedTuple):
    """How an exception of aiohttp is told."""

    exception: type[BaseException]
    reason: str
    error: type[SourceUnavailableError | UndecodableError] = SourceUnavailableError
    is_quick: bool = False
    """Whether a second try at once is worth a request."""


TRANSPORT_FAILURES: Final = (
    TransportFailure(aiohttp.ConnectionTimeoutError, "no connection in time"),
    TransportFailure(aiohttp.SocketTimeoutError, "stopped sending"),
    TransportFailure(TimeoutError, "no answer in time"),
    TransportFailure(
        aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"
    ),
    TransportFailure(aiohttp.ClientSSLError, "no TLS connection"),
    TransportFailure(
        aiohttp.ClientConnectorDNSError, "its host name does not resolve", is_quick=True
    ),
    TransportFailure(
        aiohttp.ClientConnectorError, "it takes no connection", is_quick=True
    ),
    TransportFailure(
        aiohttp.ServerDisconnectedError, "it hung up without an answer", is_quick=True
    ),
    TransportFailure(aiohttp.ClientOSError, "the connection broke", is_quick=True),
    TransportFailure(
        aiohttp.ClientPayloadError, "the body was cut", error=UndecodableError
    ),
    TransportFailure(aiohttp.ClientError, "it does not speak HTTP"),
    TransportFailure(OSError, "the connection broke", is_quick=True),
)
"""Every way a request can fail below HTTP; the first row that fits counts."""


class Response(msgspec.Struct, frozen=True):
    """A good answer."""

    body: bytes
    """Decompressed."""
    body_gzip: bytes
    """As received when it came compressed; compressed by us otherwise."""
    sha256: bytes
    """Of `body`."""
    headers: Mapping[str, str]
    fetched_at: datetime
    """When it came, however old it was by then (`caching`)."""

    @property
    def etag(self) -> str | None:
        """The upstream's own mark of this version of the body."""
        return self.headers.get("ETag") or None


class Request(NamedTuple):
    """What is asked, without any secret."""

    path: str
    parameters: Mapping[str, str]
    endpoint: str
    external_id: str


class _Received(NamedTuple):
    status: int
    headers: CIMultiDictProxy[str]
    data: bytes


class _TooLargeError(Exception):
    pass


class _BrokenConnectionError(Exception):
    """A connection failed in a way that deserves a second try."""

    def __init__(self, error: SourceUnavailableError) -> None:
        super().__init__(str(error))
        self.error = error


type _Receive[T] = Callable[[Request, Credentials], Awaitable[T]]


class HttpClient:
    """
    Asks one upstream, with its key, within its budget.

    Opens its connections at the first request and keeps them; `close` it, or use it as
    an asynchronous context manager.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        budget: Budget,
        meter: Meter,
        quota: Quota | None = None,
    ) -> None:
        self._settings = settings
        self._source = settings.source
        self._budget = budget
        self._quota = quota
        self._meter = meter
        self._session: aiohttp.ClientSession | None = None
        self._has_answered = False

    @property
    def base_url(self) -> str:
        """Where the upstream's API starts."""
        return self._settings.base_url

    @property
    def has_answered(self) -> bool:
        """Whether a good answer ever came: until then the address may be wrong."""
        return self._has_answered

    async def get(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        endpoint: str,
        priority: Priority,
        external_id: str | None = None,
    ) -> Response:
        """
        The body at *path*.

        Args:
            path: Below the base URL, starting with a slash, percent-encoded.
            parameters: The query, without the key.
            endpoint: The name under which the request is counted: few and stable.
            priority: Who waits for it.
            external_id: What is asked for, to name it when there is none.

        Raises:
            ConfigError: There is no key.
            SourceError: One leaf for everything that can go wrong.
        """
        request = Request(path, parameters or {}, endpoint, external_id or path)
        return await self._ask_twice(request, priority, self._fetch)

    async def download(
        self,
        path: str,
        sink: Sink,
        *,
        endpoint: str,
        priority: Priority,
        external_id: str | None = None,
    ) -> None:
        """
        Hand the file at *path* to *sink* as it comes, never whole in memory.

        The second try, when the connection broke, asks *sink* again for its headers and
        so goes on where the first one ended.

        Args:
            path: Below the base URL, starting with a slash, percent-encoded.
            sink: Says which part is wanted, and takes the bytes as they were sent.
            endpoint: The name under which the request is counted: few and stable.
            priority: Who waits for it.
            external_id: What is asked for, to name it when there is none.

        Raises:
            ConfigError: There is no key.
            SourceError: One leaf for everything that can go wrong; *sink* keeps what came.
        """
        request = Request(path, {}, endpoint, external_id or path)
        receive = partial(self._hand_over, sink=sink)
        await self._ask_twice(request, priority, receive)

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _ask_twice[T](
        self, request: Request, priority: Priority, receive: _Receive[T]
    ) -> T:
        """What *receive* returns; a broken connection gets a second try."""
        credentials = self._settings.credentials
        try:
            return await self._ask(request, credentials, priority, receive)
        except _BrokenConnectionError:
            pass
        try:
            return await self._ask(request, credentials, priority, receive)
        except _BrokenConnectionError as broken:
            error = broken.error
        raise error

    async def _ask[T](
        self,
        request: Request,
        credentials: Credentials,
        priority: Priority,
        receive: _Receive[T],
    ) -> T:
        """Send one request within the budget and the quota of the day."""
        await self._budget.acquire(priority)
        async with self._quota.request(priority) if self._quota else nullcontext():
            return await self._send(request, credentials, receive)

    async def _send[T](
        self, request: Request, credentials: Credentials, receive: _Receive[T]
    ) -> T:
        """Send one request, and tell the budget how it went."""
        sent_at = time.monotonic()
        try:
            with self._counted(request.endpoint):
                response = await receive(request, credentials)
        except (SourceError, _BrokenConnectionError) as error:
            refusal = error
        else:
            # Nothing less proves the key: a wrong address answers 404 to any key.
            self._has_answered = True
            self._budget.succeeded(sent_at=sent_at)
            return response
        raise await self._tell_budget(refusal, credentials, sent_at)

    @contextmanager
    def _counted(self, endpoint: str) -> Iterator[None]:
        """Count the request made in the block, with its outcome and latency."""
        started, outcome = time.perf_counter(), "cancelled"
        try:
            yield
            outcome = "ok"
        except SourceError as error:
            outcome = error.code
            raise
        except _BrokenConnectionError as broken:
            outcome = broken.error.code
            raise
        finally:
            elapsed = time.perf_counter() - started
            self._meter.record(self._source, endpoint, outcome, elapsed)

    async def _fetch(self, request: Request, credentials: Credentials) -> Response:
        """The whole answer, judged."""
        received = await self._receive(request, self._exchange(request, credentials))
        return self._judge(request, credentials, received)

    async def _hand_over(
        self, request: Request, credentials: Credentials, *, sink: Sink
    ) -> None:
        """Let *sink* take the answer, unless it is a refusal."""
        refused = await self._receive(request, self._stream(request, credentials, sink))
        if refused is not None:
            raise self._refusal(request, credentials, refused, refused.data)

    async def _receive[T](self, request: Request, exchange: Awaitable[T]) -> T:
        """What *exchange* returns, or the error of the connection."""
        try:
            return await exchange
        except asyncio.CancelledError as cancelled:
            # aiohttp's frames hold the URL; a traceback with locals would print it.
            raise cancelled.with_traceback(None)  # noqa: B904 - it is the same error
        except _TooLargeError:
            failure = TransportFailure(
                _TooLargeError,
                f"more than {self._settings.max_received_bytes} bytes",
                error=UndecodableError,
            )
        except (aiohttp.ClientError, OSError) as error:
            failure = find_failure(error)
        raise self._failed(failure, request)

    async def _exchange(self, request: Request, credentials: Credentials) -> _Received:
        """One request and its answer; a frame that knows the URL and must not raise."""
        async with self._open().get(
            self._url(request, credentials),
            headers=credentials.headers(),
            allow_redirects=False,
        ) as reply:
            data = await self._read(reply.content)
            return _Received(reply.status, reply.headers, data)

    async def _stream(
        self, request: Request, credentials: Credentials, sink: Sink
    ) -> _Received | None:
        """Fill *sink*, or return the answer that is no file; as careful as `_exchange`."""
        async with self._open().get(
            self._url(request, credentials),
            headers={**credentials.headers(), **sink.headers()},
            allow_redirects=False,
        ) as reply:
            if reply.status not in _DOWNLOADS:
                data = await self._read(reply.content)
                return _Received(reply.status, reply.headers, data)
            if sink.begin(reply.status, reply.headers):
                async for chunk in reply.content.iter_any():
                    sink.write(chunk)
            else:
                # What is not read would keep the connection busy.
                reply.close()
        return None

    async def _read(self, content: aiohttp.StreamReader) -> bytes:
        """The received bytes, up to the cap."""
        chunks, size = [], 0
        async for chunk in content.iter_any():
            size += len(chunk)
            if size > self._settings.max_received_bytes:
                raise _TooLargeError
            chunks.append(chunk)
        return b"".join(chunks)

    def _failed(
        self, failure: TransportFailure, request: Request
    ) -> SourceError | _BrokenConnectionError:
        """The error for *failure*, marked where a second try is worth a request."""
        if failure.error is UndecodableError:
            return UndecodableError(
                failure.reason, source=self._source, endpoint=request.endpoint
            )
        error = SourceUnavailableError(
            f"{urlsplit(self.base_url).netloc}: {failure.reason}",
            source=self._source,
            endpoint=request.endpoint,
            hint=f"Check the network and {self._settings.address_variable or f'{self._source.upper()}_BASE_URL'}.",
        )
        return _BrokenConnectionError(error) if failure.is_quick else error

    def _judge(
        self, request: Request, credentials: Credentials, received: _Received
    ) -> Response:
        """The answer as a response, or as the error it is."""
        encoding = received.headers.get("Content-Encoding", "")
        broken, body, body_gzip = "", b"", b""
        try:
            body, body_gzip = decode_body(
                received.data, encoding, largest_bytes=self._settings.max_body_bytes
            )
        except BodyError as error:
            broken = str(error)
        if received.status != _OK or self._is_refusal(body):
            raise self._refusal(request, credentials, received, body)
        broken = broken or _describe_no_json(body)
        if broken:
            raise UndecodableError(
                broken,
                source=self._source,
                endpoint=request.endpoint,
                body=credentials.scrub_bytes(body or received.data),
            )
        return Response(
            body=body,
            body_gzip=body_gzip,
            sha256=hashlib.sha256(body).digest(),
            headers=received.headers,
            fetched_at=clock.now(),
        )

    def _is_refusal(self, body: bytes) -> bool:
        """Whether an answer of 200 says that it is none."""
        return self._settings.refuses_with_200 and parse_error_body(body).is_refusal

    def _refusal(
        self,
        request: Request,
        credentials: Credentials,
        received: _Received,
        body: bytes,
    ) -> SourceError:
        """The error that an answer other than 200 stands for."""
        said = parse_error_body(body)
        rule = find_rule(
            self._settings.answers, received.status, said.status_code, said.words
        )
        return to_error(
            rule,
            status=received.status,
            retry_after_seconds=parse_retry_after(received.headers, clock.real_now()),
            said=credentials.scrub(said.words)[:_LONGEST_QUOTE],
            source=self._source,
            endpoint=request.endpoint,
            external_id=request.external_id,
            body=credentials.scrub_bytes(body),
        )

    async def _tell_budget(
        self,
        refusal: SourceError | _BrokenConnectionError,
        credentials: Credentials,
        sent_at: float,
    ) -> SourceError | _BrokenConnectionError:
        """Let every process know of a 429, a refused key, an outage; the error to raise."""
        if isinstance(refusal, SourceThrottledError):
            pause = await self._budget.throttled(
                retry_after_seconds=refusal.retry_in_seconds, sent_at=sent_at
            )
            return SourceThrottledError(
                source=refusal.source,
                endpoint=refusal.endpoint,
                retry_in_seconds=pause,
            )
        if isinstance(refusal, SourceRejectedError):
            await self._budget.rejected(
                reason=refusal.message, key_fingerprint=credentials.fingerprint
            )
            return refusal
        error = (
            refusal.error if isinstance(refusal, _BrokenConnectionError) else refusal
        )
        pause = await self._budget.failed(error=error, sent_at=sent_at)
        if not pause:
            return refusal
        # The source is down for all: this job is put off with the others.
        return SourceThrottledError(
            source=error.source,
            endpoint=error.endpoint,
            retry_in_seconds=pause,
            reason=f"paused, for it is down ({error.message}),",
            is_outage=True,
        )

    def _url(self, request: Request, credentials: Credentials) -> URL:
        """The address with the key; never kept in a variable of ours."""
        query = urlencode({**request.parameters, **credentials.parameters()}, safe=",/")
        separator = "?" if query else ""
        return URL(
            f"{self._settings.base_url}{request.path}{separator}{query}", encoded=True
        )

    def _open(self) -> aiohttp.ClientSession:
        """The session, made within the running loop at the first request."""
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=settings.max_connections),
                timeout=aiohttp.ClientTimeout(
                    total=settings.total_timeout.total_seconds(),
                    sock_connect=settings.connect_timeout.total_seconds(),
                    sock_read=settings.read_timeout.total_seconds(),
                ),
                headers=_HEADERS,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # aiohttp repeats a request by itself when a kept connection turns out
            # dead; the budget would not know of it. A test guards this switch.
            self._session._retry_connection = False  # noqa: SLF001
        return self._session


def find_failure(error: BaseException) -> TransportFailure:
    """The row of `TRANSPORT_FAILURES` for *error*."""
    return next(row for row in TRANSPORT_FAILURES if isinstance(error, row.exception))


def _describe_no_json(body: bytes) -> str:
    """Why *body* cannot be JSON, by its first character; "" if it may be."""
    start = body.lstrip()[:1]
    if not start:
        return "the body is empty"
    return "the body is HTML, not JSON" if start == b"<" else ""
