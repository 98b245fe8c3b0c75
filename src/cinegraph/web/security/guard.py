"""What every request passes: who is it, may it, how often; and what every answer tells the browser to obey."""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cinegraph.web.security.access import COOKIE, Access, Visitor
from cinegraph.web.security.limiting import RateLimit
from cinegraph.web.security.rules import SAFE_METHODS, Facts, Refusal, judge

_READS_PER_SECOND, _READS_AT_ONCE = 50.0, 200
"""Of one address: ten open pages, and a script that reads the API in earnest."""
_WRITES_PER_SECOND, _WRITES_AT_ONCE = 5.0, 30
_UNLIMITED = ("/static/", "/healthz", "/readyz")


class Guard:
    """
    An ASGI application around another: refuses what the rules refuse, and tells who asks (`scope["visitor"]`).

    Args:
        app: What is guarded.
        access: Who is who.
        image_host: From where pictures may come, beside us.
        show: Makes a refusal a page, or a problem for a machine.
        count_failure: Notes that an address showed a wrong token; says so when it was too often.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        image_host: str | None,
        show: Callable[[Request, Refusal], Response],
        count_failure: Callable[[str], Refusal | None],
    ) -> None:
        self._count_failure = count_failure
        self._app = app
        self._show = show
        self._access = access
        self._headers = security_headers(image_host)
        self._reads = RateLimit(_READS_PER_SECOND, _READS_AT_ONCE)
        self._writes = RateLimit(_WRITES_PER_SECOND, _WRITES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        peer = peer_of(request)
        visitor = self._access.identify(
            request.headers, request.cookies.get(COOKIE), peer
        )
        scope["visitor"] = visitor
        refusal = self._refuse(scope, request.headers, visitor, peer)
        answer = self._app if refusal is None else self._show(request, refusal)
        await answer(scope, receive, send_with_headers)

    def _refuse(
        self, scope: Scope, headers: Headers, visitor: Visitor, peer: str
    ) -> Refusal | None:
        path, method = scope["path"], scope["method"]
        if path.startswith(_UNLIMITED):
            wait = 0.0
        else:
            limit = self._reads if method in SAFE_METHODS else self._writes
            wait = limit.take(peer)
        if wait:
            return Refusal(429, "Too many requests", f"Try again in {wait:.0f} s.")
        facts = Facts(method, path, headers.get("host", ""), headers, visitor)
        refusal = judge(facts, self._access.hosts)
        if refusal is not None and refusal.status == 401 and "authorization" in headers:  # noqa: PLR2004
            return self._count_failure(peer) or refusal
        return refusal


def security_headers(image_host: str | None) -> Mapping[str, str]:
    """Return the headers of every answer; pictures may also come from *image_host*."""
    images = f"'self' data: {image_host}" if image_host else "'self' data:"
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
        f"img-src {images}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }


def peer_of(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""
