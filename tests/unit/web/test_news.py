"""Signatures of news: only the right secret, body and time are let through."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.web.machine.news import (
    TOLERANCE,
    WrongSignatureError,
    sign,
    verify,
)

SECRET, BODY = "a-secret-of-both-sides", b'{"tmdb_ids":[238]}'
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
AT = int(NOW.timestamp())


def _verify(header: str, body: bytes = BODY, now: datetime = NOW) -> bytes:
    return verify(header, body, secret=SECRET, now=now)


def test_a_signature_is_an_hmac_of_moment_and_body() -> None:
    """As anybody can make it, without our code."""
    digest = hmac.new(SECRET.encode(), f"{AT}.".encode() + BODY, hashlib.sha256)
    assert sign(SECRET, BODY, AT) == f"t={AT},v1={digest.hexdigest()}"
    assert _verify(sign(SECRET, BODY, AT)) == digest.digest()


def test_of_several_one_has_to_be_right() -> None:
    """While a secret is changed, both sides know two."""
    right = sign(SECRET, BODY, AT).partition(",")[2]
    assert _verify(f"t={AT}, v1={'0' * 64}, {right}")


@pytest.mark.parametrize("seconds", [-1, 1])
def test_it_is_good_for_minutes(seconds: int) -> None:
    """To either side: clocks differ."""
    header = sign(SECRET, BODY, AT)
    assert _verify(header, now=NOW + seconds * TOLERANCE)
    with pytest.raises(WrongSignatureError, match="another time"):
        _verify(header, now=NOW + seconds * (TOLERANCE + timedelta(seconds=1)))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"t={AT}",
        f"v1={'0' * 64}",
        f"t={AT},v1=",
        f"t={AT},v1={'0' * 64}",
        f"t={AT},v1=ä",
        sign("another-secret-than-ours", BODY, AT),
        sign(SECRET, b"another body", AT),
        sign(SECRET, BODY, AT).replace(str(AT), str(AT + 1)),
        sign(SECRET, BODY, AT) + f",t={AT}",
        sign(SECRET, BODY, AT) + "," + "x" * 1000,
        sign(SECRET, BODY, AT).upper(),
        sign(SECRET, BODY, -AT),
    ],
)
def test_anything_else_is_refused(header: str) -> None:
    """With a reason, and never another exception."""
    with pytest.raises(WrongSignatureError):
        _verify(header)
