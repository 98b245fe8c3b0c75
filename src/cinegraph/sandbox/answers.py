"""A reply as bytes and headers, whole or spoilt by a fault. No I/O."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

from email.utils import formatdate

import msgspec

from cinegraph.sandbox.caching import Kept
from cinegraph.sandbox.faults import Fault
from cinegraph.sandbox.routes import Reply, refusal

_JSON = "application/json;charset=utf-8"
_CACHE = "public, max-age=28800"
_OUTAGES = (11, 43, 46, 24)
"""TMDB's codes for 500, 502, 503 and 504."""
PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><h1>Checking your browser</h1><p>Ray ID: 0123456789abcdef</p></body></html>"
)


class Answer(msgspec.Struct):
    """An answer as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_cut: bool = False
    """Close the connection after half of the body."""
    extra_seconds: float = 0.0


def whole(
    reply: Reply,
    *,
    takes_gzip: bool,
    known_etag: str = "",
    kept: Kept | None = None,
) -> Answer:
    """Send the reply as it is; *kept*, where it comes from the cache."""
    headers = {"Content-Type": _JSON, "Vary": "Accept-Encoding", "Server": "sandbox"}
    if reply.status == 200:
        headers["ETag"] = reply.body.etag
        headers["Cache-Control"] = _CACHE
        if kept is not None:
            headers["Cache-Control"] = f"public, max-age={kept.left_seconds}"
            headers["x-memc"] = "HIT"
            headers["x-memc-age"] = str(kept.age_seconds)
        if known_etag and known_etag == reply.body.etag:
            return Answer(304, headers, b"")
    if not takes_gzip:
        return Answer(reply.status, headers, reply.body.plain())
    headers["Content-Encoding"] = "gzip"
    return Answer(reply.status, headers, reply.body.gzipped)


def throttled(*, takes_gzip: bool, retry_after: str | None) -> Answer:
    """Ask the client to wait."""
    answer = _refused(25, takes_gzip=takes_gzip)
    if retry_after is not None:
        answer.headers["Retry-After"] = retry_after
    return answer


def spoil(  # noqa: PLR0911 - one return a fault
    reply: Reply,
    fault: Fault,
    variant: float,
    *,
    takes_gzip: bool,
    slow_seconds: float,
    now: float,
) -> Answer:
    """Send the reply as *fault* makes it; *variant* chooses among a fault's forms."""
    match fault:
        case Fault.THROTTLED:
            return throttled(
                takes_gzip=takes_gzip, retry_after=_retry_after(variant, now)
            )
        case Fault.THROTTLED_BARE:
            return Answer(429, {"Content-Type": "text/plain"}, b"")
        case Fault.OUTAGE:
            return _refused(_OUTAGES[int(variant * 4)], takes_gzip=takes_gzip)
        case Fault.NOT_FOUND:
            return _refused(34, takes_gzip=takes_gzip)
        case Fault.EMPTY:
            return Answer(200, {"Content-Type": _JSON}, b"")
        case Fault.HTML:
            kind = "text/html; charset=utf-8" if variant < 0.5 else _JSON
            return Answer(200, {"Content-Type": kind}, PAGE)
        case Fault.ENCODING:
            return _mis_encoded(reply, variant)
        case Fault.CUT:
            return _cut(reply, variant, takes_gzip=takes_gzip)
        case Fault.SLOW:
            answer = whole(reply, takes_gzip=takes_gzip)
            answer.extra_seconds = slow_seconds
            return answer


def _refused(code: int, *, takes_gzip: bool) -> Answer:
    """Send one of TMDB's errors."""
    status, body = refusal(code)
    return whole(Reply(status, body, ""), takes_gzip=takes_gzip)


def _retry_after(variant: float, now: float) -> str:
    """Choose a form of Retry-After: mostly seconds, sometimes zero or a date."""
    if variant < 0.6:
        return "1"
    return "0" if variant < 0.8 else formatdate(now + 2, usegmt=True)


def _mis_encoded(reply: Reply, variant: float) -> Answer:
    """Send bytes that are not what the headers say; none reads right by accident."""
    plain = reply.body.plain()
    headers = {"Content-Type": _JSON}
    if variant < 0.34:
        return Answer(200, headers, plain.replace(b'":"', b'":"\xff'))
    if variant < 0.67:
        return Answer(200, headers, plain.decode().encode("utf-16"))
    return Answer(200, {**headers, "Content-Encoding": "gzip"}, plain)


def _cut(reply: Reply, variant: float, *, takes_gzip: bool) -> Answer:
    """Break off: the connection half-way, or the JSON though HTTP calls it whole."""
    if variant < 0.5:
        answer = whole(reply, takes_gzip=takes_gzip)
        answer.is_cut = True
        return answer
    plain = reply.body.plain()
    return Answer(200, {"Content-Type": _JSON}, plain[: len(plain) // 2])
