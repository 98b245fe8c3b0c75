"""Who somebody is: a token, a cookie made from one, a user whom a trusted proxy names, or a person at this machine."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from itsdangerous import BadSignature, URLSafeTimedSerializer

from cinegraph.errors import ConfigError
from cinegraph.settings import Settings

COOKIE = "cinegraph_session"
SESSION_SECONDS = 12 * 3600
"""A working day: who comes back tomorrow shows the token again."""
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Role(IntEnum):
    """What somebody may do; each may what the ones before it may."""

    NOBODY = 0
    VIEWER = 1
    OPERATOR = 2


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request."""

    role: Role
    name: str
    """What the audit log says: `operator`, `local`, or the proxy's name of the user."""
    has_shown_token: bool = False
    """Whether the request itself carries a token, which no browser adds by itself."""


NOBODY = Visitor(Role.NOBODY, "nobody")


class Access:
    """Who is let in, by the settings."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = {
            role: token.get_secret_value()
            for role, token in (
                (Role.OPERATOR, settings.operator_token),
                (Role.VIEWER, settings.viewer_token),
            )
            if token is not None
        }
        self._header = (settings.web_user_header or "").strip().lower()
        self._proxies = [_network(part) for part in _split(settings.web_proxies)]
        self._operators = frozenset(_split(settings.web_operators))
        self.is_loopback = is_loopback(settings.web_host)
        self.is_closed = bool(self._tokens or self._header)
        """Whether anybody has to say who they are."""
        self.hosts = frozenset(
            name.lower()
            for name in (
                *_LOCAL_NAMES,
                _in_address(settings.web_host),
                *_split(settings.web_names),
            )
        )
        # From the tokens, so that a session outlives a restart and ends with its token.
        secret = "\n".join([*self._tokens.values(), str(settings.home)])
        self._sessions = URLSafeTimedSerializer(
            hashlib.sha256(secret.encode()).hexdigest(), salt="cinegraph session"
        )

    def require_safe(self, host: str) -> None:
        """
        Refuse to serve beyond this machine to everybody.

        Raises:
            ConfigError: *host* is reachable from elsewhere, and nobody has to say who they are.
        """
        if self.is_closed or is_loopback(host):
            return
        raise ConfigError(
            f"the dashboard would be open to everybody who reaches {host}",
            hint="Set CINEGRAPH_OPERATOR_TOKEN (and CINEGRAPH_VIEWER_TOKEN), or CINEGRAPH_WEB_USER_HEADER behind a "
            "proxy; or listen on 127.0.0.1.",
        )

    def role_of_token(self, given: str) -> Role:
        """Return whose token this is; takes as long for a wrong one."""
        found = Role.NOBODY
        for role, token in self._tokens.items():
            if hmac.compare_digest(token.encode(), given.encode()):
                found = max(found, role)
        return found

    def make_session(self, role: Role) -> str:
        """Return the cookie of somebody who has shown a token."""
        return self._sessions.dumps(role.value)

    def identify(
        self, headers: Mapping[str, str], cookie: str | None, peer: str
    ) -> Visitor:
        """
        Return who sends a request.

        Args:
            headers: By name in small letters.
            cookie: The session's, if there is one.
            peer: The address it comes from.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            role = self.role_of_token(token.strip())
            return Visitor(role, role.name.lower(), has_shown_token=role > Role.NOBODY)
        if self._header and (user := headers.get(self._header, "").strip()):
            return self._proxied(user, peer)
        if cookie is not None and self._tokens:
            return self._returning(cookie)
        if not self.is_closed:
            return Visitor(Role.OPERATOR, "local")
        return NOBODY

    def _proxied(self, user: str, peer: str) -> Visitor:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return NOBODY
        if not any(address in network for network in self._proxies):
            return NOBODY
        role = Role.OPERATOR if user in self._operators else Role.VIEWER
        return Visitor(role, user[:100])

    def _returning(self, cookie: str) -> Visitor:
        try:
            value = self._sessions.loads(cookie, max_age=SESSION_SECONDS)
            role = Role(value)
        except (BadSignature, ValueError):
            return NOBODY
        # A token that was taken away takes its sessions with it.
        if role not in self._tokens:
            return NOBODY
        return Visitor(role, role.name.lower())


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches *host*."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ConfigError(
            f"CINEGRAPH_WEB_PROXIES: {text!r} is neither address nor network",
            hint="Such as 127.0.0.1 or 10.0.0.0/8.",
        ) from None
