"""Who somebody is: tokens, cookies, a proxy's users, people at this machine."""

from pathlib import Path
from typing import Any

import pytest

from cinegraph.errors import ConfigError
from cinegraph.settings import Settings
from cinegraph.web.security.access import Access, Role, is_loopback
from cinegraph.web.security.limiting import RateLimit

_VIEWER, _OPERATOR = "viewer-token-0123456789", "operator-token-0123456789"
_TOKENS = {"viewer_token": _VIEWER, "operator_token": _OPERATOR}


def _access(**settings: Any) -> Access:
    return Access(Settings(home=Path("/nowhere"), **settings))


def _who(
    access: Access,
    *,
    peer: str = "192.0.2.7",
    cookie: str | None = None,
    **headers: str,
) -> tuple[Role, str]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    visitor = access.identify(told, cookie, peer)
    return visitor.role, visitor.name


def test_tokens() -> None:
    """Each opens its own role; a wrong one opens nothing, whatever else is shown."""
    access = _access(**_TOKENS)
    cookie = access.make_session(Role.OPERATOR)
    assert _who(access, authorization=f"Bearer {_VIEWER}")[0] is Role.VIEWER
    assert _who(access, authorization=f"bearer {_OPERATOR}")[0] is Role.OPERATOR
    for wrong in (
        "Bearer ",
        "Bearer nonsense",
        f"Bearer {_VIEWER}x",
        f"Bearer {_VIEWER[:-1]}",
    ):
        assert _who(access, authorization=wrong, cookie=cookie)[0] is Role.NOBODY
    assert _who(access)[0] is Role.NOBODY


def test_cookies() -> None:
    """They outlive a restart, end with their token, and cannot be made by others."""
    access = _access(**_TOKENS)
    cookie = access.make_session(Role.OPERATOR)
    assert _who(_access(**_TOKENS), cookie=cookie)[0] is Role.OPERATOR
    assert _who(access, cookie=cookie[:-1] + "x")[0] is Role.NOBODY
    assert _who(access, cookie="2")[0] is Role.NOBODY
    changed = _access(viewer_token=_VIEWER, operator_token=_OPERATOR + "2")
    assert _who(changed, cookie=cookie)[0] is Role.NOBODY


def test_a_proxys_users() -> None:
    """Believed from the proxy alone."""
    access = _access(
        web_user_header="X-Forwarded-User",
        web_proxies="10.0.0.0/8, ::1",
        web_operators="ann, bob",
    )
    assert _who(access, peer="10.1.2.3", x_forwarded_user="ann") == (
        Role.OPERATOR,
        "ann",
    )
    assert _who(access, peer="::1", x_forwarded_user="eve") == (Role.VIEWER, "eve")
    assert _who(access, peer="192.0.2.7", x_forwarded_user="ann")[0] is Role.NOBODY
    assert _who(access, peer="10.1.2.3")[0] is Role.NOBODY
    with pytest.raises(ConfigError, match="neither address nor network"):
        _access(web_user_header="x", web_proxies="proxy.local")


def test_nobody_is_asked_at_this_machine_alone() -> None:
    """Without tokens it is open, and listens nowhere else."""
    access = _access()
    assert _who(access, peer="127.0.0.1") == (Role.OPERATOR, "local")
    access.require_safe("127.0.0.1")
    access.require_safe("::1")
    for host in ("0.0.0.0", "::", "192.0.2.7", "films.example.org"):  # noqa: S104 - refused
        with pytest.raises(ConfigError, match="open to everybody"):
            access.require_safe(host)
        _access(viewer_token=_VIEWER).require_safe(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("a.b", False),
    ],
)
def test_loopback(host: str, *, expected: bool) -> None:
    """Only what this machine alone reaches."""
    assert is_loopback(host) is expected


def test_a_bucket_of_tries() -> None:
    """It empties, fills with time, and is each address's own."""
    now = 0.0
    limit = RateLimit(per_second=2, burst=3, now=lambda: now)
    assert [limit.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.take("b") == 0
    now = 0.5
    assert [limit.take("a") for _ in range(2)] == [0, 0.5]
