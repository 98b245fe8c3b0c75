"""Whether a request is let through: every rule by a table of cases."""

import pytest

from cinegraph.web.security.access import Role, Visitor
from cinegraph.web.security.rules import Facts, judge, judge_role

_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "films.example.org"})
_NOBODY = Visitor(Role.NOBODY, "nobody")
_LOCAL = Visitor(Role.OPERATOR, "local")
_PROGRAM = Visitor(Role.OPERATOR, "operator", has_shown_token=True)


def _status(
    method: str,
    path: str = "/",
    *,
    host: str = "localhost:8000",
    visitor: Visitor = _LOCAL,
    **headers: str,
) -> int:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    refusal = judge(Facts(method, path, host, told, visitor), _HOSTS)
    return 200 if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("films.example.org", 200),
        ("evil.example.org", 421),
        ("localhost.evil.org:8000", 421),
        ("127.0.0.1.nip.io", 421),
        ("", 421),
    ],
)
def test_names(host: str, expected: int) -> None:
    """Whoever points another name here gets nothing."""
    assert _status("GET", host=host) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": "http://localhost:8000"}, 403),
        ({"origin": "http://localhost:8000"}, 200),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "https://evil.example.org"}, 403),
        ({"origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_origins(method: str, headers: dict[str, str], expected: int) -> None:
    """What changes something comes from our own pages."""
    assert _status(method, **headers) == expected
    assert _status("GET", **headers) == 200
    # No browser adds a token by itself.
    assert _status(method, visitor=_PROGRAM, **headers) == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", 401),
        ("/api/v1/status", 401),
        ("/metrics", 401),
        ("/live", 401),
        ("/login", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/static/abc/x.css", 200),
        ("/hooks/movies", 200),
    ],
)
def test_nobody_sees_nothing(path: str, expected: int) -> None:
    """Only the door, health and styles are open; hooks look at their own signature."""
    assert _status("GET", path, visitor=_NOBODY) == expected


def test_roles() -> None:
    """Each may what the ones before it may; nobody is told to sign in."""
    viewer = Visitor(Role.VIEWER, "viewer")
    assert judge_role(viewer, Role.VIEWER) is None
    refusal = judge_role(viewer, Role.OPERATOR)
    assert refusal is not None
    assert refusal.status == 403
    refusal = judge_role(_NOBODY, Role.OPERATOR)
    assert refusal is not None
    assert refusal.status == 401
