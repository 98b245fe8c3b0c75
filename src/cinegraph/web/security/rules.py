"""What is let through, decided from the facts of one request; pure."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cinegraph.web.security.access import Role, Visitor

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = ("/static/", "/login", "/healthz", "/readyz")
"""What is shown to nobody in particular; nothing of the catalogue is."""
SIGNED_PATHS = ("/hooks/",)
"""Whose requests carry a signature of their own instead of a token."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served."""

    status: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a request before anything of it is done."""

    method: str
    path: str
    host: str
    """Of the `Host` header."""
    headers: Mapping[str, str]
    """By name in small letters."""
    visitor: Visitor


def judge(facts: Facts, hosts: AbstractSet[str]) -> Refusal | None:
    """Return why a request is refused; None: it may go on to its route, which looks at the role it needs itself."""
    return _judge_host(facts, hosts) or _judge_origin(facts) or _judge_visitor(facts)


def judge_role(visitor: Visitor, needed: Role) -> Refusal | None:
    """Return why somebody may not do what needs the role *needed*."""
    if visitor.role >= needed:
        return None
    if visitor.role is Role.NOBODY:
        return Refusal(
            401, "Who are you?", "Sign in, or send a token: Authorization: Bearer …"
        )
    return Refusal(
        403, "Only operators may do this", f"You are a {visitor.role.name.lower()}."
    )


def _judge_host(facts: Facts, hosts: AbstractSet[str]) -> Refusal | None:
    """Another name that points here is another site's way in (DNS rebinding)."""
    name = _without_port(facts.host.lower())
    if name in hosts or facts.path in {"/healthz", "/readyz"}:
        return None
    return Refusal(
        421,
        "Not under this name",
        f"This dashboard does not answer as {name[:100]!r}; CINEGRAPH_WEB_NAMES lists its names.",
    )


def _judge_origin(facts: Facts) -> Refusal | None:
    """Other sites may lead people here, and do nothing in their name (cross-site request forgery)."""
    if facts.method in SAFE_METHODS or facts.visitor.has_shown_token:
        return None
    if facts.path.startswith(SIGNED_PATHS):
        return None
    site = facts.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        origin = facts.headers.get("origin")
        # Neither header: no browser of this decade sent it.
        is_ours = origin is None or _host_of(origin) == facts.host.lower()
    if is_ours:
        return None
    return Refusal(
        403, "Sent by another site", "Open the dashboard itself, and do it there."
    )


def _judge_visitor(facts: Facts) -> Refusal | None:
    if facts.path.startswith((*OPEN_PATHS, *SIGNED_PATHS)):
        return None
    return judge_role(facts.visitor, Role.VIEWER)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _host_of(origin: str) -> str:
    return origin.partition("://")[2].lower()
