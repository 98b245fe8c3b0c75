"""
Received bytes into the body, and the body into the gzip bytes that documents keep.

aiohttp could decompress by itself, but then the bytes as received would be gone and
nothing would bound what a small body grows to.
"""

import zlib
from typing import Final

_GZIP: Final = 31
"""zlib's `wbits` for gzip with its header and checksum."""
_MAGIC: Final = b"\x1f\x8b"
# What upstreams send uncompressed is rare; level 6 halves what level 1 leaves.
_LEVEL: Final = 6


class BodyError(Exception):
    """The bytes are not what their Content-Encoding says, or too many."""


def decode_body(
    received: bytes, encoding: str, *, largest_bytes: int
) -> tuple[bytes, bytes]:
    """
    The body, and the same compressed by gzip.

    Args:
        received: As it came.
        encoding: The Content-Encoding header; only gzip is ever asked for.
        largest_bytes: What the body may decompress to.

    Raises:
        BodyError: Cut, damaged, another encoding than announced, or too large.
    """
    encoding = encoding.strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return _inflate(received, largest_bytes), received
    if encoding not in ("", "identity"):
        raise BodyError(f"encoded as {encoding[:20]!r}, which was not asked for")
    if received.startswith(_MAGIC):
        raise BodyError("gzip bytes that are not announced as such")
    if len(received) > largest_bytes:
        raise BodyError(f"larger than {largest_bytes} bytes")
    return received, zlib.compress(received, _LEVEL, _GZIP)


def _inflate(received: bytes, largest_bytes: int) -> bytes:
    """Decompress at most *largest_bytes*; the checksum shows that all is there."""
    if not received:
        return b""
    inflater = zlib.decompressobj(_GZIP)
    try:
        body = inflater.decompress(received, largest_bytes + 1)
    except zlib.error as error:
        raise BodyError("announced as gzip, but damaged or not gzip") from error
    if len(body) > largest_bytes:
        raise BodyError(f"larger than {largest_bytes} bytes when decompressed")
    if not inflater.eof:
        raise BodyError("cut gzip")
    if inflater.unused_data:
        raise BodyError("gzip with something after its end")
    return body
