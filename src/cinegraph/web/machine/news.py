"""News of films as they are sent and signed; pure."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from cinegraph import words
from cinegraph.web.machine.endpoint import TmdbId

HEADER: Final = "Cinegraph-Signature"
TOLERANCE: Final = timedelta(minutes=5)
"""Between the moment that was signed and ours: clocks drift, and a message may wait for its turn."""
LONGEST_BODY_BYTES: Final = 64 * 1024
MOST_FILMS: Final = 1000
"""Of one delivery."""
_LONGEST_HEADER = 1000

type ImdbId = Annotated[str, msgspec.Meta(pattern=r"^tt[0-9]{7,10}$")]


class MoviesNews(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Films that are new or have changed."""

    tmdb_ids: Annotated[list[TmdbId], msgspec.Meta(max_length=MOST_FILMS)] = []
    imdb_ids: Annotated[list[ImdbId], msgspec.Meta(max_length=100)] = []
    """Of those that are not stored at most 20."""


class WrongSignatureError(Exception):
    """A request is not signed as it should be; `args[0]` says why."""


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the header that signs *body* at a moment, in seconds since 1970."""
    return f"t={at},v1={_digest(secret, body, str(at)).hex()}"


def verify(header: str, body: bytes, *, secret: str, now: datetime) -> bytes:
    """
    Return what makes a signed message the same, once its signature is found to be right.

    Args:
        header: `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body", in hexadecimal>`; of several `v1` one is right.
        body: As it was received.
        secret: What both sides know.
        now: Real time.

    Raises:
        WrongSignatureError: It is missing, wrong, or of another time.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(header) > _LONGEST_HEADER or len(moments) != 1 or not given:
        raise WrongSignatureError(f"the header {HEADER} is t=SECONDS,v1=HEXADECIMAL")
    [moment] = moments
    digest = _digest(secret, body, moment)
    right = [hmac.compare_digest(digest.hex().encode(), one.encode()) for one in given]
    if not any(right):
        raise WrongSignatureError("the signature does not fit the body and the secret")
    # After the signature: until then, whoever asks learns nothing of our clock.
    is_number = moment.isascii() and moment.isdigit()
    age = abs(now.timestamp() - int(moment)) if is_number else None
    if age is None or age > TOLERANCE.total_seconds():
        raise WrongSignatureError(
            f"it was signed at another time than now ({now:%Y-%m-%d %H:%M:%S} UTC);"
            f" {words.duration(TOLERANCE.total_seconds())} are allowed"
        )
    return digest


def _digest(secret: str, body: bytes, moment: str) -> bytes:
    signed = moment.encode("utf-8", "replace") + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()
