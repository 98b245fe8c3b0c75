"""Files to download: `/exports/` as TMDB's file store serves it, `/imdb/` as IMDb's does."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from aiohttp import web

from cinegraph.sandbox.answers import PAGE
from cinegraph.sandbox.content import GZIP_HEADER
from cinegraph.sandbox.days import SandboxClock
from cinegraph.sandbox.dice import unit
from cinegraph.sandbox.drift import ExportRow
from cinegraph.sandbox.export_faults import (
    ExportFault,
    check_export_fault,
    spoil_lines,
    spoil_rows,
)
from cinegraph.sandbox.exports import (
    Shelf,
    StoppedError,
    StoredFile,
    export_lines,
    rating_lines,
)
from cinegraph.sandbox.ranges import Sent, of_bytes, span
from cinegraph.sandbox.settings import SandboxSettings

EXPORTS_PREFIX = "/exports"
IMDB_PREFIX = "/imdb"
RATINGS_NAME = "title.ratings.tsv.gz"
_EXPORT = re.compile(
    rf"{EXPORTS_PREFIX}/(?P<adult>adult_)?movie_ids"
    r"_(?P<month>\d\d)_(?P<day>\d\d)_(?P<year>\d{4})\.json\.gz",
    re.ASCII,
)
_OF_LINES = frozenset(
    {
        ExportFault.DUPLICATES,
        ExportFault.FOREIGN,
        ExportFault.HUGE_IDS,
        ExportFault.HALF,
    }
)
_COMPLETE_AFTER = timedelta(hours=8)
_KEPT_FOR = timedelta(days=90)
_PIECE_BYTES = 1 << 18
_GZIP = "application/gzip"
_STATUS: dict[ExportFault | None, int] = {
    ExportFault.MISSING: 404,
    ExportFault.FORBIDDEN: 403,
}
_INSTEAD: dict[ExportFault | None, tuple[bytes, str]] = {
    ExportFault.TINY: (GZIP_HEADER + b"\x03\x00" + bytes(8), _GZIP),
    ExportFault.HTML: (PAGE, "text/html"),
}
"""What is sent in place of an export."""
_ABSENT = {
    404: ("NoSuchKey", "The specified key does not exist."),
    403: ("AccessDenied", "Access Denied"),
}


@runtime_checkable
class ListedContent(Protocol):
    """What the daily files are made of."""

    def export_rows(
        self, day: date, first_day: date | None = None, *, is_adult: bool = False
    ) -> Iterable[ExportRow]:
        """List the films of the export of *day*."""

    def imdb_ratings(self) -> Iterable[tuple[str, float, int]]:
        """List IMDb's id, rating and votes of every title that has votes."""


class Downloads:
    """
    Serves the daily files, whole or in ranges.

    Args:
        content: What they are made of; one that is no `ListedContent` has none.
        clock: Says which days have been written, and which are thrown away.
    """

    def __init__(
        self, content: object, clock: SandboxClock, settings: SandboxSettings
    ) -> None:
        self._content = content if isinstance(content, ListedContent) else None
        self._clock = clock
        self._seed = settings.seed
        self._shelf = Shelf()
        self.first_day = settings.first_day
        """Set by the first export that is made, unless the settings say it."""
        self.change_fault(settings.export_fault)
        self.reset()

    def change_fault(self, name: str | None, day: date | None = None) -> None:
        """
        Spoil the exports of *day*, or of all days, from now on.

        Raises:
            UsageError: There is no such fault.
        """
        self._fault = check_export_fault(name)
        self._fault_day = day

    def reset(self) -> None:
        """Forget what was served, but not what day was the first."""
        self._requests = 0
        self._cuts = 0
        self._bytes = 0
        self._by_name: Counter[str] = Counter()
        self._by_status: Counter[int] = Counter()
        self._seconds: dict[str, float] = {}

    async def close(self) -> None:
        """Stop writing files and forget them."""
        await self._shelf.close()

    def told(self) -> dict[str, Any]:
        """Give the report as JSON's types."""
        return {
            "requests": self._requests,
            "body_bytes": self._bytes,
            "by_name": dict(self._by_name.most_common()),
            "by_status": {str(s): n for s, n in sorted(self._by_status.items())},
            "writing_seconds": self._seconds,
            "first_day": self.first_day and self.first_day.isoformat(),
            "fault": self._fault,
            "fault_day": self._fault_day and self._fault_day.isoformat(),
        }

    def summary(self) -> str:
        """Tell the report in a line."""
        return f"files: served {self._requests} requests, {self._bytes:,} bytes"

    async def respond(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        """Answer a request for a file, to its last byte."""
        self._requests += 1
        name = path.rpartition("/")[2]
        self._by_name[name] += 1
        found = await self._find(path, name)
        if isinstance(found, int):
            self._by_status[found] += 1
            return _absent(found)
        return await self._send(request, found)

    async def _find(self, path: str, name: str) -> Sent | int:
        """Give the file of a path, or the status that says why there is none."""
        if self._content is None:
            return 404
        try:
            if path == f"{IMDB_PREFIX}/{RATINGS_NAME}":
                return await self._find_ratings()
            match = _EXPORT.fullmatch(path)
            if match is None:
                return 404
            return await self._find_export(match, name)
        except StoppedError:
            return 503

    async def _find_ratings(self) -> Sent:
        """Give IMDb's ratings; they are the same every day, but dated anew."""
        content = self._content
        assert content is not None  # noqa: S101 - for the type checker
        stored = await self._store(
            RATINGS_NAME, RATINGS_NAME, lambda: rating_lines(content.imdb_ratings())
        )
        modified_at = datetime.combine(self._clock.now().date(), time(), UTC)
        return Sent(
            stored.read, stored.size, stored.etag, modified_at, "binary/octet-stream"
        )

    async def _find_export(self, match: re.Match[str], name: str) -> Sent | int:
        """Give an export as the fault makes it."""
        try:
            day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return 404
        complete_at = datetime.combine(day, time(), UTC) + _COMPLETE_AFTER
        is_there = complete_at <= self._clock.now() < complete_at + _KEPT_FOR
        fault = self._fault if self._fault_day in {None, day} else None
        if not is_there or fault in _STATUS:
            return _STATUS.get(fault, 404)
        if fault in _INSTEAD:
            body, kind = _INSTEAD[fault]
            etag = f'"{len(body):016x}"'
            return of_bytes(body, kind, etag=etag, at=complete_at)
        is_adult = match["adult"] is not None
        stored = await self._store_export(name, day, fault, is_adult=is_adult)
        size, etag = stored.size, stored.etag
        if fault is ExportFault.TRUNCATED:
            size, etag = size // 2, f'{etag[:-1]}-half"'
        is_cut = fault is ExportFault.CUT
        return Sent(stored.read, size, etag, complete_at, _GZIP, is_cut)

    async def _store_export(
        self, name: str, day: date, fault: ExportFault | None, *, is_adult: bool
    ) -> StoredFile:
        """Give the file of a day, written with the lines the fault puts into it."""
        content = self._content
        assert content is not None  # noqa: S101 - for the type checker
        first_day = self.first_day = self.first_day or day
        spoilt = fault if fault in _OF_LINES else None

        def write() -> Iterator[bytes]:
            rows = content.export_rows(day, first_day, is_adult=is_adult)
            lines = export_lines(spoil_rows(spoilt, rows), is_adult=is_adult)
            return spoil_lines(spoilt, lines)

        return await self._store((name, spoilt), name, write)

    async def _store(
        self, key: Hashable, name: str, pieces: Callable[[], Iterable[bytes]]
    ) -> StoredFile:
        stored = await self._shelf.get(key, pieces)
        self._seconds[name] = round(stored.seconds, 3)
        return stored

    async def _send(self, request: web.BaseRequest, sent: Sent) -> web.StreamResponse:
        """Send the file, or the range of it that is asked for."""
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Type": sent.kind,
            "ETag": sent.etag,
        }
        if sent.modified_at is not None:
            told = format_datetime(sent.modified_at, usegmt=True)
            headers["Last-Modified"] = told
        status, first, end = span(request, sent, headers)
        self._by_status[status] += 1
        response = web.StreamResponse(status=status, headers=headers)
        if status != HTTPStatus.NOT_MODIFIED:
            response.content_length = end - first
        await response.prepare(request)
        if request.method == "HEAD" or first == end:
            return response
        is_cut = sent.is_cut and status == HTTPStatus.OK
        if is_cut:
            self._cuts += 1
            end = int(sent.size * (0.2 + 0.6 * unit(self._seed, 61, self._cuts)))
        await self._write(response, sent, first, end)
        if is_cut and request.transport is not None:
            request.transport.close()
        return response

    async def _write(
        self, response: web.StreamResponse, sent: Sent, first: int, end: int
    ) -> None:
        """Write the bytes from *first* to before *end*, unless the client hangs up."""
        for offset in range(first, end, _PIECE_BYTES):
            piece = sent.read(offset, min(_PIECE_BYTES, end - offset))
            try:
                await response.write(piece)
            except ConnectionError:
                return
            self._bytes += len(piece)


def _absent(status: int) -> web.Response:
    """Answer as a file store does for what it does not have."""
    code, message = _ABSENT.get(
        status, ("ServiceUnavailable", "Reduce your request rate.")
    )
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{message}</Message><RequestId>0000000000000000</RequestId></Error>"
    )
    return web.Response(
        status=status, body=body.encode(), content_type="application/xml"
    )
