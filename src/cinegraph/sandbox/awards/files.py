"""The files of awards below `/awards/`: the nominations table and events, as a file server gives them, or spoilt."""

import re
import zlib
from collections import Counter
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from aiohttp import web

from cinegraph.errors import UsageError
from cinegraph.sandbox.answers import PAGE
from cinegraph.sandbox.awards.ceremonies import EVENT_NAMES, invent_event, invent_table
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.ranges import of_bytes, span
from cinegraph.sandbox.settings import SandboxSettings

PREFIX = "/awards"
EVENTS_PREFIX = f"{PREFIX}/events"
TABLE = "oscars.csv"
_EVENT = re.compile(r"(ev\d{7})\.yml", re.ASCII)
_KIND = "text/plain; charset=utf-8"


class AwardFault(StrEnum):
    """A state of the files, until it is changed."""

    BLOCKED = "blocked"
    """202 with an empty body, as sites answer whom they take for a robot."""
    HTML = "html"
    """A web page with status 200."""
    CUT = "cut"
    """The first half of the file, as if it were the whole."""
    EMPTY = "empty"
    """200 without a byte."""
    OUTAGE = "outage"
    """503."""


def check_award_fault(name: str | None) -> AwardFault | None:
    """Give the fault of that name, or none for none (UsageError: there is no such)."""
    if name is None:
        return None
    try:
        return AwardFault(name)
    except ValueError:
        raise UsageError(
            f"there is no fault {name!r} of awards",
            hint=f"They are {', '.join(AwardFault)}; one at a time.",
        ) from None


class AwardFiles:
    """
    Serves the nominations table and the files of events.

    Args:
        content: An invented world makes its own files; another has those alone that are given.
        settings: May name a table, which is served unchanged.

    Raises:
        UsageError: That table cannot be read.
    """

    def __init__(self, content: object, settings: SandboxSettings) -> None:
        self._world = content.world if isinstance(content, InventedContent) else None
        table = _read_table(content, settings)
        self._made: dict[str, bytes] = {} if table is None else {TABLE: table}
        self._given: dict[str, bytes] = {}
        self.change_fault(None)
        self.reset()

    def change_fault(self, name: str | None) -> None:
        """Spoil all files in that way from now on (UsageError: there is no such fault)."""
        self._fault = check_award_fault(name)

    def replace(self, name: str, body: bytes | None) -> None:
        """
        Serve *body* as the file of that *name* from now on; None: what was served at first.

        Raises:
            UsageError: No file of awards can have that name.
        """
        if name != TABLE and _EVENT.fullmatch(name) is None:
            raise UsageError(
                f"{name!r} is no file of awards",
                hint=f"They are {TABLE} and ev0000147.yml, ev0000123.yml, …",
            )
        if body is None:
            self._given.pop(name, None)
        else:
            self._given[name] = body

    def reset(self) -> None:
        """Forget what was served; files and fault stay."""
        self._by_name: Counter[str] = Counter()
        self._by_status: Counter[int] = Counter()

    def told(self) -> dict[str, Any]:
        """Give the report as JSON's types."""
        return {
            "requests": self._by_name.total(),
            "by_name": dict(self._by_name.most_common()),
            "by_status": {str(s): n for s, n in sorted(self._by_status.items())},
            "replaced": sorted(self._given),
            "fault": self._fault,
        }

    def answer(self, request: web.BaseRequest, path: str) -> web.Response:
        """Answer a request for a file, and count it."""
        self._by_name[path.rpartition("/")[2]] += 1
        answer = self._answer(request, path)
        self._by_status[answer.status] += 1
        return answer

    def _answer(self, request: web.BaseRequest, path: str) -> web.Response:
        body = self._find(path)
        if body is None:
            return web.Response(status=404, text="404: Not Found")
        match self._fault:
            case AwardFault.OUTAGE:
                return web.Response(status=503, text="503: Service Unavailable")
            case AwardFault.BLOCKED:
                return web.Response(status=202)
            case AwardFault.EMPTY:
                return web.Response(content_type="text/plain")
            case AwardFault.HTML:
                return web.Response(body=PAGE, content_type="text/html")
            case AwardFault.CUT:
                body = body[: len(body) // 2]
        return _send(request, body)

    def _find(self, path: str) -> bytes | None:
        """Give the file of a path, whole; None: there is none."""
        name = path.rpartition("/")[2]
        folder = PREFIX if name == TABLE else EVENTS_PREFIX
        if path != f"{folder}/{name}":
            return None
        if name in self._given:
            return self._given[name]
        if name not in self._made:
            made = self._make(name)
            if made is None:
                return None
            self._made[name] = made
        return self._made[name]

    def _make(self, name: str) -> bytes | None:
        """Invent a file, at the first time that it is asked for."""
        if self._world is None:
            return None
        if name == TABLE:
            return invent_table(self._world)
        event = name.removesuffix(".yml")
        is_event = event in EVENT_NAMES and name != event
        return invent_event(self._world, event) if is_event else None


def _read_table(content: object, settings: SandboxSettings) -> bytes | None:
    """Give the table that the content was made from, else the one the settings name."""
    awarded = content.awarded if isinstance(content, InventedContent) else None
    if awarded is not None:
        return awarded.table
    if settings.awards is None:
        return None
    try:
        return settings.awards.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {settings.awards} ({error.strerror})",
            hint="Give a nominations table, such as CINEGRAPH_OSCARS_URL names.",
        ) from error


def _send(request: web.BaseRequest, body: bytes) -> web.Response:
    """Send the file, or the range of it that is asked for."""
    etag = f'"{zlib.crc32(body):08x}{len(body):08x}"'
    sent = of_bytes(body, _KIND, etag=etag, at=None)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "max-age=300",
        "Content-Type": sent.kind,
        "ETag": sent.etag,
    }
    status, first, end = span(request, sent, headers)
    if status is HTTPStatus.NOT_MODIFIED:
        return web.Response(status=status, headers=headers)
    return web.Response(status=status, headers=headers, body=body[first:end])
