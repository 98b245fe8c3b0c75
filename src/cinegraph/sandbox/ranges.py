"""What of a file goes out: all of it, a range, or that the client has it already."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import msgspec
from aiohttp import web


class Sent(msgspec.Struct, frozen=True):
    """A file as it goes out."""

    read: Callable[[int, int], bytes]
    size: int
    etag: str
    modified_at: datetime | None
    kind: str
    is_cut: bool = False


def of_bytes(content: bytes, kind: str, *, etag: str, at: datetime | None) -> Sent:
    """Make a file of its bytes."""
    return Sent(
        lambda offset, size: content[offset : offset + size],
        len(content),
        etag,
        at,
        kind,
    )


def span(
    request: web.BaseRequest, sent: Sent, headers: dict[str, str]
) -> tuple[HTTPStatus, int, int]:
    """Say with which status which bytes go out, first and end; add its header."""
    if request.headers.get("If-None-Match") == sent.etag:
        return HTTPStatus.NOT_MODIFIED, 0, 0
    asked = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", request.headers.get("Range", ""))
    known = request.headers.get("If-Range", sent.etag)
    if asked is None or known not in {sent.etag, headers.get("Last-Modified")}:
        return HTTPStatus.OK, 0, sent.size
    size = sent.size
    match asked.groups():
        case "", "":
            return HTTPStatus.OK, 0, size
        case "", last:
            first, end = max(0, size - int(last)), size
        case begin, "":
            first, end = int(begin), size
        case begin, last:
            first, end = int(begin), min(int(last) + 1, size)
    if first >= end:
        headers["Content-Range"] = f"bytes */{size}"
        return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, 0
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    return HTTPStatus.PARTIAL_CONTENT, first, end
