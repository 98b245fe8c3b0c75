"""The door: a token in, a cookie out."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cinegraph.web.rendering import Renderer
from cinegraph.web.security.access import COOKIE, SESSION_SECONDS, Access, Role
from cinegraph.web.security.guard import peer_of
from cinegraph.web.security.limiting import RateLimit
from cinegraph.web.security.rules import Refusal

_FAILURES_PER_SECOND, _FAILURES_AT_ONCE = 0.2, 10
"""Wrong tokens of one address: 16 characters outlive that by far."""
_LONGEST_FORM_BYTES = 4096


class Door:
    """Signing in and out."""

    def __init__(self, access: Access, renderer: Renderer) -> None:
        self._access = access
        self._renderer = renderer
        self._failures = RateLimit(_FAILURES_PER_SECOND, _FAILURES_AT_ONCE)

    def routes(self) -> list[Route]:
        """Return its routes."""
        return [
            Route("/login", self._ask),
            Route("/login", self._let_in, methods=["POST"]),
            Route("/logout", self._let_out, methods=["POST"]),
        ]

    def count_failure(self, peer: str) -> Refusal | None:
        """Note that somebody showed a wrong token; return what is said when it was too often."""
        wait = self._failures.take(peer)
        if not wait:
            return None
        return Refusal(429, "Too many wrong tokens", f"Try again in {wait:.0f} s.")

    async def _ask(self, request: Request) -> Response:
        del request
        return self._show(200, None)

    async def _let_in(self, request: Request) -> Response:
        body = await request.body()
        text = body[:_LONGEST_FORM_BYTES].decode("utf-8", "replace")
        [token] = parse_qs(text).get("token", [""])[:1]
        role = self._access.role_of_token(token.strip())
        if role is Role.NOBODY:
            refusal = self.count_failure(peer_of(request))
            if refusal is not None:
                return self._show(refusal.status, f"{refusal.title}. {refusal.detail}")
            return self._show(
                401, "That is neither the viewer's nor the operator's token."
            )
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            self._access.make_session(role),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    async def _let_out(self, request: Request) -> Response:
        del request
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    def _show(self, status: int, trouble: str | None) -> Response:
        values = {"trouble": trouble, "is_closed": self._access.is_closed}
        return self._renderer.plain("login.html", status, values)
